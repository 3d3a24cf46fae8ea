"""Who is due to be erased: nobody of whom anything is open, and nobody a moment too early."""

import msgspec
import pytest
from tests.service.retention.conftest import paid_out

from dojang import policy, retention
from dojang.kernel.clock import DAY, SECOND, Instant, utc, years_after
from dojang.kernel.four_eyes import NotApproved
from dojang.ledger import accounts

ONE = "UPDATE {} SET {} WHERE customer_id = :w"
FAR = "4000000000000000"
TO_HER = (
    "UPDATE transfer_order SET state = 'authorised' WHERE credit IN "
    "(SELECT id FROM account WHERE customer_id = :w)"
)


def due_ids(archive) -> list[str]:
    return [
        one.customer_id for one in archive.read(lambda tx: retention.due(tx, after="", limit=9))
    ]


def refusal(archive, who: str) -> str:
    with pytest.raises(NotApproved) as refused:
        archive.ask(who)
    return str(refused.value)


def test_what_was_last_counts_and_five_years_of_the_calendar_after_it_she_is_due(archive, former):
    past = archive.read(lambda tx: retention.past_of(tx, former.id))
    assert past.open == ("joint_certificate",)
    archive.clock.move(366 * DAY)

    past = archive.read(lambda tx: retention.past_of(tx, former.id))
    since = past.due_at(5)

    assert past.last.what == "joint_certificate"
    assert since == years_after(past.last.at, 5)
    archive.clock.move(since - archive.clock.now() - 1)
    assert former.id not in due_ids(archive)
    day = f"{utc(since):%Y-%m-%d} UTC"
    ended = f"{utc(past.last.at):%Y-%m-%d} UTC"
    assert refusal(archive, former.id) == (
        f"they are kept until {day}: a joint certificate ended on {ended}"
    )
    archive.clock.move(1)
    assert due_ids(archive) == [former.id]
    archive.ask(former.id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (ONE.format("credential", "state = 'ACTIVE', last_used_at = 1"), "a certificate"),
        (ONE.format("credential", "state = 'LOCKED', last_used_at = 1"), "a certificate"),
        (ONE.format("credential", "state = 'SUSPENDED_LOSS', last_used_at = 1"), "a certificate"),
        (ONE.format("credential", "state = 'ENROLLING'"), "a certificate"),
        (ONE.format("joint_certificate", f"not_after = {FAR}"), "a joint certificate"),
        (ONE.format("account", "posted = 1"), "an account with money"),
        (ONE.format("account", "posted = 5, held = 5"), "an account with money"),
        (ONE.format("transfer_order", "state = 'authorised'"), "a transfer under way"),
        (ONE.format("transfer_order", "state = 'pending', due_at = 1"), "a transfer under way"),
        (TO_HER, "a transfer under way"),
        (
            ONE.format("enrolment", f"step = 'keys', finished_at = NULL, expires_at = {FAR}"),
            "an enrolment under way",
        ),
        (
            ONE.format("joint_request", f"certificate_id = NULL, expires_at = {FAR}"),
            "a request for a joint certificate",
        ),
    ],
)
def test_while_anything_is_open_nobody_is_erased_however_long_it_lasts(archive, due, change, words):
    archive.ask(due.id)
    archive.by_hand(change, w=due.id)
    before = archive.everything()

    assert due.id not in due_ids(archive)
    with pytest.raises(NotApproved, match=f"still open: .*{words}"):
        archive.approve(due.id)

    assert archive.everything() == before


def test_an_identification_under_way_is_open(archive, due):
    archive.by_hand(
        "INSERT INTO opening (id, goal, customer_id, step, checks, passed, card_tries, face_tries,"
        " agreed, agreed_at, policy_version, expires_at)"
        " VALUES ('o', 'account', :w, 'phone', '[]', '[]', 0, 0, '[]', 1, 1, 4000000000000000)",
        w=due.id,
    )

    assert "an identification under way" in refusal(archive, due.id)


def test_money_that_moved_later_counts_from_then(archive, due):
    """In and out again, in the last of the five years: what moved is kept as long as the rest."""
    with archive.served() as house:
        (mine,) = archive.read(lambda tx: accounts.of_customer(tx, due.id))
        house.bank.ledger.deposit(house.bank.ids.uuid7(), mine.id, 5, payer="현금")
        paid_out(house.bank, due.id, mine.id, 5)

    assert refusal(archive, due.id).endswith(
        f"the last transfer was made on {utc(archive.clock.now()):%Y-%m-%d} UTC"
    )


def test_the_time_is_the_policy_s(archive, former):
    archive.clock.move(366 * DAY + 3 * 366 * DAY)
    assert due_ids(archive) == []

    with archive.serving.transaction() as tx:
        rules = policy.current(tx)
        life = msgspec.structs.replace(rules.life, records_years=3)
        policy.adopt(tx, msgspec.structs.replace(rules, life=life))

    assert due_ids(archive) == [former.id]


def test_an_unknown_id_is_no_customer(archive, due):
    assert refusal(archive, "01890000-0000-7000-8000-000000000000") == "there is no such customer"


def test_the_living_are_never_due(archive, due):
    """The others of the bank have money; nobody but her is named, page by page."""
    first = archive.read(lambda tx: retention.due(tx, after="", limit=1))
    rest = archive.read(lambda tx: retention.due(tx, after=first[0].customer_id, limit=1))

    assert [one.customer_id for one in first] == [due.id]
    assert rest == []


def test_years_are_of_the_calendar_in_seoul():
    leap = Instant(1_835_362_800 * SECOND)  # 2028-02-29T00:00 in Seoul
    assert f"{utc(leap):%Y-%m-%dT%H}" == "2028-02-28T15"
    assert f"{utc(years_after(leap, 5)):%Y-%m-%dT%H}" == "2033-02-28T15"
    assert f"{utc(years_after(leap, 4)):%Y-%m-%dT%H}" == "2032-02-28T15"
    assert f"{utc(years_after(leap, 1_000_000)):%Y}" == "9999"
