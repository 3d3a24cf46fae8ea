"""Facts about the rows of joint certificates, on both databases."""

import contextlib

from dojang.joint import store, store_cmp
from dojang.joint.model import FIRST_SERIAL, Kind, Reason, Standing
from dojang.kernel.clock import DAY


def row(certificate_id: str, at: int, *, key: bytes = b"", customer: str = "c1") -> dict:
    return {
        "id": certificate_id,
        "customer_id": customer,
        "kind": str(Kind.PERSON),
        "policy": "1.2.3",
        "standing": str(Standing.PREPARED),
        "current": None,
        "serial": None,
        "not_before": at,
        "not_after": at + 365 * DAY,
        "spki_hash": key or certificate_id.encode(),
        "der": None,
        "issued_at": None,
        "changed_at": at,
        "reason": None,
        "replaces": None,
    }


def issued(tx, certificate_id: str, serial: int) -> bool:
    store.prepare(tx, row(certificate_id, tx.now))
    return store.issue(tx, certificate_id, serial, b"der")


def counted_and_undone(db) -> int:
    with contextlib.suppress(LookupError), db.transaction() as tx:
        lost = store.count(tx, store.SERIAL, first=FIRST_SERIAL)
        raise LookupError
    return lost


def test_serials_are_counted_from_the_first_and_belong_to_their_transaction(db):
    with db.transaction() as tx:
        first = store.count(tx, store.SERIAL, first=FIRST_SERIAL)
    lost = counted_and_undone(db)

    with db.transaction() as tx:
        second = store.count(tx, store.SERIAL, first=FIRST_SERIAL)

    assert (first, lost, second) == (FIRST_SERIAL, FIRST_SERIAL + 1, FIRST_SERIAL + 1)


def test_a_customer_has_one_current_certificate_of_a_kind(db):
    with db.transaction() as tx:
        one = issued(tx, "a", 1)
        two = issued(tx, "b", 2)
        store.revoke(tx, "a", Reason.SUPERSEDED)
        after = store.issue(tx, "b", 2, b"der")

    assert (one, two, after) == (True, False, True)


def test_a_key_is_prepared_once_for_everybody(db):
    with db.transaction() as tx:
        mine = store.prepare(tx, row("a", tx.now, key=b"k"))
        theirs = store.prepare(tx, row("b", tx.now, key=b"k", customer="c2"))

    assert (mine, theirs) == (True, False)


def test_what_is_revoked_is_listed_until_it_expires_and_counts_as_a_change(db, clock):
    with db.transaction() as tx:
        issued(tx, "a", 7)
        before = store.counted(tx, store.CHANGES)
        store.revoke(tx, "a", Reason.KEY_COMPROMISED)
        again = store.revoke(tx, "a", Reason.UNUSED)
        listed, after = store.listed(tx), store.counted(tx, store.CHANGES)
    clock.move(366 * DAY)
    with db.snapshot() as tx:
        later = store.listed(tx)

    assert [(serial, reason) for serial, _, reason in listed] == [(7, Reason.KEY_COMPROMISED)]
    assert (again, after - before, later) == (False, 1, [])


def test_somebody_elses_certificate_is_not_there(db):
    with db.transaction() as tx:
        issued(tx, "a", 1)

        assert store.certificate(tx, "c2", "a") is None
        assert store.of_customer(tx, "c2") == []


def test_a_registration_is_used_once_and_not_after_its_failures(db):
    def registered(reference: str, at: int) -> dict:
        return {
            "reference": reference,
            "request_id": reference,
            "customer_id": "c1",
            "code_sealed": b"sealed",
            "expires_at": at + DAY,
            "failures": 0,
            "used_at": None,
        }

    with db.transaction() as tx:
        for reference in ("1", "2"):
            store_cmp.add(tx, registered(reference, tx.now))
        twice = store_cmp.add(tx, registered("1", tx.now))
        used = [store_cmp.use(tx, "1", 5) for _ in range(2)]
        failures = [store_cmp.fail(tx, "2") for _ in range(5)]
        spent = store_cmp.use(tx, "2", 5)

    assert (twice, used, failures, spent) == (False, [True, False], [1, 2, 3, 4, 5], False)
