"""A bounded model check of phone and server: every order of loss, delay, repeat, crash and copy.

Each state that can be reached is visited once, breadth first; the properties are checked in each.
Every mutant of PROTOCOL 5 must be caught, and the protocol itself must pass the same search.
"""

from collections import deque
from typing import NamedTuple

import pytest
from tests.unit.signing import protocol_model as model
from tests.unit.signing.protocol_model import Phone, Rules, Server, Violation


class Bounds(NamedTuple):
    """How much of everything: the search is complete within these."""

    begins: int = 2
    asks: int = 4
    repeats: int = 1
    crashes: int = 1
    waiting_messages: int = 3
    copied: bool = False


class World(NamedTuple):
    server: Server
    owner: Phone
    copy: Phone | None
    messages: frozenset
    repeats: int
    crashes: int


HONEST = Bounds(begins=3, asks=5, repeats=1, crashes=1, waiting_messages=3)
COPIED = Bounds(begins=2, asks=3, repeats=1, crashes=0, waiting_messages=2, copied=True)
STATES_MAX = 400_000

SUSPENDED = "I7"
STUCK = "stuck"
TWICE = "I3"
MUTANTS = {
    "begin judges": (Rules(begin_judges=True), HONEST, SUSPENDED),
    "repeat answered 409": (Rules(repeat_answered_409=True), HONEST, SUSPENDED),
    "no durable inflight": (Rules(durable_inflight=False), HONEST, STUCK),
    "result deleted when first delivered": (
        Rules(result_deleted_when_first_delivered=True),
        HONEST,
        STUCK,
    ),
    "no rid": (Rules(rid_checked=False), HONEST, SUSPENDED),
    "no resume first": (Rules(resume_first=False), HONEST, STUCK),
    "accept g or g+1": (Rules(accepts_one_behind=True), COPIED, TWICE),
    "tip not checked": (Rules(tip_checked=False), COPIED, TWICE),
}


def search(rules, bounds):
    """Visit everything within the bounds. Returns how many states; raises Violation."""
    first = World(Server(), Phone(), None, frozenset(), 0, 0)
    seen, queue = {first}, deque([first])
    while queue:
        world = queue.popleft()
        for following in steps(rules, bounds, world):
            if following not in seen:
                check(rules, following)
                seen.add(following)
                queue.append(following)
        assert len(seen) < STATES_MAX
    return len(seen)


def steps(rules, bounds, world):
    """Every world that can come next."""
    yield from _of_phone(rules, bounds, world, "owner")
    if world.copy is not None:
        yield from _of_phone(rules, bounds, world, "copy")
    elif bounds.copied:
        yield world._replace(copy=model.crash(world.owner)._replace(begins=0, asks=0))
    for message in world.messages:
        yield _carried(rules, world, message, world.messages - {message})
        if world.repeats < bounds.repeats:
            again = world._replace(repeats=world.repeats + 1)
            yield _carried(rules, again, message, world.messages)


def _of_phone(rules, bounds, world, who):
    phone = getattr(world, who)
    room = len(world.messages) < bounds.waiting_messages
    may = phone.begins < bounds.begins and phone.asks < bounds.asks
    if phone.wait is None and not phone.told and room and may:
        started, message = model.start(rules, phone, who)
        yield world._replace(**{who: started}, messages=world.messages | {message})
    if phone.wait is not None:
        yield world._replace(**{who: phone._replace(wait=None)})
    if world.crashes < bounds.crashes and (phone.wait or phone.volatile is not None):
        yield world._replace(**{who: model.crash(phone)}, crashes=world.crashes + 1)


def _carried(rules, world, message, left):
    if message[0] == "answer":
        who = message[1]
        phone, sent = model.hear(rules, getattr(world, who), who, message[2:])
        messages = left if sent is None else left | {sent}
        return world._replace(**{who: phone}, messages=messages)
    server, answer = model.serve(rules, world.server, message)
    return world._replace(server=server, messages=left | {answer})


def check(rules, world):
    """What must hold in every state. (I3, I8 and foreign results are checked where they happen.)"""
    if world.copy is not None:
        return
    if world.server.suspended or world.owner.told:
        raise Violation("I7: a single honest phone was suspended, or told that it was copied")
    phone, tip = world.owner, world.server.tip
    held = phone.inflight if rules.durable_inflight else phone.volatile
    behind = phone.gen == tip - 1 and held is not None and world.server.history[-1:] == (held,)
    if phone.gen != tip and not behind:
        raise Violation("I6: the phone is neither at the tip nor one behind with it in flight")
    _can_go_on(rules, world)


def _can_go_on(rules, world):
    """After a crash and with a quiet network the phone resumes and signs once more."""
    server, phone = world.server, model.crash(world.owner)
    phone = phone._replace(begins=50, asks=50)
    for _ in range(4):
        phone, message = model.start(rules, phone, "owner")
        while message is not None:
            server, answer = model.serve(rules, server, message)
            phone, message = model.hear(rules, phone, "owner", answer[2:])
        if phone.gen > world.server.tip:
            return
    raise Violation("a phone is stuck")


def guesses_without_the_pin(*, restored_by_any_secret):
    """How many PIN guesses a thief gets who saw the pattern; None when there is no end."""
    budget = (5, 5, 0)
    seen, queue = {budget}, deque([budget])
    most = 0
    while queue:
        pin, pattern, guesses = queue.popleft()
        most = max(most, guesses)
        if guesses > 20:
            return None
        following = []
        if pin > 0:
            following.append((pin - 1, pattern, guesses + 1))
        if pattern > 0 and pin > 0:
            following.append((5 if restored_by_any_secret else pin, 5, guesses))
        for one in following:
            if one not in seen:
                seen.add(one)
                queue.append(one)
    return most


def test_a_single_honest_phone_is_never_suspended_stuck_or_out_of_step():
    assert search(Rules(), HONEST) > 100_000


def test_nor_with_more_crashes_repeats_and_messages_on_the_way():
    deeper = Bounds(begins=2, asks=5, repeats=2, crashes=2, waiting_messages=4)
    assert search(Rules(), deeper) > 100_000


def test_a_copy_that_signs_is_always_noticed_before_the_owner_signs_again():
    assert search(Rules(), COPIED) > 100_000


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(name):
    rules, bounds, reason = MUTANTS[name]

    with pytest.raises(Violation, match=reason):
        search(rules, bounds)


def test_the_pattern_never_gives_pin_guesses_back():
    assert guesses_without_the_pin(restored_by_any_secret=False) == 5


def test_the_mutant_budget_restored_by_any_secret_is_caught():
    assert guesses_without_the_pin(restored_by_any_secret=True) is None
