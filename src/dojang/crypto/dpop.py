"""Proof of possession of the device key: DPoP (RFC 9449), ES256 only, with the body bound in.

Exactly the header {typ, alg, jwk{kty, crv, x, y}} and the claims {jti, htm, htu, iat, nonce, bsh}
plus `ath` when an access token comes along; anything more or less is refused.
bsh = base64url(SHA-256(body)), also for an empty body. `iat` must be there and is not believed:
phone clocks are wrong, freshness comes from the server's nonce.
"""

import functools
import hashlib
import hmac
import json
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Never

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from dojang.crypto import multibuffer
from dojang.crypto.encoding import BadEncoding, b64u, unb64u

PROOF_CHARS_MAX = 2048
JTI_CHARS_MAX = 64
NONCE_CHARS_MAX = 256
KEYS_CACHED_MAX = 4096
_COORDINATE_BYTES = 32
_ES256 = ec.ECDSA(hashes.SHA256())
_ES256_REPEATABLE = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
_CLAIMS = frozenset({"jti", "htm", "htu", "iat", "nonce", "bsh"})


class Reason(StrEnum):
    """Why a proof was refused. `NONCE` is answered with a new nonce, the rest with 401."""

    MALFORMED = "malformed"
    HEADER = "header"
    KEY = "key"
    SIGNATURE = "signature"
    CLAIMS = "claims"
    METHOD = "method"
    URL = "url"
    BODY = "body"
    TOKEN = "token"  # noqa: S105  (a reason, not a password)
    NONCE = "nonce"


class BadProof(Exception):
    """A refused proof; carries the reason and nothing of the proof."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Proof:
    """A verified proof: `jkt` names the device key (RFC 7638 thumbprint)."""

    jkt: str
    jti: str
    nonce: str
    iat: int


def taken(proofs: Sequence[str]) -> frozenset[str]:
    """Those of them whose signatures hold, as far as can be told by looking at many at once.

    The others have not been judged: `verify` does that, and says why not.
    """
    told, asked = [], []
    for proof in proofs:
        try:
            header, payload, signature = _split(proof)
            key = _key(header)
        except BadProof:
            continue
        digest = hashlib.sha256(f"{header}.{payload}".encode("ascii")).digest()
        told.append(proof)
        asked.append(multibuffer.P256(key.x, key.y, digest, signature))
    holds = multibuffer.p256_taken(asked)
    return frozenset(proof for proof, one in zip(told, holds, strict=True) if one)


def verify(
    proof: str,
    *,
    method: str,
    url: str,
    body: bytes,
    nonce_ok: Callable[[str], bool],
    access_token: str | None = None,
    signed: Container[str] = (),
) -> Proof:
    """Check one proof; raises `BadProof`. `url` is the target without query and fragment.

    The signature comes before everything that the caller could be asked about, and the nonce last:
    `nonce_ok` may therefore consume. Whether `jti` was seen before is for the caller. A proof among
    `signed` is one that `taken` has just named: its signature is not looked at again.
    """
    header, payload, signature = _split(proof)
    key = _key(header)
    if proof not in signed:
        _check_signature(key.key, f"{header}.{payload}".encode("ascii"), signature)
    claims = _object(payload, Reason.CLAIMS)
    _check_shape(claims, with_token=access_token is not None)
    if claims["htm"] != method:
        _refuse(Reason.METHOD)
    if claims["htu"] != url:
        _refuse(Reason.URL)
    if not hmac.compare_digest(claims["bsh"], body_hash(body)):
        _refuse(Reason.BODY)
    if access_token is not None and not hmac.compare_digest(claims["ath"], _ath(access_token)):
        _refuse(Reason.TOKEN)
    if not nonce_ok(claims["nonce"]):
        _refuse(Reason.NONCE)
    return Proof(key.jkt, claims["jti"], claims["nonce"], claims["iat"])


def create(
    key: ec.EllipticCurvePrivateKey,
    *,
    method: str,
    url: str,
    body: bytes,
    nonce: str,
    jti: str,
    iat: int,
    access_token: str | None = None,
) -> str:
    """A proof, as the phone makes it. Deterministic ECDSA (RFC 6979): it needs no chance."""
    claims = {
        "jti": jti,
        "htm": method,
        "htu": url,
        "iat": iat,
        "nonce": nonce,
        "bsh": body_hash(body),
    }
    if access_token is not None:
        claims["ath"] = _ath(access_token)
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk(key.public_key())}
    text = f"{_segment(header)}.{_segment(claims)}"
    r, s = decode_dss_signature(key.sign(text.encode("ascii"), _ES256_REPEATABLE))
    return f"{text}.{b64u(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def jwk(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    x, y = (b64u(n.to_bytes(_COORDINATE_BYTES, "big")) for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def thumbprint(public: dict[str, str]) -> str:
    """RFC 7638: SHA-256 over the required members in alphabetic order, without spaces."""
    members = {name: public[name] for name in ("crv", "kty", "x", "y")}
    return b64u(hashlib.sha256(_compact(members)).digest())


def body_hash(body: bytes) -> str:
    return b64u(hashlib.sha256(body).digest())


def _ath(access_token: str) -> str:
    return b64u(hashlib.sha256(access_token.encode("utf-8")).digest())


def _split(proof: str) -> tuple[str, str, bytes]:
    parts = proof.split(".") if len(proof) <= PROOF_CHARS_MAX and proof.isascii() else []
    if len(parts) != 3:
        _refuse(Reason.MALFORMED)
    try:
        return parts[0], parts[1], unb64u(parts[2], 64)
    except BadEncoding:
        _refuse(Reason.MALFORMED)


class _Key(NamedTuple):
    key: ec.EllipticCurvePublicKey
    jkt: str
    x: bytes
    y: bytes
    """Little-endian, as `multibuffer.P256` wants them."""


@functools.lru_cache(maxsize=KEYS_CACHED_MAX)
def _key(header: str) -> _Key:
    """The key in a header segment and its thumbprint.

    A phone sends the same header every time; reading it once saves a third of the work. The cache
    is bounded and holds public values only.
    """
    fields = _object(header, Reason.HEADER)
    if set(fields) != {"typ", "alg", "jwk"}:
        _refuse(Reason.HEADER)
    if fields["typ"] != "dpop+jwt" or fields["alg"] != "ES256":
        _refuse(Reason.HEADER)
    public = fields["jwk"]
    if not isinstance(public, dict) or set(public) != {"kty", "crv", "x", "y"}:
        _refuse(Reason.KEY)
    if public["kty"] != "EC" or public["crv"] != "P-256":
        _refuse(Reason.KEY)
    if not isinstance(public["x"], str) or not isinstance(public["y"], str):
        _refuse(Reason.KEY)
    try:
        x, y = (unb64u(public[name], _COORDINATE_BYTES) for name in ("x", "y"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
    except ValueError:
        _refuse(Reason.KEY)
    return _Key(key, thumbprint(public), x[::-1], y[::-1])


def _check_signature(key: ec.EllipticCurvePublicKey, text: bytes, signature: bytes) -> None:
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    try:
        key.verify(encode_dss_signature(r, s), text, _ES256)
    except InvalidSignature:
        _refuse(Reason.SIGNATURE)


def _check_shape(claims: dict[str, Any], *, with_token: bool) -> None:
    if set(claims) != (_CLAIMS | {"ath"} if with_token else _CLAIMS):
        _refuse(Reason.CLAIMS)
    texts = [value for name, value in claims.items() if name != "iat"]
    if not all(isinstance(text, str) and text.isascii() for text in texts):
        _refuse(Reason.CLAIMS)
    if type(claims["iat"]) is not int or claims["iat"] < 0:
        _refuse(Reason.CLAIMS)
    if not 1 <= len(claims["jti"]) <= JTI_CHARS_MAX or len(claims["nonce"]) > NONCE_CHARS_MAX:
        _refuse(Reason.CLAIMS)


def _object(segment: str, reason: Reason) -> dict[str, Any]:
    try:
        value = _DISTINCT.decode(unb64u(segment).decode())
    except (ValueError, RecursionError):
        _refuse(reason)
    if not isinstance(value, dict):
        _refuse(reason)
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands twice")
    return value


_DISTINCT = json.JSONDecoder(object_pairs_hook=_distinct)


def _segment(value: dict[str, Any]) -> str:
    return b64u(_compact(value))


def _compact(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _refuse(reason: Reason) -> Never:
    raise BadProof(reason) from None
