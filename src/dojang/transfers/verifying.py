"""Did the customer sign this order? Asked outside of every transaction, before the money moves.

The database alone is not believed: a certificate counts only if our own CA signed it, it is one for
signing, and it names the order's customer. So whoever can write rows, and puts a certificate of
their own in a customer's place, moves nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509.oid import NameOID

from dojang.certificates import store as certificates
from dojang.crypto import ed25519
from dojang.crypto.multibuffer import Ed25519
from dojang.customers import store as people
from dojang.db import Tx
from dojang.transfers.model import Order

REMEMBERED_MAX: Final = 4_096
"""Certificates that were looked at lately. What one says never changes."""


@dataclass(frozen=True)
class Signed:
    """An order with what its signature is checked against: the certificate that it should stand
    under, and how we know its customer.
    """

    order: Order
    certificate: bytes | None
    subject_id: str | None


@dataclass(frozen=True)
class Signer:
    """What a certificate of ours says."""

    public_key: bytes
    subject_id: str


def with_signers(tx: Tx, orders: Sequence[Order]) -> list[Signed]:
    """Read in as many queries whether there is one order or five hundred."""
    if not orders:
        return []
    ders = certificates.sign_certificates(tx, [one.credential_id for one in orders])
    known = people.known_as(tx, [one.customer_id for one in orders])
    due = []
    for one in orders:
        owner = known.get(one.customer_id)
        subject_id = None if owner is None else owner.subject_id
        due.append(Signed(one, ders.get(one.credential_id), subject_id))
    return due


class Verifying:
    """`signed_by_ca` tells whether our issuing CA signed these DER bytes."""

    def __init__(self, signed_by_ca: Callable[[bytes], bool]) -> None:
        self._signed_by_ca = signed_by_ca
        self._signer = lru_cache(REMEMBERED_MAX)(self._read)

    def hold(self, asked: Sequence[Signed]) -> list[bool]:
        """Of each whether the order's bytes were signed by its customer."""
        held = [False] * len(asked)
        questions = {n: self._question(one) for n, one in enumerate(asked)}
        put = {n: question for n, question in questions.items() if question is not None}
        for n, holds in zip(put, ed25519.hold([*put.values()]), strict=True):
            held[n] = holds
        return held

    def _question(self, one: Signed) -> Ed25519 | None:
        """What is to be verified; None where nothing could make it hold."""
        if one.certificate is None or one.subject_id is None or one.order.signature is None:
            return None
        signer = self._signer(one.certificate)
        if signer is None or signer.subject_id != one.subject_id:
            return None
        return Ed25519(signer.public_key, one.order.message, one.order.signature)

    def _read(self, certificate: bytes) -> Signer | None:
        if not self._signed_by_ca(certificate):
            return None
        read = x509.load_der_x509_certificate(certificate)
        key = read.public_key()
        usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
        named = read.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
        if not isinstance(key, Ed25519PublicKey) or not usage.content_commitment:
            return None
        return Signer(key.public_bytes_raw(), str(named[0].value)) if len(named) == 1 else None
