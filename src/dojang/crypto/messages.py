"""What a key may sign, and the exact bytes of it (PROTOCOL 3).

A message of ours is a prefix that ends in a zero byte and one JSON object in RFC 8785 form.
The phone builds these bytes from the fields it shows; the server builds the same from its rows.
Members, exactly (instants are microseconds since 1970 UTC, amounts won, bytes base64url, v = 1):

    DOJANG-PROOF-v1  v, kid, m, version, purpose, nonce, issued_at, expires_at
    DOJANG-AUTH-v1   v, kid, origin, nonce, issued_at, expires_at
    DOJANG-TX-v1     v, transfer_id, from_account, payee_bank, payee_account, payee_holder, amount,
                     fee, currency, memo, tier, policy_version, kid, origin, nonce, issued_at,
                     expires_at
    DOJANG-ACT-v1    v, type, kid, origin, nonce, issued_at, expires_at, and the act's own members
                     beside them (for method_change: m, version, change_id)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from dojang.crypto import jcs
from dojang.crypto.encoding import BadEncoding, b64u
from dojang.crypto.jcs import Json

VERSION = 1
PIN = "pin"
PATTERN = "pattern"


class KeyKind(StrEnum):
    AUTH = "auth"
    SIGN = "sign"


class Kind(StrEnum):
    """What the first bytes of a message say it is."""

    CSR = "csr"
    PROOF = "proof"
    AUTH = "auth"
    TX = "tx"
    ACT = "act"
    CMS = "cms"
    JWS = "jws"


_PREFIXES = {
    Kind.PROOF: b"DOJANG-PROOF-v1\0",
    Kind.AUTH: b"DOJANG-AUTH-v1\0",
    Kind.TX: b"DOJANG-TX-v1\0",
    Kind.ACT: b"DOJANG-ACT-v1\0",
    Kind.CSR: b"\x30",
    Kind.CMS: b"\x31",
    Kind.JWS: b"eyJ",
}

_ANY_KEY = frozenset(KeyKind)
_SIGN = frozenset({KeyKind.SIGN})
_PIN_ONLY = frozenset({PIN})
_ALLOWED: Mapping[Kind, tuple[frozenset[KeyKind], frozenset[str]]] = {
    Kind.CSR: (_ANY_KEY, _PIN_ONLY),
    Kind.PROOF: (_ANY_KEY, frozenset({PIN, PATTERN})),
    Kind.AUTH: (frozenset({KeyKind.AUTH}), frozenset({PIN, PATTERN})),
    Kind.TX: (_SIGN, _PIN_ONLY),
    Kind.ACT: (_SIGN, _PIN_ONLY),
    Kind.CMS: (_SIGN, _PIN_ONLY),
    Kind.JWS: (_SIGN, _PIN_ONLY),
}
_METHOD_CHANGE = "method_change"
ACT_MEMBERS = frozenset({"v", "type", "kid", "origin", "nonce", "issued_at", "expires_at"})
"""What every act carries; its own members stand beside them."""


@dataclass(frozen=True, kw_only=True)
class Life:
    """Which key, for which server nonce, from when to when: what every message of ours carries."""

    kid: bytes
    nonce: bytes = field(repr=False)
    issued_at: int
    expires_at: int

    def members(self) -> dict[str, Json]:
        return {
            "v": VERSION,
            "kid": b64u(self.kid),
            "nonce": b64u(self.nonce),
            "issued_at": self.issued_at,
            "expires_at": self.expires_at,
        }


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """The fields of a transfer that the customer sees and signs."""

    transfer_id: str
    from_account: str
    payee_bank: str
    payee_account: str
    payee_holder: str
    amount: int
    fee: int
    memo: str
    tier: str
    policy_version: int
    currency: str = "KRW"


def kind_of(message: bytes) -> Kind:
    """The kind of `message` by its first bytes; raises `BadEncoding` for any other."""
    for kind, prefix in _PREFIXES.items():
        if message.startswith(prefix):
            return kind
    raise BadEncoding("no kind of message begins like this")


def may_sign(message: bytes, *, key: KeyKind, secret: str) -> bool:
    """Whether this key may sign this message with this kind of secret.

    The one table for server and phone. A CSR and a proof further need a key that is being
    enrolled or changed, which the bytes cannot say. Raises `BadEncoding` like `kind_of` and `read`.
    """
    kind = kind_of(message)
    keys, secrets = _ALLOWED[kind]
    if kind is Kind.ACT and read(message)[1].get("type") == _METHOD_CHANGE:
        keys = _ANY_KEY
    return key in keys and secret in secrets


def read(message: bytes) -> tuple[Kind, dict[str, Any]]:
    """Kind and members of one of our JSON messages; raises `BadEncoding` if not canonical."""
    kind = kind_of(message)
    if kind not in {Kind.PROOF, Kind.AUTH, Kind.TX, Kind.ACT}:
        raise BadEncoding("not one of our JSON messages")
    return kind, jcs.decode(message[len(_PREFIXES[kind]) :])


def members(message: bytes) -> dict[str, Any]:
    """The members of a message that we built ourselves: its form is not judged again."""
    found: dict[str, Any] = msgspec.json.decode(memoryview(message)[message.index(b"\0") + 1 :])
    return found


def build(kind: Kind, members: Mapping[str, Json]) -> bytes:
    """Prefix and canonical JSON. The functions below say which members belong to which kind."""
    return _PREFIXES[kind] + jcs.encode(members)


def proof(life: Life, *, method: str, version: int, purpose: str) -> bytes:
    """Shows that a method instance works. `purpose` is "enrolment" or "change"."""
    own: dict[str, Json] = {"m": method, "version": version, "purpose": purpose}
    return build(Kind.PROOF, life.members() | own)


def auth(life: Life, *, origin: str) -> bytes:
    """Logs in at `origin`, which the phone has shown."""
    return build(Kind.AUTH, life.members() | {"origin": origin})


def transfer(life: Life, order: Transfer, *, origin: str) -> bytes:
    own: dict[str, Json] = {
        "transfer_id": order.transfer_id,
        "from_account": order.from_account,
        "payee_bank": order.payee_bank,
        "payee_account": order.payee_account,
        "payee_holder": order.payee_holder,
        "amount": order.amount,
        "fee": order.fee,
        "currency": order.currency,
        "memo": order.memo,
        "tier": order.tier,
        "policy_version": order.policy_version,
        "origin": origin,
    }
    return build(Kind.TX, life.members() | own)


def act(life: Life, *, origin: str, act_type: str, details: Mapping[str, Json]) -> bytes:
    """Revoke, limits, new_phone and so on; `details` stand beside the common members."""
    if ACT_MEMBERS & set(details):
        raise BadEncoding("an act's own members may not replace the common ones")
    common: dict[str, Json] = {"type": act_type, "origin": origin}
    return build(Kind.ACT, life.members() | common | dict(details))


def method_change(life: Life, *, origin: str, method: str, version: int, change_id: str) -> bytes:
    """Asks for a new instance: `version` is the new one. The only act that `auth` also signs."""
    details: dict[str, Json] = {"m": method, "version": version, "change_id": change_id}
    return act(life, origin=origin, act_type=_METHOD_CHANGE, details=details)
