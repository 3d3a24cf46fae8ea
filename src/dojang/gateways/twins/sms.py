"""The message centre's twin: keeps every message, and each key once."""

from dataclasses import dataclass
from typing import ClassVar, Final

from dojang.gateways.sms import Sms
from dojang.gateways.twins.outside import Outside
from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber

SHOWN_MAX: Final = 200


@dataclass(frozen=True)
class Message:
    """A text as it lies in a phone's inbox."""

    at: Instant
    to: PhoneNumber
    text: str


class RecordedSms:
    """Plays `SmsGateway`. The handset page reads the inbox."""

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def send(self, sms: Sms) -> None:
        with self._outside.write() as connection:
            connection.execute(
                "INSERT INTO message (key, at, receiver, text) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING",
                (sms.key, self._outside.now(), sms.to, sms.text),
            )

    def inbox(self, phone: PhoneNumber) -> list[Message]:
        """The newest messages to this number, oldest of them first."""
        with self._outside.read() as connection:
            rows = connection.execute(
                "SELECT at, receiver, text FROM message WHERE receiver = ?"
                " ORDER BY at DESC, rowid DESC LIMIT ?",
                (phone, SHOWN_MAX),
            ).fetchall()
        return [Message(*row) for row in reversed(rows)]
