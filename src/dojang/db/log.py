"""The append-only, hash-chained log: one leaf an event, in the transaction that made it true.

leaf  = SHA-256(0x00 | body)                      RFC 9162 section 2.1.1
chain = SHA-256(chain of the leaf before | leaf)  32 zero bytes before the first
body  = deterministic CBOR (RFC 8949 section 4.2) of {kind, at, idx, ...fields of the event}

A personal value stands in a body only as HMAC-SHA-256(salt, value). The salt lies in `log_opening`,
outside of what is hashed: without it the commitment says nothing, and the tree is as valid as ever.

`idx` is given while the row of `log_head` is locked, and that lock is held until the commit: a
reader that asks for `idx >= next` can never pass over a leaf that commits later.
"""

import dataclasses
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, ClassVar, Final, NamedTuple

import cbor2
from sqlalchemy import (
    BindParameter,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    bindparam,
    func,
    insert,
    select,
    text,
    tuple_,
)

from dojang.db.bulk import Among, InsertMany, UpdateMany
from dojang.db.prepared import Prepared
from dojang.db.schema import Blob, Int, Str, partial_index, table
from dojang.kernel.clock import Instant
from dojang.kernel.entropy import Entropy

log_table: Final = table(
    "log",
    Column("idx", Int, primary_key=True, autoincrement=False),
    Column("at", Int, nullable=False),
    Column("kind", Str, nullable=False),
    Column("subject", Str, nullable=False, index=True),
    Column("body", Blob, nullable=False),
    Column("leaf", Blob, nullable=False),
    Column("chain", Blob, nullable=False),
)

_ISSUES: Final = text("kind IN ('certificate.issued', 'certificate.reissued')")
"""As text, because a planner takes a partial index only where the query says the same literally."""

CHOICES: Final = text(
    "kind IN ('limits.changed', 'payee.designated', 'payee.removed', 'protections.sealed',"
    " 'safeguards.changed', 'second_device.added', 'second_device.removed')"
)
"""What a customer chose between a thief and the money; each change has one such leaf."""

_STOPS: Final = text("kind = 'transfer.stopped'")

partial_index("ix_log_choices", log_table.c.subject, where=CHOICES)
partial_index("ix_log_stops", log_table.c.subject, where=_STOPS)
partial_index(
    "ix_log_issues",
    log_table.c.subject,
    log_table.c.idx,
    where=_ISSUES,
)

log_head: Final = table(
    "log_head",
    Column("one", Int, primary_key=True, autoincrement=False),
    Column("size", Int, nullable=False),
    Column("head", Blob, nullable=False),
    CheckConstraint("one = 1", name="single"),
)

log_opening: Final = table(
    "log_opening",
    Column("idx", Int, primary_key=True, autoincrement=False),
    Column("field", Str, primary_key=True),
    Column("salt", Blob, nullable=False),
)

cursor_table: Final = table(
    "cursor",
    Column("name", Str, primary_key=True),
    Column("next_idx", Int, nullable=False),
)

EMPTY_HEAD: Final = bytes(32)

_head: Final = Prepared(
    select(log_head.c.size, log_head.c.head).where(log_head.c.one == 1).with_for_update()
)
_page: Final = Prepared(
    select(log_table)
    .where(log_table.c.idx >= bindparam("start"))
    .order_by(log_table.c.idx)
    .limit(bindparam("page"))
)
_add: Final = InsertMany(log_table)
_add_openings: Final = Prepared(insert(log_opening))
_move_head: Final = UpdateMany(log_head, ["one"], ["size", "head"])

SALT_BYTES: Final = 32


def choices_of(subject: ColumnElement[str] | BindParameter[str]) -> ScalarSelect[int]:
    """How many leaves tell of a change of this subject's protections, as part of a statement."""
    mine = select(func.count()).select_from(log_table).where(log_table.c.subject == subject)
    return mine.where(CHOICES).scalar_subquery()


_choices: Final = Prepared(select(choices_of(bindparam("subject"))))
_stops: Final = Among(
    log_table.c.subject, lambda these: select(log_table.c.body).where(these, _STOPS)
)


@dataclasses.dataclass(frozen=True)
class Personal:
    """A personal value on its way into a leaf: only its commitment is written there."""

    value: str = dataclasses.field(repr=False)
    salt: bytes = dataclasses.field(repr=False)

    @property
    def commitment(self) -> bytes:
        return hmac.digest(self.salt, self.value.encode(), "sha256")


def personal(entropy: Entropy, value: str) -> Personal:
    """What an event's field of type `Personal` takes."""
    return Personal(value, entropy.bytes(SALT_BYTES))


Field = str | int | bytes | bool | None | list[str] | Personal


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """Something that became true. A domain subclasses it, gives `kind` and typed fields.

    Fields are opaque ids, figures and codes. A personal value enters only as a `Personal`, a
    salted commitment whose salt can be erased without touching the tree.
    `subject` is the id of the customer it concerns ("" where it concerns no one), and is how a
    customer's own history is found.
    """

    kind: ClassVar[str]
    subject: str


@dataclasses.dataclass(frozen=True)
class Leaf:
    """One row of the log, read back."""

    idx: int
    at: Instant
    kind: str
    subject: str
    body: bytes
    leaf: bytes
    chain: bytes

    def fields(self) -> dict[str, Any]:
        """The event's fields as they were written."""
        decoded: dict[str, Any] = cbor2.loads(self.body)
        return decoded


def encode(event: Event, idx: int, at: Instant) -> bytes:
    """The bytes that are hashed."""
    given = {"kind": event.kind, "at": at, "idx": idx, **vars(event)}
    shape = _shape_of(event)
    for name in shape.personal:
        given[name] = given[name].commitment
    body: bytes = cbor2.dumps({name: given[name] for name in shape.order})
    return body


class _Shape(NamedTuple):
    """The names in a kind of leaf: all in the order of their encodings, and the personal ones."""

    order: tuple[str, ...]
    personal: tuple[str, ...]


def _shape_of(event: Event) -> _Shape:
    kind: Any = type(event)
    return _shape(kind)


@cache
def _shape(kind: Any) -> _Shape:
    """In order: the shorter first (RFC 8949 section 4.2.1).

    No value of a field holds a map, so nothing else is left to be sorted at every leaf.
    """
    types = {field.name: field.type for field in dataclasses.fields(kind)}
    order = sorted({"kind", "at", "idx", *types}, key=cbor2.dumps)
    return _Shape(tuple(order), tuple(name for name in types if types[name] is Personal))


class Head(NamedTuple):
    """Where the next leaf goes: its idx, and the chain it continues."""

    size: int
    chain: bytes


def locked_head(connection: Connection) -> Head:
    """The head, which stays as it is until this transaction adds its own leaves.

    Raises RuntimeError when the log was never started (see `start`).
    """
    row = _head(connection).one_or_none()
    if row is None:
        raise RuntimeError("the log has no head; migrate the database first")
    return Head(row.size, row.head)


def append(
    connection: Connection, events: Sequence[Event], at: Instant, under: Head | None = None
) -> int:
    """Append the events under the head's lock; returns the new size. The last act of a transaction.

    `under` is the head where this transaction has locked it already. Raises what it raises.
    """
    idx, head = under or locked_head(connection)
    rows = []
    openings = []
    for event in events:
        openings += _openings(event, idx)
        body = encode(event, idx, at)
        leaf = hashlib.sha256(b"\x00" + body).digest()
        head = hashlib.sha256(head + leaf).digest()
        rows.append((idx, at, event.kind, event.subject, body, leaf, head))
        idx += 1
    _add.send(connection, rows)
    if openings:
        _add_openings(connection, openings)
    _move_head.send(connection, [(idx, head, 1)])
    return int(idx)


def _openings(event: Event, idx: int) -> list[dict[str, Any]]:
    personal = _shape_of(event).personal
    return [{"idx": idx, "field": name, "salt": vars(event)[name].salt} for name in personal]


def openings(connection: Connection, idx: int) -> dict[str, bytes]:
    """The salts of a leaf's personal fields, those that were not erased."""
    columns = log_opening.c
    rows = connection.execute(select(columns.field, columns.salt).where(columns.idx == idx))
    return {row.field: row.salt for row in rows}


def start(connection: Connection) -> None:
    """Make the head row of an empty log, once."""
    if connection.execute(select(log_head.c.one)).one_or_none() is None:
        connection.execute(insert(log_head), {"one": 1, "size": 0, "head": EMPTY_HEAD})


def read(connection: Connection, start_idx: int, limit: int) -> list[Leaf]:
    """So many leaves from `start_idx` on, in order."""
    return [Leaf(*tuple(r)) for r in _page(connection, {"start": start_idx, "page": limit})]


def of_subject(
    connection: Connection, subject: str, *, before: int | None, limit: int
) -> list[Leaf]:
    """A customer's own leaves, newest first, below `before`."""
    columns = log_table.c
    query = select(log_table).where(columns.subject == subject)
    if before is not None:
        query = query.where(columns.idx < before)
    rows = connection.execute(query.order_by(columns.idx.desc()).limit(limit))
    return [Leaf(r.idx, r.at, r.kind, r.subject, r.body, r.leaf, r.chain) for r in rows.all()]


def issues(connection: Connection, subject: str, *, after: int, limit: int) -> list[Leaf]:
    """The leaves that gave a certificate to this customer, oldest first, from above `after`."""
    columns = log_table.c
    query = select(log_table).where(columns.subject == subject, _ISSUES, columns.idx > after)
    rows = connection.execute(query.order_by(columns.idx).limit(limit))
    return [Leaf(r.idx, r.at, r.kind, r.subject, r.body, r.leaf, r.chain) for r in rows.all()]


def issue_pages(connection: Connection, page: int) -> Iterator[list[Leaf]]:
    """Every leaf that gave out a certificate, customer by customer."""
    columns = log_table.c
    query = select(log_table).where(_ISSUES).order_by(columns.subject, columns.idx).limit(page)
    found = _leaves_of(connection, query)
    while found:
        yield found
        last = tuple_(columns.subject, columns.idx) > (found[-1].subject, found[-1].idx)
        found = _leaves_of(connection, query.where(last))


def issues_of(connection: Connection, subjects: Sequence[str]) -> list[Leaf]:
    """The leaves that gave a certificate to any of these customers."""
    query = select(log_table).where(log_table.c.subject.in_(subjects), _ISSUES)
    return _leaves_of(connection, query)


def choices(connection: Connection, subject: str) -> int:
    """How many leaves tell of a change of this customer's protections."""
    return int(_choices(connection, {"subject": subject}).scalar())


def stopped(connection: Connection, subjects: Sequence[str]) -> set[str]:
    """The transfers of these customers of which a leaf says that they were stopped."""
    bodies = _stops(connection, subjects).scalars()
    return {str(cbor2.loads(body)["transfer_id"]) for body in bodies}


def of_kind(connection: Connection, kind: str, *, subject: str) -> list[Leaf]:
    """A subject's leaves of one kind: for kinds of which there are few."""
    columns = log_table.c
    query = select(log_table).where(columns.subject == subject, columns.kind == kind)
    return _leaves_of(connection, query.order_by(columns.idx))


def of_kind_among(connection: Connection, kind: str, subjects: Sequence[str]) -> list[Leaf]:
    """The same of several subjects."""
    columns = log_table.c
    query = select(log_table).where(columns.subject.in_(subjects), columns.kind == kind)
    return _leaves_of(connection, query)


def pages_of(connection: Connection, kind: str, page: int) -> Iterator[list[Leaf]]:
    """Every leaf of one kind, in one pass over the log."""
    columns = log_table.c
    query = select(log_table).where(columns.kind == kind).order_by(columns.idx).limit(page)
    found = _leaves_of(connection, query)
    while found:
        yield found
        found = _leaves_of(connection, query.where(columns.idx > found[-1].idx))


def _leaves_of(connection: Connection, query: Select[Any]) -> list[Leaf]:
    rows = connection.execute(query).all()
    return [Leaf(r.idx, r.at, r.kind, r.subject, r.body, r.leaf, r.chain) for r in rows]


def broken_at(connection: Connection, page: int = 1_000) -> int | None:
    """Verify the whole chain; the idx of the first leaf that does not fit, or None."""
    head, expected = EMPTY_HEAD, 0
    for leaf in _all(connection, page):
        digest = hashlib.sha256(b"\x00" + leaf.body).digest()
        head = hashlib.sha256(head + digest).digest()
        fits = (leaf.idx, leaf.leaf, leaf.chain) == (expected, digest, head)
        said = leaf.fields()
        shown = (leaf.idx, leaf.at, leaf.kind, leaf.subject)
        if not fits or shown != tuple(said[name] for name in ("idx", "at", "kind", "subject")):
            return expected
        expected += 1
    size, kept = connection.execute(select(log_head.c.size, log_head.c.head)).one()
    return None if (size, kept) == (expected, head) else expected


def size(connection: Connection) -> int:
    """How many leaves there are."""
    return int(connection.execute(select(log_head.c.size)).scalar_one())


def _all(connection: Connection, page: int) -> Iterator[Leaf]:
    start_idx = 0
    while leaves := read(connection, start_idx, page):
        yield from leaves
        start_idx = leaves[-1].idx + 1
