"""The bank's books read from its database file by plain SQL, past every service of ours."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import cbor2

from dojang.journey.lie import prove, same


class Books:
    """Reads `bank.db` of a demo bank while it runs; never writes."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "bank.db"

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        uri = f"{self._path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as connection:
            connection.execute("BEGIN")
            yield connection

    def balance_sheet(self) -> int:
        """Recompute every balance from the postings; returns how many postings there are.

        Money is only moved: all postings add up to 0, each transfer's do, no balance differs from
        the sum of its postings, and versions count without a gap.
        """
        with self._open() as books:
            total, count = books.execute("SELECT sum(amount), count(*) FROM posting").fetchone()
            crooked = books.execute(
                "SELECT count(*) FROM (SELECT transfer_id FROM posting GROUP BY transfer_id"
                " HAVING sum(amount) <> 0 OR count(*) <> 2) AS crooked"
            ).fetchone()[0]
            wrong = books.execute(
                "SELECT count(*) FROM account a WHERE a.posted <> coalesce((SELECT sum(p.amount)"
                " FROM posting p WHERE p.account_id = a.id), 0) OR a.posted - a.held"
                " < CASE WHEN a.customer_id IS NULL THEN a.floor ELSE 0 END"
            ).fetchone()[0]
        same(total, 0, "all postings together")
        same(crooked, 0, "transfers whose two postings do not cancel out")
        same(wrong, 0, "accounts whose balance is not the sum of their postings")
        return int(count)

    def open_orders(self) -> int:
        """Each order that is open is led to, at its time, and none that is over; how many are."""
        with self._open() as books:
            missed = books.execute(
                "SELECT count(*) FROM transfer_order o LEFT JOIN transfer_due d"
                " ON d.order_id = o.id AND d.customer_id = o.customer_id AND d.state = o.state"
                " AND (o.ended_why IS NOT NULL OR d.at = CASE o.state WHEN 'waiting'"
                " THEN o.expires_at WHEN 'authorised' THEN o.authorised_at ELSE o.due_at END)"
                " WHERE o.state IN ('waiting', 'authorised', 'pending') AND d.order_id IS NULL"
            ).fetchone()[0]
            astray = books.execute(
                "SELECT count(*) FROM transfer_due d WHERE NOT EXISTS"
                " (SELECT 1 FROM transfer_order o WHERE o.id = d.order_id AND o.state = d.state)"
            ).fetchone()[0]
            led_to = books.execute("SELECT count(*) FROM transfer_due").fetchone()[0]
        same(missed, 0, "open orders that nobody would look at")
        same(astray, 0, "orders that are over and are looked at all the same")
        return int(led_to)

    def times_posted(self, transfer_id: str) -> int:
        """How often money moved under this id."""
        with self._open() as books:
            row = books.execute(
                "SELECT count(*) FROM transfer WHERE id = ? AND status = 'ok'", (transfer_id,)
            ).fetchone()
        return int(row[0])

    def chain(self) -> int:
        """Hash the log from its first leaf; returns how many leaves it has."""
        head = bytes(32)
        size = 0
        with self._open() as books:
            for idx, body, leaf, chain in books.execute(
                "SELECT idx, body, leaf, chain FROM log ORDER BY idx"
            ):
                same(idx, size, "the log's numbering")
                same(hashlib.sha256(b"\x00" + body).digest(), leaf, f"leaf {idx}")
                head = hashlib.sha256(head + leaf).digest()
                same(head, chain, f"the chain at leaf {idx}")
                size += 1
            told = books.execute("SELECT size, head FROM log_head").fetchone()
        same((told[0], bytes(told[1])), (size, head), "the log's head")
        return size

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Every leaf of this kind, decoded."""
        with self._open() as books:
            rows = books.execute("SELECT body FROM log WHERE kind = ? ORDER BY idx", (kind,))
            return [cbor2.loads(body) for (body,) in rows]

    def holds_nowhere(self, *canaries: str) -> None:
        """No table keeps any of these in clear, as text or inside bytes."""
        with self._open() as books:
            tables = [
                row[0] for row in books.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for table in tables:
                for row in books.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - our own names
                    for canary in canaries:
                        prove(not _inside(canary, row), f"table {table} keeps personal data")


def _inside(canary: str, row: tuple[object, ...]) -> bool:
    texts = (v for v in row if isinstance(v, str))
    blobs = (v for v in row if isinstance(v, bytes))
    return any(canary in text for text in texts) or any(canary.encode() in b for b in blobs)
