"""What the log says of signatures. Never the message, a share or a point: only a hash.

`kid` and `message_hash` are bytes, `gen` the generation that signed. A message with a name and
nothing secret in it (a certification request) could be found from its own hash by trying names, so
the signature, which nobody can make again, is hashed with it.
"""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class SignatureDone(Event):
    """A signature was made: every use of the certificate, for the owner's history.

    `message_hash` is SHA-256 of what was signed, then the 64 bytes of the signature.
    """

    kind: ClassVar[str] = "signature.done"
    credential_id: str
    kid: bytes
    key: str
    secret: str
    version: int
    gen: int
    message_kind: str
    purpose: str
    reference: str
    request_id: str
    message_hash: bytes


@dataclass(frozen=True, kw_only=True)
class SignatureWrong(Event):
    """A wrong PIN or pattern. The owner is told each time."""

    kind: ClassVar[str] = "signature.wrong"
    credential_id: str
    kid: bytes
    key: str
    secret: str
    tries_left: int
    purpose: str


@dataclass(frozen=True, kw_only=True)
class SignatureStale(Event):
    """A begin with an old generation, once for each: for the fraud desk, no proof of a copy."""

    kind: ClassVar[str] = "signature.stale"
    credential_id: str
    kid: bytes
    gen: int
    tip: int


@dataclass(frozen=True, kw_only=True)
class SignatureServerBehind(Event):
    """A phone is ahead of us: this database is older than what was answered from it. An alarm."""

    kind: ClassVar[str] = "signature.server_behind"
    credential_id: str
    kid: bytes
    gen: int
    tip: int


@dataclass(frozen=True, kw_only=True)
class CopyConfirmed(Event):
    """A phone said that its generation was overtaken: somebody signed with a copy of it."""

    kind: ClassVar[str] = "signature.copy_confirmed"
    credential_id: str
    kid: bytes
    gen: int
    tip: int


@dataclass(frozen=True, kw_only=True)
class KeyMade(Event):
    """Both sides have their shares of a new key; the certificate comes later."""

    kind: ClassVar[str] = "key.made"
    credential_id: str
    kid: bytes
    key: str
    public_key: bytes


@dataclass(frozen=True, kw_only=True)
class MethodChanged(Event):
    """The new PIN or pattern holds, the old one is gone."""

    kind: ClassVar[str] = "method.changed"
    credential_id: str
    secret: str
    change_id: str
