"""What the authority says about a certificate now: OCSP and CRL, from bytes to bytes.

Both read the rows that a revocation changed in its own transaction, so both are right at once.
Not inside a transaction: they sign.

The answer to a single question without a nonce is kept and given again until half of its life is
over. The transaction that changes a certificate's status deletes what was kept about it.
"""

import itertools
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dojang import policy
from dojang.certificates import der, ocsp, profiles, store_authority, store_status
from dojang.certificates.authority import Authority
from dojang.certificates.issuer import Issuer, named_by
from dojang.certificates.lists import Lists
from dojang.certificates.model import Standing
from dojang.certificates.ocsp import (
    GOOD,
    UNKNOWN,
    Asked,
    Form,
    IssuerHashes,
    Request,
    Revoked,
    Verdict,
)
from dojang.certificates.profiles import everything_of
from dojang.certificates.questions import Questions
from dojang.certificates.store_status import AnswerRow, Stand
from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, Instant
from dojang.vault import Vault

SERIAL_BITS: Final = 128
KEPT_HASHES: Final = (ocsp.SHA1, ocsp.SHA256)
"""The hashes by which clients name the issuer; who uses another waits for a signature."""


NEVER: Final = Instant(0)


class Kept(NamedTuple):
    """The request it answers as most clients write it, and whom it is about.

    It is true while no change after number `as_of` concerns that serial number.
    """

    request: bytes
    serial: str
    as_of: int


class Answer(NamedTuple):
    """An OCSP answer, and until when a cache may repeat it."""

    der: bytes
    this_update: Instant = NEVER
    next_update: Instant = NEVER
    cacheable: bool = False
    kept: Kept | None = None
    """How it may be given again; None: made for this request alone."""

    @property
    def renew_at(self) -> Instant:
        return renew_at(self.this_update, self.next_update)


@dataclass(frozen=True)
class Voice:
    """Which key speaks, and what all its answers of one moment share."""

    key_label: str
    responder: bytes
    form: Form

    def serves(self, responder: bytes, this_update: Instant, next_update: Instant) -> bool:
        times = self.form.this_update, self.form.next_update
        return self.responder == responder and times == (this_update, next_update)


class Found(NamedTuple):
    """What an answer is made of; `stood` is how the one certificate stands if it may be kept."""

    request: Request
    by: Issuer
    verdicts: list[tuple[Asked, Verdict]]
    as_of: int
    stood: Stand | None = None


@dataclass(frozen=True)
class Named:
    """A generation of the issuing CA, and how clients name it."""

    issuer: Issuer
    hashes: IssuerHashes


class Voices:
    """Who speaks for whom at one moment: each issuer has a responder of its own."""

    def __init__(self, voice: Callable[[Issuer], Voice]) -> None:
        self._voice = voice
        self._known: dict[int, Voice] = {}

    def of(self, by: Issuer) -> Voice:
        if by.generation not in self._known:
            self._known[by.generation] = self._voice(by)
        return self._known[by.generation]


class Status:
    """The responders and the lists of the issuing CA, in all its generations."""

    def __init__(self, db: Database, vault: Vault, authority: Authority) -> None:
        self._db = db
        self._vault = vault
        self._authority = authority
        self._known: tuple[Named, ...] = ()
        self._by_names: dict[ocsp.Names, Named] = {}
        self._questions = Questions(self._is_plain)
        self._last_voice: dict[int, Voice] = {}
        self.lists: Final = Lists(db, vault, authority)

    def ocsp(self, request: bytes) -> bytes:
        """An OCSPResponse for an OCSPRequest, whatever the bytes are."""
        return self.answer(request).der

    def crl(self, generation: int = 1) -> bytes:
        """The complete list of everything of one generation. Raises `lists.Busy`."""
        return b"".join(self.lists.parts(self.lists.complete(everything_of(generation))))

    def about(self, serials: Sequence[int]) -> list[bytes]:
        """An OCSPResponse about each of our certificates, all as of one snapshot, no nonce."""
        self._know()
        with self._db.snapshot() as tx:
            seconds, now = life(tx)
            stands = store_status.stands(tx, sorted(map(profiles.serial_text, serials)))
            givers = [self._giver(tx, profiles.serial_text(one), stands) for one in serials]
            asked = [(by, by.hashes.asked(one)) for by, one in zip(givers, serials, strict=True)]
            said = [(by, one, self._verdict(tx, by, one, stands)) for by, one in asked]
        voices = Voices(lambda by: self._voice(by, now, seconds))
        spoken = [(voices.of(by.issuer), one, so) for by, one, so in said]
        return self._signed([(v, v.form.data([(one, so)], None)) for v, one, so in spoken])

    def answer(self, request: bytes) -> Answer:
        """As `ocsp`, with what whoever repeats it wants to know (RFC 5019 6)."""
        return self.answers([request])[0]

    def answers(self, requests: Sequence[bytes]) -> list[Answer]:
        """One answer a request, all as of one snapshot: what waits together costs less."""
        self._know()
        parsed = [self._parsed(request) for request in requests]
        if any(one is not None and self._meant(one.asked[0]) is None for one in parsed):
            self._know(anew=True)
        with self._db.snapshot() as tx:
            seconds, now = life(tx)
            found = self._found(tx, parsed)
        voices = Voices(lambda by: self._voice(by, now, seconds))
        to_make = [(voices.of(one.by), one) for one in found if isinstance(one, Found)]
        data = [(voice, voice.form.data(one.verdicts, one.request.nonce)) for voice, one in to_make]
        fresh_ones = map(_made, to_make, self._signed(data))
        made = [one if isinstance(one, Answer) else next(fresh_ones) for one in found]
        fresh = [
            (_row(answer), one.stood)
            for one, answer in zip(found, made, strict=True)
            if isinstance(one, Found) and one.stood is not None and answer.kept is not None
        ]
        if fresh:
            with self._db.transaction() as tx:
                store_status.keep(tx, fresh)
        return made

    def made_ahead(
        self, stands: Sequence[Stand], now: Instant, seconds: int
    ) -> list[tuple[AnswerRow, Stand]]:
        """Answers about these to each question that most clients ask, not yet kept."""
        self._know()
        voices, asked = Voices(lambda by: self._voice(by, now, seconds)), []
        for stood in stands:
            by, serial = self._numbered(stood.generation), der.integer(int(stood.serial, 16))
            voice, verdict = voices.of(by.issuer), verdict_of(stood)
            for algorithm in KEPT_HASHES:
                cert_id = by.hashes.cert_id(serial, algorithm)
                asked.append((voice, cert_id, voice.form.data_of_one(cert_id, verdict), stood))
        signed = self._signed([(voice, data) for voice, _, data, _ in asked])
        return [
            (AnswerRow(cert_id, stood.serial, now, voice.form.next_update, answer), stood)
            for (voice, cert_id, _, stood), answer in zip(asked, signed, strict=True)
        ]

    def sweep(self) -> None:
        """Forget answers that nobody may believe any more."""
        with self._db.transaction() as tx:
            store_status.delete_lapsed(tx)

    def _know(self, *, anew: bool = False) -> None:
        """Take up generations that are new here; `anew`: we met one that we do not know."""
        issuers = self._authority.issuers(anew=anew)
        if len(issuers) > len(self._known):
            known = [Named(one, IssuerHashes(one.signer.name, one.key_bits)) for one in issuers]
            self._by_names = {names: one for one in known for names in one.hashes.names}
            self._known = tuple(known)

    def _numbered(self, generation: int) -> Named:
        if generation > len(self._known):
            self._know(anew=True)
        return self._known[generation - 1]

    def _meant(self, asked: Asked) -> Named | None:
        """Whose certificate is asked about, as the question names its issuer."""
        return self._by_names.get(asked.names)

    def _giver(self, tx: Tx, serial: str, stands: Mapping[str, Stand]) -> Named:
        """Who gave out this serial number; the newest where it is nobody's of ours."""
        stood = stands.get(serial)
        if stood is not None:
            return self._numbered(stood.generation)
        office = store_authority.office(tx, serial)
        by = None if office is None else self._authority.issuer_of(office)
        return self._known[-1] if by is None else self._numbered(by.generation)

    def _found(self, tx: Tx, parsed: Sequence[Request | None]) -> list[Answer | Found]:
        """The kept answers, while half of their life is left; else what they are made of.

        The database is asked once for each, however many we were asked.
        """
        as_of = store_status.changes(tx)
        plain = {
            one.asked[0].cert_id: one.asked[0]
            for one in parsed
            if one is not None and _is_simple(one) and self._is_plain(one.asked[0])
        }
        kept = _repeatable(tx, plain.values(), as_of) if plain else {}
        said = [_said_already(one, kept) for one in parsed]
        rest = [one for one, answer in zip(parsed, said, strict=True) if one and answer is None]
        stands = self._stands(tx, [asked for one in rest for asked in one.asked])
        made_of = iter([self._of(tx, one, stands, plain, as_of) for one in rest])
        return [next(made_of) if answer is None else answer for answer in said]

    def _of(
        self,
        tx: Tx,
        request: Request,
        stands: Mapping[str, Stand],
        plain: Container[bytes],
        as_of: int,
    ) -> Found:
        by = self._meant(request.asked[0]) or self._known[-1]
        verdicts = [(asked, self._verdict(tx, by, asked, stands)) for asked in request.asked]
        asked, verdict = verdicts[0]
        stood = None
        if _is_simple(request) and asked.cert_id in plain and verdict is not UNKNOWN:
            stood = stands.get(profiles.serial_text(asked.serial))
        return Found(request, by.issuer, verdicts, as_of, stood)

    def _parsed(self, request: bytes) -> Request | None:
        try:
            return self._questions.read(request)
        except der.BadDer:
            return None

    def _is_plain(self, asked: Asked) -> bool:
        """Written as most write it: one certificate has as many kept answers as there are hashes.

        Another writing of the same question is answered, but nobody can fill the table with it.
        """
        by = self._meant(asked)
        algorithm = asked.names[0]
        if by is None or not _is_short(asked) or algorithm not in KEPT_HASHES:
            return False
        return by.hashes.asked(asked.serial, algorithm).cert_id == asked.cert_id

    def _voice(self, by: Issuer, now: Instant, seconds: int) -> Voice:
        office, last = self._authority.responder(by), self._last_voice.get(by.generation)
        until = Instant(now + seconds * SECOND)
        if last is not None and last.serves(office.der, now, until):
            return last
        form = Form(office.der, office.key_hash, this_update=now, next_update=until)
        made = self._last_voice[by.generation] = Voice(office.key_label, office.der, form)
        return made

    def _signed(self, asked: Sequence[tuple[Voice, bytes]]) -> list[bytes]:
        """An OCSPResponse of each ResponseData; those in a row under one key are signed at once."""
        signatures = [
            signature
            for label, these in itertools.groupby(asked, key=lambda one: one[0].key_label)
            for signature in self._vault.sign_each(label, [data for _, data in these])
        ]
        return [
            voice.form.response(data, profiles.ECDSA_SHA256, signature)
            for (voice, data), signature in zip(asked, signatures, strict=True)
        ]

    def _stands(self, tx: Tx, asked: Sequence[Asked]) -> Mapping[str, Stand]:
        """How the certificates of ours among these stand."""
        known = self._by_names
        ours = {
            profiles.serial_text(one.serial)
            for one in asked
            if one.names in known and _is_short(one)
        }
        return store_status.stands(tx, sorted(ours)) if ours else {}

    def _verdict(self, tx: Tx, by: Named, asked: Asked, stands: Mapping[str, Stand]) -> Verdict:
        """Never good for a serial that this issuer did not give out (RFC 6960 2.2, SECURITY 23).

        Of another issuer's certificate in the same request its responder knows nothing.
        """
        if self._meant(asked) is not by or not _is_short(asked):
            return UNKNOWN
        serial = profiles.serial_text(asked.serial)
        stood = stands.get(serial)
        if stood is not None:
            return verdict_of(stood) if stood.generation == by.issuer.generation else UNKNOWN
        office = store_authority.office(tx, serial)
        if office is None or named_by(office, [by.issuer]) is None:
            return UNKNOWN
        return GOOD


def _made(of: tuple[Voice, Found], response: bytes) -> Answer:
    voice, found = of
    kept = None
    if found.stood is not None:
        request = ocsp.plain(found.request.asked[0].cert_id)
        kept = Kept(request, found.stood.serial, found.as_of)
    form, cacheable = voice.form, found.request.nonce is None
    return Answer(response, form.this_update, form.next_update, cacheable=cacheable, kept=kept)


def verdict_of(stood: Stand) -> Verdict:
    if stood.standing is Standing.ISSUED:
        return GOOD
    if stood.standing is Standing.PREPARED or stood.reason is None:
        return UNKNOWN
    return Revoked(stood.changed_at, stood.reason)


def renew_at(this_update: Instant, next_update: Instant) -> Instant:
    """When half of an answer's life is over."""
    return Instant(this_update + (next_update - this_update) // 2)


def _is_short(asked: Asked) -> bool:
    """We give out no longer serial number."""
    return asked.serial.bit_length() <= SERIAL_BITS


def _is_simple(request: Request) -> bool:
    """One question without a nonce."""
    return request.nonce is None and len(request.asked) == 1


def _repeatable(tx: Tx, plain: Collection[Asked], as_of: int) -> dict[bytes, Answer]:
    """What is kept about these and is young enough to be given again, by the question."""
    serials = sorted({profiles.serial_text(one.serial) for one in plain})
    return {
        cert_id: Answer(
            kept.der,
            kept.this_update,
            kept.next_update,
            cacheable=True,
            kept=Kept(ocsp.plain(cert_id), kept.serial, as_of),
        )
        for cert_id, kept in store_status.answers(tx, serials).items()
        if tx.now < renew_at(kept.this_update, kept.next_update)
    }


def _said_already(request: Request | None, kept: Mapping[bytes, Answer]) -> Answer | None:
    if request is None:
        return Answer(ocsp.trouble(ocsp.Trouble.MALFORMED_REQUEST))
    return kept.get(request.asked[0].cert_id) if _is_simple(request) else None


def _row(answer: Answer) -> AnswerRow:
    """As it is kept, by the CertID of its request."""
    assert answer.kept is not None, "only what may be given again is kept"
    cert_id = ocsp.parse(answer.kept.request).asked[0].cert_id
    return AnswerRow(
        cert_id, answer.kept.serial, answer.this_update, answer.next_update, answer.der
    )


def life(tx: Tx) -> tuple[int, Instant]:
    """For how many seconds an answer of this moment holds, and the moment's whole second."""
    return policy.current(tx).status.ocsp_seconds, Instant(tx.now - tx.now % SECOND)
