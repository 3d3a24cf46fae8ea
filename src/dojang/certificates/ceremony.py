"""An offline root: made once, used where enough custodians come together, told in a transcript.

    offline   found_root(vault, ...)          a root in a vault of its own
    the bank  request(vault, ...)             a PKCS#10 request by the issuing key
    offline   certify(vault, root, request)   the issuing certificate
    the bank  adopt(tx, ...)                  all of it, verified, stored and logged

A later root comes with more: `newroot`.

The transcript is what happened, step by step (who, when, which bytes), signed by the root's key:
nobody who was not there can write another, and the log keeps its hash.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dojang.certificates import checking, der, profiles, rootlist, store_authority
from dojang.certificates.certifying import (
    OFFLINE,
    ROOT_KEY,
    Span,
    issuing_key,
    issuing_name,
    root_key,
    root_name,
    root_signer,
    signed,
    spki_in,
    spki_of,
)
from dojang.certificates.checking import Unsound
from dojang.certificates.events import AuthorityCeremony
from dojang.certificates.making import Post
from dojang.certificates.model import Plan
from dojang.certificates.profiles import ISSUING, ROOT, Signer
from dojang.certificates.rootlist import CaEnd, Ended, RootList
from dojang.certificates.roots import ROOTS_MAX, Root, cross_role
from dojang.certificates.store_authority import AuthorityRow
from dojang.crypto import jcs
from dojang.crypto.encoding import BadEncoding
from dojang.db import Tx
from dojang.kernel.clock import SECOND, Instant, instant, utc
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, UnknownKey, Vault, ensure

VERSION: Final = 1
GENERATIONS_MAX: Final = 99
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

    @property
    def hash(self) -> bytes:
        """SHA-256 of `content`."""
        return hashlib.sha256(self.content).digest()

    def and_then(self, vault: Vault, step: Step, *, label: str = ROOT_KEY) -> "Transcript":
        """With one step more, signed anew. Raises `Refused` where what was told is changed."""
        if self.steps:
            self.verify(vault.public_key(label))
        longer = Transcript((*self.steps, step))
        return Transcript(longer.steps, vault.sign(label, longer.content))

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
    signer, spki = root_signer(vault, plan), spki_of(vault, ROOT_KEY)
    span = Span.of_days(now, plan.root_days)
    post = Post(ROOT, ROOT.name, 1, ROOT_KEY, signer.name, spki, span, signer, ROOT_KEY)
    return signed(vault, ROOT_KEY, post.drafted(plan, entropy))


def root_of(certificate: bytes, plan: Plan) -> Root:
    """A root by its certificate, its key under the label that it has at home. Raises `Refused`."""
    try:
        subject = x509.load_der_x509_certificate(certificate).subject.public_bytes()
    except ValueError:
        raise Refused("the root's certificate is unreadable") from None
    for number in range(1, ROOTS_MAX + 1):
        if subject == root_name(plan, number):
            return Root.read(certificate, number, root_key(number))
    raise Refused("the root has another name than the settings'")


def request(vault: Vault, plan: Plan, generation: int = 1) -> bytes:
    """A request (RFC 2986) for an issuing key of the serving vault, made there if it is not."""
    label = issuing_key(generation)
    ensure(vault, label, KeyKind.EC_P256)
    subject = issuing_name(plan, generation)
    info = der.sequence(der.integer(0), subject, spki_of(vault, label), der.explicit(0))
    return profiles.assemble(info, profiles.ECDSA_SHA256, vault.sign(label, info))


def certify(
    vault: Vault, root: Root, asked: bytes, plan: Plan, *, now: Instant, entropy: Entropy
) -> bytes:
    """The issuing certificate for a request that its own key signed. Raises `Refused`, `RootEnded`.

    It does not outlive the root.
    """
    wanted = requested(asked, plan)
    root.signs_at(now)
    signer, generation = at_home(vault, root, plan), wanted.generation
    post = Post(
        profile=ISSUING,
        role=ISSUING.name,
        number=generation,
        key_label=issuing_key(generation),
        subject=issuing_name(plan, generation),
        spki=wanted.spki,
        span=Span.of_days(now, plan.issuing_days, until=root.not_after),
        signer=signer,
        signer_label=root.key_label,
    )
    return signed(vault, root.key_label, post.drafted(plan, entropy))


@dataclass(frozen=True)
class Wanted:
    """What a request asks for: a generation of the issuing CA, and its key (SPKI, DER)."""

    generation: int
    spki: bytes


def requested(asked: bytes, plan: Plan) -> Wanted:
    """Read a request that its own P-256 key signed. Raises `Refused`."""
    try:
        parsed = x509.load_der_x509_csr(asked)
        holds = parsed.is_signature_valid
        key = parsed.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise Refused("not a certificate request") from None
    if not holds or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise Refused("the request is not signed by its own P-256 key")
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Wanted(generation_named(parsed.subject.public_bytes(), plan), spki)


def revoke(
    vault: Vault,
    root: Root,
    issuing: bytes | None,
    plan: Plan,
    last: RootList | None,
    why: CaEnd,
    now: Instant,
) -> RootList:
    """The root's next list, with this issuing certificate on it. Raises `Refused`, `RootEnded`.

    None: the last list once more, for as long again.
    """
    root.signs_at(now)
    at_home(vault, root, plan)
    if issuing is None:
        if last is None:
            raise Refused("there is no list yet")
        return rootlist.following(vault, plan, last, [], now, root=root.number)
    try:
        checking.chain([issuing, root.der], now)
    except Unsound as wrong:
        raise Refused(str(wrong)) from None
    parsed = x509.load_der_x509_certificate(issuing)
    generation_named(parsed.subject.public_bytes(), plan)
    serial = parsed.serial_number
    if last is not None and serial in {one.serial for one in last.ended}:
        raise Refused("the list before names it")
    ended = Ended(serial, Instant(now - now % SECOND), why)
    return rootlist.following(vault, plan, last, [ended], now, root=root.number)


def generation_named(subject: bytes, plan: Plan) -> int:
    """Which generation of the issuing CA this name is. Raises `Refused` where it is none."""
    for generation in range(1, GENERATIONS_MAX + 1):
        if subject == issuing_name(plan, generation):
            return generation
    raise Refused("it is for another name than the settings'")


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
    if spki_in(above.issuing) != own_spki:
        raise Refused("the certificate is for another key than this bank's")
    told = {one.get("certificate") for one in transcript.steps}
    if not {fingerprint(root), fingerprint(issuing)} <= told:
        raise Refused("the transcript does not tell of these certificates")


def adopt(
    tx: Tx,
    root: Root,
    issuing: bytes,
    transcript: Transcript,
    *,
    generation: int = 1,
    crosses: Mapping[str, bytes] | None = None,
) -> bool:
    """Store what `verified` found sound; False where it was adopted before.

    `crosses` by their roles, as `newroot.verified` found them sound. Raises `Refused` where another
    root or CA is there, the one before this one is not, or the root is not the newest.
    """
    founded = next((one for one in transcript.steps if one["what"] == "root_made"), {})
    _follows(tx, root.number, generation, crosses or {})
    new = _kept(tx, row_of(ROOT.name, root.der, root.number, OFFLINE))
    for role, cross in sorted((crosses or {}).items()):
        new |= _kept(tx, row_of(role, cross, 1, OFFLINE))
    below = _kept(tx, row_of(ISSUING.name, issuing, generation, issuing_key(generation)))
    if below and len(store_authority.of_roles(tx, [ROOT.name])) > root.number:
        raise Refused(f"there is a newer root than root {root.number}, which signs new CAs")
    if not new | below:
        return False
    tx.emit(
        AuthorityCeremony(
            subject="",
            transcript=transcript.hash,
            custodians=len(founded.get("who", ())),
            threshold=int(founded.get("threshold", 0)),
            root_fingerprint=hashlib.sha256(root.der).digest(),
            issuing_fingerprint=hashlib.sha256(issuing).digest(),
        )
    )
    return True


def _follows(tx: Tx, number: int, generation: int, crosses: Mapping[str, bytes]) -> None:
    rows = store_authority.cas(tx)
    roots, issuing = ([row for row in rows if row.role == one.name] for one in (ROOT, ISSUING))
    if len(issuing) < generation - 1:
        raise Refused(f"this bank has no generation {generation - 1} of its issuing CA")
    if len(roots) < number - 1:
        raise Refused(f"this bank has no root {number - 1}")
    if len(roots) < number != 1 and cross_role(number, number - 1) not in crosses:
        raise Refused(f"root {number} comes with the word of the one before it: --cross")


def at_home(vault: Vault, root: Root, plan: Plan) -> Signer:
    """Raises `Refused` where this vault has another key than the root's."""
    try:
        signer = root_signer(vault, plan, root.number)
    except UnknownKey:
        raise Refused(f"there is no key of root {root.number} here") from None
    if signer.key_id != root.key_id:
        raise Refused("the root's certificate is for another key")
    return signer


def _kept(tx: Tx, row: AuthorityRow) -> bool:
    """Whether it is new here. Raises `Refused` where another one stands in its place."""
    rows = store_authority.of_roles(tx, [row.role])
    before = next((one for one in rows if one.number == row.number), None)
    if before is None:
        store_authority.add_or_find(tx, row)
    elif before.der != row.der:
        raise Refused(f"this bank has another {row.role} certificate")
    return before is None


def row_of(role: str, made: bytes, number: int, label: str) -> AuthorityRow:
    parsed = x509.load_der_x509_certificate(made)
    return AuthorityRow(
        role=role,
        number=number,
        key_label=label,
        serial=profiles.serial_text(parsed.serial_number),
        not_before=instant(parsed.not_valid_before_utc),
        not_after=instant(parsed.not_valid_after_utc),
        der=made,
    )
