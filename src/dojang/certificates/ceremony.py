"""An offline root: made once, used where enough custodians come together, told in a transcript.

    offline   found_root(vault, ...)          a root in a vault of its own
    the bank  request(vault, ...)             a PKCS#10 request by the issuing key
    offline   certify(vault, root, request)   the issuing certificate
    the bank  adopt(tx, ...)                  all of it, verified, stored and logged

The transcript is what happened, step by step (who, when, which bytes), signed by the root's key:
nobody who was not there can write another, and the log keeps its hash.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dojang.certificates import checking, der, profiles, store_authority
from dojang.certificates.certifying import (
    ISSUING_KEY,
    OFFLINE,
    ROOT_KEY,
    house_fields,
    linted,
    name_of,
    root_signer,
    signed,
    spki_of,
)
from dojang.certificates.checking import Unsound
from dojang.certificates.events import AuthorityCeremony
from dojang.certificates.model import Plan
from dojang.certificates.profiles import ISSUING, ROOT, Profile
from dojang.certificates.store_authority import AuthorityRow
from dojang.crypto import jcs
from dojang.crypto.encoding import BadEncoding
from dojang.db import Tx
from dojang.kernel.clock import SECOND, Instant, instant, utc
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, Vault, ensure

VERSION: Final = 1
Step = Mapping[str, Any]


class Refused(Exception):
    """What was handed over is not what it should be; nothing was signed or stored."""


@dataclass(frozen=True)
class Transcript:
    """The steps, and the root's signature over them."""

    steps: tuple[Step, ...]
    signature: bytes = b""

    @property
    def content(self) -> bytes:
        """RFC 8785: what is signed, and hashed into the log."""
        return jcs.encode({"version": VERSION, "steps": [dict(one) for one in self.steps]})

    def and_then(self, vault: Vault, step: Step) -> "Transcript":
        """With one step more, signed anew. Raises `Refused` where what was told is changed."""
        if self.steps:
            self.verify(vault.public_key(ROOT_KEY))
        longer = Transcript((*self.steps, step))
        return Transcript(longer.steps, vault.sign(ROOT_KEY, longer.content))

    def verify(self, root: ec.EllipticCurvePublicKey) -> None:
        """Raises `Refused` unless the root's key signed exactly these steps."""
        try:
            root.verify(self.signature, self.content, ec.ECDSA(hashes.SHA384()))
        except InvalidSignature:
            raise Refused("the transcript is not signed by this root") from None

    def to_json(self) -> dict[str, Any]:
        signature = base64.b64encode(self.signature).decode()
        return {"version": VERSION, "steps": [dict(one) for one in self.steps]} | {
            "signature": signature
        }

    @classmethod
    def from_json(cls, value: Any) -> "Transcript":
        """Raises `Refused` for what is none."""
        try:
            if value["version"] != VERSION:
                raise Refused("a transcript of another version")
            steps = tuple(dict(one) for one in value["steps"])
            made = cls(steps, base64.b64decode(value["signature"], validate=True))
            _ = made.content
        except (KeyError, TypeError, ValueError, BadEncoding):
            raise Refused("not a transcript") from None
        return made


def found_root(vault: Vault, plan: Plan, *, now: Instant, entropy: Entropy) -> bytes:
    """The root's key, and its certificate by itself."""
    vault.create(ROOT_KEY, KeyKind.EC_P384)
    return _signed(vault, ROOT, plan, spki_of(vault, ROOT_KEY), now=now, entropy=entropy)


def request(vault: Vault, plan: Plan) -> bytes:
    """A request (RFC 2986) for the issuing key of the serving vault, made there if it is not."""
    ensure(vault, ISSUING_KEY, KeyKind.EC_P256)
    subject = profiles.house_name(plan.organisation, name_of(ISSUING, plan))
    info = der.sequence(der.integer(0), subject, spki_of(vault, ISSUING_KEY), der.explicit(0))
    return profiles.assemble(info, profiles.ECDSA_SHA256, vault.sign(ISSUING_KEY, info))


def certify(vault: Vault, asked: bytes, plan: Plan, *, now: Instant, entropy: Entropy) -> bytes:
    """The issuing certificate for a request that its own key signed. Raises `Refused`."""
    try:
        parsed = x509.load_der_x509_csr(asked)
        holds = parsed.is_signature_valid
        key = parsed.public_key()
    except (ValueError, TypeError):
        raise Refused("not a certificate request") from None
    if not holds or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise Refused("the request is not signed by its own P-256 key")
    if parsed.subject.public_bytes() != profiles.house_name(
        plan.organisation, name_of(ISSUING, plan)
    ):
        raise Refused("the request is for another name than the settings'")
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return _signed(vault, ISSUING, plan, spki, now=now, entropy=entropy)


def step(what: str, *, now: Instant, who: Sequence[str], **facts: str | int) -> Step:
    """One line of a transcript."""
    at = utc(now).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"what": what, "at": at, "who": sorted(who), **facts}


def fingerprint(certificate: bytes) -> str:
    return hashlib.sha256(certificate).hexdigest()


def verified(
    root: bytes, issuing: bytes, transcript: Transcript, *, own_spki: bytes, now: Instant
) -> None:
    """Is this the bank's own key, certified by this root, as the transcript says it was?

    Raises `Refused`.
    """
    try:
        above = checking.chain([issuing, root], now)
    except Unsound as wrong:
        raise Refused(str(wrong)) from None
    key = above.root.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused("the root's key is no EC key")
    transcript.verify(key)
    given = above.issuing.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if given != own_spki:
        raise Refused("the certificate is for another key than this bank's")
    told = {one.get("certificate") for one in transcript.steps}
    if not {fingerprint(root), fingerprint(issuing)} <= told:
        raise Refused("the transcript does not tell of these certificates")


def adopt(tx: Tx, root: bytes, issuing: bytes, transcript: Transcript) -> bool:
    """Store what `verified` found sound; False where it was adopted before.

    Raises `Refused` where another root or CA is there.
    """
    known = 0
    founded = next((one for one in transcript.steps if one["what"] == "root_made"), {})
    for profile, made, label in ((ROOT, root, OFFLINE), (ISSUING, issuing, ISSUING_KEY)):
        row = _row(profile, made, label)
        before = store_authority.newest(tx, profile.name)
        if before is not None and before.der != made:
            raise Refused(f"this bank has another {profile.name} certificate")
        if before is None:
            store_authority.add_or_find(tx, row)
        known += before is not None
    if known:
        return False
    tx.emit(
        AuthorityCeremony(
            subject="",
            transcript=hashlib.sha256(transcript.content).digest(),
            custodians=len(founded.get("who", ())),
            threshold=int(founded.get("threshold", 0)),
            root_fingerprint=hashlib.sha256(root).digest(),
            issuing_fingerprint=hashlib.sha256(issuing).digest(),
        )
    )
    return True


def _signed(
    vault: Vault, profile: Profile, plan: Plan, spki: bytes, *, now: Instant, entropy: Entropy
) -> bytes:
    days = {ROOT.name: plan.root_days, ISSUING.name: plan.issuing_days}[profile.name]
    serial = profiles.new_serial(entropy)
    start = Instant(now - now % SECOND)
    fields = house_fields(profile, plan, spki, serial=serial, start=start, days=days)
    signer = root_signer(vault, plan)
    return signed(vault, ROOT_KEY, linted(profile, fields, signer, plan))


def _row(profile: Profile, made: bytes, label: str) -> AuthorityRow:
    parsed = x509.load_der_x509_certificate(made)
    return AuthorityRow(
        role=profile.name,
        number=1,
        key_label=label,
        serial=profiles.serial_text(parsed.serial_number),
        not_before=instant(parsed.not_valid_before_utc),
        not_after=instant(parsed.not_valid_after_utc),
        der=made,
    )
