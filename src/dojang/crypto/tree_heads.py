"""Signed tree heads and proofs that stand on their own: bytes, JSON, and whether they hold.

What is signed is the text of a C2SP checkpoint (c2sp.org/tlog-checkpoint): four lines, each ended
by a newline.

    the log's name
    size in decimal
    root in base64 (RFC 4648 4)
    time and the instant in microseconds since 1970 UTC

The signature is ECDSA P-256 with SHA-256 in DER, so OpenSSL verifies it over that text.
Everything here is pure, and needs no bank: a receipt is checked with it years later.
"""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from dojang.crypto import merkle
from dojang.crypto.encoding import BadEncoding, b64u, unb64u

SIZE_MAX: Final = 2**53
_NOTE_ECDSA_ID_BYTES: Final = 4


class BadTreeHead(Exception):
    """Not signed by this log's key, or a head of another log."""


@dataclass(frozen=True)
class TreeHead:
    """What a log promised: at this instant it had these leaves. `at` in microseconds."""

    log: str
    size: int
    root: bytes
    at: int
    signature: bytes

    def to_json(self) -> dict[str, Any]:
        return {
            "log": self.log,
            "size": self.size,
            "root": b64u(self.root),
            "at": self.at,
            "signature": b64u(self.signature),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "TreeHead":
        """Raises BadEncoding."""
        return cls(
            log=_text(value, "log"),
            size=_count(value, "size"),
            root=_bytes(value, "root", merkle.HASH_BYTES),
            at=_count(value, "at"),
            signature=_bytes(value, "signature"),
        )


@dataclass(frozen=True)
class LogProof:
    """One leaf opened, and the path from it to a signed head."""

    index: int
    body: bytes
    path: tuple[bytes, ...]
    head: TreeHead

    @property
    def leaf(self) -> bytes:
        return merkle.leaf_hash(self.body)

    def to_json(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "body": b64u(self.body),
            "path": [b64u(step) for step in self.path],
            "head": self.head.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "LogProof":
        """Raises BadEncoding."""
        head = value.get("head")
        if not isinstance(head, Mapping):
            raise BadEncoding("head is missing")
        return cls(
            index=_count(value, "index"),
            body=_bytes(value, "body"),
            path=path_from_json(value.get("path")),
            head=TreeHead.from_json(head),
        )


def path_from_json(value: object) -> tuple[bytes, ...]:
    """The hashes of a proof. Raises BadEncoding."""
    if not isinstance(value, list) or len(value) > merkle.PATH_MAX:
        raise BadEncoding("not a path")
    if not all(isinstance(step, str) for step in value):
        raise BadEncoding("not a path")
    return tuple(unb64u(step, merkle.HASH_BYTES) for step in value)


def signed_bytes(head: TreeHead) -> bytes:
    """The text that the log's key signs."""
    root = base64.b64encode(head.root).decode()
    return f"{head.log}\n{head.size}\n{root}\ntime {head.at}\n".encode()


def note(head: TreeHead, key: bytes) -> bytes:
    """The head as a C2SP signed note (signature type 2, ECDSA), for witnesses."""
    hint = hashlib.sha256(key).digest()[:_NOTE_ECDSA_ID_BYTES]
    signature = base64.b64encode(hint + head.signature).decode()
    return signed_bytes(head) + f"\n\N{EM DASH} {head.log} {signature}\n".encode()


def verify(head: TreeHead, key: bytes, *, log: str | None = None) -> None:
    """Was this head signed by `key` (SPKI, DER; P-256), and for `log`? Raises `BadTreeHead`."""
    if log is not None and head.log != log:
        raise BadTreeHead("the head of another log")
    try:
        public = load_der_public_key(key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadTreeHead("not a public key") from None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise BadTreeHead("not a key of a log")
    try:
        public.verify(head.signature, signed_bytes(head), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadTreeHead("not signed by this log") from None


def check(proof: LogProof, key: bytes) -> None:
    """The head is the log's, and the leaf is under it. Raises `BadTreeHead`, `merkle.BadProof`."""
    verify(proof.head, key)
    merkle.check_inclusion(
        index=proof.index,
        size=proof.head.size,
        leaf=proof.leaf,
        path=proof.path,
        root=proof.head.root,
    )


def _text(value: Mapping[str, Any], name: str) -> str:
    found = value.get(name)
    if not isinstance(found, str) or not found or any(c.isspace() for c in found):
        raise BadEncoding(f"{name} is not a name")
    return found


def _count(value: Mapping[str, Any], name: str) -> int:
    found = value.get(name)
    if type(found) is not int or not 0 <= found <= SIZE_MAX:
        raise BadEncoding(f"{name} is not a number")
    return found


def _bytes(value: Mapping[str, Any], name: str, size: int | None = None) -> bytes:
    found = value.get(name)
    if not isinstance(found, str):
        raise BadEncoding(f"{name} is missing")
    return unb64u(found, size)
