"""From a line of the statement to the transfer and its receipt, for its sender and nobody else."""

from typing import Any

import pytest
from tests.api.house import House

from dojang.journey.sending import OTHER_ACCOUNT, OTHER_BANK, OWN_BANK
from dojang.journey.world import MINYONG
from dojang.kernel.clock import HOUR
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.ordering import Order
from dojang.phone.safeguarding import Safeguarding
from dojang.receipts import verifying


def lines(phone: Customer, at: int = 0) -> list[dict[str, Any]]:
    """The statement of the first account, or of another."""
    account = phone.accounts()[at]["id"]
    found: list[dict[str, Any]] = phone.line.get(f"/v1/accounts/{account}/statement").must()[
        "entries"
    ]
    return found


def to(payer: Customer, bank: str, number: str, amount: int) -> dict[str, Any]:
    holder = payer.payee(bank, number)["holder"]
    order = Order(payer.accounts()[0]["number"], bank, number, holder, amount)
    return payer.transfer(order, MINYONG.pin)


def test_only_ones_own_signed_transfer_is_told_to_have_a_receipt(
    minyong: Customer, seoyeon: Customer
):
    out = to(minyong, OWN_BANK, seoyeon.accounts()[0]["number"], 1_000)
    between = to(minyong, OWN_BANK, minyong.accounts()[1]["number"], 2_000)

    mine = {one["transfer_id"]: one["receipt"] for one in lines(minyong)}

    assert [one["receipt"] for one in lines(minyong)] == [True, True, False]
    assert mine[out["id"]] is mine[between["id"]] is True
    assert lines(minyong, 1)[0]["transfer_id"] == between["id"]
    assert not any(one["receipt"] for one in lines(minyong, 1))
    assert lines(seoyeon)[0]["transfer_id"] == out["id"]
    assert not any(one["receipt"] for one in lines(seoyeon))
    with pytest.raises(Refused) as refused:
        seoyeon.receipt(out["id"])
    assert refused.value.status == 404


def test_a_delayed_transfer_is_found_by_its_line_and_among_what_waits_no_more(
    house: House, minyong: Customer
):
    guard = Safeguarding(minyong)
    guard.choose(MINYONG.pin, delay_hours=3)
    sent = to(minyong, OTHER_BANK, OTHER_ACCOUNT, 3_000)
    assert [one["id"] for one in guard.held()] == [sent["id"]]
    assert guard.ended() == []
    house.clock.move(3 * HOUR)
    house.bank.transfers.holding.settle_due()
    minyong.line.token = None
    minyong.login(MINYONG.pin)

    (ended,) = guard.ended()

    line = lines(minyong)[0]
    assert guard.held() == []
    assert (ended["id"], ended["state"]) == (sent["id"], "posted")
    assert (line["transfer_id"], line["receipt"], line["amount"]) == (sent["id"], True, -3_000)
    assert verifying.verify(minyong.receipt(line["transfer_id"])).holds


def test_there_are_two_such_lists_and_no_third(minyong: Customer):
    answer = minyong.line.get("/v1/transfers?which=all")

    assert (answer.status, answer.code) == (400, "malformed")
