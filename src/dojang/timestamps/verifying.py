"""Does this token stamp these bytes? For an outsider: no database, no network.

A token that says the right thing in another encoding is refused too, so no byte of it is free.
"""

import hashlib
import itertools
from collections.abc import Sequence
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from dojang.certificates import checking, der
from dojang.certificates.checking import Chain, Unsound
from dojang.certificates.der import BadDer, Node
from dojang.kernel.clock import SECOND, Instant, instant
from dojang.timestamps import wire
from dojang.timestamps.model import BadToken, Stamp
from dojang.timestamps.service import stamper_of
from dojang.timestamps.wire import Stamper

_FORMATS: Final = ("%Y%m%d%H%M%S.%fZ", "%Y%m%d%H%M%SZ")


def check(token: bytes, digest: bytes, above: Chain) -> Stamp:
    """The stamp on a SHA-256 digest, by a certificate of this CA. Raises `BadToken`."""
    try:
        content, signer, certificates = _parts(token)
        said, imprint = _read(content)
        stampers = {one: stamper_of(one) for one in certificates}
    except (BadDer, ValueError, IndexError) as wrong:
        raise BadToken("not a token as this authority writes it") from wrong
    if imprint != wire.imprint(digest):
        raise BadToken("it stamps other bytes")
    try:
        _verified(token, content, signer, stampers, above, said.at)
    except Unsound as wrong:
        raise BadToken(str(wrong)) from wrong
    return said


def said(token: bytes) -> Stamp:
    """What a token says, unverified: for a page about what was verified when it was made.

    Raises `BadToken`.
    """
    try:
        content, _signer, _certificates = _parts(token)
        return _read(content)[0]
    except (BadDer, ValueError, IndexError) as wrong:
        raise BadToken("not a token as this authority writes it") from wrong


def by_root(token: bytes, digest: bytes, roots: Sequence[bytes]) -> Stamp:
    """As `check`, by the issuing CA that the token itself carries and one of these certified.

    `roots` in DER: a bank has one, and more after its root's key rolled over. Raises `BadToken`.
    """
    try:
        content, _signer, certificates = _parts(token)
        said, _imprint = _read(content)
    except (BadDer, ValueError, IndexError) as wrong:
        raise BadToken("not a token as this authority writes it") from wrong
    for one, root in itertools.product(certificates, roots):
        try:
            above = checking.chain([one, root], said.at)
        except Unsound:
            continue
        return check(token, digest, above)
    raise BadToken("it carries no CA that the root certified")


def _verified(
    token: bytes,
    content: bytes,
    signer: list[Node],
    stampers: dict[bytes, Stamper],
    above: Chain,
    at: Instant,
) -> None:
    """The certificate that it names signed it, and nothing in it could stand there otherwise."""
    named = [one for one, its in stampers.items() if its.sid == signer[1].raw]
    if len(named) != 1:
        raise Unsound("the token lacks the certificate that it names")
    stamper = stampers[named[0]]
    holder = checking.leaf(named[0], above, at, purpose=ExtendedKeyUsageOID.TIME_STAMPING)
    attributes = wire.signed_attributes(hashlib.sha256(content).digest(), stamper)
    signature = signer[5].value
    checking.signed(holder, attributes, signature)
    if wire.token(content, attributes, signature, stamper, list(stampers)) != token:
        raise Unsound("the token is written in another form")
    issuing = above.issuing.public_bytes(Encoding.DER)
    if sorted(stampers) != sorted((named[0], issuing)):
        raise Unsound("the token carries other certificates than its own and its issuer's")


def _parts(token: bytes) -> tuple[bytes, list[Node], list[bytes]]:
    """TSTInfo, the fields of the SignerInfo, the certificates."""
    signed = der.read(token).children()[1].children()[0].children()
    _version, _algorithms, encapsulated, certificates, signers = signed
    content = encapsulated.children()[1].children()[0].expect(der.OCTET_STRING).value
    signer = signers.children()[0].children()
    if len(signer) != 6:
        raise BadDer("a SignerInfo of ours has six fields")
    return content, signer, [one.raw for one in certificates.expect(0xA0).children()]


def _read(content: bytes) -> tuple[Stamp, bytes]:
    """The TSTInfo, which must be written as we write it, and its imprint."""
    _version, policy, imprint, serial, time, _accuracy, *more = der.read(content).children()
    ordering = bool(more) and more[0].raw == der.true()
    nonce = b"".join(one.raw for one in more[ordering:])
    at = _time(time.expect(der.GENERALIZED_TIME).value.decode("ascii"))
    dotted = _dotted(policy.expect(der.OID).value)
    said = wire.Info(dotted, imprint.raw, serial.number(), at, ordering, nonce)
    if wire.info(said) != content:
        raise BadDer("not written as we write it")
    digest = imprint.children()[1].value
    return Stamp(at, said.serial, dotted, digest), imprint.raw


def _time(text: str) -> Instant:
    import datetime as dt

    written = _FORMATS[0] if "." in text else _FORMATS[1]
    return instant(dt.datetime.strptime(text, written).replace(tzinfo=dt.UTC))


def _dotted(content: bytes) -> str:
    """The arcs of an OBJECT IDENTIFIER (X.690 8.19)."""
    arcs, value = [], 0
    for byte in content:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(value)
            value = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:]]))


def seconds(stamp: Stamp) -> int:
    """Unix time of a stamp, as outside programs ask for it."""
    return stamp.at // SECOND
