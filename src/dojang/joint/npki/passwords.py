r"""What the password of a key file must be: the rules of 2014-09-22, and what every reader takes.

At least ten characters with a letter, a digit and a special character; printable ASCII without
space; none of ' " \\ |; at most 56. Upper and lower case differ.
"""

import enum
from typing import Final

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 56
REFUSED: Final = "'\"\\|"


class Flaw(enum.StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_LETTER = "no_letter"
    NO_DIGIT = "no_digit"
    NO_SPECIAL = "no_special"
    FORBIDDEN = "forbidden"
    """A character that some reader cannot take."""


def flaws(password: str) -> tuple[Flaw, ...]:
    """What is wrong with it, in the order in which one would mend it; nothing: it may be used."""
    taken = password.isascii() and password.isprintable() and " " not in password
    found = {
        Flaw.TOO_SHORT: len(password) < LENGTH_MIN,
        Flaw.TOO_LONG: len(password) > LENGTH_MAX,
        Flaw.NO_LETTER: not any(one.isalpha() for one in password),
        Flaw.NO_DIGIT: not any(one.isdigit() for one in password),
        Flaw.NO_SPECIAL: all(one.isalnum() for one in password),
        Flaw.FORBIDDEN: not taken or any(one in REFUSED for one in password),
    }
    return tuple(flaw for flaw, wrong in found.items() if wrong)
