"""`dojang customer erase`, `approve`: a former customer is gone for good, and nothing else is."""

from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from tests.service.retention.conftest import (
    AWAY,
    MEMO,
    TO_ME,
    credential_of,
    id_of,
    owner_of_money,
)
from tests.service.retention.forging import WORD, fill
from tests.service.retention.looking import found

from dojang import retention
from dojang.customers import Person
from dojang.db import log, rights
from dojang.gateways.twins.people import ci_of
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import DAY
from dojang.kernel.four_eyes import NotApproved
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.receipts import verifying
from dojang.receipts.verifying import Pins
from dojang.retention import store_erasing
from dojang.retention.fates import ERASED

HIS = {
    "narration.payer",
    "narration.payee",
    "narration.memo",
    "receipt.evidence",
    "signing_request.message",
    "transfer_order.message",
    "transfer_order.memo",
    "transfer_order.payee_account",
    "transfer_order.payee_holder",
}
"""Where 김민용's own records of paying her, and of being paid, hold her name, number and words."""


def needles(archive, former) -> dict[str, bytes]:
    """Everything of hers, in clear and as it is sealed."""
    (her,) = [one for one in archive.everything()["customer"] if one["id"] == former.id]
    sealed = {name: bytes(value) for name, value in her.items() if isinstance(value, bytes)}
    clear = {
        "name": SEOYEON.name,
        "phone": SEOYEON.phone,
        "birth date": SEOYEON.birth_date,
        "resident number": SEOYEON.resident_number,
        "login": str(SEOYEON.login_id),
        "account": former.number,
        **{memo: memo for memo in (MEMO, TO_ME, AWAY)},
    }
    return {
        **sealed,
        **{name: words.encode() for name, words in clear.items()},
    }


def left_of(archive, who: str) -> dict[str, int]:
    """How many rows each statement of an erasure would still meet."""
    rows: dict[str, int] = {}

    class Undone(Exception):
        pass

    with suppress(Undone), archive.owner.transaction() as tx:
        for table, statement in store_erasing.STATEMENTS:
            met = tx.execute(statement, {"b_who": who}).rowcount
            rows[table.name] = rows.get(table.name, 0) + met
        raise Undone
    return rows


def test_nothing_of_hers_is_found_anywhere_but_in_the_records_of_whom_she_paid(archive, due):
    wanted = needles(archive, due)
    with archive.owner.transaction() as tx:
        fill(tx, due.id, credential_of(archive, due.id))
    before = left_of(archive, due.id)
    assert set(before) == ERASED
    assert [name for name, rows in before.items() if rows == 0] == []
    assert {name for name, _, _ in found(archive.everything(), wanted)} >= {"name", "account"}

    archive.erase(due.id)

    after = archive.everything()
    places = found(after, wanted | {"forged": WORD.encode()})
    his = {row["id"] for row in after["transfer_order"]} | {due.paid_minyong, due.paid_by_minyong}
    assert {place for _, place, _ in places} == HIS
    assert {name for name, _, _ in places} == {"name", "account", MEMO, TO_ME}
    for _, place, row in places:
        if place.startswith("narration."):
            assert row["transfer_id"] in his
    owned = [row["customer_id"] for _, _, row in places if "customer_id" in row]
    assert set(owned) == {owner_of_money(archive)}
    emptied = {"certificate", "joint_certificate", "account"}
    left = {name for name, rows in left_of(archive, due.id).items() if rows}
    assert left <= emptied


def test_when_the_other_side_is_erased_too_nobody_s_words_are_left(archive, due):
    wanted = needles(archive, due)
    archive.erase(due.id)
    he = owner_of_money(archive)

    with archive.owner.transaction() as tx:
        store_erasing.erase(tx, he)

    wanted |= {"his name": MINYONG.name.encode(), "his phone": MINYONG.phone.encode()}
    assert found(archive.everything(), wanted) == []


def test_the_books_the_tree_and_the_ca_stay_as_they_were(archive, due):
    before = archive.everything()

    archive.erase(due.id)

    after = archive.everything()
    for table in ("transfer", "posting", "hold", "credential", "status_entry", "log_sth"):
        assert after[table] == before[table], table
    assert after["log"][: len(before["log"])] == before["log"]
    kept = ("id", "customer_id", "posted", "held", "version")
    assert [[row[name] for name in kept] for row in after["account"]] == [
        [row[name] for name in kept] for row in before["account"]
    ]
    assert archive.read(lambda tx: log.broken_at(tx.connection)) is None
    assert archive.says() == []


def test_the_log_says_who_asked_and_who_approved_and_no_more(archive, due):
    archive.ask(due.id, by="kim")
    archive.approve(due.id, by="lee")

    (leaf,) = archive.read(lambda tx: log.of_kind(tx.connection, "customer.erased", subject=due.id))
    said = leaf.fields()
    assert (said["by"], said["approved_by"], said["policy_version"]) == ("kim", "lee", 1)
    assert set(said) == {"kind", "at", "idx", "subject", "by", "approved_by", "policy_version"}


def test_once_more_does_nothing_and_takes_what_was_left_behind(archive, due):
    archive.erase(due.id)
    size = archive.read(lambda tx: log.size(tx.connection))
    archive.by_hand(
        "INSERT INTO consent (customer_id, enrolment_id, code, version, agreed_at)"
        " SELECT id, 'e', 'c', 1, 1 FROM customer WHERE id = :w",
        "INSERT INTO safeguard (customer_id, name, value) VALUES (:w, 'late', 1)",
        w=due.id,
    )

    done = archive.approve(due.id, by="kim")

    assert (done.again, done.asked_by) == (True, "kim")
    assert left_of(archive, due.id)["safeguard"] == 0
    assert archive.read(lambda tx: log.size(tx.connection)) == size
    with pytest.raises(NotApproved, match="they were erased on 20"):
        archive.ask(due.id)


def test_cut_off_anywhere_it_is_as_if_it_had_not_begun(archive, due, monkeypatch):
    archive.ask(due.id)
    before = archive.everything()
    statements = store_erasing.STATEMENTS

    class Killed(Exception):
        pass

    def killed_at(place):
        yield from statements[:place]
        raise Killed

    for place in range(0, len(statements) + 1, 6):
        monkeypatch.setattr(store_erasing, "STATEMENTS", killed_at(place))
        with pytest.raises(Killed):
            archive.approve(due.id)

    assert archive.everything() == before
    monkeypatch.setattr(store_erasing, "STATEMENTS", statements)
    assert not archive.approve(due.id).again
    assert archive.says() == []


@pytest.mark.parametrize(
    ("by", "days", "words"), [("kim", 0, "another of the staff"), ("lee", 8, "nobody asked")]
)
def test_one_alone_erases_nobody_and_a_request_lapses(archive, due, by, days, words):
    archive.ask(due.id, by="kim")
    archive.clock.move(days * DAY)
    before = archive.everything()

    with pytest.raises(NotApproved, match=words):
        archive.approve(due.id, by=by)

    assert archive.everything() == before


def test_who_waits_is_told_until_it_is_done(archive, due):
    archive.ask(due.id)
    assert [one.customer_id for one in archive.read(retention.waiting)] == [due.id]

    archive.approve(due.id)

    assert archive.read(retention.waiting) == []


def test_the_role_that_serves_the_bank_erases_nobody(archive, due):
    if archive.owner.embedded:
        pytest.skip("SQLite has no roles")
    archive.ask(due.id)
    before = archive.everything()

    with pytest.raises(ProgrammingError) as refused, archive.serving.transaction() as tx:
        retention.approve(tx, due.id, by="lee")

    assert refused.value.orig.sqlstate == "42501"
    assert archive.everything() == before
    assert "DELETE" not in rights.of_app("log_opening")
    assert "DELETE" not in rights.of_app("customer")


def test_her_receipt_verifies_as_ever_and_the_other_side_s_statement_still_says_who(archive, due):
    archive.erase(due.id)

    with archive.served() as house:
        pins = Pins(root=house.bank.authority.root_der, log_key=house.bank.transparency.key)
        assert verifying.verify(due.receipt, pins).holds
        minyong = house.issue(MINYONG)
        lines = minyong.statement(minyong.accounts()[0]["id"])
        told = {one["transfer_id"]: (one["counterparty"], one["memo"]) for one in lines}
        assert told[due.paid_minyong] == (SEOYEON.name, MEMO)
        assert told[due.paid_by_minyong] == (SEOYEON.name, TO_ME)
        assert minyong.receipt(due.paid_by_minyong)
        assert archive.says() == []


def test_who_comes_back_is_a_new_customer_whom_nothing_ties_to_the_old_one(archive, due):
    archive.erase(due.id)

    with archive.served() as house:
        person = Person(
            name=SEOYEON.name,
            resident_number=Secret(SEOYEON.resident_number),
            phone=PhoneNumber(SEOYEON.phone),
            carrier=SEOYEON.carrier,
            ci=ci_of(Secret(SEOYEON.resident_number)),
        )
        with house.bank.db.transaction() as tx:
            joined = house.bank.customers.add(tx, person, locale="ko")
        assert joined.id != due.id
        assert id_of(house.bank, SEOYEON) == joined.id
    assert archive.says() == []


def test_no_hash_of_her_certificates_is_left_to_try_names_with(archive, due):
    """Of an unsigned body all but the name is known from the log."""
    archive.erase(due.id)

    hers = credential_of(archive, due.id)
    rows = archive.everything()["certificate"]
    assert [(row["der"], row["tbs_hash"]) for row in rows if row["credential_id"] == hers] == [
        (b"", b"")
    ] * 2


def test_everything_of_one_customer_is_found_by_an_index(archive, due):
    """Where a table would be read whole, PostgreSQL does so only because nothing else is there."""
    if archive.owner.embedded:
        pytest.skip("of PostgreSQL's plans")
    read_whole = []
    with archive.owner.transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        for table, statement in store_erasing.STATEMENTS:
            compiled = statement.compile(dialect=tx.connection.dialect)
            given = {**compiled.params, "b_who": due.id}
            plan = tx.connection.exec_driver_sql(f"EXPLAIN {compiled}", given)
            lines = [line for (line,) in plan if "Seq Scan" in line]
            read_whole += [(table.name, line.strip()) for line in lines]

    assert read_whole == []
