"""The authority: roots, the generations of the issuing CA, the offices they lend their word to.

Keys live in the vault, certificates in the database. `establish` may run at every start, in several
processes at once: whoever comes second finds what the first one made.
"""

import threading
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes

from dojang.certificates import issuer, store_authority, succession, unfinished
from dojang.certificates.certifying import (
    ISSUING_KEY,
    OFFLINE,
    ROOT_KEY,
    CeremonyNeeded,
    Span,
    Uncertain,
    issuing_key,
    issuing_name,
    name_of,
    root_key,
    root_signer,
    spki_of,
)
from dojang.certificates.issuer import Issuer
from dojang.certificates.making import Maker, Post
from dojang.certificates.model import NO_EXPIRY, Plan
from dojang.certificates.profiles import (
    DOCUMENT,
    ISSUING,
    OCSP,
    ROOT,
    TSA,
    Profile,
    Signer,
)
from dojang.certificates.roots import ROOTS_MAX, Cross, Root, Roots
from dojang.db import Database
from dojang.kernel.clock import DAY, SECOND, Clock, Instant
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, UnknownKey, Vault, ensure

RESPONDER_KEY: Final = "ocsp-responder"
TIME_STAMPER_KEY: Final = "tsa"
DOCUMENT_KEY: Final = "document"
LOOK_SECONDS: Final = 5
"""How old what a process knows may be: it then looks whether another one rolled a key over."""


@dataclass(frozen=True)
class Responder:
    """Who signs OCSP answers now."""

    key_label: str
    der: bytes
    key_hash: bytes
    """SHA-1 of its key, how an answer names it (RFC 6960 4.2.1)."""


@dataclass(frozen=True)
class Office:
    """A certificate of the house's own, and which of the vault's keys it is for."""

    key_label: str
    der: bytes


@dataclass(frozen=True)
class _Term:
    """How long a certificate of the house lasts, and how long before its end the next is made."""

    key_label: str
    days: int
    renew_days: int


class Authority:
    """The CA as the rest of the house sees it: its generations, and who signs for each.

    Nothing here inside a transaction, but `signed` and `issuer_of`: they read what they know, and
    look into the database only for a generation that is new to this process.
    """

    def __init__(
        self, db: Database, vault: Vault, clock: Clock, entropy: Entropy, plan: Plan
    ) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._maker = Maker(db, vault, entropy, plan)
        self._mutex = threading.Lock()
        self._held: dict[str, tuple[Instant, Office]] = {}
        self._responders: dict[bytes, Responder] = {}
        self._terms = {
            OCSP: _Term(RESPONDER_KEY, plan.responder_days, plan.responder_renew_days),
            TSA: _Term(TIME_STAMPER_KEY, plan.time_stamper_days, plan.time_stamper_renew_days),
            DOCUMENT: _Term(DOCUMENT_KEY, plan.document_days, plan.document_renew_days),
        }
        self.plan: Final = plan
        ensure(vault, ISSUING_KEY, KeyKind.EC_P256)
        if plan.offline_root:
            self._adopted()
        else:
            self._made_here()
        self._issuers: tuple[Issuer, ...] = ()
        self._roots = Roots((), ())
        self._looked = self._look()
        self.root_der: Final = self._roots.numbered(1).der
        with db.transaction() as tx:
            unfinished.give_up(tx)

    def issuers(self, *, anew: bool = False) -> tuple[Issuer, ...]:
        """Every generation of the issuing CA, the oldest first.

        `anew` for who met one that is not known here: another process may have just made it.
        """
        if anew or not 0 <= self._clock.now() - self._looked < LOOK_SECONDS * SECOND:
            self._looked = self._look()
        return self._issuers

    @property
    def issuer(self) -> Issuer:
        """Who issues at this moment: the newest."""
        return self.issuers()[-1]

    def has(self, generation: int) -> bool:
        """Whether there is such a generation."""
        known = 1 <= generation <= len(self._issuers)
        return known or 1 <= generation <= len(self.issuers(anew=True))

    def numbered(self, generation: int) -> Issuer:
        """Raises LookupError where there is none."""
        if not self.has(generation):
            raise LookupError(f"no generation {generation} of the issuing CA")
        return self._issuers[generation - 1]

    def issuer_of(self, certificate: bytes) -> Issuer | None:
        """Whose name it bears as its issuer's; its signature is not judged."""
        known = issuer.named_by(certificate, self._issuers)
        return known or issuer.named_by(certificate, self.issuers(anew=True))

    def signed(self, certificate: bytes) -> bool:
        """Did the issuing CA, in any generation, sign this? Name and signature are looked at."""
        try:
            by = self.issuer_of(certificate)
        except ValueError:
            return False
        return by is not None and by.signed(certificate)

    def roots(self, *, anew: bool = False) -> Roots:
        """Every root, and their cross certificates. `anew` as for `issuers`."""
        self.issuers(anew=anew)
        return self._roots

    def root_numbered(self, number: int) -> Root:
        """Raises LookupError where there is none."""
        known = 1 <= number <= len(self.roots().every)
        return self.roots(anew=not known).numbered(number)

    def cross(self, of: int, by: int) -> Cross:
        """The key of root `of`, certified by root `by`. Raises LookupError where there is none."""
        found = self.roots().cross(of, by) or self.roots(anew=True).cross(of, by)
        if found is None:
            raise LookupError(f"root {by} did not certify root {of}")
        return found

    def chain_of(self, by: Issuer | None = None) -> tuple[bytes, ...]:
        """The certificate of this issuer, or of the newest, then of the root over it, in DER.

        Then for each older root that has not ended what vouches for the newer, and its own: so a
        reader that trusts only the older one finds a way.
        """
        by = by or self.issuer
        return by.der, *self._roots.above(by.certificate, self._clock.now())

    def responder(self, by: Issuer | None = None) -> Responder:
        """Who signs OCSP answers about this issuer's certificates at this moment."""
        held = self._office(OCSP, by)
        known = self._responders.get(held.der)
        if known is None:
            key_hash = _sha1(issuer.bits_of(self._vault, held.key_label))
            known = self._responders[held.der] = Responder(held.key_label, held.der, key_hash)
        return known

    def time_stamper(self, by: Issuer | None = None) -> Office:
        """Who stamps times at this moment (RFC 3161), under this issuer or the newest."""
        return self._office(TSA, by)

    def document_signer(self, by: Issuer | None = None) -> Office:
        """Who signs the house's documents at this moment, under this issuer or the newest."""
        return self._office(DOCUMENT, by)

    def roll_over(self, profile: Profile) -> list[Office]:
        """A new key for an office under each issuer; the old ones stay good to their end.

        Processes that serve take it within `LOOK_SECONDS`. Raises `Uncertain` where another process
        was quicker.
        """
        made = [self._rolled_over(profile, by) for by in self.issuers(anew=True)]
        with self._mutex:
            self._held.clear()
        return made

    def roll_over_issuing(self) -> Issuer:
        """The next generation of the issuing CA; the old one stays good for what it gave out.

        Processes that serve issue by it within `LOOK_SECONDS`. Raises `CeremonyNeeded` where the
        root is not in this vault, `RootEnded`.
        """
        number = len(self.issuers(anew=True)) + 1
        if self.plan.offline_root:
            ask = f"dojang ca ceremony request --generation {number}"
            raise CeremonyNeeded(f"the root is offline: `{ask}`")
        self._maker.certify(self._issuing(number, self._roots.newest))
        return self.numbered(number)

    def roll_over_root(self) -> Root:
        """The next root beside the old one, with cross certificates and an issuing CA beneath it.

        All of it is there or none. Processes that serve take it within `LOOK_SECONDS`. Raises
        `CeremonyNeeded` where the root is not in this vault, `RootEnded`, `Uncertain`.
        """
        generation, roots = len(self.issuers(anew=True)) + 1, self._roots
        if self.plan.offline_root:
            raise CeremonyNeeded("the root is offline: `dojang ca ceremony new-root`")
        number, label = len(roots.every) + 1, issuing_key(generation)
        if number > ROOTS_MAX:
            raise CeremonyNeeded(f"there are {ROOTS_MAX} roots, and no number for another")
        previous = self._signer_of(roots.newest)
        ensure(self._vault, root_key(number), KeyKind.EC_P384)
        ensure(self._vault, label, KeyKind.EC_P256)
        posts = succession.posts(
            self.plan,
            roots,
            previous=previous,
            new=root_signer(self._vault, self.plan, number),
            root_spki=spki_of(self._vault, root_key(number)),
            issuing_spki=spki_of(self._vault, label),
            generation=generation,
            now=self._clock.now(),
        )
        self._maker.certify_all(posts)
        return self.roots(anew=True).numbered(number)

    def _look(self) -> Instant:
        """Take up the generations that are new here; when that was.

        Two threads may do so at once: both find the same.
        """
        now = self._clock.now()
        with self._db.snapshot() as tx:
            rows = store_authority.cas(tx)
        known = self._issuers
        issuing = [row for row in rows if row.role == ISSUING.name]
        new = [Issuer.of(row, self._vault) for row in issuing[len(known) :]]
        roots = Roots.of(rows)
        if len(roots.every) > len(self._roots.every):
            self._roots = roots
        if new:
            self._issuers = (*known, *new)
        return now

    def _rolled_over(self, profile: Profile, by: Issuer) -> Office:
        term, role = self._terms[profile], _role(profile, by)
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, role)
        number = 1 if row is None else row.number + 1
        label = f"{_label(term, by)}-{number}"
        ensure(self._vault, label, KeyKind.EC_P256)
        made = self._maker.certify(self._under(by, profile, number, label))
        if made.key_label != label:
            raise Uncertain("another process made a certificate for this office meanwhile")
        return Office(made.key_label, made.der)

    def _office(self, profile: Profile, by: Issuer | None) -> Office:
        """The holder of this moment; a new certificate is made before the old one ends.

        What another process made is taken within `LOOK_SECONDS`.
        Not inside a transaction: a renewal touches the issuing key and stores a row.
        """
        by = by or self.issuer
        now, role = self._clock.now(), _role(profile, by)
        with self._mutex:
            held = self._held.get(role)
            if held is None or not 0 <= now - held[0] < LOOK_SECONDS * SECOND:
                held = self._held[role] = now, self._current(profile, by, now)
            return held[1]

    def _current(self, profile: Profile, by: Issuer, now: Instant) -> Office:
        term, role = self._terms[profile], _role(profile, by)
        renew_before = term.renew_days * DAY
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, role)
        if row is None or not row.not_before <= now < row.not_after - renew_before:
            number = 1 if row is None else row.number + 1
            label = _label(term, by) if row is None else row.key_label
            ensure(self._vault, label, KeyKind.EC_P256)
            row = self._maker.certify(self._under(by, profile, number, label))
        return Office(row.key_label, row.der)

    def _made_here(self) -> None:
        """Root and issuing certificate, each made once with the root's key in this vault."""
        with self._db.snapshot() as tx:
            root, issuing = (store_authority.newest(tx, role.name) for role in (ROOT, ISSUING))
        if root is not None and root.key_label == OFFLINE:
            raise CeremonyNeeded("the root was made in a ceremony: set pki.offline_root")
        if root is None:
            ensure(self._vault, ROOT_KEY, KeyKind.EC_P384)
            signer = root_signer(self._vault, self.plan)
            spki, span = spki_of(self._vault, ROOT_KEY), self._from_now(self.plan.root_days)
            root = self._maker.certify(
                Post(ROOT, ROOT.name, 1, ROOT_KEY, signer.name, spki, span, signer, ROOT_KEY)
            )
        if issuing is None:
            self._maker.certify(self._issuing(1, Root.of(root)))

    def _adopted(self) -> None:
        """Is a root, with an issuing CA, there as a ceremony brings them? Raises CeremonyNeeded."""
        if {root_key(number) for number in range(1, ROOTS_MAX + 1)} & set(self._vault.labels()):
            raise CeremonyNeeded("the vault of a bank with an offline root holds a root's key")
        with self._db.snapshot() as tx:
            root, issuing = (store_authority.newest(tx, role.name) for role in (ROOT, ISSUING))
        if root is None or issuing is None:
            raise CeremonyNeeded("no issuing certificate yet: hold `dojang ca ceremony`")
        if root.key_label != OFFLINE:
            raise CeremonyNeeded("this bank made its root itself: pki.offline_root is for new ones")

    def _issuing(self, number: int, root: Root) -> Post:
        """A generation under this root. Raises `RootEnded`, `Uncertain`."""
        root.signs_at(self._clock.now())
        label, above = issuing_key(number), self._signer_of(root)
        ensure(self._vault, label, KeyKind.EC_P256)
        subject, spki = issuing_name(self.plan, number), spki_of(self._vault, label)
        span = self._from_now(self.plan.issuing_days, until=root.not_after)
        role = ISSUING.name
        return Post(ISSUING, role, number, label, subject, spki, span, above, root.key_label)

    def _signer_of(self, root: Root) -> Signer:
        """Raises `Uncertain` where the vault has another key, or the settings another name."""
        try:
            signer = root_signer(self._vault, self.plan, root.number)
        except UnknownKey:
            raise Uncertain(f"the vault lacks {root.key_label}") from None
        if (signer.name, signer.key_id) != (root.name, root.key_id):
            raise Uncertain("the vault's root key, or its name, is not the one in the database")
        return signer

    def _under(self, by: Issuer, profile: Profile, number: int, label: str) -> Post:
        subject, spki = name_of(profile, self.plan), spki_of(self._vault, label)
        span, role = self._from_now(self._terms[profile].days), _role(profile, by)
        return Post(profile, role, number, label, subject, spki, span, by.signer, by.key_label)

    def _from_now(self, days: int, *, until: Instant = NO_EXPIRY) -> Span:
        return Span.of_days(self._clock.now(), days, until=until)


def _role(profile: Profile, by: Issuer) -> str:
    """How rows and the log call an office: under each issuer it is another one."""
    return profile.name if by.generation == 1 else f"{profile.name}-{by.generation}"


def _label(term: _Term, by: Issuer) -> str:
    """The first key of an office under this issuer."""
    return term.key_label if by.generation == 1 else f"{term.key_label}-g{by.generation}"


def _sha1(content: bytes) -> bytes:
    """OCSP's way of naming keys; nothing rests on its strength."""
    digest = hashes.Hash(hashes.SHA1())  # noqa: S303
    digest.update(content)
    return digest.finalize()
