"""Korean mobile numbers."""

import re
from typing import Final, NewType

PhoneNumber = NewType("PhoneNumber", str)
"""Digits only, e.g. 01012345678."""

_MOBILE: Final = re.compile(r"01[016789]\d{7,8}")


def phone_number(text: str) -> PhoneNumber:
    """Digits of a mobile number, hyphens and spaces dropped. Raises ValueError."""
    digits = text.replace("-", "").replace(" ", "")
    if not digits.isascii() or not _MOBILE.fullmatch(digits):
        raise ValueError("not a mobile number")
    return PhoneNumber(digits)
