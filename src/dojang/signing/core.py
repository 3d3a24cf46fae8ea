"""The signing core: the only place that sees a share. Bytes in, bytes out, no database, no clock.

It could run as a process of its own: what goes in is sealed or public, what comes out is sealed,
public, or meant for the phone. The server's own z never leaves `finish` outside a valid signature
(I5), and no nonce is stored anywhere: each is derived anew from everything that fixes the
challenge (I2).
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2

from dojang.crypto import dkg, ed25519, frost, oprf, sealing, sharing
from dojang.crypto.encoding import BadEncoding, Point, Scalar, len8, point, scalar
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind as VaultKind
from dojang.vault import Vault, ensure

SECRET_LABEL: Final = "signing-secret"  # noqa: S105 - a label
KEK_LABEL: Final = "signing-kek"
OPRF_KEYS_CACHED_MAX: Final = 2_048
_WIDE: Final = 64
_LINE: Final = "line"
_SHARE: Final = "share"
_RESULT: Final = "result"

InstanceId = tuple[str, int]
"""(m, version)"""


class Refused(Exception):
    """A point, scalar or proof of the phone is not what it must be."""


@dataclass(frozen=True)
class Offer:
    """E1: what the phone sees of the server's half, and the sealed line that waits for E2."""

    c0: bytes
    c1: bytes
    proof: bytes
    share: bytes = field(repr=False)
    pending: bytes = field(repr=False)


@dataclass(frozen=True)
class NewInstance:
    """`delta` and `evaluated` are for the phone, `share` is sealed."""

    delta: bytes = field(repr=False)
    evaluated: bytes
    share: bytes = field(repr=False)


@dataclass(frozen=True)
class NewKey:
    public_key: bytes
    name: str
    subject_id: str
    instances: dict[str, NewInstance]


@dataclass(frozen=True)
class Round:
    """Everything that fixes one session's challenge, and the sealed share it is answered with."""

    kid: bytes
    m: str
    version: int
    gen: int
    sid: bytes
    d1: bytes
    e1: bytes
    message: bytes
    share: bytes = field(repr=False)


@dataclass(frozen=True)
class Finished:
    """A verified signature and what every instance becomes at gen + 1."""

    signature: bytes
    deltas: dict[InstanceId, bytes] = field(repr=False)
    shares: dict[InstanceId, bytes] = field(repr=False)
    granted: NewInstance | None


class DataKeys:
    """AES-256 keys that seal rows, unwrapped once and kept in memory. New rows use the newest."""

    def __init__(self, vault: Vault, load: Callable[[], Mapping[str, bytes]]) -> None:
        self._vault = vault
        self._load = load
        self._keys: dict[str, bytes] = {}
        self._refresh()
        self.newest = max(self._keys)

    def key(self, key_id: str) -> bytes:
        """Raises KeyError for one that no process ever made."""
        if key_id not in self._keys:
            self._refresh()
        return self._keys[key_id]

    def _refresh(self) -> None:
        for key_id, wrapped in self._load().items():
            if key_id not in self._keys:
                self._keys[key_id] = self._vault.unwrap(KEK_LABEL, wrapped, key_id.encode())


class Core:
    """Holds the data keys and what the vault's secret derives."""

    def __init__(self, vault: Vault, data_keys: DataKeys, entropy: Entropy) -> None:
        self._oprf_secret = vault.derive(SECRET_LABEL, b"dojang/1/oprf")
        self._nonce_key = vault.derive(SECRET_LABEL, b"dojang/1/nonce")
        self._data_keys = data_keys
        self._entropy = entropy
        self._oprf_keys: OrderedDict[bytes, oprf.OprfScalar] = OrderedDict()
        self._lock = threading.Lock()

    def offer(
        self, kid: bytes, *, c0: bytes, c1: bytes, proof: bytes, name: str, subject_id: str
    ) -> Offer:
        """E1: check the phone's offer, draw the server's line. Raises `Refused`."""
        try:
            dkg.read_offer(frost.PHONE, c0, c1, proof)
        except (BadEncoding, dkg.BadOffer):
            raise Refused from None
        line, own = dkg.begin(frost.SERVER, self._entropy.bytes(3 * _WIDE))
        kept = {
            "line": [line.a0, line.a1],
            "own": [own.c0, own.c1, own.proof],
            "peer": [c0, c1, proof],
            "subject": [name, subject_id],
        }
        return Offer(
            own.c0,
            own.c1,
            own.proof,
            dkg.share_for(line, frost.PHONE),
            self._seal(cbor2.dumps(kept), kid, 0, ("", 0), _LINE),
        )

    def exchange(
        self, kid: bytes, pending: bytes, *, share: bytes, blinded: Mapping[str, bytes]
    ) -> NewKey:
        """E2: the server's share of the key, in one sharing a secret (I9). Raises `Refused`.

        The bare share exists only inside this call: only the masked ones are kept.
        """
        kept = cbor2.loads(self._unseal(pending, kid, 0, ("", 0), _LINE))
        line = dkg.Line(frost.SERVER, *(Scalar(a) for a in kept["line"]))
        own = dkg.Offer(frost.SERVER, *kept["own"])
        peer = dkg.Offer(frost.PHONE, *kept["peer"])
        try:
            made = dkg.finish(line, own, peer, share)
            elements = {m: oprf.element(value) for m, value in blinded.items()}
        except (BadEncoding, dkg.BadOffer):
            raise Refused from None
        instances = {
            m: self._new_instance(kid, (m, 0), made.share, gen=0, blinded=element)
            for m, element in elements.items()
        }
        name, subject_id = kept["subject"]
        return NewKey(made.public_key, name, subject_id, instances)

    def check_begin(self, *, blinded: bytes, d1: bytes, e1: bytes, new: bytes | None) -> None:
        """Before anything is consumed. Raises `Refused`."""
        try:
            oprf.element(blinded)
            point(d1)
            point(e1)
            if new is not None:
                oprf.element(new)
        except BadEncoding:
            raise Refused from None

    def answer(self, of: Round, blinded: bytes) -> tuple[bytes, bytes, bytes]:
        """S1: evaluated, D2, E2. Deterministic: a repeat is answered by computing it again.

        What the phone sent has passed `check_begin`.
        """
        own = self._nonces(of, self._share(of))
        key = self._oprf_key(sharing.Instance(of.kid, of.m, of.version))
        evaluated = oprf.evaluate(key, oprf.Element(blinded))
        return evaluated, own.commitment.hiding, own.commitment.binding

    def finish(
        self,
        of: Round,
        *,
        public_key: bytes,
        z1: bytes,
        shares: Mapping[InstanceId, bytes],
        new: tuple[InstanceId, bytes] | None,
    ) -> Finished | None:
        """S2: a verified signature with fresh sharings, or None: the secret was wrong.

        `shares` are the sealed shares that move to gen + 1. `new` is the instance that a method
        change asks for, with its blinded element. Raises `Refused` when z1 is no scalar.
        """
        try:
            phone_z = scalar(z1)
        except BadEncoding:
            raise Refused from None
        share = self._share(of)
        own = self._nonces(of, share)
        phone = frost.Commitment(frost.PHONE, point(of.d1), point(of.e1))
        try:
            fixed = frost.ceremony(Point(public_key), of.message, (phone, own.commitment))
            signature = frost.finish(fixed, share=share, own=own, phone_z=phone_z)
        except (BadEncoding, ed25519.BadSignature):
            return None
        gen = of.gen + 1
        deltas: dict[InstanceId, bytes] = {}
        moved: dict[InstanceId, bytes] = {}
        for which, sealed in shares.items():
            old = Scalar(self._unseal(sealed, of.kid, of.gen, which, _SHARE))
            delta = sharing.draw_delta(self._entropy.bytes(_WIDE))
            deltas[which] = delta
            moved[which] = self._seal(sharing.shift_server(old, delta), of.kid, gen, which, _SHARE)
        granted = None
        if new is not None:
            which, blinded = new
            granted = self._new_instance(
                of.kid, which, share, gen=gen, blinded=oprf.element(blinded)
            )
        return Finished(signature, deltas, moved, granted)

    def seal_result(self, kid: bytes, gen: int, value: list[Any]) -> bytes:
        """The answer of a DONE, for the phone that lost it."""
        return self._seal(cbor2.dumps(value), kid, gen, ("", 0), _RESULT)

    def open_result(self, kid: bytes, gen: int, sealed: bytes) -> list[Any]:
        opened: list[Any] = cbor2.loads(self._unseal(sealed, kid, gen, ("", 0), _RESULT))
        return opened

    def _new_instance(
        self, kid: bytes, which: InstanceId, share: Scalar, *, gen: int, blinded: oprf.Element
    ) -> NewInstance:
        delta = sharing.draw_delta(self._entropy.bytes(_WIDE))
        key = self._oprf_key(sharing.Instance(kid, *which))
        sealed = self._seal(sharing.shift_server(share, delta), kid, gen, which, _SHARE)
        return NewInstance(delta, oprf.evaluate(key, blinded), sealed)

    def _share(self, of: Round) -> Scalar:
        return Scalar(self._unseal(of.share, of.kid, of.gen, (of.m, of.version), _SHARE))

    def _nonces(self, of: Round, share: Scalar) -> frost.Nonces:
        return frost.server_nonces(
            self._nonce_key,
            kid=of.kid,
            gen=of.gen,
            method=of.m,
            version=of.version,
            sid=of.sid,
            phone=frost.Commitment(frost.PHONE, Point(of.d1), Point(of.e1)),
            message=of.message,
            share=share,
        )

    def _oprf_key(self, instance: sharing.Instance) -> oprf.OprfScalar:
        """Derived, never stored; a bounded number of recent ones stays in memory."""
        context = instance.context()
        with self._lock:
            found = self._oprf_keys.get(context)
        if found is None:
            found = sharing.oprf_key(self._oprf_secret, instance)
            with self._lock:
                self._oprf_keys[context] = found
                if len(self._oprf_keys) > OPRF_KEYS_CACHED_MAX:
                    self._oprf_keys.popitem(last=False)
        return found

    def _seal(self, plain: bytes, kid: bytes, gen: int, which: InstanceId, purpose: str) -> bytes:
        key_id = self._data_keys.newest
        place = _place(kid, gen, which, purpose, key_id)
        nonce = self._entropy.bytes(sealing.NONCE_BYTES)
        sealed = sealing.seal(self._data_keys.key(key_id), plain, place, nonce12=nonce)
        return len8(key_id.encode()) + sealed

    def _unseal(self, blob: bytes, kid: bytes, gen: int, which: InstanceId, purpose: str) -> bytes:
        end = 1 + blob[0]
        key_id = blob[1:end].decode()
        place = _place(kid, gen, which, purpose, key_id)
        return sealing.unseal(self._data_keys.key(key_id), blob[end:], place)


def _place(kid: bytes, gen: int, which: InstanceId, purpose: str, key_id: str) -> bytes:
    return sealing.place(
        kid=kid,
        gen=gen,
        method=which[0],
        version=which[1],
        purpose=purpose,
        data_key_id=key_id,
    )


def prepare_vault(vault: Vault) -> None:
    """Make the keys that the core needs, once."""
    ensure(vault, SECRET_LABEL, VaultKind.SECRET)
    ensure(vault, KEK_LABEL, VaultKind.KEK)
