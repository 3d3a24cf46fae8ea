"""MISSION A 6 and B 7: time between the signature and the money, and who gets little of it."""

import json
import time
from typing import Any, Final

from dojang.journey.lie import Lie, prove, refused, same
from dojang.journey.sending import DAY_SECONDS, MAIN, OTHER_BANK, PASSWORD, order_for, to_seoyeon
from dojang.journey.world import MINYONG, World
from dojang.kernel.clock import HOUR, MINUTE, SECOND
from dojang.phone.opening import Opening
from dojang.phone.safeguarding import Safeguarding
from dojang.phone.security_key import SecurityKey

DELAY_HOURS: Final = 3
HOUR_SECONDS: Final = 3_600
UNREGISTERED_PER_DAY: Final = 1_000_000
ASKS_MAX: Final = 600
ASK_AGAIN_SECONDS: Final = 0.05


def signed_in(world: World) -> Safeguarding:
    """The clock was moved for hours since the last login."""
    phone = world.phone(MINYONG)
    phone.login(MINYONG.pin)
    return Safeguarding(phone)


def identified(world: World) -> None:
    """By the message to the number on file and an account password, as before every weakening."""
    phone, handset = world.phone(MINYONG), world.handset(MINYONG)
    again = Opening(phone.line)
    again.identify()
    since = handset.mark()
    again.phone()
    handset.received("인증번호", since)
    again.sms_code(handset.code())
    again.password(PASSWORD, phone.account(MAIN)["id"])


def held(world: World, amount: int) -> dict[str, Any]:
    """Order, sign, and see that the money is set aside and not sent."""
    phone = world.phone(MINYONG)
    before = phone.account(MAIN)
    done = phone.transfer(order_for(world, amount), MINYONG.pin, account_password=PASSWORD)
    after = phone.account(MAIN)
    same(done["state"], "pending", "the order's state")
    same(after["balance"], before["balance"], "the balance")
    same(after["available"], before["available"] - amount, "what is available")
    same(world.books.times_posted(done["id"]), 1, "how often it was set aside")
    return done


def ended(world: World, transfer_id: str) -> dict[str, Any]:
    """The order once it waits no more."""
    phone = world.phone(MINYONG)
    for _ in range(ASKS_MAX):
        answer = phone.settled(transfer_id)
        if answer["state"] != "pending":
            return answer
        time.sleep(ASK_AGAIN_SECONDS)
    raise Lie("a due transfer was not sent")


def limits_are_raised_by_who_identified(world: World) -> str:
    handset, phone = world.handset(MINYONG), world.phone(MINYONG)
    signed_in(world)
    wish = phone.limits()["most"]
    refused("raise_needs_identity", lambda: phone.change_limits(**wish, pin=MINYONG.pin))
    identified(world)
    above = {**wish, "per_day": wish["per_day"] + 1}
    refused("malformed", lambda: phone.change_limits(**above, pin=MINYONG.pin))
    since = handset.mark()
    phone.change_limits(**wish, pin=MINYONG.pin)
    handset.received("한도", since)
    now = phone.limits()
    same({name: now[name] for name in wish}, wish, "the limits")
    order = order_for(world, 1_000_001)
    same(phone.transfer(order, MINYONG.pin)["state"], "posted", "what was too much before")
    return "limits raised to the bank's own after an identity check, with an SMS; not one won above"


def a_delayed_transfer_waits(world: World) -> str:
    own, handset = signed_in(world), world.handset(MINYONG)
    since = handset.mark()
    own.choose(MINYONG.pin, delay_hours=DELAY_HOURS)
    done = held(world, 1_111_111)
    hold = done["hold"]
    same(hold["due_at"] - hold["cancellable_until"], 30 * MINUTE, "the last half hour")
    same([one["id"] for one in own.held()], [done["id"]], "what is held")
    handset.received("1,111,111", since)
    before = world.phone(MINYONG).account(MAIN)["balance"]
    world.move_clock(DELAY_HOURS * HOUR_SECONDS - 60)
    own = signed_in(world)
    late = refused("too_late_to_cancel", lambda: world.phone(MINYONG).cancel(done["id"]))
    same(late["cancellable_until"], hold["cancellable_until"], "until when it could be cancelled")
    same(world.phone(MINYONG).outcome(done["id"])["state"], "pending", "a minute before")
    world.move_clock(61)
    sent = ended(world, done["id"])
    same(sent["state"], "posted", "the order's state")
    prove(sent["outcome"]["at"] >= hold["due_at"], "it was sent before its time")
    same(world.phone(MINYONG).account(MAIN)["balance"], before - 1_111_111, "the balance")
    same(own.held(), [], "what is held")
    return "3 hours: the money set aside, not sent a minute before, sent once when due"


def a_delayed_transfer_is_cancelled(world: World) -> str:
    own, handset = signed_in(world), world.handset(MINYONG)
    before = world.phone(MINYONG).account(MAIN)
    used = world.phone(MINYONG).limits()["used_today"]
    done = held(world, 999_999)
    since = handset.mark()
    world.phone(MINYONG).cancel(done["id"])
    over = world.phone(MINYONG).outcome(done["id"])
    same((over["state"], over["hold"]["ended"]), ("cancelled", "customer"), "the order")
    same(world.phone(MINYONG).account(MAIN)["available"], before["available"], "what is available")
    same(world.phone(MINYONG).limits()["used_today"], used, "what was used of today's limit")
    handset.received("취소", since)
    refused("identity_needed", lambda: own.choose(MINYONG.pin, delay_hours=0))
    identified(world)
    own.choose(MINYONG.pin, delay_hours=0)
    return (
        "cancelled without a signature: money and limit as before; the delay ends by who identified"
    )


def a_mistake_is_undone(world: World) -> str:
    own = signed_in(world)
    own.choose(MINYONG.pin, undo=1)
    done = held(world, 777_777)
    same(
        done["hold"]["due_at"] - done["request"]["fields"]["issued_at"] >= 10 * SECOND, True, "10 s"
    )
    world.phone(MINYONG).cancel(done["id"])
    same(world.phone(MINYONG).outcome(done["id"])["state"], "cancelled", "the order's state")
    meant = held(world, 777_778)
    world.move_clock(11)
    same(ended(world, meant["id"])["state"], "posted", "the order's state")
    own.choose(MINYONG.pin, undo=0)
    return "ten seconds to undo: one taken back, one sent"


def others_share_a_million_a_day(world: World) -> str:
    world.move_clock(DAY_SECONDS)
    own, phone = signed_in(world), world.phone(MINYONG)
    order = order_for(world, UNREGISTERED_PER_DAY + 1)
    own.choose(MINYONG.pin, designated_only=1)
    over = refused("over_unregistered_limit", lambda: phone.place(phone.new_transfer(order), order))
    same(over["left_today"], UNREGISTERED_PER_DAY, "what is left for others")
    same(phone.limits()["unregistered"]["left_today"], UNREGISTERED_PER_DAY, "the limits screen")
    payee = phone.payee(OTHER_BANK, order.payee_account)
    own.designate(payee, MINYONG.pin)
    refused("already_designated", lambda: own.designate(payee, MINYONG.pin))
    done = phone.transfer(order, MINYONG.pin)
    same(done["state"], "posted", "the order's state")
    same(phone.limits()["unregistered"]["used_today"], 0, "what others got")
    (listed,) = own.designated()
    own.remove(listed["id"])
    refused("over_unregistered_limit", lambda: phone.place(phone.new_transfer(order), order))
    return "designated payees on: others get 1,000,000 a day and not one won more"


def the_limit_for_others_ends_by_who_identified(world: World) -> str:
    """Turned off only by whoever was identified again; the same order then goes through."""
    own, phone = signed_in(world), world.phone(MINYONG)
    order = order_for(world, UNREGISTERED_PER_DAY + 1)
    refused("identity_needed", lambda: own.choose(MINYONG.pin, designated_only=0))
    refused("over_unregistered_limit", lambda: phone.place(phone.new_transfer(order), order))
    identified(world)
    own.choose(MINYONG.pin, designated_only=0)
    same(phone.limits()["unregistered"], None, "the limit of others on the limits screen")
    same(phone.transfer(order, MINYONG.pin)["state"], "posted", "the order's state")
    return "turned off only after a fresh identity check; the refused 1,000,001 is sent then"


def a_security_key_stands_for_the_call(world: World) -> str:
    own, phone = signed_in(world), world.phone(MINYONG)
    key = SecurityKey(phone.origin, world.entropy)
    refused("identity_needed", lambda: own.register_device("key", key.create, MINYONG.pin))
    identified(world)
    device_id = own.register_device("key", key.create, MINYONG.pin)
    order = to_seoyeon(world, 50_000_003)
    early = phone.new_transfer(order)
    phone.place(early, order)
    phone.show_account_password(early, PASSWORD)
    refused("no_second_device", lambda: own.show_device(early, key.sign))
    world.move_clock(DAY_SECONDS)
    own = signed_in(world)
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    refused("factors_missing", lambda: own.show_device(transfer_id, key.sign))
    phone.show_account_password(transfer_id, PASSWORD)
    own.show_device(transfer_id, key.sign)
    phone.sign_order(order, answer, MINYONG.pin)
    same(phone.settled(transfer_id)["state"], "posted", "the order's state")
    told = json.loads(phone.receipt(transfer_id))
    prove("second_device" in json.dumps(told), "the receipt names what stood for the call")
    own.remove_device(device_id)
    return "50,000,003 without a call: a key registered after an identity check, good a day later"


def a_message_stands_for_the_call(world: World) -> str:
    own, phone, handset = signed_in(world), world.phone(MINYONG), world.handset(MINYONG)
    order = to_seoyeon(world, 50_000_002)
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    phone.show_account_password(transfer_id, PASSWORD)
    refused("sms_hold_not_registered", lambda: own.ask_for_code(transfer_id))
    identified(world)
    own.choose(MINYONG.pin, sms_hold=1)
    since = handset.mark()
    own.ask_for_code(transfer_id)
    told = handset.received("50,000,002", since)
    prove(order.payee_account[-4:] in told, "the message names the payee's last digits")
    same(own.show_code(transfer_id, handset.code())["done"], ["account_password", "ars"], "shown")
    phone.sign_order(order, answer, MINYONG.pin)
    done = phone.settled(transfer_id)
    same((done["state"], done["hold"]["why"]), ("pending", "sms"), "the order")
    same(done["hold"]["seconds"], HOUR // SECOND // 2, "half an hour")
    phone.cancel(transfer_id)
    own.choose(MINYONG.pin, sms_hold=0)
    return (
        "50,000,002 without a call: the code names amount and payee, held half an hour, cancelled"
    )
