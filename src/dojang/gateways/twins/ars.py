"""The call centre's twin: phones that ring on the handset page and take digits."""

import sqlite3
from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from dojang.gateways.ars import Call, Door, Heard
from dojang.gateways.twins.outside import Outside
from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import NotFound

State = Literal["ringing", "answered", "over"]
SHOWN_MAX: Final = 20


@dataclass(frozen=True)
class PhoneCall:
    """A call as the phone shows it. The digits to key stand on the bank's screen only."""

    id: str
    to: PhoneNumber
    prompt: str
    locale: str
    rings_until: Instant
    state: State


class SimulatedArs:
    """Plays `ArsGateway`, and is the phone that rings.

    What is keyed goes through the bank's door given to `connect`, outside any lock of ours; the
    digits themselves are not kept.
    """

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._door: Door | None = None

    def connect(self, door: Door) -> None:
        """Say where keyed digits go. Once, when the bank is built."""
        self._door = door

    def place(self, call: Call) -> None:
        """Ring; a call that was put down rings again."""
        row = (call.id, self._outside.now(), call.to, call.prompt, call.locale, call.rings_until)
        with self._outside.write() as connection:
            connection.execute(
                "INSERT INTO call VALUES (?, ?, ?, ?, ?, ?, 'ringing')"
                " ON CONFLICT (id) DO UPDATE SET state = 'ringing' WHERE state = 'over'",
                row,
            )

    def hang_up(self, call_id: str) -> None:
        with self._outside.write() as connection:
            connection.execute("UPDATE call SET state = 'over' WHERE id = ?", (call_id,))

    def calls(self, phone: PhoneNumber) -> list[PhoneCall]:
        """The newest calls to this number, newest first."""
        with self._outside.write() as connection:
            self._end_late(connection)
            rows = connection.execute(
                "SELECT id, receiver, prompt, locale, rings_until, state FROM call"
                " WHERE receiver = ? ORDER BY placed_at DESC, rowid DESC LIMIT ?",
                (phone, SHOWN_MAX),
            ).fetchall()
        return [PhoneCall(*row) for row in rows]

    def answer(self, call_id: str) -> PhoneCall:
        """Pick up; again changes nothing. Raises NotFound, also for a call that is over."""
        with self._outside.write() as connection:
            self._end_late(connection)
            changed = connection.execute(
                "UPDATE call SET state = 'answered' WHERE id = ? AND state <> 'over'"
                " RETURNING id, receiver, prompt, locale, rings_until, state",
                (call_id,),
            ).fetchone()
        if changed is None:
            raise NotFound
        return PhoneCall(*changed)

    def key(self, call_id: str, digits: str) -> Heard:
        """Key digits on an answered call and hear what the bank makes of them. Raises NotFound."""
        if self._door is None:
            raise RuntimeError("the ARS twin was never connected to the bank")
        if not self._answered(call_id):
            return Heard("over", 0)
        heard = self._door(call_id, digits)
        if heard.heard != "wrong" or heard.tries_left == 0:
            self.hang_up(call_id)
        return heard

    def _answered(self, call_id: str) -> bool:
        with self._outside.write() as connection:
            self._end_late(connection)
            row = connection.execute("SELECT state FROM call WHERE id = ?", (call_id,)).fetchone()
        if row is None:
            raise NotFound
        return bool(row[0] == "answered")

    def _end_late(self, connection: sqlite3.Connection) -> None:
        connection.execute(
            "UPDATE call SET state = 'over' WHERE rings_until <= ? AND state <> 'over'",
            (self._outside.now(),),
        )
