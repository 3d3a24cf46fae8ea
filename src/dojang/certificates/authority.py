"""The authority: a root, the generations of the issuing CA, the offices they lend their word to.

Keys live in the vault, certificates in the database. `establish` may run at every start, in several
processes at once: whoever comes second finds what the first one made.
"""

import threading
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes

from dojang.certificates import issuer, profiles, store_authority, unfinished
from dojang.certificates.certifying import (
    ISSUING_KEY,
    OFFLINE,
    ROOT_KEY,
    CeremonyNeeded,
    Uncertain,
    house_fields,
    issuing_key,
    issuing_name,
    linted,
    name_of,
    root_signer,
    signed,
    spki_of,
)
from dojang.certificates.issuer import Issuer
from dojang.certificates.model import Plan
from dojang.certificates.profiles import (
    DOCUMENT,
    ISSUING,
    OCSP,
    ROOT,
    TSA,
    Profile,
    Signer,
)
from dojang.certificates.store_authority import AuthorityRow
from dojang.db import Database
from dojang.kernel.clock import DAY, SECOND, Clock, Instant
from dojang.kernel.entropy import Entropy
from dojang.vault import KeyKind, Vault, ensure

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


@dataclass(frozen=True)
class _Post:
    """A certificate of the house to be made: what, under which role and number, by whom."""

    profile: Profile
    role: str
    number: int
    key_label: str
    subject: bytes
    days: int
    signer: Signer
    signer_label: str


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
        self._entropy = entropy
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
        self.root_der: Final = self._adopted() if plan.offline_root else self._made_here()
        self._issuers: tuple[Issuer, ...] = ()
        self._looked = self._look()
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

    def chain_of(self, by: Issuer | None = None) -> tuple[bytes, ...]:
        """The certificate of this issuer, or of the newest, then the root's, in DER."""
        return (by or self.issuer).der, self.root_der

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
        root is not in this vault.
        """
        number = len(self.issuers(anew=True)) + 1
        if self.plan.offline_root:
            ask = f"dojang ca ceremony request --generation {number}"
            raise CeremonyNeeded(f"the root is offline: `{ask}`")
        label = issuing_key(number)
        ensure(self._vault, label, KeyKind.EC_P256)
        self._certify(self._under_root(ISSUING, number, label))
        return self.numbered(number)

    def _look(self) -> Instant:
        """Take up the generations that are new here; when that was.

        Two threads may do so at once: both find the same.
        """
        now = self._clock.now()
        with self._db.snapshot() as tx:
            rows = store_authority.of_roles(tx, [ISSUING.name])
        known = self._issuers
        new = [Issuer.of(row, self._vault) for row in rows[len(known) :]]
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
        made = self._certify(self._under(by, profile, number, label))
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
            row = self._certify(self._under(by, profile, number, label))
        return Office(row.key_label, row.der)

    def _made_here(self) -> bytes:
        """Root and issuing certificate, each made once with the root's key in this vault."""
        with self._db.snapshot() as tx:
            root = store_authority.newest(tx, ROOT.name)
        if root is not None and root.key_label == OFFLINE:
            raise CeremonyNeeded("the root was made in a ceremony: set pki.offline_root")
        ensure(self._vault, ROOT_KEY, KeyKind.EC_P384)
        made = self._once(self._under_root(ROOT, 1, ROOT_KEY))
        self._once(self._under_root(ISSUING, 1, ISSUING_KEY))
        return made

    def _adopted(self) -> bytes:
        """The root, with an issuing CA, as a ceremony brought them. Raises `CeremonyNeeded`."""
        if ROOT_KEY in self._vault.labels():
            raise CeremonyNeeded("the vault of a bank with an offline root holds a root's key")
        with self._db.snapshot() as tx:
            root, issuing = (store_authority.newest(tx, role.name) for role in (ROOT, ISSUING))
        if root is None or issuing is None:
            raise CeremonyNeeded("no issuing certificate yet: hold `dojang ca ceremony`")
        if root.key_label != OFFLINE:
            raise CeremonyNeeded("this bank made its root itself: pki.offline_root is for new ones")
        return root.der

    def _once(self, post: _Post) -> bytes:
        with self._db.snapshot() as tx:
            row = store_authority.newest(tx, post.role)
        return (row or self._certify(post)).der

    def _under_root(self, profile: Profile, number: int, label: str) -> _Post:
        plan = self.plan
        days = plan.root_days if profile is ROOT else plan.issuing_days
        subject = name_of(ROOT, plan) if profile is ROOT else issuing_name(plan, number)
        above = root_signer(self._vault, plan)
        return _Post(profile, profile.name, number, label, subject, days, above, ROOT_KEY)

    def _under(self, by: Issuer, profile: Profile, number: int, label: str) -> _Post:
        subject, days = name_of(profile, self.plan), self._terms[profile].days
        role = _role(profile, by)
        return _Post(profile, role, number, label, subject, days, by.signer, by.key_label)

    def _certify(self, post: _Post) -> AuthorityRow:
        now = self._clock.now()
        fields = house_fields(
            post.profile,
            post.subject,
            spki_of(self._vault, post.key_label),
            serial=profiles.new_serial(self._entropy),
            start=Instant(now - now % SECOND),
            days=post.days,
        )
        what = linted(post.profile, fields, post.signer, self.plan)
        serial = profiles.serial_text(fields.serial)
        with self._db.transaction() as tx:
            unfinished.prepared(tx, post.role, serial, what.tbs_hash)
        row = AuthorityRow(
            role=post.role,
            number=post.number,
            key_label=post.key_label,
            serial=serial,
            not_before=fields.not_before,
            not_after=fields.not_after,
            der=signed(self._vault, post.signer_label, what),
        )
        with self._db.transaction() as tx:
            kept = store_authority.add_or_find(tx, row)
            if kept.serial != serial:
                unfinished.abandoned(tx, post.role, serial)
        return kept


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
