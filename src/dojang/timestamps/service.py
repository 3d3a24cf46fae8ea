"""Stamps: from the bytes of a request to the bytes of an answer, or a token for the house itself.

Serial numbers and times are taken from what was reserved in the database beforehand, half a second
of time and many numbers at once: so both are unique and rising over every restart and crash, at the
cost of two transactions a second and none a stamp.
"""

import contextlib
import hashlib
import threading
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.authority import Authority, Office
from dojang.certificates.issuer import Issuer
from dojang.db import Database
from dojang.kernel.clock import Clock, Instant
from dojang.timestamps import store, wire
from dojang.timestamps.events import SeriesOpened
from dojang.timestamps.model import (
    ACCURACY,
    COUNTER_BITS,
    POLICY,
    Failure,
    Refused,
    Request,
    TimeNotAvailable,
)
from dojang.vault import Vault

RESERVE: Final = ACCURACY // 2
"""After a crash the next time is ahead of the clock by this at most: within the accuracy."""
NUMBERS_AT_ONCE: Final = 100_000
OPENING_ATTEMPTS: Final = 5


@dataclass
class _Series:
    """What this process may still give out."""

    number: int
    count: int
    counted: int
    last: Instant
    until: Instant


@dataclass(frozen=True)
class _Desk:
    """The office of this moment with what every token says of it."""

    office: Office
    stamper: wire.Stamper


class TimeStamps:
    """One of these runs in each process. Never call it inside a transaction: it opens its own.

    Where one process owns the database (SQLite) it is the only one that stamps, and the tokens say
    that they can be ordered by their times; several processes have several clocks and do not.
    """

    def __init__(self, db: Database, vault: Vault, clock: Clock, authority: Authority) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._authority = authority
        self._mutex = threading.Lock()
        self._series: _Series | None = None
        self._desks: dict[int, _Desk] = {}
        self.policy: Final = f"{authority.plan.policy_arc}.{POLICY}"
        self.ordering: Final = db.embedded

    def open(self) -> None:
        """Certificate and series before the first who asks; a clock set back leaves it to them."""
        desk = self._at_desk(self._newest)
        with self._mutex, contextlib.suppress(TimeNotAvailable):
            self._series = self._series or self._opened(desk)

    def answer(self, request: bytes) -> bytes:
        """A TimeStampResp for a TimeStampReq, whatever the bytes are (RFC 3161 2.4)."""
        try:
            return self.granted(request)
        except Refused as why:
            return wire.refused(why)
        except store.Fault:
            return wire.refused(Refused(Failure.SYSTEM_FAILURE, "try again"))

    def granted(self, request: bytes, by: Issuer | None = None) -> bytes:
        """A TimeStampResp with a token, under this issuer or the newest.

        Raises `Refused`, of which `TimeNotAvailable` is one.
        """
        return wire.granted(self._stamped(wire.parse(request, self.policy), by or self._newest))

    def demand(self) -> None:
        """Raises `TimeNotAvailable` while the clock is behind what was stamped here."""
        with self._mutex:
            if self._series is not None and self._series.last - self._clock.now() > ACCURACY:
                raise TimeNotAvailable

    def token(self, digest: bytes, by: Issuer | None = None) -> bytes:
        """A TimeStampToken over a SHA-256 digest, under this issuer or the newest.

        Raises `TimeNotAvailable`.
        """
        if len(digest) != hashlib.sha256().digest_size:
            raise ValueError("a SHA-256 digest has 32 bytes")
        asked = Request(wire.imprint(digest), b"", certificates=True)
        return self._stamped(asked, by or self._newest)

    @property
    def _newest(self) -> Issuer:
        return self._authority.issuer

    def _stamped(self, asked: Request, by: Issuer) -> bytes:
        desk = self._at_desk(by)
        serial, at = self._next(desk)
        said = wire.Info(self.policy, asked.imprint, serial, at, self.ordering, asked.nonce)
        content = wire.info(said)
        attributes = wire.signed_attributes(hashlib.sha256(content).digest(), desk.stamper)
        signature = self._vault.sign(desk.office.key_label, attributes)
        with_them = (desk.office.der, by.der) if asked.certificates else ()
        return wire.token(content, attributes, signature, desk.stamper, with_them)

    def _at_desk(self, by: Issuer) -> _Desk:
        office = self._authority.time_stamper(by)
        desk = self._desks.get(by.generation)
        if desk is None or desk.office != office:
            desk = self._desks[by.generation] = _Desk(office, stamper_of(office.der))
        return desk

    def _next(self, desk: _Desk) -> tuple[int, Instant]:
        """A serial number and a time after all before. Raises `TimeNotAvailable`."""
        with self._mutex:
            now = self._clock.now()
            series = self._series or self._opened(desk)
            at = Instant(max(now, series.last + 1))
            if at - now > ACCURACY:
                raise TimeNotAvailable
            if at >= series.until or series.count >= series.counted:
                self._reserve(series, at)
            serial = series.number << COUNTER_BITS | series.count
            series.count += 1
            series.last = at
            self._series = series
            return serial, at

    def _reserve(self, series: _Series, at: Instant) -> None:
        until = Instant(at + RESERVE)
        counted = series.count + NUMBERS_AT_ONCE
        with self._db.transaction() as tx:
            store.reserve(tx, series.number, count=counted, until=until)
        series.until, series.counted = until, counted

    def _opened(self, desk: _Desk) -> _Series:
        certificate = hashlib.sha256(desk.office.der).digest()
        for _ in range(OPENING_ATTEMPTS):
            with self._db.transaction() as tx:
                last = store.latest(tx)
                number = store.open_series(tx, certificate)
                if number is not None:
                    tx.emit(SeriesOpened(subject="", series=number, certificate=certificate))
                    return _Series(number, 0, 0, last, Instant(0))
        raise TimeNotAvailable


def stamper_of(certificate: bytes) -> wire.Stamper:
    """How a token names this certificate: issuer and serial number, and SHA-256 (RFC 5816)."""
    tbs = der.read(certificate).children()[0].children()
    serial, issuer = tbs[1], tbs[3]
    return wire.Stamper(der.sequence(issuer.raw, serial.raw), hashlib.sha256(certificate).digest())
