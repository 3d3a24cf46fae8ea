"""kill -9 of the server where it hurts most: an acknowledged or half-sent transfer."""

from dojang.journey.lie import prove, same
from dojang.journey.sending import DAY_SECONDS, order_for
from dojang.journey.world import MINYONG, World
from dojang.phone.http import NoAnswer, Watch
from dojang.phone.machine import BEGIN


def a_signed_transfer_survives_a_kill(world: World) -> str:
    """Killed right after the signature was acknowledged: the money moves exactly once."""
    world.move_clock(DAY_SECONDS)
    phone = world.phone(MINYONG)
    phone.login(MINYONG.pin)
    order = order_for(world, 1_234)
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    phone.sign_order(order, answer, MINYONG.pin)
    world.bank.kill()
    try:
        phone.outcome(transfer_id)
    except NoAnswer:
        world.bank.start()
    phone = world.reopen(MINYONG)
    phone.recover()
    phone.login(MINYONG.pin)
    prove(transfer_id in phone.pending_transfers(), "the phone remembers the id")
    done = phone.settled(transfer_id)
    same(done["state"], "posted", "the order after the restart")
    same(world.books.times_posted(transfer_id), 1, "how often money moved")
    world.books.balance_sheet()
    world.books.open_orders()
    return "acknowledged, killed, restarted: posted exactly once, the phone resumes"


def a_kill_in_the_middle_of_signing(world: World) -> str:
    """Begun, killed, restarted: the phone asks how it ended, the try counts, the next one works."""
    order = order_for(world, 4_321)
    phone = world.phone(MINYONG)
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    token = phone.line.token
    phone = world.open_phone(phone.home, _kills_after(world, BEGIN))
    phone.line.token = token
    try:
        phone.sign_order(order, answer, MINYONG.pin)
    except NoAnswer:
        world.bank.start()
    prove(phone.key("sign").inflight is not None, "the phone knows that something is under way")
    phone = world.reopen(MINYONG)
    phone.recover()
    phone.login(MINYONG.pin)
    phone.sign_order(order, phone.place(transfer_id, order), MINYONG.pin)
    same(phone.settled(transfer_id)["state"], "posted", "the order after all")
    same(world.books.times_posted(transfer_id), 1, "how often money moved")
    return "killed between begin and complete: the phone resumes, signs again, sent once"


def _kills_after(world: World, fatal: str) -> Watch:
    """The server dies when it has done what this path asks."""

    def watch(_method: str, path: str, _sent: bytes, status: int, _got: bytes) -> None:
        if (path, status) == (fatal, 200):
            world.bank.kill()

    return watch
