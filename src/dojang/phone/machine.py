"""The phone's side of a signature (PROTOCOL 3), step by step as durable as the app's.

An interrupted signature is resumed before anything else. `inflight` is durable before S2 goes out;
a DONE is verified under PK and then becomes ONE durable write; WRONG and NOT_COMPLETED clear
`inflight`; anything unclear keeps it. Nonces and the unmasked share live in local variables only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dojang.crypto import ed25519, frost, messages, oprf, sharing
from dojang.crypto.encoding import BadEncoding, Scalar, b64u, point, scalar, unb64u
from dojang.crypto.messages import KeyKind
from dojang.kernel.entropy import Entropy
from dojang.phone.http import Answer, Refused
from dojang.phone.state import Inflight, Instance, KeyRecord, PhoneRecord, Store
from dojang.phone.talk import Talk

BEGIN: Final = "/v1/signing/begin"
COMPLETE: Final = "/v1/signing/complete"
RESUME: Final = "/v1/signing/resume"
CONFIRM_STALE: Final = "/v1/signing/confirm-stale"
_WIDE: Final = 64


class MessageDiffers(Exception):
    """The bank asked for a signature over other bytes than were shown. Nothing was signed."""


class BadAnswer(Exception):
    """An answer that does not hold under this phone's keys. What was under way stays so."""


class CopiedPhone(Exception):
    """Another phone has signed with a copy of this one's storage; the bank has been told."""

    def __init__(self, state: str | None) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Wanted:
    """What is to be signed, by which key, with which secret as typed."""

    kind: KeyKind
    m: str
    secret: str = field(repr=False)
    request_id: str
    message: bytes
    """The bytes the phone built from what it shows (I11)."""
    version: int | None = None
    enrolling: bool = False
    blinded_new: bytes | None = None


@dataclass(frozen=True)
class Signed:
    """`share` and `answer` belong to a fresh ceremony; None when an earlier one was resumed."""

    signature: bytes
    share: Scalar | None = field(default=None, repr=False)
    answer: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Resumed:
    """How an interrupted signature ended."""

    end: str
    request_id: str | None = None
    signature: bytes | None = None
    tries_left: int | None = None


@dataclass(frozen=True)
class Unlock:
    """A typed secret on its way to the server and back. Never stored."""

    salt: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    blinding: oprf.Blinding = field(repr=False)

    def h(self, evaluated: bytes) -> Scalar:
        """Raises BadEncoding for what is no element."""
        y = oprf.finalize(self.blinding, oprf.element(evaluated))
        return sharing.mask(self.salt, self.secret, y)


@dataclass(frozen=True)
class _Round:
    sid: str
    z1: Scalar = field(repr=False)
    share: Scalar = field(repr=False)
    r: bytes


class Machine:
    """Signs with the keys of one phone. One caller at a time (the app holds a lock)."""

    def __init__(self, store: Store, talk: Talk, entropy: Entropy) -> None:
        self.store = store
        self.talk = talk
        self._entropy = entropy

    def sign(self, wanted: Wanted) -> Signed:
        """S1 and S2. Safe to call again after any exception.

        Raises `Refused` (wrong_secret with tries_left, ...), `NoAnswer`, `CopiedPhone`,
        `MessageDiffers`, `BadAnswer`.
        """
        before = self.resume(wanted.kind, enrolling=wanted.enrolling)
        if before.signature is not None and before.request_id == wanted.request_id:
            return Signed(before.signature)
        key = self._key(wanted.kind, enrolling=wanted.enrolling)
        instance = key.instance(wanted.m, wanted.version)
        if instance is None:
            raise LookupError("this key has no such secret")
        if not messages.may_sign(wanted.message, key=wanted.kind, secret=wanted.m):
            raise MessageDiffers
        return self._complete(key, instance, wanted, self._begin(key, instance, wanted))

    def resume(self, kind: KeyKind, *, enrolling: bool = False) -> Resumed:
        """S3: ask how the signature under way ended, and settle it in one durable write."""
        key = self.store.read().key(kind, enrolling=enrolling)
        if key is None or key.inflight is None:
            return Resumed("nothing")
        flying = key.inflight
        answer = self.talk.ask(RESUME, {"sid": flying.sid})
        if answer.code == "generation_mismatch":
            raise self._copied(key)
        state = str(answer.must().get("state"))
        if state == "done":
            signature = self._settle(kind, flying, answer.body, enrolling=enrolling)
            return Resumed("done", flying.request_id, signature)
        if state not in {"not_completed", "wrong_secret"}:
            raise BadAnswer
        self._clear(kind, enrolling=enrolling)
        return Resumed(state, flying.request_id, tries_left=answer.body.get("tries_left"))

    def unlock(self, kid: bytes, m: str, version: int, salt: bytes, secret: str) -> Unlock:
        """Blind a secret with fresh chance."""
        typed = secret.encode("ascii")
        data = sharing.oprf_input(sharing.Instance(kid, m, version), salt, typed)
        blind = oprf.random_scalar(self._entropy.bytes(_WIDE))
        return Unlock(salt, typed, oprf.blind(data, blind))

    def _begin(self, key: KeyRecord, instance: Instance, wanted: Wanted) -> _Round:
        opening = self.unlock(key.kid, wanted.m, instance.version, instance.salt, wanted.secret)
        own = frost.nonces(frost.PHONE, self._entropy.bytes(2 * 32), instance.o)
        asked = {
            "kid": b64u(key.kid),
            "m": wanted.m,
            "version": instance.version,
            "gen": key.gen,
            "request_id": wanted.request_id,
            "blinded": b64u(opening.blinding.blinded),
            "D1": b64u(own.commitment.hiding),
            "E1": b64u(own.commitment.binding),
        }
        if wanted.blinded_new is not None:
            asked["blinded_new"] = b64u(wanted.blinded_new)
        answer = self.talk.ask(BEGIN, asked)
        if answer.code == "generation_mismatch":
            raise self._copied(key)
        try:
            return _answered(key, instance, wanted.message, opening, own, answer.must())
        except (BadEncoding, KeyError, TypeError):
            raise BadAnswer from None

    def _complete(self, key: KeyRecord, instance: Instance, wanted: Wanted, of: _Round) -> Signed:
        flying = Inflight(
            sid=of.sid,
            gen=key.gen,
            request_id=wanted.request_id,
            message=wanted.message,
            m=wanted.m,
            version=instance.version,
        )
        self._write_key(wanted, replace(key, inflight=flying))
        answer = self.talk.ask(COMPLETE, {"sid": of.sid, "z1": b64u(of.z1)})
        if answer.code == "wrong_secret":
            self._clear(wanted.kind, enrolling=wanted.enrolling)
        body = answer.must()
        signature = self._settle(wanted.kind, flying, body, enrolling=wanted.enrolling, r=of.r)
        return Signed(signature, of.share, body)

    def _settle(
        self,
        kind: KeyKind,
        flying: Inflight,
        body: Mapping[str, Any],
        *,
        enrolling: bool,
        r: bytes | None = None,
    ) -> bytes:
        """Verify a DONE under PK, then one durable write. A `BadAnswer` keeps inflight."""
        record = self.store.read()
        key = self._key(kind, enrolling=enrolling)
        try:
            signature = unb64u(body["signature"], ed25519.SIGNATURE_BYTES)
            if body["gen"] != flying.gen + 1 or (r is not None and signature[:32] != r):
                raise BadAnswer
            ed25519.verify(key.pk, flying.message, signature)
            instances = _moved(key, body)
        except (BadEncoding, ed25519.BadSignature, KeyError, TypeError):
            raise BadAnswer from None
        if not any(i.version == flying.version for i in instances.get(flying.m, ())):
            raise BadAnswer
        moved = replace(key, gen=flying.gen + 1, instances=instances, inflight=None)
        settled = record.with_key(kind, moved, enrolling=enrolling)
        self.store.write(settled if enrolling else _proved(settled, kind, flying))
        return signature

    def _copied(self, key: KeyRecord) -> CopiedPhone:
        """S4, after a generation_mismatch to what was being waited for."""
        asked = {"kid": b64u(key.kid), "gen": key.gen}
        answer: Answer = self.talk.ask(CONFIRM_STALE, asked)
        return CopiedPhone(answer.body.get("state") if answer.done else None)

    def _clear(self, kind: KeyKind, *, enrolling: bool) -> None:
        key = replace(self._key(kind, enrolling=enrolling), inflight=None)
        self.store.write(self.store.read().with_key(kind, key, enrolling=enrolling))

    def _write_key(self, wanted: Wanted, key: KeyRecord) -> None:
        record = self.store.read()
        self.store.write(record.with_key(wanted.kind, key, enrolling=wanted.enrolling))

    def _key(self, kind: KeyKind, *, enrolling: bool) -> KeyRecord:
        key = self.store.read().key(kind, enrolling=enrolling)
        if key is None:
            raise LookupError("this phone has no such key")
        return key


def _answered(
    key: KeyRecord,
    instance: Instance,
    message: bytes,
    opening: Unlock,
    own: frost.Nonces,
    body: Mapping[str, Any],
) -> _Round:
    """z1, once for this (D1, E1). Raises `MessageDiffers` before anything is computed."""
    if unb64u(body["message"]) != message:
        raise MessageDiffers
    share = sharing.reveal(instance.o, opening.h(unb64u(body["evaluated"], 32)))
    theirs = frost.Commitment(
        frost.SERVER, point(unb64u(body["D2"], 32)), point(unb64u(body["E2"], 32))
    )
    fixed = frost.ceremony(point(key.pk), message, (own.commitment, theirs))
    return _Round(str(body["sid"]), frost.sign_share(share, own, fixed), share, fixed.r)


def _moved(key: KeyRecord, body: Mapping[str, Any]) -> dict[str, tuple[Instance, ...]]:
    """Every instance moved by its delta; one without a delta no longer exists at the bank."""
    deltas = {
        (one["m"], one["version"]): scalar(unb64u(one["delta"], 32)) for one in body["deltas"]
    }
    instances = {
        m: tuple(
            replace(i, o=sharing.shift_phone(i.o, deltas[(m, i.version)]))
            for i in held
            if (m, i.version) in deltas
        )
        for m, held in key.instances.items()
    }
    return {m: held for m, held in instances.items() if held}


def _proved(record: PhoneRecord, kind: KeyKind, flying: Inflight) -> PhoneRecord:
    """When the last key has proved the new version, the old ones go, as they did at the bank."""
    change = record.change
    if change is None or change.m != flying.m:
        return record
    if change.versions.get(kind) != flying.version:
        return record
    proved = change.proved | {kind}
    if proved != set(change.versions):
        return replace(record, change=replace(change, proved=proved))
    for other, version in change.versions.items():
        key = record.keys[other]
        kept = tuple(i for i in key.instances.get(change.m, ()) if i.version >= version)
        instances = {**key.instances, change.m: kept}
        record = record.with_key(other, replace(key, instances=instances))
    return replace(record, change=None)


__all__ = [
    "BadAnswer",
    "CopiedPhone",
    "Machine",
    "MessageDiffers",
    "Refused",
    "Resumed",
    "Signed",
    "Unlock",
    "Wanted",
]
