"""Does this receipt prove what it says? For anybody: no database, no network, no bank.

Each check is said in words. The first that fails ends it: what comes after rests on it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import NameOID

from dojang.certificates import checking
from dojang.certificates.checking import Chain, Said, Unsound
from dojang.certificates.profiles import DOCUMENT_SIGNING
from dojang.crypto import ed25519, merkle, messages, tree_heads
from dojang.crypto.ed25519 import BadSignature
from dojang.crypto.encoding import BadEncoding
from dojang.crypto.tree_heads import LogProof
from dojang.kernel.clock import SECOND, SEOUL, Instant, utc
from dojang.receipts import model
from dojang.receipts.model import ATTACHMENT, Bundle, Evidence
from dojang.timestamps import verifying as stamps
from dojang.timestamps.model import BadToken, Stamp

PDF: Final = b"%PDF-"


class Broken(Exception):
    """What does not hold."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. `name` is stable, `words` are for people."""

    name: str
    holds: bool
    words: str


@dataclass
class Report:
    """All that was looked at, in order; the last one is the first that failed, if one did."""

    checks: list[Check] = field(default_factory=list)
    transfer: dict[str, Any] = field(default_factory=dict)
    collected_after_seconds: int | None = None
    """From the transfer to the time-stamp on its evidence; None where none was verified."""
    root_sha256: str = ""
    log_key_sha256: str = ""

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(one.holds for one in self.checks)

    @property
    def broken(self) -> Check | None:
        return next((one for one in self.checks if not one.holds), None)


@dataclass(frozen=True, kw_only=True)
class Pins:
    """What the verifier knows already, from another source than the receipt."""

    root: bytes | None = None
    """The bank's root certificate, PEM or DER."""
    root_sha256: str | None = None
    """Or its SHA-256 in lower-case hex, as a person compared it."""
    log_key: bytes | None = None
    """The log's public key, PEM or DER (SPKI)."""
    crosses: tuple[bytes, ...] = ()
    """Cross certificates of the bank's roots, PEM or DER: from an older root to the given one."""

    @property
    def has_root(self) -> bool:
        return self.root is not None or self.root_sha256 is not None


@dataclass
class _Seen:
    """What the checks have found so far."""

    content: bytes
    pins: Pins
    report: Report
    pdf: bool = False
    bundle: Any = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    above: Any = None
    stamp: Any = None
    said: Any = None
    leaves: dict[str, dict[str, Any]] = field(default_factory=dict)


Step = Callable[[_Seen], str]
_REFUSALS: Final = (
    Broken,
    Unsound,
    BadToken,
    BadSignature,
    BadEncoding,
    merkle.BadProof,
    tree_heads.BadTreeHead,
)


def verify(content: bytes, pins: Pins | None = None) -> Report:
    """A bundle or a PDF with one inside, checked until something breaks."""
    seen = _Seen(content, pins or Pins(), Report())
    steps = [("form", _form), *_STEPS]
    if content.startswith(PDF):
        seen.pdf = True
        steps.append(("document", _document))
    for name, step in steps:
        try:
            seen.report.checks.append(Check(name, holds=True, words=step(seen)))
        except _REFUSALS as wrong:
            words = str(wrong) or type(wrong).__name__
            seen.report.checks.append(Check(name, holds=False, words=words))
            break
    return seen.report


def _form(seen: _Seen) -> str:
    content = seen.content
    if seen.pdf or content.startswith(PDF):
        content = attached(content)
    seen.bundle = model.parse(content)
    return f"a receipt of version {model.VERSION}, every byte in its one form"


def _who(holder: x509.Certificate) -> str:
    """The names in a certificate; a serial number by its name, which RFC 4514 has as an OID."""
    return holder.subject.rfc4514_string({NameOID.SERIAL_NUMBER: "serialNumber"})


def _signature(seen: _Seen) -> str:
    """The customer's Ed25519 signature over the order, by the key of the certificate."""
    evidence: Evidence = seen.bundle.evidence
    certificate = checking.sound(
        "the certificate is unreadable", checking.read, evidence.certificate
    )
    key = certificate.public_key()
    if not isinstance(key, Ed25519PublicKey):
        raise Broken("the certificate's key is not Ed25519")
    try:
        ed25519.verify(key.public_bytes_raw(), evidence.payload, evidence.signature)
    except BadSignature:
        raise Broken("the customer's signature does not cover the order") from None
    kind, seen.fields = messages.read(evidence.payload)
    if kind is not messages.Kind.TX:
        raise Broken("what was signed is not a transfer")
    seen.report.transfer = dict(seen.fields)
    return f"the customer's key signed this order of {seen.fields['amount']:,} won"


def _chain(seen: _Seen) -> str:
    evidence: Evidence = seen.bundle.evidence
    above = checking.chain(evidence.chain, evidence.posted_at)
    made = checking.leaf(evidence.certificate, above, evidence.posted_at)
    if not checking.signs_for_good(made):
        raise Broken("the certificate is not for signatures that bind")
    seen.above = above
    seen.report.root_sha256 = above.fingerprint
    who = _who(made)
    if not seen.pins.has_root:
        return f"{who}, issued under root {above.fingerprint}: compare it with the bank's"
    _pinned(seen, above, evidence.posted_at)
    return f"{who}, issued under the given root"


def _pinned(seen: _Seen, above: Chain, at: Instant) -> None:
    """The given root is one to which the chain leads, by itself or by the given cross certificates.

    The report names it, in the place of the one right above.
    """
    pins = seen.pins
    known = {checking.fingerprint(one) for one in above.roots}
    root = None if pins.root is None else _certificate(pins.root)
    own = pins.root_sha256 if root is None else hashlib.sha256(root).hexdigest()
    assert own is not None, "one of the two was given"
    if pins.root_sha256 not in {None, own}:
        raise Broken("the given root is not the one of the given fingerprint")
    if own not in known and (root is None or not pins.crosses):
        raise Broken("the chain ends in another root than the given one")
    if own not in known and root is not None:
        checking.vouched(above, [_certificate(one) for one in pins.crosses], root, at)
    seen.report.root_sha256 = own


def _time_stamp(seen: _Seen) -> str:
    """Not from before the transfer; how long after it is told, and the CA was valid then too."""
    bundle: Bundle = seen.bundle
    digest = hashlib.sha256(bundle.evidence.canonical()).digest()
    stamp = stamps.check(bundle.time_stamp, digest, seen.above)
    after = stamp.at - bundle.evidence.posted_at
    if after < -SECOND:
        raise Broken("the time-stamp is from before the transfer")
    if after > 0:
        _still_stood(seen, stamp.at)
    seen.stamp = stamp
    seen.report.collected_after_seconds = max(after, 0) // SECOND
    words = f"the evidence existed at {_words(stamp.at)} (time-stamp {stamp.serial})"
    if (hours := bundle.evidence.late_hours(stamp.at)) is None:
        return words
    return (
        f"{words}; it was collected {hours} hours after the transfer, "
        "whose own time rests on the log"
    )


def _still_stood(seen: _Seen, at: Instant) -> None:
    """What leads from the issuing CA to the trusted root was valid when it was stamped as well.

    Roots beyond the trusted one may have ended meanwhile.
    """
    ders = seen.bundle.evidence.chain
    known = [checking.fingerprint(one) for one in seen.above.roots]
    trusted = seen.report.root_sha256
    needed = 2 + 2 * known.index(trusted) if trusted in known else len(ders)
    above = checking.chain(ders[:needed], at)
    if seen.pins.has_root:
        _pinned(seen, above, at)


def _status(seen: _Seen) -> str:
    """OCSP, as of the time-stamp. Revocation is for good, so who is not revoked then never was."""
    evidence: Evidence = seen.bundle.evidence
    certificate = checking.read(evidence.certificate)
    stamp: Stamp = seen.stamp
    said: Said = checking.status(evidence.ocsp, certificate, seen.above, stamp.at)
    seen.said = said
    if said.revoked_at is not None:
        return f"the certificate was revoked at {_words(said.revoked_at)}, compared below"
    late = evidence.late_hours(stamp.at) is not None
    since = ", after the transfer, and had not been revoked before" if late else ""
    return f"the certificate was good at {_words(said.this_update)}{since}"


def _log(seen: _Seen) -> str:
    bundle: Bundle = seen.bundle
    key = bundle.log.key
    seen.report.log_key_sha256 = hashlib.sha256(key).hexdigest()
    if seen.pins.log_key is not None and _pinned_key(seen.pins.log_key) != key:
        raise Broken("the tree heads are signed by another key than the given one")
    for name, proof in (("authorised", bundle.log.authorised), ("posted", bundle.log.posted)):
        tree_heads.check(proof, key)
        seen.leaves[name] = _fields(proof)
    if bundle.log.posted.leaf != bundle.evidence.leaf:
        raise Broken("the time-stamped evidence names another leaf")
    head = bundle.log.posted.head
    known = "the given key" if seen.pins.log_key else f"key {seen.report.log_key_sha256}"
    return f"leaf {bundle.log.posted.index} of {head.size} under a head signed by {known}"


def _outcome(seen: _Seen) -> str:
    """What the log says of the transfer is what the customer signed."""
    evidence: Evidence = seen.bundle.evidence
    posted, authorised = seen.leaves["posted"], seen.leaves["authorised"]
    digest = _digest_of(evidence)
    expected = {
        "the kind of the leaves": (posted["kind"], authorised["kind"])
        == ("transfer.posted", "transfer.authorised"),
        "the transfer": {
            str(posted.get("hold") or posted["transfer_id"]),
            authorised["transfer_id"],
            evidence.transfer_id,
        }
        == {seen.fields["transfer_id"]},
        "the amount": posted["amount"] == authorised["amount"] == seen.fields["amount"],
        "the signed bytes": authorised["evidence"] == digest
        and (posted["evidence"] == digest or bool(posted.get("hold"))),
        "the authorisation": posted["authorization"] == authorised["request_id"],
        "the person": posted["subject"] == authorised["subject"],
        "the tier": authorised["tier"] == evidence.tier == seen.fields["tier"],
        "the factors": authorised["factors"] == list(evidence.factors),
        "the policy": authorised["policy_version"]
        == evidence.policy_version
        == seen.fields["policy_version"],
        "the time": posted["at"] == evidence.posted_at >= authorised["at"],
    }
    wrong = [name for name, holds in expected.items() if not holds]
    if wrong:
        raise Broken(f"the log and what was signed differ in {', '.join(wrong)}")
    _was_good(seen.said, authorised["at"])
    day = utc(evidence.posted_at).astimezone(SEOUL).date().isoformat()
    factors = ", ".join(evidence.factors)
    return (
        f"posted on {day} in Seoul as signed; factors {factors}; policy {evidence.policy_version}"
    )


def _seal(seen: _Seen) -> str:
    """The bank's own signature over all of it."""
    bundle: Bundle = seen.bundle
    at, purpose = bundle.sealed_at, ObjectIdentifier(DOCUMENT_SIGNING)
    if at < bundle.evidence.posted_at:
        raise Broken("it was sealed before the money moved")
    if at < seen.stamp.at - SECOND:
        raise Broken("it was sealed before the time-stamp that it covers")
    holder = checking.leaf(bundle.seal.certificate, seen.above, at, purpose=purpose)
    checking.signed(holder, bundle.sealed(), bundle.seal.signature)
    return f"sealed at {_words(at)} by {_who(holder)}"


def _document(seen: _Seen) -> str:
    """The PDF around it. Last, because its signatures rest on the same chain."""
    from dojang.documents import verifying as documents

    above: Chain = seen.above
    try:
        made = documents.check(seen.content, above)
    except documents.BadDocument as wrong:
        raise Broken(str(wrong)) from wrong
    return (
        f"the PDF was signed at {_words(made.signed_at)} by {made.signer}, "
        "and its last time-stamp covers every byte"
    )


_STEPS: Final[list[tuple[str, Step]]] = [
    ("signature", _signature),
    ("chain", _chain),
    ("time_stamp", _time_stamp),
    ("status", _status),
    ("log", _log),
    ("outcome", _outcome),
    ("seal", _seal),
]


def attached(pdf: bytes) -> bytes:
    """The bundle inside a PDF, unverified. Raises Broken."""
    from dojang.documents import verifying as documents

    try:
        inside = documents.attachments(pdf)
    except documents.BadDocument as wrong:
        raise Broken(str(wrong)) from wrong
    if set(inside) != {ATTACHMENT}:
        raise Broken("the PDF holds no receipt")
    return inside[ATTACHMENT]


def _was_good(said: Said, signed_at: int) -> None:
    """Revoked in the seconds between signing and evidence is no reason to doubt the signature."""
    if said.revoked_at is not None and said.revoked_at < signed_at - signed_at % SECOND:
        raise Broken("the certificate was revoked before the order was authorised")


def _digest_of(evidence: Evidence) -> bytes:
    from dojang.transfers.model import evidence as digest

    return digest(evidence.payload, evidence.signature)


def _fields(proof: LogProof) -> dict[str, Any]:
    try:
        fields = cbor2.loads(proof.body)
        if not isinstance(fields, dict) or fields["idx"] != proof.index:
            raise Broken("a leaf stands at another place than it says")
    except (ValueError, KeyError, EOFError) as wrong:
        raise Broken("a leaf is unreadable") from wrong
    return fields


def _certificate(given: bytes) -> bytes:
    def load() -> x509.Certificate:
        pem = given.lstrip().startswith(b"-----")
        return (x509.load_pem_x509_certificate if pem else x509.load_der_x509_certificate)(given)

    return checking.sound("a given root is no certificate", load).public_bytes(Encoding.DER)


def _pinned_key(given: bytes) -> bytes:
    from cryptography.hazmat.primitives.serialization import (
        PublicFormat,
        load_der_public_key,
        load_pem_public_key,
    )

    pem = given.lstrip().startswith(b"-----")
    load = load_pem_public_key if pem else load_der_public_key
    key = checking.sound("the given log key is no public key", load, given)
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _words(at: Instant) -> str:
    return utc(at).strftime("%Y-%m-%d %H:%M:%S UTC")
