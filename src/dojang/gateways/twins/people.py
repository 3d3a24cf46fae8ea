"""People outside the bank, as the telecom operators know them."""

import base64
import hashlib
import unicodedata
from dataclasses import dataclass, field

from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret


@dataclass(frozen=True)
class SampleSubscriber:
    """Someone who exists in the twins' world. `carrier` is a code of `telecom.CARRIERS`."""

    carrier: str
    name: str = field(repr=False)
    resident_number: Secret[str]
    phone: PhoneNumber = field(repr=False)
    sim_changed_at: Instant | None = None


def ci_of(resident_number: Secret[str]) -> str:
    """88 characters of base64, the same for ever for the same person."""
    digits = resident_number.reveal().replace("-", "")
    return base64.b64encode(hashlib.sha512(f"ci\0{digits}".encode()).digest()).decode()


def composed(name: str) -> str:
    """Hangul typed on one phone may come decomposed (NFD); the operator compares NFC."""
    return unicodedata.normalize("NFC", name.strip())
