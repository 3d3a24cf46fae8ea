"""Journeys on SQLite and PostgreSQL: one under way, tries counted, nothing left behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from tests.postgresql import APP, READER

from dojang import demo, policy
from dojang.app import Bank, build
from dojang.customers import Agreed
from dojang.db import roles
from dojang.db.migrate import migrate
from dojang.enrolment.model import WrongStep
from dojang.gateways.twins import Outside, samples
from dojang.gateways.twins.people import ci_of
from dojang.kernel.clock import DAY, MINUTE
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Problem, Unavailable
from dojang.kernel.secret import Secret
from dojang.ledger import accounts
from dojang.opening import Answers, Bearer, Funds, Purpose

MINYONG = demo.PEOPLE[0]
PHONE = PhoneNumber(MINYONG.phone)
CI = ci_of(Secret(MINYONG.resident_number))
ANSWERS = Answers(Purpose.LIVING, Funds.SALARY, asked_by_other=False, tax_abroad=False)


@pytest.fixture
def bank(db_url, owner, tmp_path, clock) -> Iterator[Bank]:
    migrate(owner)
    if not owner.embedded:
        roles.grant(owner, app=APP, reader=READER)
    owner.close()
    folder = tmp_path / "bank"
    folder.mkdir()
    settings = msgspec.structs.replace(demo.settings(folder, 8700), database=db_url)
    made = build(settings, clock=clock, entropy=SystemEntropy())
    demo.populate(made, Outside(folder / "handset.db", clock))
    yield made
    made.db.close()


@pytest.fixture
def me(bank: Bank) -> Bearer:
    with bank.db.snapshot() as tx:
        known = bank.customers.by_ci(tx, CI)
    assert known is not None
    return Bearer(known.id, "jkt")


def begin(bank: Bank, me: Bearer) -> str:
    agreed = [Agreed(one.code, one.version) for one in bank.openings.terms.all()]
    return bank.openings.journeys.open_account(me, agreed).id


def to_checks(bank: Bank, me: Bearer) -> None:
    begin(bank, me)
    bank.openings.proofs.phone(me)
    text = bank.gateways.sms.inbox(PHONE)[-1].text
    bank.openings.proofs.sms_code(me, Secret("".join(filter(str.isdigit, text))))


def card(outcome: str) -> bytes:
    return samples.drawn(samples.Told("id_card", outcome, samples.person_of(CI)))


def to_one_won(bank: Bank, me: Bearer) -> str:
    """The digits that the other bank shows."""
    to_checks(bank, me)
    bank.openings.pictures.id_card(me, card("passed"))
    bank.openings.one_won.send(me, *MINYONG.elsewhere)
    return bank.gateways.one_won.deposits(PHONE)[0].sender[-4:]


def code_of(act, *args) -> str:
    try:
        act(*args)
    except Problem as refused:
        return refused.code
    return "done"


def at_once(act, times: int) -> list[str]:
    with ThreadPoolExecutor(times) as pool:
        return sorted(pool.map(lambda _: code_of(act), range(times)))


def until_there_is_a_place(act, *args) -> None:
    """A picture that finds every place taken is sent again, as a phone does."""
    while True:
        try:
            act(*args)
        except Unavailable:
            continue
        return


def count(bank: Bank, table: str) -> int:
    with bank.db.snapshot() as tx:
        return int(tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608


def test_an_account_is_opened_limited_and_once(bank: Bank, me: Bearer):
    digits = to_one_won(bank, me)
    bank.openings.one_won.type(me, Secret(digits))
    bank.openings.proofs.purpose(me, ANSWERS)

    said = at_once(lambda: bank.openings.ending.password(me, Secret("7391"), None), 4)

    with bank.db.snapshot() as tx:
        own = accounts.of_customer(tx, me.customer_id)
    limited = [one for one in own if one.kind == "limited"]
    assert said.count("done") == 1
    assert [one.day_cap for one in limited] == [1_000_000]
    assert count(bank, "opening_image") == 0
    assert at_once(lambda: begin(bank, me), 4) == ["limited_account_held"] * 4


def test_two_that_begin_at_once_begin_one(bank: Bank, me: Bearer):
    said = at_once(lambda: begin(bank, me), 4)

    assert count(bank, "opening") == 1
    assert "done" in said


def test_wrong_digits_typed_at_once_are_all_counted(bank: Bank, me: Bearer):
    digits = to_one_won(bank, me)
    wrong = Secret(f"{(int(digits) + 1) % 10_000:04}")

    said = at_once(lambda: bank.openings.one_won.type(me, wrong), 8)

    assert said.count("wrong_one_won") == 3
    assert said.count("one_won_spent") == 5
    assert code_of(bank.openings.one_won.type, me, Secret(digits)) == "one_won_spent"


def test_pictures_sent_at_once_are_all_counted(bank: Bank, me: Bearer):
    to_checks(bank, me)
    bad = card("copy")

    said = at_once(lambda: until_there_is_a_place(bank.openings.pictures.id_card, me, bad), 8)

    assert said.count("id_card_refused") <= 5
    assert code_of(bank.openings.journeys.current, me) == "nothing_under_way"


def test_pictures_are_kept_as_long_as_the_policy_says_and_then_erased(bank: Bank, me: Bearer):
    with bank.db.transaction() as tx:
        present = policy.current(tx)
        keeping = msgspec.structs.replace(present.opening, image_kept_days=7)
        policy.adopt(tx, msgspec.structs.replace(present, opening=keeping))
    digits = to_one_won(bank, me)
    bank.openings.one_won.type(me, Secret(digits))
    bank.openings.proofs.purpose(me, ANSWERS)
    bank.openings.ending.password(me, Secret("7391"), None)
    bank.run_due_jobs()
    kept = count(bank, "opening_image")

    bank.clock.move(7 * DAY + MINUTE)
    bank.run_due_jobs()

    assert (kept, count(bank, "opening_image")) == (1, 0)


def test_what_nobody_comes_back_to_ends_after_a_day(bank: Bank, me: Bearer):
    to_checks(bank, me)
    bank.openings.pictures.id_card(me, card("passed"))
    bank.clock.move(DAY)

    bank.run_due_jobs()

    assert count(bank, "opening_image") == 0
    assert begin(bank, me)
    with pytest.raises(WrongStep):
        bank.openings.pictures.id_card(me, card("passed"))
