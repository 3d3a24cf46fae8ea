"""What an operator looks up: certificates with the credential and customer they belong to.

Only SELECTs. Names are not here; who may see one opens it elsewhere.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select

from dojang.certificates.model import CredentialId, CrlReason, EndReason, Kind, Standing, State
from dojang.certificates.profiles import generation_of
from dojang.certificates.tables import authority, certificate, credential
from dojang.db import Tx
from dojang.kernel.clock import Instant

_X: Final = certificate.c
_C: Final = credential.c
_ENTRY: Final = select(
    _X.serial,
    _X.kind,
    _X.standing,
    _X.reason,
    _X.not_before,
    _X.changed_at,
    _X.credential_id,
    _X.der,
    _X.shard,
    _C.customer_id,
    _C.state,
    _C.last_used_at,
    _C.end_reason,
).join_from(certificate, credential, _C.id == _X.credential_id)
_after: Final = (
    _ENTRY.where(_X.serial > bindparam("after")).order_by(_X.serial).limit(bindparam("page"))
)
_range: Final = (
    _ENTRY.where(_X.serial >= bindparam("low"), _X.serial < bindparam("high"))
    .order_by(_X.serial)
    .limit(bindparam("page"))
)
_of_credential: Final = _ENTRY.where(_X.credential_id == bindparam("credential")).order_by(_X.kind)
_ders: Final = select(_X.serial, _X.der).where(
    _X.serial.in_(bindparam("serials", expanding=True)), _X.der.is_not(None)
)
_counts: Final = select(_X.standing, func.count().label("many")).group_by(_X.standing)


@dataclass(frozen=True)
class Entry:
    """A certificate as the register shows it. `der` is None for an intent nobody signed."""

    serial: str
    kind: Kind
    standing: Standing
    reason: CrlReason | None
    not_before: Instant
    changed_at: Instant
    credential_id: CredentialId
    customer_id: str
    state: State
    last_used_at: Instant | None
    end_reason: EndReason | None
    der: bytes | None
    generation: int
    """Of the issuing CA."""


def page(
    tx: Tx,
    *,
    after: str,
    size: int,
    standing: Standing | None = None,
    customer_id: str | None = None,
) -> list[Entry]:
    """So many entries behind this serial number, in the order of serial numbers."""
    query = _after
    if standing is not None:
        query = query.where(_X.standing == standing.value)
    if customer_id is not None:
        query = query.where(_C.customer_id == customer_id)
    return [_entry(row) for row in tx.execute(query, {"after": after, "page": size})]


def beginning(tx: Tx, prefix: str, *, size: int) -> list[Entry]:
    """Entries whose serial number begins so: enough of it is typed, not all 32 digits."""
    asked = {"low": prefix, "high": prefix + "g", "page": size}
    return [_entry(row) for row in tx.execute(_range, asked)]


def of_credential(tx: Tx, credential_id: CredentialId) -> list[Entry]:
    return [_entry(row) for row in tx.execute(_of_credential, {"credential": credential_id})]


def ders(tx: Tx, serials: Sequence[str]) -> dict[str, bytes]:
    """The certificates of these serial numbers, those that there are."""
    rows = tx.execute(_ders, {"serials": list(serials)}) if serials else ()
    return {row.serial: row.der for row in rows}


def counts(tx: Tx) -> dict[Standing, int]:
    """How many certificates stand how."""
    return {Standing(row.standing): int(row.many) for row in tx.execute(_counts)}


def every(tx: Tx, *, size: int) -> Iterator[Sequence[Entry]]:
    """The whole register, page by page."""
    after = ""
    while found := page(tx, after=after, size=size):
        yield found
        after = found[-1].serial


def offices(tx: Tx) -> list[tuple[str, str, bytes]]:
    """(role, serial, DER) of every certificate of the house's own."""
    rows = tx.execute(select(authority.c.role, authority.c.serial, authority.c.der))
    return [(row.role, row.serial, row.der) for row in rows]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        serial=row.serial,
        kind=Kind(row.kind),
        standing=Standing(row.standing),
        reason=None if row.reason is None else CrlReason(row.reason),
        not_before=Instant(row.not_before),
        changed_at=Instant(row.changed_at),
        credential_id=row.credential_id,
        customer_id=row.customer_id,
        state=State(row.state),
        last_used_at=row.last_used_at,
        end_reason=None if row.end_reason is None else EndReason(row.end_reason),
        der=row.der,
        generation=generation_of(row.shard),
    )
