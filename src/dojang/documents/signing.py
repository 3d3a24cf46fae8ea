"""PAdES by pyHanko, with keys, certificates, status and time handed in: it fetches nothing.

Import this inside the function that needs it: pyHanko is large.
"""

import asyncio
import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import algos, ocsp, tsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, TimestampDSSContentSettings
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from dojang.kernel.clock import Instant, utc

FIELD: Final = "Bank"
# It warns that it may not fetch, which is what was asked of it.
logging.getLogger("pyhanko").setLevel(logging.ERROR)
SIGNATURE_BYTES_MAX: Final = 72
"""An ECDSA signature with P-256 in DER."""


_DSS: Final = DSSContentSettings(
    include_vri=False,
    next_ts_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
)
"""All validation data goes in before the last time-stamp, so that it covers the whole file."""


@dataclass(frozen=True)
class Given:
    """All that a signature needs from the house."""

    certificate: bytes
    chain: tuple[bytes, ...]
    """Issuing CA, root; then for each older root what vouches for the newer, and its own."""
    ocsp: tuple[bytes, ...]
    """About the certificate and about the time-stamping authority's."""
    now: Instant
    sign: Callable[[bytes], bytes]
    stamp: Callable[[bytes], bytes]
    """TimeStampReq to TimeStampResp."""


def sign(pdf: bytes, given: Given, *, reason: str, name: str) -> bytes:
    """The file with its signature, DSS and document time-stamp appended (B-LTA)."""
    return asyncio.run(_signed(pdf, given, reason=reason, name=name))


async def _signed(pdf: bytes, given: Given, *, reason: str, name: str) -> bytes:
    stamper = _Stamper(given.stamp)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
        name=name,
        embed_validation_info=True,
        use_pades_lta=True,
        dss_settings=_DSS,
        validation_context=_context(given),
    )
    signer = signers.PdfSigner(meta, signer=_Signer(given), timestamper=stamper)
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    session = signer.init_signing_session(writer)
    session.system_time = utc(given.now).replace(microsecond=0)
    checked = await session.perform_presign_validation(writer)
    size = await session.estimate_signature_container_size(checked, tight=False)
    document = session.prepare_tbs_document(
        validation_info=checked, bytes_reserved=size + size % 2, appearance_text_params=None
    )
    digest, output = document.digest_tbs_document()
    attributes = PdfCMSSignedAttributes(
        signing_time=None, cades_signed_attrs=meta.cades_signed_attr_spec
    )
    signed = await document.perform_signature(
        document_digest=digest.document_digest, pdf_cms_signed_attrs=attributes
    )
    await signed.post_signature_processing(output)
    output.seek(0)
    return bytes(output.read())


class _Signer(signers.Signer):
    """The vault's document key, as pyHanko asks for one."""

    def __init__(self, given: Given) -> None:
        issuing = x509.Certificate.load(given.chain[0])
        registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        registry.register(issuing)
        super().__init__(
            signing_cert=x509.Certificate.load(given.certificate),
            cert_registry=registry,
            signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        )
        self._given = given

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002
    ) -> bytes:
        assert digest_algorithm == "sha256", "the metadata asks for SHA-256"
        return bytes(SIGNATURE_BYTES_MAX) if dry_run else self._given.sign(data)


class _Stamper(TimeStamper):
    """Our own authority, without a network between."""

    def __init__(self, stamp: Callable[[bytes], bytes]) -> None:
        super().__init__(include_nonce=False)  # type: ignore[no-untyped-call]
        self._stamp = stamp

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        return tsp.TimeStampResp.load(self._stamp(req.dump()))


def _context(given: Given) -> ValidationContext:
    """Up to the oldest root, so that whoever trusts any of them finds a way in the file."""
    issuing, root, *older = (x509.Certificate.load(one) for one in given.chain)
    answers: list[Any] = [ocsp.OCSPResponse.load(one) for one in given.ocsp]
    return ValidationContext(
        trust_roots=[older[-1] if older else root],
        other_certs=[issuing, *older[::2]],
        ocsps=answers,
        allow_fetching=False,
        revocation_mode="hard-fail",
        moment=utc(given.now),
    )
