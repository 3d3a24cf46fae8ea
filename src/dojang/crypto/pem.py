"""Certificates in the two forms in which people pass them on: PEM and DER."""

from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

BEGIN: Final = b"-----BEGIN "


def is_pem(content: bytes) -> bool:
    return content.lstrip().startswith(BEGIN)


def certificate(der: bytes) -> str:
    """DER as PEM (RFC 7468)."""
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode("ascii")


def read_certificate(content: bytes) -> x509.Certificate:
    """Raises ValueError for what is none."""
    load = x509.load_pem_x509_certificate if is_pem(content) else x509.load_der_x509_certificate
    try:
        return load(content)
    except x509.InvalidVersion as wrong:
        raise ValueError("no certificate of a version that there is") from wrong


def der(content: bytes) -> bytes:
    """A certificate as DER, whichever it came as. Raises ValueError for what is none."""
    return read_certificate(content).public_bytes(Encoding.DER)
