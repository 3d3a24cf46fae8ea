"""Another CA behind CMP: the bank is its registration authority, and configures an address.

The bank has seen the holder's proof of possession over key and R, and vouches for it (raVerified).
So a renewal is an ir too: a kur would have to be signed by the old key, which only the customer
has; the old certificate's end is told with an rr. What comes back is what was ordered and signed
for (key, names, end, policy, VID) in the format and under the CA's signature, or the certConf
refuses it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dojang.certificates import der
from dojang.certificates.der import BadDer
from dojang.joint.cmp import asking, messages
from dojang.joint.cmp.asking import Template
from dojang.joint.cmp.client import Account, Client, Open
from dojang.joint.issuing import Made, Order, Unlinted, lint
from dojang.joint.model import CRL_REASONS, SAN, JointCaRefused, Reason
from dojang.joint.npki import parsing, vid
from dojang.joint.npki.certificate_rules import Beside, moment
from dojang.joint.npki.parsing import Parsed
from dojang.joint.npki.vid import Identity
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret

RSA: Final = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL)


class BadAnchors(Exception):
    """The certificates of the CA do not belong together."""


@dataclass(frozen=True, kw_only=True)
class Remote:
    """The CA as it was configured. `encryption`: whose key R is encrypted to; None: it wants none.

    Raises BadAnchors.
    """

    root: bytes
    ca: bytes
    encryption: bytes | None
    reference: str
    secret: Secret[str] = field(repr=False)

    def __post_init__(self) -> None:
        try:
            root, ca = parsing.certificate(self.root), parsing.certificate(self.ca)
            below = [(root, root), (ca, root)]
            if self.encryption is not None:
                below.append((parsing.certificate(self.encryption), ca))
        except BadDer as wrong:
            raise BadAnchors(str(wrong)) from None
        for one, above in below:
            if one.issuer != above.subject or not one.signed_by(above):
                raise BadAnchors("the root, the CA and its encryption certificate are no chain")


class ExternalCmp:
    """The issuer that is somebody else."""

    kind = "external_cmp"

    def __init__(
        self,
        opener: Callable[[], bytes],
        remote: Remote,
        line: Open,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        """`opener`: the certificate of the bank's own key that R is sealed to."""
        self._opener = opener
        self._remote = remote
        self._ca = parsing.certificate(remote.ca)
        account = Account(remote.reference, remote.secret, self._ca.subject)
        self._client = Client(line, account, clock, entropy)
        self._clock = clock

    @property
    def encryption_certificate(self) -> bytes:
        """The bank's own: it hashes R with the number, and encloses it for the CA."""
        return self._opener()

    @property
    def chain(self) -> tuple[bytes, ...]:
        return self._remote.ca, self._remote.root

    def enclosed(self, virtual_id: bytes, r: bytes) -> bytes | None:
        if self._remote.encryption is None:
            return None
        return encrypted_vid(parsing.certificate(self._remote.encryption), virtual_id, r)

    def issue(self, order: Order) -> Made:
        template = Template(
            subject=order.subject.der,
            spki=order.spki,
            not_before=order.not_before,
            not_after=order.not_after,
        )
        try:
            made, wrong = self._client.enrol(
                template, enclosed=order.enclosed, flaw=lambda made: self._flaw(order, made)
            )
        except asking.Refusal as refusal:
            raise _told(refusal) from None
        if wrong is not None:
            raise Unlinted(wrong)
        return Made(parsing.certificate(made).serial.number(), made)

    def ended(self, serial: int, reason: Reason) -> None:
        try:
            self._client.revoke(self._ca.subject, serial, CRL_REASONS[reason])
        except asking.Refusal as refusal:
            if messages.CERT_REVOKED not in refusal.failures:
                raise _told(refusal) from None

    def _flaw(self, order: Order, made: bytes) -> str | None:
        """Why this is not the certificate that was ordered; None where it is."""
        try:
            lint(made, Beside(self._ca, frozenset({order.policy})))
            return self._other_than_ordered(order, parsing.certificate(made))
        except (Unlinted, BadDer, ValueError, IndexError) as wrong:
            return str(wrong)

    def _other_than_ordered(self, order: Order, seen: Parsed) -> str | None:
        if seen.spki != order.spki:
            return "another key"
        if seen.subject != order.subject.der:
            return "another subject"
        if moment(seen.not_after) != order.not_after:
            return "another end"
        if moment(seen.not_before) > self._clock.now():
            return "not valid yet"
        san = seen.extension(SAN)
        said = vid.read_other_name(der.read(san.value if san else b"").children()[0])
        same = said == Identity(order.real_name, order.virtual_id)
        return None if same else "another holder"


def encrypted_vid(opener: Parsed, virtual_id: bytes, r: bytes) -> bytes:
    """EncryptedVID: VID and R under RSA PKCS#1 v1.5 to the CA's encryption key."""
    key = serialization.load_der_public_key(opener.spki)
    if not isinstance(key, RSAPublicKey):
        raise BadAnchors("the CA's encryption key is no RSA key")
    content = der.sequence(vid.vid_value(virtual_id), der.bits(r))
    return der.sequence(
        der.explicit(0, der.integer(0)),
        der.explicit(1, vid.SHA256),
        der.explicit(2, RSA),
        der.explicit(3, der.sequence(opener.issuer, opener.serial.raw)),
        der.explicit(4, der.octets(key.encrypt(content, PKCS1v15()))),
    )


def _told(refusal: asking.Refusal) -> JointCaRefused:
    return JointCaRefused(failures=[str(one) for one in sorted(refusal.failures)])
