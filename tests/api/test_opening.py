"""An account opened at a distance, over HTTP: the way through, every refusal, nothing skipped."""

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from tests.api.house import House, Raw, send
from tests.api.opening import PASSWORD, Opener

from dojang import policy
from dojang.gateways.id_cards import CardVerdict
from dojang.gateways.twins.banks import HOLDERS
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import DAY, MINUTE, SECOND
from dojang.opening import lifting
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.opening import HERE
from dojang.phone.ordering import Order
from dojang.policy.opening import Check


@pytest.fixture(scope="module")
def me(house: House, minyong: Customer) -> Opener:
    return Opener(house, MINYONG, minyong)


@pytest.fixture
def chosen(me: Opener) -> Iterator[Any]:
    """Choose what a party answers; undone afterwards."""

    def choose(party: str, outcome: str) -> None:
        me.outside.choose(party, me.number, outcome)

    yield choose
    for party in ("id_card", "face", "one_won"):
        me.outside.choose(party, me.number, None)


def refused(act: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as found:
        act(*args)
    return {"status": found.value.status, **found.value.body}


def rows(me: Opener, table: str) -> int:
    with me.house.bank.db.snapshot() as tx:
        return int(tx.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608


def test_a_card_and_one_won_open_a_limited_account(me: Opener):
    me.up_to("second")
    me.by_won()
    me.opening.purpose("salary", "salary")

    done = me.opening.password(PASSWORD)

    opened = me.customer.account("입출금통장")
    assert (done["step"], done["account"]["day_cap"]) == ("done", 1_000_000)
    assert opened["id"] == done["account"]["id"]
    assert (opened["kind"], opened["day_cap"], opened["balance"]) == ("limited", 1_000_000, 0)
    assert me.house.bank.account_passwords.check(opened["id"], _secret(PASSWORD)) == _right()


def test_the_log_says_how_someone_was_identified_and_nothing_of_the_pictures(me: Opener):
    me.up_to("password").opening.password(PASSWORD)

    leaves = [one for one in me.customer.history() if one["kind"].startswith("opening.")]

    assert [one["kind"] for one in leaves[:6]] == [
        "opening.done",
        "opening.purpose_said",
        "opening.check_passed",
        "opening.check_passed",
        "opening.check_passed",
        "opening.begun",
    ]
    assert leaves[0]["what"]["checks"] == ["id_card", "face"]


def test_pictures_are_sealed_while_it_lasts_and_gone_when_it_ends(me: Opener):
    me.up_to("second")
    with me.house.bank.db.snapshot() as tx:
        kept = tx.connection.exec_driver_sql("SELECT sealed FROM opening_image").scalar_one()

    me.by_face()
    me.opening.purpose()
    me.opening.password(PASSWORD)

    assert b"JFIF" not in kept
    assert len(kept) > 5_000
    assert rows(me, "opening_image") == 0


@pytest.mark.parametrize("outcome", [v for v in CardVerdict if v != "passed"], ids=str)
def test_a_card_is_refused_for_each_real_reason(me: Opener, outcome: CardVerdict):
    me.up_to("check")

    told = refused(me.opening.id_card, me.sample("id_card", str(outcome)))

    assert (told["status"], told["code"]) == (403, "id_card_refused")
    assert (told["reason"], told["tries_left"]) == (outcome, 4)
    assert me.by_card()["checks"][0]["done"] == "id_card"


@pytest.mark.parametrize("outcome", ["mismatch", "not_live", "too_dark"])
def test_a_face_is_refused_for_each_real_reason(me: Opener, outcome: str):
    me.up_to("second")

    told = refused(me.opening.face, me.sample("face", outcome))

    assert (told["code"], told["reason"], told["tries_left"]) == ("face_refused", outcome, 4)
    assert me.by_face()["step"] == "purpose"


def test_somebody_elses_card_does_not_fit(me: Opener, house: House, seoyeon: Customer):
    hers = Opener(house, SEOYEON, seoyeon).sample("id_card")
    me.up_to("check")

    assert refused(me.opening.id_card, hers)["reason"] == "mismatch"


def test_the_fifth_refused_card_ends_it_and_erases_all(me: Opener):
    me.up_to("check")
    wrong = me.sample("id_card", "copy")
    for left in (4, 3, 2, 1):
        assert refused(me.opening.id_card, wrong)["tries_left"] == left

    told = refused(me.opening.id_card, wrong)

    assert (told["status"], told["code"]) == (403, "opening_failed")
    assert refused(me.by_card)["code"] == "nothing_under_way"
    assert rows(me, "opening_image") == 0


def test_an_issuer_that_is_down_costs_nothing(me: Opener, chosen):
    me.up_to("check")
    chosen("id_card", "down")
    for _ in range(6):
        assert refused(me.by_card)["status"] == 503
    chosen("id_card", "passed")

    assert me.by_card()["tries"]["id_card"] == 4


def test_no_party_is_asked_about_what_is_no_picture(me: Opener):
    me.up_to("check")

    told = refused(me.opening.id_card, b"%PDF-1.7 something", "image/jpeg")

    assert (told["status"], told["code"], told["reason"]) == (400, "image_refused", "type")
    assert me.opening.resume()["tries"]["id_card"] == 5


def test_uploads_are_counted(me: Opener):
    me.up_to("check")
    for _ in range(30):
        assert refused(me.opening.id_card, b"x")["code"] == "image_refused"

    assert refused(me.by_card)["code"] == "too_many_uploads"


def test_only_pictures_are_taken_there_and_large_bodies_nowhere_else(me: Opener):
    me.up_to("check")
    line, large = me.customer.line, b'{"a":"' + b"x" * 100_000 + b'"}'

    as_json = send(line, Raw("PUT", f"{HERE}/id-card", large))
    picture = {"content-type": "image/png"}
    elsewhere = send(line, Raw("POST", f"{HERE}/purpose", large))
    larger = send(line, Raw("PUT", f"{HERE}/id-card", b"x" * (8 * 2**20 + 1), picture))
    taken = send(line, Raw("PUT", f"{HERE}/id-card", b"x" * (8 * 2**20), picture))

    assert (as_json.status, as_json.code) == (415, "malformed")
    assert (elsewhere.status, larger.status) == (413, 413)
    assert (taken.status, taken.body["reason"]) == (400, "bytes")


def test_an_unproved_picture_is_not_taken(me: Opener):
    me.up_to("check")
    other = me.sample("id_card")
    raw = Raw("PUT", f"{HERE}/id-card", b"another", {"content-type": "image/png"}, {"body": other})

    answer = send(me.customer.line, raw)

    assert (answer.status, answer.code) == (401, "bad_proof")


def test_a_wrong_digit_counts_and_the_third_spends_the_code(me: Opener):
    me.up_to("second")
    me.opening.one_won(*MINYONG.elsewhere)
    wrong = f"{(int(me.digits()) + 1) % 10_000:04}"

    assert [refused(me.opening.one_won_code, wrong).get("tries_left") for _ in range(3)] == [
        2,
        1,
        0,
    ]
    assert refused(me.opening.one_won_code, me.digits())["code"] == "one_won_spent"
    assert me.by_won()["step"] == "purpose"


def test_digits_are_good_for_ten_minutes_and_only_the_newest(me: Opener):
    me.up_to("second")
    me.opening.one_won(*MINYONG.elsewhere)
    first = me.digits()
    me.house.clock.move(10 * MINUTE - SECOND)
    me.customer.login(MINYONG.pin)
    me.house.clock.move(SECOND)

    late = refused(me.opening.one_won_code, first)
    me.opening.one_won(*MINYONG.elsewhere)
    if me.digits() == first:  # once in ten thousand times
        me.opening.one_won(*MINYONG.elsewhere)
    old = refused(me.opening.one_won_code, first)

    assert (late["status"], late["code"]) == (410, "one_won_expired")
    assert old["code"] == "wrong_one_won"


def test_one_won_goes_to_accounts_of_ones_own_only(me: Opener, chosen):
    me.up_to("second")
    bank, account, _name = HOLDERS[0]

    assert refused(me.opening.one_won, bank, "999999999")["code"] == "other_account_unknown"
    assert refused(me.opening.one_won, bank, account)["code"] == "other_account_not_yours"
    chosen("one_won", "down")
    assert refused(me.opening.one_won, *MINYONG.elsewhere)["status"] == 503


def test_three_codes_a_day_to_one_account_and_five_to_one_person(me: Opener):
    me.up_to("second")
    bank, account = MINYONG.elsewhere
    others = [f"9018503150009{n}" for n in range(3)]
    for one in others:
        me.house.bank.gateways.switch.open_account(bank, one, MINYONG.name)

    sent = [
        me.customer.line.post(f"{HERE}/one-won", {"bank": bank, "account": one})
        for one in [account] * 4 + others
    ]

    assert [one.code for one in sent] == [None] * 3 + ["too_many_one_won"] + [None] * 2 + [
        "too_many_one_won"
    ]


def test_each_won_leaves_the_banks_books(me: Opener):
    me.up_to("second")
    before = _balance(me, "bank:interbank")

    me.opening.one_won(*MINYONG.elsewhere)

    assert _balance(me, "bank:interbank") == before + 1


@pytest.mark.parametrize("answer", ["asked_by_other", "tax_abroad"])
def test_an_answer_can_make_it_impossible_and_is_remembered(me: Opener, answer: str):
    me.up_to("purpose")
    with pytest.raises(Refused) as found:
        me.opening.purpose(**{answer: True})

    assert (found.value.code, found.value.body["reason"]) == ("opening_stopped", answer)
    assert refused(me.opening.purpose)["code"] == "nothing_under_way"
    assert rows(me, "opening_image") == 0


def test_a_weak_password_opens_nothing_and_may_be_chosen_again(me: Opener):
    me.up_to("password")
    before = len(me.customer.accounts())

    told = refused(me.opening.password, "1234")

    assert (told["status"], told["code"]) == (400, "weak_account_password")
    assert len(me.customer.accounts()) == before
    assert me.opening.password(PASSWORD)["step"] == "done"


def test_it_is_found_again_by_another_session_and_ends_after_a_day(me: Opener):
    me.up_to("second")
    me.house.clock.move(11 * MINUTE)
    me.customer.line.token = None
    me.customer.login(MINYONG.pin)

    found = me.opening.resume()
    me.house.clock.move(DAY)
    me.house.bank.run_due_jobs()
    me.customer.line.token = None
    me.customer.login(MINYONG.pin)

    assert (found["step"], found["checks"][0]["done"]) == ("check", "id_card")
    assert refused(me.opening.resume)["code"] == "nothing_under_way"
    assert rows(me, "opening_image") == 0


def test_another_policy_asks_for_all_three(me: Opener):
    with me.house.bank.db.transaction() as tx:
        present = policy.current(tx)
        three = ((Check.ID_CARD,), (Check.FACE,), (Check.ONE_WON,))
        asked = msgspec.structs.replace(present.opening, account=three)
        policy.adopt(tx, msgspec.structs.replace(present, opening=asked))
    try:
        me.up_to("second")
        told = refused(me.opening.one_won, *MINYONG.elsewhere)
        me.by_face()
        me.by_won()
    finally:
        with me.house.bank.db.transaction() as tx:
            policy.adopt(tx, present)

    assert told["code"] == "wrong_step"
    assert me.opening.step == "purpose"


def test_no_order_of_steps_opens_an_account_without_every_check(me: Opener):
    """Random walks over all doors: whatever happens, an account needs what the log says it had."""
    chance = random.Random(20261122)  # noqa: S311 - the same walk every time
    for _ in range(8):
        me.begin()
        before = {one["id"] for one in me.customer.accounts()}
        passed: list[str] = []
        doors: dict[str, Any] = {
            "phone": me.by_code,
            "id_card": me.by_card,
            "face": me.by_face,
            "one_won": me.by_won,
            "purpose": me.opening.purpose,
            "password": lambda: me.opening.password(PASSWORD),
        }
        for _ in range(9):
            name = chance.choice(list(doors))
            with suppress(Refused):
                doors[name]()
                passed.append(name)
        opened = {one["id"] for one in me.customer.accounts()} - before
        whole = [["phone", "id_card", two, "purpose", "password"] for two in ("face", "one_won")]
        assert len(opened) == (passed in whole)
        assert all(passed == way[: len(passed)] for way in whole if passed[:3] == way[:3])


def test_a_limited_account_sends_a_million_a_day_until_its_purpose_is_shown(me: Opener):
    account = me.up_to("password").opening.password(PASSWORD)["account"]
    me.house.bank.ledger.deposit(me.house.bank.ids.uuid7(), account["id"], 5_000_000, payer="급여")

    def send(amount: int) -> dict[str, Any]:
        order = Order(account["number"], OTHER_BANK, OTHER_ACCOUNT, "오세린", amount)
        return me.customer.transfer(order, MINYONG.pin)["outcome"]

    first, second = send(600_000), send(400_000)
    third = refused(send, 1)
    with me.house.bank.db.transaction() as tx:
        lifting.ask(tx, account["number"], by="kim")
    with me.house.bank.db.transaction() as tx:
        lifting.approve(tx, account["number"], by="lee")
    lifted = send(1_500_000)

    assert (first["status"], second["status"], lifted["status"]) == ("posted",) * 3
    assert (third["status"], third["code"], third["left_today"]) == (
        403,
        "over_account_day_limit",
        0,
    )


def _secret(text: str) -> Any:
    from dojang.kernel.secret import Secret

    return Secret(text)


def _right() -> Any:
    from dojang.methods.model import Right

    return Right()


def _balance(me: Opener, account: str) -> int:
    with me.house.bank.db.snapshot() as tx:
        found = tx.connection.exec_driver_sql(
            "SELECT posted FROM account WHERE id = ?", (account,)
        ).scalar_one()
    return int(found)
