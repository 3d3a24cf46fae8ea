"""Facts about the end of a generation of the issuing CA: who decides, what it ends."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from tests.service.certificates.openssl import Desk, pem
from tests.service.certificates.test_status import ask, auth_of

from dojang.certificates import State, jobs, retiring, rootlist, store
from dojang.certificates.profiles import everything_of
from dojang.certificates.rootlist import CaEnd, Ended, NotTheRoots
from dojang.db import log
from dojang.kernel.clock import DAY, HOUR, SECOND
from dojang.kernel.four_eyes import LAPSES_DAYS, NotApproved
from dojang.vault import KeyKind
from dojang.vault.software import SoftwareVault

WHY = CaEnd.KEY_COMPROMISE


@pytest.fixture
def two(house):
    """A customer of generation 1 and one of generation 2."""
    old = house.issue("c1").credential
    house.authority.roll_over_issuing()
    return old, house.issue("c2").credential


def asked(house, *, by="kim.ca", generation=1):
    with house.db.transaction() as tx:
        retiring.ask(tx, generation, by=by, why=WHY)


def approved(house, *, by="lee.ca", generation=1, brought=None):
    return retiring.approve(
        house.db, house.vault, house.authority, generation, by=by, brought=brought
    )


def ended(house):
    asked(house)
    approved(house)
    return jobs.end_issued_by(house.db, house.lifecycle, 1)


def state_of(house, credential):
    with house.db.snapshot() as tx:
        return store.by_id(tx, credential.id).state


def status_of(house, credential):
    serial = int(auth_of(house, credential).serial, 16)
    issuer = house.authority.issuer_of(auth_of(house, credential).der)
    answer = house.status.ocsp(ask(house, serial, issuer=issuer.der))
    return ocsp.load_der_ocsp_response(answer).certificate_status.name


def newest(house):
    with house.db.snapshot() as tx:
        return retiring.current(tx, house.authority.root_der)


def brought(house, *, last=None, of=1, now=None, vault=None):
    """What an offline root would have signed about a generation."""
    serial = house.authority.numbered(of).certificate.serial_number
    moment = house.clock.now() if now is None else now
    one = Ended(serial, moment - moment % SECOND, WHY)
    return rootlist.following(vault or house.vault, house.authority.plan, last, [one], moment)


def test_its_certificates_end_and_those_of_the_next_go_on(house, two):
    old, _ = two
    before = [status_of(house, one) for one in two]

    count = ended(house)

    assert (before, count) == (["GOOD", "GOOD"], 1)
    assert [state_of(house, one) for one in two] == [State.REVOKED, State.ACTIVE]
    assert [status_of(house, one) for one in two] == ["REVOKED", "GOOD"]
    listed = [x509.load_der_x509_crl(house.status.crl(generation)) for generation in (1, 2)]
    assert [len(one) for one in listed] == [2, 0]
    assert everything_of(1) <= auth_of(house, old).shard < everything_of(2)


def test_openssl_refuses_the_chain_of_the_one_and_takes_that_of_the_other(house, two, tmp_path):
    told = {}
    for name, act in (("before", lambda: None), ("after", lambda: ended(house))):
        act()
        for generation, credential in enumerate(two, 1):
            if generation == 1 and name == "after":
                continue  # its own list names it as well: the CA's end is looked at apart
            told[name, generation] = verified(house, generation, credential, tmp_path)
    chain = ca_verified(house, 1, tmp_path), ca_verified(house, 2, tmp_path)

    assert {code for code, _ in told.values()} == {0}, told
    assert (chain[0][0], "certificate revoked" in chain[0][1]) == (2, True)
    assert chain[1][0] == 0, chain[1][1]


def verified(house, generation, credential, tmp_path):
    desk = desk_of(house, generation, tmp_path)
    return desk.verify(auth_of(house, credential).der)


def ca_verified(house, generation, tmp_path):
    """The issuing certificate against the root's list."""
    desk = desk_of(house, generation, tmp_path)
    desk.write("root.crl", newest(house).der)
    at = str(house.clock.now() // SECOND + 5)
    return desk.run(
        *("verify", "-x509_strict", "-attime", at, "-crl_check", "-CAfile", "root.pem"),
        *("-CRLfile", "root.crl", "issuing.pem"),
    )


def desk_of(house, generation, tmp_path):
    desk = Desk(tmp_path, house)
    desk.write("issuing.pem", pem(house.authority.numbered(generation).der))
    return desk


def test_one_alone_ends_nothing(house, two):
    with pytest.raises(NotApproved, match="nobody asked"):
        approved(house)
    asked(house, by="kim.ca")
    with pytest.raises(NotApproved, match="another of the staff"):
        approved(house, by="kim.ca")

    assert newest(house) is None
    assert [status_of(house, one) for one in two] == ["GOOD", "GOOD"]


def test_what_was_asked_for_lapses(house, two):
    asked(house)
    house.clock.move(LAPSES_DAYS * DAY + SECOND)

    with pytest.raises(NotApproved, match="nobody asked"):
        approved(house)


def test_the_newest_is_not_ended_nor_one_that_is_not_there_nor_twice(house, two):
    for generation, why in ((2, "roll over first"), (3, "no generation 3")):
        with pytest.raises(NotApproved, match=why):
            asked(house, generation=generation)
    ended(house)

    with pytest.raises(NotApproved, match="ended before"):
        asked(house)


def test_the_log_says_who_asked_and_who_approved(house, two):
    ended(house)

    with house.db.snapshot() as tx:
        leaf = log.of_kind(tx.connection, "authority.retired", subject="")[-1].fields()
        revoked = log.of_kind(tx.connection, "certificate.revoked", subject="c1")[-1].fields()
    assert [leaf[name] for name in ("generation", "by", "approved_by", "why")] == [
        *(1, "kim.ca", "lee.ca", "key_compromise"),
    ]
    assert revoked["reason"] == "issuer_ended"


def test_a_list_that_the_root_did_not_sign_is_not_published(house, two, tmp_path, entropy):
    """An insider's own root of the same name, and one changed byte."""
    forger = SoftwareVault.open(tmp_path / "forger", b"forger", entropy)
    forger.create("ca-root", KeyKind.EC_P384)
    theirs = brought(house, vault=forger).der
    changed = bytearray(brought(house).der)
    changed[-1] ^= 1
    asked(house)

    for content in (theirs, bytes(changed), b"nothing", house.status.crl(1)):
        with pytest.raises(NotTheRoots):
            approved(house, brought=content)
    assert newest(house) is None


def test_a_list_that_does_not_follow_the_last_is_not_published(house, two):
    house.issue("c3")
    house.authority.roll_over_issuing()
    asked(house, generation=2)
    first = brought(house)
    approved(house, generation=2, brought=brought(house, of=2).der)
    last = newest(house)
    asked(house)

    wrong = {
        "number 1": first,
        "something has left it": brought(house, last=replace(last, ended=())),
        "it is not of now": brought(house, last=last, now=house.clock.now() - 400 * DAY),
        "does not name generation 1": brought(house, last=last, of=2),
    }
    for why, made in wrong.items():
        with pytest.raises(NotTheRoots, match=why):
            approved(house, brought=made.der)
    approved(house, brought=brought(house, last=last).der)

    assert len(newest(house).ended) == 2


def test_the_list_is_signed_again_before_it_ends_and_names_nothing_new(house, two):
    assert retiring.renewed(house.db, house.vault, house.authority) is False
    ended(house)
    first = newest(house)

    early = retiring.renewed(house.db, house.vault, house.authority)
    house.clock.move(rootlist.DAYS // 2 * DAY)
    due = retiring.renewed(house.db, house.vault, house.authority)

    assert (early, due) == (False, True)
    assert (newest(house).number, newest(house).ended) == (2, first.ended)
    assert newest(house).next_update > first.next_update


def test_a_list_that_names_more_is_not_published_past_the_two_of_the_staff(house, two):
    house.authority.roll_over_issuing()
    with pytest.raises(NotTheRoots, match="two of the staff"):
        retiring.renewed(house.db, house.vault, house.authority, brought=brought(house).der)
    ended(house)
    last = newest(house)
    house.clock.move(SECOND)

    more = brought(house, last=last, of=2)
    with pytest.raises(NotTheRoots, match="two of the staff"):
        retiring.renewed(house.db, house.vault, house.authority, brought=more.der)
    again = rootlist.following(house.vault, house.authority.plan, last, [], house.clock.now())

    assert retiring.renewed(house.db, house.vault, house.authority, brought=again.der)
    assert newest(house).number == last.number + 1


def test_what_a_crash_left_is_ended_by_the_worker_and_a_late_one_too(house, ids):
    """Between the list and the last page the command died; a phone finished what it had begun."""
    for customer in ("c1", "c2"):
        house.issue(customer)
    late = house.issuing.prepare(house.order("c3"))
    house.authority.roll_over_issuing()
    asked(house)
    approved(house)
    sweep = jobs.RetiredSweep(house.db, house.lifecycle)

    first = sweep.run()
    with house.db.transaction() as tx:
        credential = house.lifecycle.activate(tx, house.issuing.redeem(late)).credential
    counts = [sweep.run(), sweep.run()]
    house.clock.move(HOUR + SECOND)

    assert (first, counts, sweep.run()) == (2, [1, 0], 0)
    assert state_of(house, credential) is State.REVOKED
    assert sweep._done == {1}
