"""A joint certificate made on the phone: key and R never leave it, the PIN signs the request."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dojang.crypto import messages
from dojang.crypto.encoding import b64u, unb64u
from dojang.crypto.messages import PIN, KeyKind
from dojang.kernel.entropy import Entropy
from dojang.phone.machine import Wanted
from dojang.phone.ordering import life, same_members

if TYPE_CHECKING:
    from dojang.phone.customer import Customer

R_BYTES: Final = 20
_OAEP: Final = padding.OAEP(
    mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None
)


@dataclass(frozen=True)
class OwnKey:
    """`rsa` is DER of RSAPrivateKey."""

    spki: bytes
    rsa: bytes = field(repr=False)
    r: bytes = field(repr=False)
    body: dict[str, str] = field(repr=False)
    """What is sent of it."""


@dataclass(frozen=True)
class Held:
    """A certificate with its key, as the phone has it now."""

    certificate: dict[str, Any]
    der: bytes
    chain: list[bytes]
    key: OwnKey


def new_key(encryption_spki: bytes, entropy: Entropy) -> OwnKey:
    """A fresh key and R, sealed to the CA, with the proof of possession."""
    private = rsa.generate_private_key(65_537, 2_048)
    spki = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    r = entropy.bytes(R_BYTES)
    sealed_r = sealed(r, encryption_spki)
    proof = private.sign(spki + sealed_r, padding.PKCS1v15(), hashes.SHA256())
    numbers = private.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    body = {"spki": b64u(spki), "sealed_r": b64u(sealed_r), "proof": b64u(proof)}
    return OwnKey(spki, numbers, r, body)


def sealed(r: bytes, encryption_spki: bytes) -> bytes:
    """R for the CA's eyes alone."""
    opener = serialization.load_der_public_key(encryption_spki)
    if not isinstance(opener, rsa.RSAPublicKey):
        raise TypeError("the CA's key is no RSA key")
    return opener.encrypt(r, _OAEP)


class JointCertificates:
    """The verbs, for one signed-in customer."""

    def __init__(self, customer: "Customer", entropy: Entropy) -> None:
        self._customer = customer
        self._entropy = entropy

    def overview(self) -> dict[str, Any]:
        return self._customer.line.get("/v1/joint").must()

    def issue(self, pin: str) -> Held:
        return self._certified({"op": "issue"}, pin)

    def renew(self, certificate_id: str, pin: str) -> Held:
        return self._certified({"op": "renew", "certificate_id": certificate_id}, pin)

    def reissue(self, certificate_id: str, pin: str) -> Held:
        return self._certified({"op": "reissue", "certificate_id": certificate_id}, pin)

    def revoke(self, certificate_id: str, reason: str, pin: str) -> None:
        body = {"op": "revoke", "certificate_id": certificate_id, "reason": reason}
        self.sign(self._ask(body), pin)

    def register(self, pin: str, *, r: bytes | None = None) -> dict[str, Any]:
        """Reference and code for a CMP client; with R for one that cannot send it."""
        body = {"op": "register"}
        if r is not None:
            body["sealed_r"] = b64u(sealed(r, self._encryption_spki()))
        asked = self._ask(body)
        self.sign(asked, pin)
        path = f"/v1/joint/requests/{asked['id']}/registration"
        return self._customer.line.post(path, {}).must()

    def key(self) -> OwnKey:
        return new_key(self._encryption_spki(), self._entropy)

    def _encryption_spki(self) -> bytes:
        return unb64u(self.overview()["encryption"]["spki"])

    def sign(self, asked: dict[str, Any], pin: str) -> None:
        """Sign what is shown, built here from the fields."""
        fields = asked["request"]["fields"]
        own = {name: value for name, value in fields.items() if name not in messages.ACT_MEMBERS}
        kid = self._customer.kid(KeyKind.SIGN)
        message = messages.act(
            life(kid, fields),
            origin=self._customer.origin,
            act_type="joint_certificate",
            details=own,
        )
        same_members(fields, messages.read(message)[1])
        request_id = str(asked["request"]["request_id"])
        self._customer.machine.sign(
            Wanted(kind=KeyKind.SIGN, m=PIN, secret=pin, request_id=request_id, message=message)
        )

    def fetch(self, joint_id: str) -> dict[str, Any]:
        return self._customer.line.post(f"/v1/joint/requests/{joint_id}/certificate", {}).must()

    def _certified(self, body: dict[str, str], pin: str) -> Held:
        key = self.key()
        asked = self._ask(body | key.body)
        self.sign(asked, pin)
        made = self.fetch(asked["id"])
        der = unb64u(made["certificate"]["der"])
        return Held(made["certificate"], der, [unb64u(one) for one in made["chain"]], key)

    def _ask(self, body: dict[str, str]) -> dict[str, Any]:
        return self._customer.line.post("/v1/joint/requests", body).must()
