"""A signing room without HTTP, and phones that talk to it: the same bytes, carried in-process.

`Wire` is the network between a phone and the services. It speaks contract 1.3 (E1, E2), 1.4 and
1.6 in JSON-like dicts, and loses, repeats or delays what a test tells it to.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dojang.certificates import store as certificates
from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import Assurance
from dojang.crypto import dpop, messages
from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.crypto.messages import PATTERN, PIN, KeyKind, Kind, Life
from dojang.customers.model import Session
from dojang.customers.sessions import Sessions
from dojang.db import Database
from dojang.kernel.clock import MINUTE, Clock, Instant
from dojang.kernel.entropy import Entropy, SystemEntropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Malformed, Problem
from dojang.phone.change import Changing
from dojang.phone.enrol import KEYS_PATH, Enrolling
from dojang.phone.http import Answer, NoAnswer
from dojang.phone.machine import Machine, Wanted
from dojang.phone.state import MemoryStore, PhoneRecord, Store, new_phone
from dojang.phone.talk import Talk
from dojang.signing import Signing, keys
from dojang.signing.model import BadPoint, Begin, Done, NotCompleted, Wrong, WrongSecret
from dojang.vault.software import SoftwareVault

ORIGIN = "http://localhost:8700"
THE_PIN = "271828"
THE_PATTERN = "0-1-2-5-8"
PASSPHRASE = b"correct horse battery staple"


@dataclass
class House:
    """One process of the bank's signing room. Two over one database are two processes."""

    db: Database
    clock: Clock
    entropy: Entropy
    ids: Ids
    lifecycle: Lifecycle
    sessions: Sessions
    signing: Signing

    @classmethod
    def open(cls, db: Database, vault_file: Path, clock: Clock, entropy: Entropy) -> "House":
        ids = Ids(clock, entropy)
        lifecycle = Lifecycle(ids)
        sessions = Sessions(db, ids)
        vault = SoftwareVault.open(vault_file, PASSPHRASE, entropy)
        signing = Signing(
            db,
            vault,
            ids=ids,
            entropy=entropy,
            lifecycle=lifecycle,
            sessions=sessions,
            origin=ORIGIN,
        )
        return cls(db, clock, entropy, ids, lifecycle, sessions, signing)

    def state(self, phone: "Phone") -> str:
        with self.db.snapshot() as tx:
            found = certificates.by_id(tx, phone.credential_id)
            assert found is not None
            return found.state.value

    def tip(self, phone: "Phone", kind: KeyKind) -> int:
        with self.db.snapshot() as tx:
            found = keys.of_credential(tx, phone.credential_id)
        return next(key.tip for key in found if key.kind is kind and key.state != "ended")

    def tries_left(self, phone: "Phone", secret: str) -> int:
        from dojang.methods import tries

        with self.db.snapshot() as tx:
            return tries.left(tx, phone.credential_id, secret)

    def ask(
        self,
        kid: bytes,
        kind: Kind,
        message: bytes,
        *,
        purpose: str = "transfer",
        seconds: int = 600,
    ) -> str:
        """A request to sign, as the rooms above make it."""
        with self.db.transaction() as tx:
            return self.signing.requests.ask(
                tx,
                kid=kid,
                kind=kind,
                message=message,
                purpose=purpose,
                reference="",
                expires_at=Instant(tx.now + seconds * 1_000_000),
            )

    def wanted(
        self, phone: "Phone", kind: KeyKind, *, m: str = PIN, secret: str = THE_PIN, n: int = 0
    ) -> Wanted:
        """A fresh transfer (sign key) or login (auth key), asked for and ready to be signed."""
        kid = phone.key(kind).kid
        life = Life(
            kid=kid,
            nonce=self.entropy.bytes(32),
            issued_at=self.clock.now(),
            expires_at=self.clock.now() + 10 * MINUTE,
        )
        if kind is KeyKind.AUTH:
            message = messages.auth(life, origin=ORIGIN)
            request_id = self.ask(kid, Kind.AUTH, message, purpose="login")
        else:
            message = messages.transfer(life, an_order(n), origin=ORIGIN)
            request_id = self.ask(kid, Kind.TX, message)
        return Wanted(kind, m, secret, request_id, message)


def an_order(n: int) -> messages.Transfer:
    return messages.Transfer(
        transfer_id=f"0193f0a0-0000-7000-8000-{n:012d}",
        from_account="100200300400",
        payee_bank="garam",
        payee_account="900800700600",
        payee_holder="김민용",
        amount=10_000 + n,
        fee=0,
        memo="",
        tier="pin",
        policy_version=1,
    )


@dataclass
class Wire:
    """Carries one phone's requests to a house. `watch` sees what reached the house and returned.

    `trouble(path, body)` says what happens to a request: None (carried), "lost" (never arrives),
    "answer_lost" (arrives, its answer does not), "twice" (arrives twice, second answer returned).
    """

    house: House
    jkt: str
    credential_id: str = ""
    customer_id: str = ""
    session_id: str = "s"
    subject: tuple[str, str] = ("김민용", "D-0001-2345")
    trouble: Callable[[str, Mapping[str, Any]], str | None] = lambda _path, _body: None
    transcript: list[tuple[str, dict[str, Any], int, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, path: str, body: Mapping[str, Any], /) -> Answer:
        happens = self.trouble(path, body)
        if happens == "lost":
            raise NoAnswer(path)
        answer = self.deliver(path, body)
        if happens == "twice":
            answer = self.deliver(path, body)
        if happens == "answer_lost":
            raise NoAnswer(path)
        return answer

    def deliver(self, path: str, body: Mapping[str, Any]) -> Answer:
        """What the house answers, problems rendered as the edge does."""
        try:
            answer = Answer(200, self._route(path, dict(body)))
        except Problem as problem:
            figures = {"code": problem.code, **problem.fields}
            if "rid" in body:
                figures["rid"] = body["rid"]
            answer = Answer(problem.status, figures)
        self.transcript.append((path, dict(body), answer.status, answer.body))
        return answer

    def _route(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path == "/v1/signing/begin":
            return self._begin(body)
        if path.startswith("/v1/signing/"):
            return self._ceremony(path, body)
        if path.startswith(KEYS_PATH):
            return self._keys(path, body)
        return self._change(path, body)

    def _ceremony(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        signing = self.house.signing
        if path == "/v1/signing/complete":
            ended = signing.complete(self.jkt, _bytes(body["sid"]), _value(body["z1"]))
            if isinstance(ended, Wrong):
                raise WrongSecret(tries_left=ended.tries_left)
        elif path == "/v1/signing/resume":
            ended = signing.resume(self.jkt, _bytes(body["sid"]))
            if isinstance(ended, NotCompleted):
                return {"rid": body["rid"], "state": "not_completed"}
            if isinstance(ended, Wrong):
                left = ended.tries_left
                return {"rid": body["rid"], "state": "wrong_secret", "tries_left": left}
        else:
            state = signing.confirm_stale(self.jkt, _bytes(body["kid"]), body["gen"])
            return {"rid": body["rid"], "state": state.value}
        return _done(body["rid"], ended)

    def _begin(self, body: dict[str, Any]) -> dict[str, Any]:
        new = body.get("blinded_new")
        begun = self.house.signing.begin(
            self.jkt,
            Begin(
                rid=_bytes(body["rid"]),
                kid=_bytes(body["kid"]),
                m=body["m"],
                version=body["version"],
                gen=body["gen"],
                request_id=body["request_id"],
                blinded=_value(body["blinded"]),
                d1=_value(body["D1"]),
                e1=_value(body["E1"]),
                body_hash=hashlib.sha256(json.dumps(body).encode()).digest(),
                blinded_new=None if new is None else _value(new),
            ),
        )
        return {
            "rid": b64u(begun.rid),
            "sid": b64u(begun.sid),
            "evaluated": b64u(begun.evaluated),
            "D2": b64u(begun.d2),
            "E2": b64u(begun.e2),
            "message": b64u(begun.message),
            "expires_at": begun.expires_at,
            "tries_left": begun.tries_left,
        }

    def _keys(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        signing = self.house.signing
        if path == KEYS_PATH:
            made = signing.begin_key(
                credential_id=self.credential_id,
                customer_id=self.customer_id,
                jkt=self.jkt,
                kind=KeyKind(body["kind"]),
                secrets=body["secrets"],
                subject=self.subject,
                c0=_value(body["C0"]),
                c1=_value(body["C1"]),
                proof=_value(body["pok"]),
            )
            points = {"C0": made.c0, "C1": made.c1, "pok": made.proof, "share": made.share}
            return {"kid": b64u(made.kid), **{n: b64u(v) for n, v in points.items()}}
        kid = _bytes(path.split("/")[-2])
        blinded = {m: _value(v) for m, v in body["blinded"].items()}
        answered = signing.answer_shares(
            kid, self.jkt, share=_value(body["share"]), blinded=blinded
        )
        return {
            "instances": {
                m: {"delta": b64u(delta), "evaluated": b64u(evaluated)}
                for m, (delta, evaluated) in answered.instances.items()
            },
            "cri": b64u(answered.cri),
            "requests": [
                {"request_id": one.request_id, "type": "csr"}
                if one.members is None
                else {"request_id": one.request_id, "type": "proof", **one.members}
                for one in answered.requests
            ],
        }

    def _change(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        session = self.session()
        if path == "/v1/method-changes":
            started = self.house.signing.changes.start(session, body["m"])
            return {
                "change_id": started.change_id,
                "keys": [{"kid": b64u(kid), "version": v} for kid, v in started.versions],
                "expires_at": started.expires_at,
            }
        if path == "/v1/acts":
            act_type = body.pop("type")
            ordered = self.house.signing.acts.order(session, act_type, body)
            return {"request_id": ordered.request_id, "fields": ordered.fields}
        change_id = path.split("/")[-2]
        request_id, fields = self.house.signing.changes.prove(session, change_id, body["kid"])
        return {"request_id": request_id, "fields": fields}

    def session(self) -> Session:
        at = self.house.clock.now()
        return Session(
            self.session_id, self.customer_id, self.credential_id, self.jkt, PIN, at, at, at, at
        )


class Phone:
    """A phone with keys at a house. `copy` is what a thief makes of it."""

    def __init__(self, wire: Wire, store: Store, entropy: Entropy, *, attempts: int = 1) -> None:
        self.wire = wire
        self.store = store
        self.machine = Machine(store, Talk(wire, entropy, attempts=attempts), entropy)
        self.enrolling = Enrolling(self.machine, entropy)
        self.changing = Changing(self.machine, entropy, ORIGIN)
        self._entropy = entropy

    @property
    def credential_id(self) -> str:
        return self.wire.credential_id

    def key(self, kind: KeyKind) -> Any:
        return self.store.read().keys[kind]

    def sign(self, house: House, kind: KeyKind = KeyKind.SIGN, **how: Any) -> bytes:
        return self.machine.sign(house.wanted(self, kind, **how)).signature

    def copy(self, house: House | None = None) -> "Phone":
        """The whole storage on another machine, as of now."""
        of = self.wire
        wire = Wire(house or of.house, of.jkt, of.credential_id, of.customer_id)
        return Phone(wire, MemoryStore(self.store.read()), SystemEntropy())


def jkt_of(record: PhoneRecord) -> str:
    return dpop.thumbprint(dpop.jwk(record.private_key().public_key()))


def new_owner(house: House, *, customer_id: str | None = None) -> Phone:
    """A phone of a new customer, with a credential that is still ENROLLING and no keys."""
    record = new_phone(house.entropy)
    customer_id = customer_id or house.ids.uuid7()
    with house.db.transaction() as tx:
        opened = house.lifecycle.open(tx, customer_id, subject_id=f"S-{customer_id[-12:]}")
    wire = Wire(house, jkt_of(record), opened.id, customer_id)
    return Phone(wire, MemoryStore(record), house.entropy)


def enrol(house: House, phone: Phone, *, pin: str = THE_PIN, pattern: str = THE_PATTERN) -> None:
    """Both keys made, proved and ACTIVE. (The certificates are another room's tests.)"""
    phone.enrolling.both(pin, pattern)
    with house.db.transaction() as tx:
        assert set(keys.proved(tx, phone.credential_id)) == set(KeyKind)
        assert certificates.activate(tx, phone.credential_id, Assurance.KNOWN_CUSTOMER)
        keys.activate(tx, phone.credential_id)
    record = phone.store.read()
    from dataclasses import replace

    phone.store.write(
        replace(record, credential=phone.credential_id, keys=record.enrolling, enrolling={})
    )


def owner(house: House) -> Phone:
    """A phone whose certificate is ACTIVE."""
    phone = new_owner(house)
    enrol(house, phone)
    return phone


def _bytes(text: str) -> bytes:
    try:
        return unb64u(text)
    except BadEncoding:
        raise Malformed from None


def _value(text: str) -> bytes:
    try:
        return unb64u(text)
    except BadEncoding:
        raise BadPoint from None


def _done(rid: str, done: Done) -> dict[str, Any]:
    answer = {
        "rid": rid,
        "state": "done",
        "signature": b64u(done.signature),
        "gen": done.gen,
        "deltas": [
            {"m": one.m, "version": one.version, "delta": b64u(one.delta)} for one in done.deltas
        ],
    }
    if done.evaluated_new is not None and done.delta_new is not None:
        answer["evaluated_new"] = b64u(done.evaluated_new)
        answer["delta_new"] = b64u(done.delta_new)
    return answer


__all__ = ["PATTERN", "PIN", "THE_PATTERN", "THE_PIN", "House", "Phone", "Wire", "enrol", "owner"]
