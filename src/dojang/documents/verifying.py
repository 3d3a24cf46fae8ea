"""Is this PDF as the bank signed it? For an outsider: no database, no network.

First the bytes: the document time-stamp covers the whole file but its own place, and that place
holds the token in the one form that there is. So every byte counts before anything is interpreted.
Then the bank's signature below it, and that nothing but validation data was added in between.
"""

import hashlib
import io
import logging
import re
import zlib
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import cms
from cryptography.x509 import ObjectIdentifier
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from dojang.certificates import checking
from dojang.certificates.checking import Chain, Unsound
from dojang.certificates.profiles import DOCUMENT_SIGNING
from dojang.kernel.clock import Instant
from dojang.timestamps import verifying as stamps
from dojang.timestamps.model import BadToken

_RANGE: Final = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\]")
_UNREADABLE: Final = (
    PdfError,
    SignatureValidationError,
    SigningError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    zlib.error,
)
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)


class BadDocument(Exception):
    """What does not hold, in a few words."""


@dataclass(frozen=True)
class Document:
    """A verified file: when it was signed and last stamped, by whom, and what is attached."""

    signed_at: Instant
    stamped_at: Instant
    signer: str
    attachments: dict[str, bytes]


def attachments(pdf: bytes) -> dict[str, bytes]:
    """The files inside, before anything is verified. Raises `BadDocument`."""
    try:
        names = PdfFileReader(io.BytesIO(pdf)).root["/Names"]["/EmbeddedFiles"]["/Names"]
        return {
            str(names[place]): bytes(names[place + 1]["/EF"]["/F"].data)
            for place in range(0, len(names), 2)
        }
    except _UNREADABLE as wrong:
        raise BadDocument("a PDF without a receipt inside") from wrong


def check(pdf: bytes, above: Chain) -> Document:
    """The file as it was signed by a document certificate of this CA. Raises `BadDocument`."""
    try:
        stamped_at = _stamped(pdf, above)
        signed_at, signer = _signed(pdf, above)
    except (Unsound, BadToken) as wrong:
        raise BadDocument(str(wrong)) from wrong
    except _UNREADABLE as wrong:
        raise BadDocument("not a PDF as the bank signs it") from wrong
    return Document(signed_at, stamped_at, signer, attachments(pdf))


def _stamped(pdf: bytes, above: Chain) -> Instant:
    """The time of the last document time-stamp, which covers every byte."""
    ranges = _RANGE.findall(pdf)
    if not ranges:
        raise BadDocument("it is not signed")
    before, after, rest = (int(number) for number in ranges[-1])
    if after + rest != len(pdf) or not before + 2 < after:
        raise BadDocument("the time-stamp does not cover the whole file")
    digest = hashlib.sha256(pdf[:before] + pdf[after:]).digest()
    token = _token(pdf[before:after])
    return stamps.check(token, digest, above).at


def _token(place: bytes) -> bytes:
    """The DER in `<…>`: capital hex digits, then zeros to the end."""
    text = place[1:-1].decode("ascii")
    content = bytes.fromhex(text)
    size = int.from_bytes(content[2:4], "big") + 4
    token = content[:size]
    written = token.hex().upper()
    if place != b"<" + (written + "0" * (len(text) - len(written))).encode() + b">":
        raise BadDocument("the time-stamp is written in another form")
    return token


def _signed(pdf: bytes, above: Chain) -> tuple[Instant, str]:
    """(when the bank signed, its name). One signature, one stamp, and only their own data after."""
    reader = PdfFileReader(io.BytesIO(pdf))
    if len(reader.embedded_regular_signatures) != 1 or len(reader.embedded_signatures) != 2:
        raise BadDocument("not one signature and one time-stamp")
    sealed = reader.embedded_regular_signatures[0]
    sealed.compute_integrity_info()
    if sealed.coverage < SignatureCoverageLevel.ENTIRE_REVISION:
        raise BadDocument("the signature does not cover what was there")
    added = sealed.diff_result
    if (
        not isinstance(added, DiffResult)
        or added.modification_level > ModificationLevel.LTA_UPDATES
    ):
        raise BadDocument("the file was changed after it was signed")
    signature = _verified(sealed)
    token = _attribute(sealed.signer_info["unsigned_attrs"], "signature_time_stamp_token")
    at = stamps.check(token.dump(), hashlib.sha256(signature).digest(), above).at
    holder = checking.leaf(
        sealed.signer_cert.dump(), above, at, purpose=ObjectIdentifier(DOCUMENT_SIGNING)
    )
    return at, holder.subject.rfc4514_string()


def _verified(sealed: EmbeddedPdfSignature) -> bytes:
    """The signature's bytes, verified over the signed attributes (RFC 5652 5.4)."""
    info: cms.SignerInfo = sealed.signer_info
    digest = sealed.compute_digest()
    if _attribute(info["signed_attrs"], "message_digest").native != digest:
        raise BadDocument("other content than was signed")
    names = _attribute(info["signed_attrs"], "signing_certificate_v2")["certs"]
    certificate = sealed.signer_cert.dump()
    if names[0]["cert_hash"].native != hashlib.sha256(certificate).digest():
        raise BadDocument("another certificate than the signature names")
    algorithms = (info["digest_algorithm"]["algorithm"], info["signature_algorithm"]["algorithm"])
    if tuple(one.native for one in algorithms) != ("sha256", "sha256_ecdsa"):
        raise BadDocument("signed with another algorithm than ours")
    signature: bytes = info["signature"].native
    checking.signed(checking.read(certificate), info["signed_attrs"].untag().dump(), signature)
    return signature


def _attribute(attributes: Any, kind: str) -> Any:
    """The one value of an attribute. Raises `BadDocument`."""
    found = [one["values"][0] for one in attributes if one["type"].native == kind]
    if len(found) != 1:
        raise BadDocument(f"the signature lacks {kind}")
    return found[0]
