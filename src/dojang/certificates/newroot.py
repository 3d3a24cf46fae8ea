"""The next offline root: made where the custodians of both roots are, taken by the bank whole.

    offline   make(...)       the new root, the cross certificates, the issuing CA beneath it
    the bank  verified(...)   may it have all that? `ceremony.adopt` stores it in one transaction

What lets a new root in is the old root's word for its key: `new with old`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.certificates import ceremony, profiles, succession
from dojang.certificates.ceremony import Refused, Transcript, fingerprint
from dojang.certificates.certifying import Span, root_key, root_signer, signed, spki_in, spki_of
from dojang.certificates.frame import Meant
from dojang.certificates.lint import Lint
from dojang.certificates.making import Post
from dojang.certificates.model import Plan
from dojang.certificates.profiles import CROSS, ISSUING, ROOT, Fields, Signer
from dojang.certificates.roots import ROOTS_MAX, Root, Roots, cross_role
from dojang.kernel.clock import Instant, instant
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, Vault, ensure


@dataclass(frozen=True)
class Brought:
    """What a ceremony brings, in DER; cross certificates by their roles."""

    root: bytes
    crosses: Mapping[str, bytes]
    issuing: bytes


def make(
    old: Vault,
    new: Vault,
    plan: Plan,
    roots: Roots,
    asked: bytes,
    *,
    now: Instant,
    entropy: Entropy,
) -> Brought:
    """All of it, with the vaults of the newest of `roots` and of the next, whose key is made.

    `asked` is the bank's request for its next issuing key. Raises `Refused`, `RootEnded`.
    """
    wanted, before = ceremony.requested(asked, plan), roots.newest
    if before.number == ROOTS_MAX:
        raise Refused(f"there are {ROOTS_MAX} roots, and no number for another")
    previous = ceremony.at_home(old, before, plan)
    for one in roots.every[:-1]:
        _known(one, before, roots)
    label = root_key(before.number + 1)
    ensure(new, label, KeyKind.EC_P384)
    posts = succession.posts(
        plan,
        roots,
        previous=previous,
        new=root_signer(new, plan, before.number + 1),
        root_spki=spki_of(new, label),
        issuing_spki=wanted.spki,
        generation=wanted.generation,
        now=now,
    )
    vaults = {before.key_label: old, label: new}
    made = {post.role: _signed(vaults[post.signer_label], post, plan, entropy) for post in posts}
    root, issuing = made.pop(ROOT.name), made.pop(ISSUING.name)
    return Brought(root, made, issuing)


def _known(one: Root, by: Root, roots: Roots) -> None:
    """A root that came on the medium is the one that the root in the vault certified once."""
    cross = roots.cross(one.number, by.number)
    known = None if cross is None else x509.load_der_x509_certificate(cross.der)
    same = known is not None and (known.subject.public_bytes(), spki_in(known)) == (
        one.name,
        spki_in(one.certificate),
    )
    if known is None or not same or not by.signed(known):
        raise Refused(f"root {one.number} on the medium is not the one that root {by.number} knew")


def verified(
    brought: Brought, roots: Roots, transcript: Transcript, plan: Plan, now: Instant
) -> None:
    """Is this the root that follows the bank's `roots`, with everything between it and them?

    The root's own signature, its transcript and the issuing certificate are `ceremony.verified`'s.
    Raises `Refused`.
    """
    new, before = ceremony.root_of(brought.root, plan), roots.newest
    if new.number != before.number + 1:
        raise Refused(f"root {before.number} is followed by another than root {new.number}")
    told = {one.get("certificate") for one in transcript.steps}
    pairs = {cross_role(new.number, before.number): (new, before)}
    pairs |= {cross_role(o.number, new.number): (o, new) for o in roots.every if now <= o.not_after}
    if set(brought.crosses) != set(pairs):
        raise Refused(f"its cross certificates are {', '.join(sorted(pairs))}: --cross, each once")
    _sound(brought.root, ROOT, new, new, plan)
    for role, (of, by) in pairs.items():
        _sound(brought.crosses[role], CROSS, of, by, plan)
        if fingerprint(brought.crosses[role]) not in told:
            raise Refused("the transcript does not tell of the cross certificates")


def _sound(der: bytes, profile: profiles.Profile, of: Root, by: Root, plan: Plan) -> None:
    """Is it this root's key and name, as the other root certifies one, and for no longer?"""
    parsed = x509.load_der_x509_certificate(der)
    span = Span(instant(parsed.not_valid_before_utc), instant(parsed.not_valid_after_utc))
    spki, key = spki_in(of.certificate), by.certificate.public_key()
    fields = Fields(
        serial=parsed.serial_number,
        subject=of.name,
        spki=spki,
        key_id=of.key_id,
        not_before=span.start,
        not_after=span.end,
    )
    signer = Signer(
        name=by.name, key_id=by.key_id, algorithm=profiles.ECDSA_SHA384, generation=by.number
    )
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused("a root's key is no EC key")
    findings = Lint(Meant(profile, signer, plan)).findings(der, fields, key)
    if findings:
        raise Refused(f"a certificate for root {of.number}: {findings[0]}")
    if not of.not_before <= span.start or not span.end <= min(of.not_after, by.not_after):
        raise Refused(f"a certificate for root {of.number} is valid longer than a root")


def _signed(vault: Vault, post: Post, plan: Plan, entropy: Entropy) -> bytes:
    return signed(vault, post.signer_label, post.drafted(plan, entropy))
