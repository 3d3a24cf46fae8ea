"""One generation of the issuing CA. Old and new stand side by side until the old one ends.

Each has a name, a key, lists and a responder of its own, and its number says at which addresses
they are found. Who holds a certificate never needs another generation than the one that signed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import der, profiles
from dojang.certificates.certifying import Uncertain, spki_of
from dojang.certificates.der import Node
from dojang.certificates.profiles import Signer
from dojang.certificates.store_authority import AuthorityRow
from dojang.vault import UnknownKey, Vault


@dataclass(frozen=True)
class Issuer:
    """Its key in the vault, its certificate, and how it signs."""

    key_label: str
    der: bytes
    certificate: x509.Certificate
    key: ec.EllipticCurvePublicKey
    signer: Signer
    key_bits: bytes
    """As OCSP hashes the key: the BIT STRING's content without unused bits."""

    @property
    def generation(self) -> int:
        """From 1."""
        return self.signer.generation

    def signed(self, certificate: bytes) -> bool:
        """Did it sign this certificate? Name and signature are looked at."""
        try:
            x509.load_der_x509_certificate(certificate).verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True

    def made(self, tbs: Node, signature: Node) -> bool:
        """Is this BIT STRING its signature over these bytes?"""
        try:
            self.key.verify(signature.value[1:], tbs.raw, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return signature.tag == der.BIT_STRING and signature.value[:1] == b"\x00"

    @classmethod
    def of(cls, row: AuthorityRow, vault: Vault) -> "Issuer":
        """Raises `Uncertain` where the vault has not this key under its label."""
        certificate = x509.load_der_x509_certificate(row.der)
        try:
            spki = spki_of(vault, row.key_label)
        except UnknownKey:
            raise Uncertain(f"the vault lacks {row.key_label}, which the database names") from None
        key = certificate.public_key()
        assert isinstance(key, ec.EllipticCurvePublicKey)  # the profile's
        said = key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        if said != spki:
            raise Uncertain("the vault's issuing key is not the one in the database")
        signer = Signer(
            name=certificate.subject.public_bytes(),
            key_id=profiles.spki_key_id(spki),
            algorithm=profiles.ECDSA_SHA256,
            generation=row.number,
        )
        bits = bits_of(vault, row.key_label)
        return cls(row.key_label, row.der, certificate, key, signer, bits)


def named_by(certificate: bytes, among: Sequence[Issuer]) -> Issuer | None:
    """The one whose name stands in the certificate as its issuer's; its signature is not judged."""
    name = x509.load_der_x509_certificate(certificate).issuer.public_bytes()
    return next((one for one in among if one.signer.name == name), None)


def bits_of(vault: Vault, label: str) -> bytes:
    """An EC key's point, uncompressed."""
    return vault.public_key(label).public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
