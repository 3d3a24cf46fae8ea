"""The model of the model check answers as the code does, step by step, on random walks."""

import random
from dataclasses import replace
from typing import NamedTuple

import pytest
from tests.signing_house import THE_PIN
from tests.unit.signing import protocol_model as model

from dojang.crypto import frost
from dojang.crypto.encoding import b64u
from dojang.crypto.messages import PIN, KeyKind
from dojang.methods import tries
from dojang.phone.machine import _answered, _moved

STEPS = 60
WORDS = {"credential_suspended": "refused"}


class Attempt(NamedTuple):
    """A begin that was answered, on both sides."""

    body: dict
    sid: int
    real_sid: str
    z1: str
    history: tuple
    key: object


class Walk:
    """Drives the services and the model with the same requests, and compares."""

    def __init__(self, house, phone, seed):
        self.house, self.phone = house, phone
        self.chance = random.Random(seed)  # noqa: S311 - a walk that can be repeated
        self.server = model.Server()
        self.base = phone.key(KeyKind.SIGN).gen
        self.keys = {(): phone.key(KeyKind.SIGN)}
        self.attempts, self.begins, self.seen = [], [], set()

    def step(self):
        with self.house.db.transaction() as tx:
            tries.start(tx, self.phone.credential_id, PIN)
        choice = self.chance.random()
        if choice < 0.35 or not self.attempts:
            self.begin()
        elif choice < 0.45:
            self.begin_again()
        elif choice < 0.75:
            self.complete(self.chance.choice(self.attempts[-3:]))
        elif choice < 0.85:
            self.complete(self.chance.choice(self.attempts))
        elif choice < 0.98:
            self.resume(self.chance.choice(self.attempts))
        else:
            self.confirm()
        assert self.house.tip(self.phone, KeyKind.SIGN) - self.base == self.server.tip
        suspended = self.house.state(self.phone) == "SUSPENDED_COPY"
        assert suspended == self.server.suspended

    def begin(self):
        history = self.chance.choice(list(self.keys)[-2:])
        key = self.keys[history]
        ahead = self.chance.random() < 0.05
        if ahead:
            key = replace(key, gen=key.gen + 5)
        wanted = self.house.wanted(self.phone, KeyKind.SIGN, n=len(self.begins))
        instance = key.instance(PIN)
        machine = self.phone.machine
        opening = machine.unlock(key.kid, PIN, 0, instance.salt, THE_PIN)
        own = frost.nonces(frost.PHONE, self.house.entropy.bytes(64), instance.o)
        rid = self.rid()
        body = {
            "rid": rid,
            "kid": b64u(key.kid),
            "m": PIN,
            "version": 0,
            "gen": key.gen,
            "request_id": wanted.request_id,
            "blinded": b64u(opening.blinding.blinded),
            "D1": b64u(own.commitment.hiding),
            "E1": b64u(own.commitment.binding),
        }
        gen = key.gen - self.base
        answer = self.both("begin", body, model.begin, "owner", rid, gen)
        if answer.done:
            of = _answered(key, instance, wanted.message, opening, own, answer.body)
            sid = len(self.server.sessions) - 1
            self.begins.append((body, gen))
            self.attempts.append(Attempt(body, sid, of.sid, b64u(of.z1), history, key))

    def begin_again(self):
        body, gen = self.chance.choice(self.begins)
        self.both("begin", body, model.begin, "owner", body["rid"], gen)

    def complete(self, attempt):
        body = {"rid": self.rid(), "sid": attempt.real_sid, "z1": attempt.z1}
        answer = self.both("complete", body, model.complete, attempt.sid, attempt.history)
        self.move(attempt, answer)

    def resume(self, attempt):
        body = {"rid": self.rid(), "sid": attempt.real_sid}
        answer = self.both("resume", body, model.resume, attempt.sid)
        self.move(attempt, answer)

    def confirm(self):
        gen = self.chance.randint(0, self.server.tip)
        body = {"rid": self.rid(), "kid": b64u(self.keys[()].kid), "gen": gen + self.base}
        self.server, _ = model.confirm_stale(model.Rules(), self.server, gen)
        assert self.phone.wire.deliver("/v1/signing/confirm-stale", body).status == 200

    def move(self, attempt, answer):
        if answer.done and answer.body["state"] == "done":
            moved = replace(
                attempt.key, gen=answer.body["gen"], instances=_moved(attempt.key, answer.body)
            )
            self.keys[(*attempt.history, attempt.sid)] = moved

    def both(self, path, body, ask, *arguments):
        answer = self.phone.wire.deliver(f"/v1/signing/{path}", body)
        self.server, expected = ask(model.Rules(), self.server, *arguments)
        said = answer.body.get("state", "begun") if answer.done else answer.code
        assert WORDS.get(said, said) == expected[0]
        self.seen.add(expected[0])
        return answer

    def rid(self):
        return b64u(self.house.entropy.bytes(12))


@pytest.mark.parametrize("seed", range(6))
def test_model_and_services_answer_alike(house, phone, seed):
    walk = Walk(house, phone, seed)

    for _ in range(STEPS):
        walk.step()

    assert {"begun", "done", "not_completed", "session_over"} <= walk.seen
