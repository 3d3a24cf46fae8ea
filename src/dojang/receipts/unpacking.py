"""A receipt taken apart into files that other programs read: OpenSSL needs nothing of ours."""

from collections.abc import Mapping
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from dojang.certificates.checking import sound
from dojang.crypto import tree_heads
from dojang.receipts import model
from dojang.receipts.verifying import PDF, attached

FILES: Final = (
    "receipt.json", "payload", "signature", "sign.pem", "issuing.pem", "root.pem", "ocsp.der",
    "evidence.json", "time_stamp.der", "log_key.pem", "head.txt", "head.sig", "leaf.cbor",
    "sealed.json", "seal.sig", "seal.pem",
)  # fmt: skip


def unpack(content: bytes) -> Mapping[str, bytes]:
    """File name to content, for a bundle or a PDF. Raises BadEncoding, Broken, Unsound.

    `cross.pem` is there where an older root vouches for the root.
    """
    receipt = attached(content) if content.startswith(PDF) else content
    bundle = model.parse(receipt)
    evidence, posted = bundle.evidence, bundle.log.posted
    found = (
        receipt, evidence.payload, evidence.signature, _pem(evidence.certificate),
        _pem(evidence.chain[0]), _pem(evidence.chain[1]), evidence.ocsp, evidence.canonical(),
        bundle.time_stamp, _key(bundle.log.key), tree_heads.signed_bytes(posted.head),
        posted.head.signature, posted.body, bundle.sealed(), bundle.seal.signature,
        _pem(bundle.seal.certificate),
    )  # fmt: skip
    made = dict(zip(FILES, found, strict=True))
    crosses = b"".join(_pem(der) for der in evidence.chain[2::2])
    return {**made, "cross.pem": crosses} if crosses else made


def _pem(der: bytes) -> bytes:
    made = sound("a certificate is unreadable", x509.load_der_x509_certificate, der)
    return made.public_bytes(Encoding.PEM)


def _key(spki: bytes) -> bytes:
    made = sound("the log's key is unreadable", load_der_public_key, spki)
    return made.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
