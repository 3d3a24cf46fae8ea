"""The world outside the bank, in one SQLite file of its own."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from dojang.gateways.twins.people import SampleSubscriber, ci_of, composed
from dojang.kernel.clock import Clock, Instant
from dojang.kernel.phone_numbers import PhoneNumber

BUSY_TIMEOUT_SECONDS: Final = 5.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS message (
    key TEXT PRIMARY KEY, at INTEGER NOT NULL, receiver TEXT NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS message_receiver ON message (receiver, at);
CREATE TABLE IF NOT EXISTS subscriber (
    phone TEXT PRIMARY KEY, carrier TEXT NOT NULL, name TEXT NOT NULL, ci TEXT NOT NULL,
    sim_changed_at INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS call (
    id TEXT PRIMARY KEY, placed_at INTEGER NOT NULL, receiver TEXT NOT NULL,
    prompt TEXT NOT NULL, locale TEXT NOT NULL, rings_until INTEGER NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS call_receiver ON call (receiver, placed_at);
CREATE TABLE IF NOT EXISTS holder (
    bank TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (bank, account)
) STRICT;
CREATE TABLE IF NOT EXISTS deposit (
    key TEXT PRIMARY KEY, at INTEGER NOT NULL, bank TEXT NOT NULL, account TEXT NOT NULL,
    sender TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS choice (
    party TEXT NOT NULL, ci TEXT NOT NULL, outcome TEXT NOT NULL, PRIMARY KEY (party, ci)
) STRICT;
"""


class Outside:
    """A file that the twins share. One connection a process, one writer at a time."""

    def __init__(self, path: Path, clock: Clock) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.clock = clock
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False, isolation_level=None
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction; kept when the block ends, undone when it raises."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            yield self._connection

    def now(self) -> Instant:
        return self.clock.now()

    def subscribe(self, person: SampleSubscriber) -> None:
        """Let this person exist with this number; again: replace what was known of the number."""
        row = (
            person.phone,
            person.carrier,
            composed(person.name),
            ci_of(person.resident_number),
            person.sim_changed_at,
        )
        with self.write() as connection:
            connection.execute("INSERT OR REPLACE INTO subscriber VALUES (?, ?, ?, ?, ?)", row)

    def change_sim(self, phone: PhoneNumber) -> None:
        """The number was moved to another SIM just now. Raises LookupError."""
        with self.write() as connection:
            changed = connection.execute(
                "UPDATE subscriber SET sim_changed_at = ? WHERE phone = ?", (self.now(), phone)
            )
            if changed.rowcount != 1:
                raise LookupError("no such number")

    def choose(self, party: str, phone: PhoneNumber, outcome: str | None) -> None:
        """From now on this party answers so for the number's owner; None: as the images say.

        Raises LookupError.
        """
        with self.write() as connection:
            ci = _ci(connection, phone)
            connection.execute("DELETE FROM choice WHERE party = ? AND ci = ?", (party, ci))
            if outcome is not None:
                connection.execute("INSERT INTO choice VALUES (?, ?, ?)", (party, ci, outcome))

    def chosen(self, party: str, ci: str) -> str | None:
        with self.read() as connection:
            row = connection.execute(
                "SELECT outcome FROM choice WHERE party = ? AND ci = ?", (party, ci)
            ).fetchone()
        return None if row is None else str(row[0])

    def ci(self, phone: PhoneNumber) -> str:
        """Of the number's owner. Raises LookupError."""
        with self.read() as connection:
            return _ci(connection, phone)

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def _ci(connection: sqlite3.Connection, phone: PhoneNumber) -> str:
    row = connection.execute("SELECT ci FROM subscriber WHERE phone = ?", (phone,)).fetchone()
    if row is None:
        raise LookupError("no such number")
    return str(row[0])
