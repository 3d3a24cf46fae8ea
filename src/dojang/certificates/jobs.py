"""What time does to credentials. The worker runs these; each page is one transaction.

A page changes what it found, so the next page finds the rest: a sweep that was cut off anywhere is
simply run again.
"""

from dataclasses import dataclass
from typing import Final

from dojang import policy
from dojang.certificates import events, store
from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import Credential, EndReason
from dojang.db import Database, Tx
from dojang.kernel.clock import DAY, SECOND, Instant

PAGE: Final = 100


@dataclass(frozen=True)
class Swept:
    """How many were ended, and how many owners were told."""

    ended: int
    noticed: int


def dormant_at(credential: Credential, dormant_days: int) -> Instant | None:
    """When it ends unless it is used before; None before it was issued."""
    if credential.last_used_at is None:
        return None
    return Instant(credential.last_used_at + dormant_days * DAY)


def sweep_dormant(db: Database, lifecycle: Lifecycle, *, page: int = PAGE) -> Swept:
    """Revoke what nobody used for the policy's days; tell owners the policy's days before.

    Each notice is given once per idle stretch. After a pause of the worker only the nearest is.
    """
    ended = 0
    while found := _end_page(db, lifecycle, page):
        ended += found
        if found < page:
            break
    noticed = 0
    with db.snapshot() as tx:
        days = sorted(policy.current(tx).life.dormancy_notice_days)
    for before in days:
        while found := _notice_page(db, before, page):
            noticed += found
            if found < page:
                break
    return Swept(ended, noticed)


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


def _end_page(db: Database, lifecycle: Lifecycle, page: int) -> int:
    with db.transaction() as tx:
        life = policy.current(tx).life
        since = tx.now - life.dormant_days * DAY
        found = store.dormant(tx, unused_since=since, page=page)
        for credential in found:
            lifecycle.revoke(tx, credential.id, EndReason.DORMANT)
    return len(found)


def _notice_page(db: Database, days: int, page: int) -> int:
    with db.transaction() as tx:
        dormant_days = policy.current(tx).life.dormant_days
        found = store.to_notice(
            tx,
            unused_since=tx.now - (dormant_days - days) * DAY,
            dormant_since=tx.now - dormant_days * DAY,
            days=days,
            page=page,
        )
        for credential in found:
            _give_notice(tx, credential, days, dormant_days)
    return len(found)


def _give_notice(tx: Tx, credential: Credential, days: int, dormant_days: int) -> None:
    store.noticed(tx, credential.id, days)
    tx.emit(
        events.DormancyNotice(
            subject=credential.customer_id,
            credential_id=credential.id,
            days=days,
            dormant_at=dormant_at(credential, dormant_days) or tx.now,
        )
    )


def _unfinished_page(db: Database, lifecycle: Lifecycle, page: int) -> int:
    with db.transaction() as tx:
        seconds = policy.current(tx).life.enrolment_seconds
        found = store.unfinished(tx, before=tx.now - seconds * SECOND, page=page)
        for credential_id in found:
            lifecycle.abandon(tx, credential_id)
    return len(found)


def _intents_page(db: Database, page: int) -> int:
    with db.transaction() as tx:
        seconds = policy.current(tx).life.key_enrolment_seconds
        found = store.forgotten_intents(tx, before=tx.now - seconds * SECOND, page=page)
        for intent in found:
            store.abandon(tx, intent.serial)
            tx.emit(
                events.IntentAbandoned(
                    subject="", credential_id=intent.credential_id, serial=intent.serial
                )
            )
    return len(found)
