"""The log's last word about a customer's certificates, found by an index of its own."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    ScalarSelect,
    bindparam,
    select,
    text,
)

from dojang.db.log import Leaf, log_table
from dojang.db.prepared import Prepared
from dojang.db.schema import partial_index

STANDINGS: Final = text(
    "kind IN ('certificate.issued', 'certificate.locked', 'certificate.reissued',"
    " 'certificate.released', 'certificate.revoked', 'certificate.suspended')"
)
"""Each change of how a certificate stands has one such leaf."""

partial_index("ix_log_standings", log_table.c.subject, log_table.c.idx, where=STANDINGS)


def last_word(subject: ColumnElement[str] | BindParameter[str]) -> ScalarSelect[bytes]:
    """The body of the newest such leaf of this subject, as part of a statement."""
    mine = select(log_table.c.body).where(log_table.c.subject == subject, STANDINGS)
    return mine.order_by(log_table.c.idx.desc()).limit(1).scalar_subquery()


_last_word: Final = Prepared(select(last_word(bindparam("subject"))))


def last_word_of(connection: Connection, subject: str) -> bytes | None:
    body: bytes | None = _last_word(connection, {"subject": subject}).scalar()
    return body


def of_subjects(connection: Connection, subjects: Sequence[str]) -> list[Leaf]:
    """Every such leaf of these subjects, in the order of the log."""
    query = select(log_table).where(log_table.c.subject.in_(subjects), STANDINGS)
    return [Leaf(*tuple(row)) for row in connection.execute(query.order_by(log_table.c.idx))]
