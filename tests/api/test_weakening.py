"""A protection is taken away by who types the code and an account password, for ten minutes."""

from typing import Any

import pytest
from tests.api.house import ORIGIN, House
from tests.api.opening import Opener
from tests.service.transfers.test_second_device import Key

from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import MINUTE
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.ordering import Order
from dojang.phone.safeguarding import Safeguarding

OLD = "5837"


@pytest.fixture(scope="module")
def me(house: House, minyong: Customer) -> Opener:
    return Opener(house, MINYONG, minyong)


def refused(act: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as found:
        act(*args)
    return {"status": found.value.status, **found.value.body}


def weakened(me: Opener, **wish: int) -> None:
    Safeguarding(me.customer).choose(MINYONG.pin, **wish)


def test_code_and_account_password_let_a_protection_be_turned_off_for_ten_minutes(me: Opener):
    me.log_in_tomorrow()
    weakened(me, delay_hours=24)
    alone = refused(lambda: weakened(me, delay_hours=0))
    me.opening.identify()
    early = refused(me.opening.password, OLD, str(me.customer.accounts()[0]["id"]))
    me.by_code()
    by_code_alone = refused(lambda: weakened(me, delay_hours=0))
    mine = me.opening.state["accounts"][0]["id"]
    wrong = refused(me.opening.password, "9999", mine)
    still = refused(lambda: weakened(me, delay_hours=0))

    done = me.opening.password(OLD, mine)

    weakened(me, delay_hours=0)
    assert {one["code"] for one in (alone, by_code_alone, still)} == {"identity_needed"}
    assert (early["code"], early["step"]) == ("wrong_step", "phone")
    assert wrong["code"] == "wrong_account_password"
    assert (done["goal"], done["step"], done["checks"]) == ("identify", "done", [])
    weakened(me, delay_hours=24)
    me.house.clock.move(6 * MINUTE)
    me.customer.accounts()
    me.house.clock.move(4 * MINUTE)
    assert refused(lambda: weakened(me, delay_hours=0))["code"] == "identity_needed"


def test_another_session_of_the_same_phone_was_not_identified(me: Opener):
    me.log_in_tomorrow()
    me.opening.identify()
    me.by_code()
    me.opening.password(OLD, me.opening.state["accounts"][0]["id"])
    me.customer.line.token = None
    me.customer.login(MINYONG.pin)

    assert refused(lambda: weakened(me, delay_hours=0))["code"] == "identity_needed"


def test_a_code_typed_ten_minutes_ago_identifies_nobody(me: Opener):
    me.log_in_tomorrow()
    me.opening.identify()
    me.by_code()
    mine = me.opening.state["accounts"][0]["id"]
    me.house.clock.move(5 * MINUTE)
    me.customer.accounts()
    me.house.clock.move(4 * MINUTE)
    late = refused(me.opening.password, OLD, mine)

    assert late["code"] == "nothing_under_way"


def test_somebody_elses_account_password_identifies_nobody(me: Opener, seoyeon: Customer):
    me.log_in_tomorrow()
    seoyeon.line.token = None
    seoyeon.login(SEOYEON.pin)
    me.opening.identify()
    me.by_code()

    assert refused(me.opening.password, OLD, seoyeon.accounts()[0]["id"])["code"] == "not_found"


def test_the_limits_say_how_high_one_may_go_and_whether_one_may_now(me: Opener):
    own = me.customer
    me.log_in_tomorrow()
    own.change_limits(per_transfer=1_000_000, per_day=1_000_000, pin=MINYONG.pin)
    before, most = own.limits(), own.limits()["most"]
    alone = refused(lambda: own.change_limits(**most, pin=MINYONG.pin))
    me.opening.identify()
    me.by_code()
    me.opening.password(OLD, me.opening.state["accounts"][0]["id"])
    known = own.limits()

    own.change_limits(**most, pin=MINYONG.pin)

    raised = own.limits()
    assert alone["code"] == "raise_needs_identity"
    assert (before["identified"], known["identified"]) == (False, True)
    assert (before["per_transfer"], before["per_day"]) == (1_000_000, 1_000_000)
    assert most == {"per_transfer": 500_000_000, "per_day": 500_000_000}
    assert {name: raised[name] for name in most} == most


def test_a_second_device_stands_for_the_call_over_http(me: Opener, seoyeon: Customer):
    """As the app does it, with a key that is plugged in; whose key hash the PIN signed."""
    key, own = Key(), Safeguarding(me.customer)
    key.origin = ORIGIN
    me.log_in_tomorrow()
    alone = refused(lambda: own.register_device("열쇠", key.create, MINYONG.pin))
    me.opening.identify()
    me.by_code()
    me.opening.password(OLD, me.opening.state["accounts"][0]["id"])
    device_id = own.register_device("열쇠", key.create, MINYONG.pin)
    weakened(me, delay_hours=0)
    me.log_in_tomorrow()
    order = Order(
        from_account=me.customer.accounts()[0]["number"],
        payee_bank="990",
        payee_account=seoyeon_account(seoyeon),
        payee_holder=SEOYEON.name,
        amount=60_000_000,
        memo="",
    )
    transfer_id = me.customer.new_transfer(order)
    shown = me.customer.place(transfer_id, order)
    me.customer.show_account_password(transfer_id, OLD)
    own.show_device(transfer_id, key.get)
    me.customer.sign_order(order, shown, MINYONG.pin)

    settled = me.customer.settled(transfer_id)

    assert alone["code"] == "identity_needed"
    assert [one["id"] for one in own.second_devices()] == [device_id]
    assert (settled["state"], settled["done"]) == ("posted", ["account_password", "ars", "pin"])
    assert settled["ars"] is None
    own.remove_device(device_id)
    assert own.second_devices() == []


def seoyeon_account(seoyeon: Customer) -> str:
    seoyeon.line.token = None
    seoyeon.login(SEOYEON.pin)
    return str(seoyeon.accounts()[0]["number"])
