"""What time does to credentials. The worker runs these; each page is one short transaction.

A page changes what it found so that no later one finds it: the rows say how far a sweep came, and
it goes on after a crash, or beside another process, where it stands.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from dojang import policy
from dojang.certificates import events, retiring, store, store_dormancy
from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import EndReason
from dojang.certificates.store_dormancy import Place, Sleeper
from dojang.db import Database, Tx
from dojang.kernel.clock import DAY, HOUR, SECOND, Instant

PAGE: Final = 200
_START: Final = Place(-1, "")


@dataclass(frozen=True)
class Swept:
    """How many were ended, and how many owners were told."""

    ended: int = 0
    noticed: int = 0


Progress = Callable[[Swept], None]
"""Told how far a sweep has come, after every page that is done for good."""


def nobody_watches(_so_far: Swept) -> None:
    """No progress is shown."""


def sweep_dormant(
    db: Database, lifecycle: Lifecycle, *, page: int = PAGE, progress: Progress = nobody_watches
) -> Swept:
    """Revoke what nobody used for the policy's days; tell owners the policy's days before.

    Each notice is given once per idle stretch. After a pause of the worker only the nearest is.
    """
    swept = Swept()
    for noticed in _last_notices(db, above=0):
        for count in _pages(db, partial(_end_page, lifecycle, noticed, page)):
            swept = Swept(swept.ended + count, swept.noticed)
            progress(swept)
    with db.snapshot() as tx:
        notices = sorted(policy.current(tx).life.dormancy_notice_days)
    for days in notices:
        for noticed in _last_notices(db, above=days):
            for count in _pages(db, partial(_notice_page, days, noticed, page)):
                swept = Swept(swept.ended, swept.noticed + count)
                progress(swept)
    return swept


def sweep_unfinished(db: Database, lifecycle: Lifecycle, *, page: int = PAGE) -> int:
    """End enrolments nobody finished and intents nobody redeemed. Returns how many.

    A forgotten intent may have been signed before a crash, so it counts as revoked.
    """
    total = 0
    while found := _unfinished_page(db, lifecycle, page):
        total += found
        if found < page:
            break
    while found := _intents_page(db, page):
        total += found
        if found < page:
            break
    return total


def end_issued_by(
    db: Database,
    lifecycle: Lifecycle,
    generation: int,
    *,
    page: int = PAGE,
    progress: Progress = nobody_watches,
) -> int:
    """End every credential that this generation of the issuing CA gave out. Returns how many."""
    ended, after = 0, ""
    while True:
        with db.transaction() as tx:
            found = store_dormancy.given_out(tx, generation, after=after, page=page)
            credentials = sorted({credential for _, credential in found})
            for one in credentials:
                lifecycle.revoke(tx, one, EndReason.ISSUER_ENDED)
        if not found:
            return ended
        after = found[-1][0]
        ended += len(credentials)
        progress(Swept(ended))


class RetiredSweep:
    """Ends what a generation gave out that the root's list names; one in each process.

    A walk over all certificates is not begun again when one has found nothing, an hour after the
    generation ended: nothing of it can be activated any more.
    """

    def __init__(self, db: Database, lifecycle: Lifecycle) -> None:
        self._db = db
        self._lifecycle = lifecycle
        self._done: set[int] = set()

    def run(self) -> int:
        """Returns how many were ended."""
        with self._db.snapshot() as tx:
            found, now = retiring.retired(tx), tx.now
        total = 0
        for generation, said in found.items():
            if generation in self._done:
                continue
            ended = end_issued_by(self._db, self._lifecycle, generation)
            if not ended and now > said.since + HOUR:
                self._done.add(generation)
            total += ended
        return total


def _last_notices(db: Database, *, above: int) -> list[int | None]:
    """Which notice the living were given last: none, or one of so many days and more."""
    with db.snapshot() as tx:
        return [None, *store_dormancy.notices_given(tx, above=above)]


def _pages(db: Database, act: Callable[[Tx, Place], list[Sleeper]]) -> Iterator[int]:
    """How many each page found, each committed before it is told, until one finds nobody.

    It goes on behind the last one it met: the index still holds the rows that have left it, until
    the database cleans up, and nobody should walk over them at every page.
    """
    after = _START
    while True:
        with db.transaction() as tx:
            found = act(tx, after)
        if not found:
            return
        after = found[-1].place
        yield len(found)


def _end_page(
    lifecycle: Lifecycle, noticed: int | None, page: int, tx: Tx, after: Place
) -> list[Sleeper]:
    since = tx.now - policy.current(tx).life.dormant_days * DAY
    found = store_dormancy.dormant(tx, noticed, unused_since=since, after=after, page=page)
    for sleeper in found:
        lifecycle.revoke(tx, sleeper.id, EndReason.DORMANT)
    return found


def _notice_page(days: int, noticed: int | None, page: int, tx: Tx, after: Place) -> list[Sleeper]:
    dormant_days = policy.current(tx).life.dormant_days
    ended = Place(tx.now - dormant_days * DAY + 1, "")
    found = store_dormancy.to_notice(
        tx,
        noticed,
        unused_since=tx.now - (dormant_days - days) * DAY,
        after=max(after, ended),
        page=page,
    )
    store_dormancy.noticed(tx, found, days)
    for sleeper in found:
        tx.emit(
            events.DormancyNotice(
                subject=sleeper.customer_id,
                credential_id=sleeper.id,
                days=days,
                dormant_at=Instant(sleeper.last_used_at + dormant_days * DAY),
            )
        )
    return found


def _unfinished_page(db: Database, lifecycle: Lifecycle, page: int) -> int:
    with db.transaction() as tx:
        seconds = policy.current(tx).life.enrolment_seconds
        found = store_dormancy.unfinished(tx, before=tx.now - seconds * SECOND, page=page)
        for credential_id in found:
            lifecycle.abandon(tx, credential_id)
    return len(found)


def _intents_page(db: Database, page: int) -> int:
    with db.transaction() as tx:
        seconds = policy.current(tx).life.key_enrolment_seconds
        found = store_dormancy.forgotten_intents(tx, before=tx.now - seconds * SECOND, page=page)
        for serial, credential_id in found:
            store.abandon(tx, serial)
            tx.emit(events.IntentAbandoned(subject="", credential_id=credential_id, serial=serial))
    return len(found)
