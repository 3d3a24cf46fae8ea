"""What a limited account may send a day is its owner's, however many they would like to open."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from tests.api.house import House
from tests.api.opening import PASSWORD, Opener

from dojang import policy
from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK
from dojang.journey.world import HANEUL, MINYONG
from dojang.ledger import accounts
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.opening import HERE
from dojang.phone.ordering import Order


@pytest.fixture(scope="module")
def me(house: House, minyong: Customer) -> Opener:
    return Opener(house, MINYONG, minyong)


def refused(act: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as found:
        act(*args)
    return {"status": found.value.status, **found.value.body}


def limited(one: Opener) -> list[dict[str, Any]]:
    return [found for found in one.customer.accounts() if found["day_cap"] is not None]


def paid_in(house: House, account: dict[str, Any]) -> None:
    house.bank.ledger.deposit(house.bank.ids.uuid7(), account["id"], 3_000_000, payer="급여")


def send(one: Opener, account: dict[str, Any], amount: int) -> dict[str, Any]:
    order = Order(str(account["number"]), OTHER_BANK, OTHER_ACCOUNT, "오세린", amount)
    return one.customer.transfer(order, one.person.pin)["outcome"]


def left(one: Opener) -> tuple[int, list[int | None]]:
    """What the limits screen and the accounts say may still be sent today."""
    accounts_now = one.customer.accounts()
    return one.customer.limits()["left_today"], [found["day_left"] for found in accounts_now]


def test_a_second_limited_account_is_refused_until_the_first_ones_purpose_is_shown(me: Opener):
    me.up_to("password").opening.password(PASSWORD)

    told = refused(me.opening.open_account)

    assert (told["status"], told["code"], told["limited_max"]) == (409, "limited_account_held", 1)
    assert len(limited(me)) == 1
    me.purposes_shown()
    assert me.opening.open_account()["step"] == "phone"


def test_two_requests_at_once_open_one(me: Opener):
    """Two that end the same opening, and two that begin another at the same moment."""
    me.up_to("password")

    def both(*paths: tuple[str, dict[str, Any]]) -> list[str | None]:
        with ThreadPoolExecutor(len(paths)) as pool:
            found = pool.map(lambda one: me.customer.line.post(*one).code, paths)
        return sorted(found, key=str)

    ended = both(*[(f"{HERE}/password", {"password": PASSWORD})] * 2)
    agreed = [
        {"code": one["code"], "version": one["version"]}
        for one in me.customer.line.get("/v1/account-openings/terms").must()["terms"]
    ]
    begun = both(*[("/v1/account-openings", {"agreed": agreed})] * 2)

    assert ended.count(None) == 1
    assert begun == ["limited_account_held"] * 2
    assert len(limited(me)) == 1


def test_an_opening_that_was_begun_before_ends_without_a_second_one(me: Opener, house: House):
    """The count is taken again in the transaction that opens the account."""
    me.up_to("password")
    number = str(me.customer.accounts()[0]["number"])
    with house.bank.db.transaction() as tx:
        owner = str(accounts.owner_of_number(tx, number))
        cap = policy.current(tx).opening.limited_per_day
        house.bank.ledger.open_account(tx, owner, name="다른 창구", kind="limited", day_cap=cap)

    told = refused(me.opening.password, PASSWORD)

    assert told["code"] == "limited_account_held"
    assert [one["name"] for one in limited(me)] == ["다른 창구"]


def test_a_policy_may_allow_more(me: Opener, house: House):
    with house.bank.db.transaction() as tx:
        present = policy.current(tx)
        two = msgspec.structs.replace(present.opening, limited_max=2)
        policy.adopt(tx, msgspec.structs.replace(present, opening=two))
    try:
        me.up_to("password").opening.password(PASSWORD)
        assert me.opening.open_account()["step"] == "phone"
    finally:
        with house.bank.db.transaction() as tx:
            policy.adopt(tx, present)


def test_an_account_for_which_no_check_was_passed_sends_nothing(house: House):
    """박하늘 by a phone alone; then the checks, and a million a day in all."""
    one = Opener(house, HANEUL, house.issue(HANEUL))
    (first,) = one.customer.accounts()
    paid_in(house, first)

    told = refused(send, one, first, 1)

    assert (told["code"], told["left_today"]) == ("over_account_day_limit", 0)
    assert left(one) == (0, [0])
    one.opening.open_account()
    for step in (one.by_code, one.by_card, one.by_face, one.opening.purpose):
        step()
    second = one.opening.password(PASSWORD)["account"]
    paid_in(house, second)
    assert left(one) == (1_000_000, [0, 1_000_000])
    assert send(one, second, 400_000)["status"] == "posted"
    assert left(one) == (600_000, [0, 600_000])
    assert send(one, second, 600_000)["status"] == "posted"
    assert left(one) == (0, [0, 0])
    assert refused(send, one, second, 1)["code"] == "over_account_day_limit"
    assert refused(send, one, first, 1)["code"] == "over_account_day_limit"
    assert refused(one.opening.open_account)["code"] == "limited_account_held"
