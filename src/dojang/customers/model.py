"""Who a customer is, what a session is, and the rules about names, numbers and passwords."""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final, Literal

from dojang.kernel.clock import HOUR, Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret

NAME_LENGTH_MAX: Final = 50
DOUBLINGS_MAX: Final = 20
"""Keeps the figures of a lock small; the policy's longest lock is reached far earlier."""

LOGIN_ID: Final = re.compile(r"[a-z][a-z0-9_.-]{5,19}")

_CENTURIES: Final = {
    "9": 1800, "0": 1800,
    "1": 1900, "2": 1900, "5": 1900, "6": 1900,
    "3": 2000, "4": 2000, "7": 2000, "8": 2000,
}  # fmt: skip
"""The century that the seventh digit stands for; 5 to 8 are residents of foreign nationality."""


@dataclass(frozen=True)
class Customer:
    """One person known to the bank. `subject_id` is what relying parties know, stable for life."""

    id: str
    subject_id: str
    name: str = field(repr=False)
    birth_date: str = field(repr=False)
    """YYYYMMDD."""
    phone: PhoneNumber = field(repr=False)
    phone_since: Instant
    """Since when the bank has this number on file."""
    carrier: str
    locale: str
    created_at: Instant
    met_by_phone_at: Instant | None
    """When a stranger became a customer by a phone alone; None: the bank knew them before."""
    checked_at: Instant | None
    """When they first passed the checks of remote account opening."""


@dataclass(frozen=True)
class Person:
    """What identity verification has shown of a person. `ci`: one person, one CI."""

    name: str = field(repr=False)
    resident_number: Secret[str]
    phone: PhoneNumber = field(repr=False)
    carrier: str
    ci: str = field(repr=False)


Method = Literal["pin", "pattern", "passkey"]


@dataclass(frozen=True)
class Session:
    """Someone signed in on one phone. Bound to the device key's thumbprint `jkt`."""

    id: str
    customer_id: str
    credential_id: str
    jkt: str
    method: str
    created_at: Instant
    last_used_at: Instant
    idle_expires_at: Instant
    expires_at: Instant
    identified_until: Instant | None = None
    """Until when its owner counts as identified again; None where that did not happen."""

    def identified(self, now: Instant) -> bool:
        return self.identified_until is not None and now < self.identified_until

    @property
    def idle(self) -> int:
        """How long it may lie unused, in microseconds."""
        return self.idle_expires_at - self.last_used_at


@dataclass(frozen=True)
class Opened:
    """A session with its token, which is shown this once and stored only as a hash."""

    token: str = field(repr=False)
    session: Session


def person_name(text: str) -> str:
    """A name in NFC without spaces around it. Raises ValueError."""
    name = unicodedata.normalize("NFC", text).strip()
    printable = name.isprintable() and not any(c.isdigit() for c in name)
    if not name or len(name) > NAME_LENGTH_MAX or not printable:
        raise ValueError("not a name")
    return name


def resident_number(text: str) -> Secret[str]:
    """Thirteen digits whose first seven are a birth date. Raises ValueError.

    The checksum is never a reason to refuse: numbers given since October 2020 have none.
    """
    digits = text.replace("-", "")
    if len(digits) != 13 or not digits.isascii() or not digits.isdigit():
        raise ValueError("not a resident number")
    _born(digits)
    return Secret(digits)


def birth_date(number: Secret[str]) -> str:
    """YYYYMMDD out of a resident number."""
    born = _born(number.reveal())
    return f"{born.year:04}{born.month:02}{born.day:02}"


def calendar_date(text: str) -> str:
    """YYYYMMDD that exists in the calendar. Raises ValueError."""
    if len(text) != 8 or not text.isascii() or not text.isdigit():
        raise ValueError("not a date")
    dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    return text


def login_id(text: str) -> str:
    """An internet-banking id in lower case. Raises ValueError."""
    lowered = text.strip().lower()
    if not LOGIN_ID.fullmatch(lowered):
        raise ValueError("not a login id")
    return lowered


def locked_until(
    wrong: int, last_at: Instant, tries: int, *, hours: int, hours_max: int
) -> Instant | None:
    """Until when an internet-banking id is closed after so many wrong entries in a row.

    Each further round of `tries` doubles the wait, from `hours` up to `hours_max`: guessing never
    gets far, and an outsider who types someone's id wrongly never shuts them out for good.
    """
    if wrong < tries or wrong % tries:
        return None
    doublings = min(wrong // tries - 1, DOUBLINGS_MAX)
    return Instant(last_at + min(hours * 2**doublings, hours_max) * HOUR)


def _born(digits: str) -> dt.date:
    year = _CENTURIES[digits[6]] + int(digits[:2])
    return dt.date(year, int(digits[2:4]), int(digits[4:6]))
