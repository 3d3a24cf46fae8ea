"""A new PIN or pattern on the phone: one PIN signature a key, one write, one proof a key."""

from dataclasses import dataclass, field, replace
from typing import Any, Final

from dojang.crypto import messages, sharing
from dojang.crypto.encoding import BadEncoding, Scalar, b64u, scalar, unb64u
from dojang.crypto.messages import PIN, KeyKind
from dojang.kernel.entropy import Entropy
from dojang.phone.machine import BadAnswer, Machine, MessageDiffers, Wanted
from dojang.phone.state import Change, Instance

SALT_BYTES: Final = 32
CHANGES: Final = "/v1/method-changes"
ACTS: Final = "/v1/acts"


@dataclass(frozen=True)
class _Granted:
    kind: KeyKind
    instance: Instance = field(repr=False)


class Changing:
    """Needs a session on the line, and the PIN as it is now."""

    def __init__(self, machine: Machine, entropy: Entropy, origin: str) -> None:
        self._machine = machine
        self._entropy = entropy
        self._origin = origin

    def change(self, m: str, *, pin: str, new: str) -> None:
        """Replace (or add) a secret. Interrupted before the write, the old one simply stays.

        Raises what `Machine.sign` raises.
        """
        started = self._machine.talk.post(CHANGES, {"m": m}).must()
        change_id = str(started["change_id"])
        store = self._machine.store
        kinds = {b64u(key.kid): kind for kind, key in store.read().keys.items()}
        wanted = {kinds[one["kid"]]: int(one["version"]) for one in started["keys"]}
        granted = [
            self._grant(kind, m, version, change_id, pin=pin, new=new)
            for kind, version in wanted.items()
        ]
        record = store.read()
        for one in granted:
            key = record.keys[one.kind]
            held = (*key.instances.get(m, ()), one.instance)
            record = record.with_key(one.kind, replace(key, instances={**key.instances, m: held}))
        store.write(replace(record, change=Change(change_id, m, wanted, frozenset())))
        self.prove(new)

    def prove(self, new: str) -> None:
        """The proofs of the change that is stored; again after an interruption."""
        change = self._machine.store.read().change
        if change is None:
            return
        for kind in change.versions:
            if kind not in change.proved:
                self._prove(change, kind, new)

    def _grant(
        self, kind: KeyKind, m: str, version: int, change_id: str, *, pin: str, new: str
    ) -> _Granted:
        key = self._machine.store.read().keys[kind]
        own: dict[str, Any] = {"m": m, "version": version, "change_id": change_id}
        asked = {"type": "method_change", "kid": b64u(key.kid), **own}
        ordered = self._machine.talk.post(ACTS, asked).must()
        fields = ordered["fields"]
        message = messages.method_change(
            _life(key.kid, fields),
            origin=self._origin,
            method=m,
            version=version,
            change_id=change_id,
        )
        if messages.read(message)[1] != fields:
            raise MessageDiffers
        salt = self._entropy.bytes(SALT_BYTES)
        opening = self._machine.unlock(key.kid, m, version, salt, new)
        signed = self._machine.sign(
            Wanted(
                kind=kind,
                m=PIN,
                secret=pin,
                request_id=str(ordered["request_id"]),
                message=message,
                blinded_new=opening.blinding.blinded,
            )
        )
        if signed.share is None or signed.answer is None:
            raise BadAnswer
        try:
            delta = scalar(unb64u(signed.answer["delta_new"], 32))
            h = opening.h(unb64u(signed.answer["evaluated_new"], 32))
        except (BadEncoding, KeyError, TypeError):
            raise BadAnswer from None
        return _Granted(kind, Instance(version, salt, _masked(signed.share, delta, h)))

    def _prove(self, change: Change, kind: KeyKind, new: str) -> None:
        key = self._machine.store.read().keys[kind]
        path = f"{CHANGES}/{change.change_id}/proofs"
        asked = self._machine.talk.post(path, {"kid": b64u(key.kid)}).must()
        fields = asked["fields"]
        version = change.versions[kind]
        message = messages.proof(
            _life(key.kid, fields), method=change.m, version=version, purpose="change"
        )
        if messages.read(message)[1] != fields:
            raise MessageDiffers
        self._machine.sign(
            Wanted(
                kind=kind,
                m=change.m,
                secret=new,
                request_id=str(asked["request_id"]),
                message=message,
                version=version,
            )
        )


def _masked(share: Scalar, delta: Scalar, h: Scalar) -> Scalar:
    """o of the new instance: it counts from the share that made the signature."""
    return sharing.conceal(sharing.shift_phone(share, delta), h)


def _life(kid: bytes, fields: dict[str, Any]) -> messages.Life:
    return messages.Life(
        kid=kid,
        nonce=unb64u(fields["nonce"]),
        issued_at=fields["issued_at"],
        expires_at=fields["expires_at"],
    )
