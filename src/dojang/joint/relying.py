"""The demo's relying parties: a tax settlement and a government document, as such sites would work.

They know the trust anchor, the policies they accept, and what the responder and the lists say; they
ask for a signature over a text with a nonce, and for R, and recompute the VID from the resident
number that was typed. A stranger's certificate that is otherwise perfect ends there.
What they keep, they keep in memory: they are no part of a bank.

`certificates.path` is imported where a verdict is asked for: a server that is never asked for one
does without the library that walks.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from dojang.certificates import der
from dojang.certificates.der import BadDer
from dojang.certificates.ocsp import IssuerHashes
from dojang.joint.npki import certificate_rules, for_asn1crypto, names, parsing, signed_data, vid
from dojang.joint.npki.parsing import Parsed
from dojang.joint.npki.signed_data import Signed
from dojang.joint.npki.vid import Identity
from dojang.kernel.clock import SECOND, SEOUL, Clock, Instant, utc
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Forbidden, Malformed, Problem
from dojang.kernel.secret import Secret

if TYPE_CHECKING:
    from dojang.certificates.path import Flaw

NONCE_BYTES: Final = 16
CHALLENGES_MAX: Final = 1_000
TITLES: Final = {
    ("tax", "ko"): "연말정산 간소화 자료 제출 (연습)",
    ("tax", "en"): "Year-end tax settlement (practice)",
    ("document", "ko"): "주민등록표 등본 발급 신청 (연습)",
    ("document", "en"): "Application for a resident register copy (practice)",
}
_TEXTS: Final = {
    "ko": "{title}\n이 내용에 공동인증서로 서명합니다.\n시각: {at}\n확인번호: {nonce}\n",
    "en": "{title}\nI sign this with my joint certificate.\nTime: {at}\nNonce: {nonce}\n",
}
_OAEP: Final = padding.OAEP(
    mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None
)
_SAN: Final = "2.5.29.17"


@dataclass(frozen=True)
class Authorities:
    """What a relying party knows of the CA: bytes, as they come over HTTP."""

    chain: Callable[[], tuple[bytes, bytes]]
    ocsp: Callable[[bytes], bytes]
    list_of_root: Callable[[], bytes]


@dataclass(frozen=True)
class Challenge:
    id: str
    service: str
    title: str
    content: bytes
    expires_at: Instant


@dataclass(frozen=True)
class Shown:
    """Who signed, as far as it was shown."""

    service: str
    subject: str
    common_name: str
    serial: int
    real_name: str
    signed_at: Instant
    receipt: str


class RelyingParties:
    """Both services. `seconds`: how long a challenge lives."""

    def __init__(
        self,
        clock: Clock,
        entropy: Entropy,
        ids: Ids,
        authorities: Authorities,
        *,
        policies: frozenset[str],
        seconds: int,
    ) -> None:
        for_asn1crypto.teach()
        self._clock = clock
        self._entropy = entropy
        self._ids = ids
        self._authorities = authorities
        self._seconds = seconds
        self._mutex = threading.Lock()
        self._open: OrderedDict[str, Challenge] = OrderedDict()
        self._opener: rsa.RSAPrivateKey | None = None
        self.policies: Final = policies

    @property
    def encryption_spki(self) -> bytes:
        """The key that R is sealed to. Its private half dies with the process."""
        return (
            self._key()
            .public_key()
            .public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )

    def challenge(self, service: str, locale: str) -> Challenge:
        """A text with a nonce, to be shown and signed."""
        now = self._clock.now()
        title = TITLES[service, locale]
        at = utc(now).astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")
        nonce = self._entropy.bytes(NONCE_BYTES).hex()
        content = _TEXTS[locale].format(title=title, at=at, nonce=nonce).encode()
        ends = Instant(now + self._seconds * SECOND)
        made = Challenge(self._ids.uuid7(), service, title, content, ends)
        with self._mutex:
            self._open[made.id] = made
            if len(self._open) > CHALLENGES_MAX:
                self._open.popitem(last=False)
        return made

    def answer(
        self,
        service: str,
        challenge_id: str,
        *,
        signed: bytes,
        sealed_r: bytes,
        number: Secret[str],
    ) -> Shown:
        """Judge it. The challenge is used up, right or wrong. Raises what the contract names."""
        challenge = self._taken(service, challenge_id)
        given = _parsed(signed)
        if given.content != challenge.content:
            raise RpOtherContent
        seen = parsing.certificate(given.certificate)
        if not given.verifies():
            raise RpWrongSignature
        self._demand_path(seen)
        identity = self._demand_person(seen, sealed_r, number)
        subject = names.read(seen.subject)
        return Shown(
            service=service,
            subject=str(subject),
            common_name=subject.common_name,
            serial=seen.serial.number(),
            real_name=identity.real_name,
            signed_at=self._clock.now(),
            receipt=self._ids.uuid7(),
        )

    def _taken(self, service: str, challenge_id: str) -> Challenge:
        with self._mutex:
            found = self._open.pop(challenge_id, None)
        if found is None or found.service != service or self._clock.now() > found.expires_at:
            raise RpChallengeOver
        return found

    def _demand_path(self, seen: Parsed) -> None:
        """RFC 5280 section 6 with an explicit policy, and a status that is known.

        Of the holder by OCSP alone: a list says nothing of a certificate that was never issued.
        """
        from dojang.certificates import path

        ca, root = self._authorities.chain()
        accepted = path.Accepted(policies=self.policies, status_of=path.StatusOf.EVERY)
        # Evidence first, then the moment: it may take long, and must not come from the future.
        crls = [self._authorities.list_of_root()]
        ocsps = [self._authorities.ocsp(_question(seen, parsing.certificate(ca)))]
        now = self._clock.now()
        verdict = path.validate([seen.raw, ca], [root], now, accepted, crls=crls, ocsps=ocsps)
        if isinstance(verdict, path.Invalid):
            raise _problem(verdict.flaw, seen)

    def _demand_person(self, seen: Parsed, sealed_r: bytes, number: Secret[str]) -> Identity:
        """R and the typed number give the VID of the certificate, or it is another person's."""
        try:
            r = self._key().decrypt(sealed_r, _OAEP)
        except ValueError:
            raise RpRandomnessRefused from None
        san = seen.extension(_SAN)
        try:
            named = [] if san is None else der.read(san.value).children()
            identity = vid.read_other_name(next(one for one in named if one.tag == 0xA0))
        except (BadDer, StopIteration):
            raise RpOtherPerson from None
        if len(r) != vid.R_BYTES:
            raise RpRandomnessRefused
        try:
            expected = vid.virtual_id(number.reveal().replace("-", ""), r)
        except ValueError:
            raise Malformed from None
        if identity.vid != expected:
            raise RpOtherPerson
        return identity

    def _key(self) -> rsa.RSAPrivateKey:
        with self._mutex:
            if self._opener is None:
                self._opener = rsa.generate_private_key(65_537, 2_048)
            return self._opener


def _parsed(signed: bytes) -> Signed:
    try:
        return signed_data.parse(signed)
    except (BadDer, IndexError):
        raise RpMalformedSignature from None


def _question(seen: Parsed, ca: Parsed) -> bytes:
    """An OCSPRequest about one certificate, by SHA-256 (RFC 6960 4.1)."""
    bits = der.read(ca.spki).children()[1].value[1:]
    asked = IssuerHashes(ca.subject, bits).asked(int.from_bytes(seen.serial.value, "big"))
    return der.sequence(der.sequence(der.sequence(der.sequence(asked.cert_id))))


def _problem(flaw: "Flaw", seen: Parsed) -> Problem:
    from dojang.certificates.path import Flaw

    if flaw in (Flaw.EXPIRED, Flaw.NOT_YET_VALID):
        starts, ends = (certificate_rules.moment(one) for one in (seen.not_before, seen.not_after))
        return RpNotValidNow(not_before=starts, not_after=ends)
    known = {
        Flaw.REVOKED: RpRevoked,
        Flaw.STATUS_UNKNOWN: RpStatusUnknown,
        Flaw.POLICY: RpWrongPolicy,
    }
    return known.get(flaw, RpUnknownIssuer)()


class RpChallengeOver(Problem):
    code = "rp_challenge_over"
    status = 410
    title = "There is nothing to be signed here any more. Begin again."


class RpMalformedSignature(Malformed):
    code = "rp_malformed_signature"
    title = "This is no signature of the form that is taken here."


class RpOtherContent(Malformed):
    code = "rp_other_content"
    title = "Something else was signed than what was shown."


class RpWrongSignature(Forbidden):
    code = "rp_wrong_signature"
    title = "The signature does not verify."


class RpUnknownIssuer(Forbidden):
    code = "rp_unknown_issuer"
    title = "The certificate does not lead to an issuer that is trusted here."


class RpWrongPolicy(Forbidden):
    code = "rp_wrong_policy"
    title = "Certificates of this kind are not accepted here."


class RpNotValidNow(Forbidden):
    """Fields: not_before, not_after."""

    code = "rp_not_valid_now"
    title = "The certificate is not valid now."


class RpRevoked(Forbidden):
    code = "rp_revoked"
    title = "The certificate was revoked."


class RpStatusUnknown(Forbidden):
    code = "rp_status_unknown"
    title = "Whether the certificate is good cannot be learned now."


class RpRandomnessRefused(Malformed):
    code = "rp_randomness_refused"
    title = "The sealed random number cannot be used."


class RpOtherPerson(Forbidden):
    code = "rp_other_person"
    title = "The certificate is not of the person with this number."
