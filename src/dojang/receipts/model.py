"""What a receipt is made of, and its bytes (docs/how/receipts.md).

    {"format", "version",
     "evidence": what was known when the money had moved, collected in that second,
     "time_stamp": RFC 3161, over SHA-256 of the canonical JSON of "evidence",
     "log": the two leaves about it, each with its path to a signed tree head, and the log's key,
     "sealed_at": when its owner first asked for it,
     "seal": the bank's signature over the canonical JSON of all the rest}

Everything is canonical JSON (RFC 8785), bytes in base64url without padding: one receipt has one
form, to the byte.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2

from dojang.crypto import jcs
from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.crypto.tree_heads import LogProof
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.problem import Conflict

FORMAT: Final = "dojang-receipt"
VERSION: Final = 1
ATTACHMENT: Final = "evidence.json"
RETRY_AFTER_SECONDS: Final = 1
PROMPT_SECONDS_MAX: Final = 3_600
"""Evidence collected later than that is told as what it is: between transfer and time-stamp, the
time of the transfer is the log's word. It comes within a second unless the collector is away."""
LOCALES: Final = ("ko", "en")

_MEMBERS: Final = frozenset(
    {"format", "version", "evidence", "time_stamp", "log", "sealed_at", "seal"}
)
_BYTES: Final = ("payload", "signature", "certificate", "ocsp", "leaf")
_TEXTS: Final = ("transfer_id", "tier")
_NUMBERS: Final = ("policy_version", "posted_at")


class ReceiptNotReady(Conflict):
    """Fields: retry_after_seconds."""

    code = "receipt_not_ready"
    title = "The receipt is being made. Ask again in a moment."


class NoReceipt(Conflict):
    """Fields: state."""

    code = "no_receipt"
    title = "This order moved no money, so there is no receipt."


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was known in the second after the money had moved.

    `leaf` is the hash of the leaf `transfer.posted`; `chain` the issuing CA's certificate and the
    root's, then what leads from there to older roots; `ocsp` what the responder said of
    `certificate` at that moment.
    """

    transfer_id: str
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    certificate: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    ocsp: bytes = field(repr=False)
    tier: str
    factors: tuple[str, ...]
    policy_version: int
    leaf: bytes
    posted_at: Instant

    def to_json(self) -> dict[str, Any]:
        return {
            **{name: b64u(getattr(self, name)) for name in _BYTES},
            **{name: getattr(self, name) for name in (*_TEXTS, *_NUMBERS)},
            "chain": [b64u(one) for one in self.chain],
            "factors": list(self.factors),
        }

    def canonical(self) -> bytes:
        """What is time-stamped."""
        return jcs.encode(self.to_json())

    def late_hours(self, stamped_at: Instant) -> int | None:
        """Whole hours between transfer and evidence; None where it was collected promptly."""
        after = (stamped_at - self.posted_at) // SECOND
        return after // 3_600 if after > PROMPT_SECONDS_MAX else None

    def kept(self) -> bytes:
        """As a row keeps it: the chain, which a million rows share, by its fingerprints."""
        bare = {name: getattr(self, name) for name in (*_BYTES, *_TEXTS, *_NUMBERS)}
        prints = [hashlib.sha256(one).digest() for one in self.chain]
        row = {**bare, "factors": list(self.factors), "chain": prints}
        content: bytes = cbor2.dumps(row, canonical=True)
        return content

    @classmethod
    def from_kept(cls, content: bytes, known: Mapping[bytes, bytes]) -> "Evidence":
        """Read back; `known` are the authority's certificates by SHA-256."""
        row = cbor2.loads(content)
        chain = tuple(known[one] for one in row["chain"])
        return cls(**{**row, "chain": chain, "factors": tuple(row["factors"])})

    @classmethod
    def from_json(cls, value: object) -> "Evidence":
        """Raises BadEncoding for anything but exactly these members."""
        members = {*_BYTES, *_TEXTS, *_NUMBERS, "chain", "factors"}
        if not isinstance(value, dict) or set(value) != members:
            raise BadEncoding("not the members of evidence")
        parts: dict[str, Any] = {name: unb64u(_text(value[name])) for name in _BYTES}
        parts |= {name: _text(value[name]) for name in _TEXTS}
        parts |= {name: _number(value[name]) for name in _NUMBERS}
        chain = tuple(unb64u(one) for one in _texts(value["chain"]))
        return cls(**parts, chain=chain, factors=_texts(value["factors"]))


@dataclass(frozen=True)
class Logged:
    """The two leaves of a transfer under signed heads: that it was authorised, and its outcome."""

    key: bytes
    """SPKI of the log's key, DER."""
    authorised: LogProof
    posted: LogProof

    def to_json(self) -> dict[str, Any]:
        return {
            "key": b64u(self.key),
            "authorised": self.authorised.to_json(),
            "posted": self.posted.to_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> "Logged":
        """Raises BadEncoding."""
        if not isinstance(value, dict) or set(value) != {"key", "authorised", "posted"}:
            raise BadEncoding("not the members of log")
        return cls(
            unb64u(_text(value["key"])), _proof(value["authorised"]), _proof(value["posted"])
        )


@dataclass(frozen=True)
class Seal:
    """The bank's own signature under the whole, by its document key."""

    certificate: bytes
    signature: bytes

    def to_json(self) -> dict[str, Any]:
        return {"certificate": b64u(self.certificate), "signature": b64u(self.signature)}


@dataclass(frozen=True)
class Bundle:
    """A whole receipt."""

    evidence: Evidence
    time_stamp: bytes
    log: Logged
    sealed_at: Instant
    seal: Seal

    def encode(self) -> bytes:
        content = _unsealed(self.evidence, self.time_stamp, self.log, self.sealed_at)
        return jcs.encode({**content, "seal": self.seal.to_json()})

    def sealed(self) -> bytes:
        """What the seal signs."""
        return to_seal(self.evidence, self.time_stamp, self.log, self.sealed_at)


def to_seal(evidence: Evidence, time_stamp: bytes, log: Logged, sealed_at: Instant) -> bytes:
    """The canonical JSON of everything but the seal."""
    return jcs.encode(_unsealed(evidence, time_stamp, log, sealed_at))


def parse(content: bytes) -> Bundle:
    """The receipt that these bytes are, in its one form. Raises BadEncoding."""
    value = jcs.decode(content)
    if set(value) != _MEMBERS:
        raise BadEncoding("not the members of a receipt")
    if (value["format"], value["version"]) != (FORMAT, VERSION):
        raise BadEncoding("not a receipt of this version")
    seal = value["seal"]
    if not isinstance(seal, dict) or set(seal) != {"certificate", "signature"}:
        raise BadEncoding("not the members of seal")
    bundle = Bundle(
        Evidence.from_json(value["evidence"]),
        unb64u(_text(value["time_stamp"])),
        Logged.from_json(value["log"]),
        _number(value["sealed_at"]),
        Seal(unb64u(_text(seal["certificate"])), unb64u(_text(seal["signature"]))),
    )
    if bundle.encode() != content:
        raise BadEncoding("more is in it than a receipt has")
    return bundle


def _unsealed(
    evidence: Evidence, time_stamp: bytes, log: Logged, sealed_at: Instant
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "evidence": evidence.to_json(),
        "time_stamp": b64u(time_stamp),
        "log": log.to_json(),
        "sealed_at": sealed_at,
    }


def _proof(value: object) -> LogProof:
    if not isinstance(value, dict):
        raise BadEncoding("not a proof")
    return LogProof.from_json(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadEncoding("not text")
    return value


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BadEncoding("not a list")
    return tuple(_text(one) for one in value)


def _number(value: object) -> Any:
    if type(value) is not int:
        raise BadEncoding("not a number")
    return value
