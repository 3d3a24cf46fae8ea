"""What the policy says of identifying someone again at a distance, and of what that opens."""

import enum
from typing import Annotated

from msgspec import Meta, Struct

_Count = Annotated[int, Meta(ge=0, le=1_000_000)]
_Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]
_Amount = Annotated[int, Meta(ge=0, le=10**15)]
_Bytes = Annotated[int, Meta(ge=1, le=8 * 2**20)]
_Pixels = Annotated[int, Meta(ge=1, le=100_000_000)]

INDEPENDENT_MIN = 2
"""An account needs so many checks that do not lean on each other."""


class Check(enum.StrEnum):
    """A way to show at a distance who one is."""

    ID_CARD = "id_card"
    FACE = "face"
    ONE_WON = "one_won"


Checks = tuple[tuple[Check, ...], ...]
"""One entry after the other has to be passed; within an entry the customer chooses."""


class OneWon(Struct, frozen=True, forbid_unknown_fields=True):
    """The code in the sender's name of 1 won, to an account at another bank."""

    digits: _Count
    seconds: _Seconds
    tries: _Count
    per_person_day: _Count
    per_account_day: _Count


class Opening(Struct, frozen=True, forbid_unknown_fields=True):
    """Opening an account, unlocking an account password, releasing a loss report."""

    seconds: _Seconds
    """How long a journey may be taken up again."""
    per_day: _Count
    """How many one customer may begin."""
    account: Checks
    unlock: Checks
    release: Checks
    tries: _Count
    """Refused images of one kind; then the journey is over."""
    uploads_per_day: _Count
    image_bytes_max: _Bytes
    image_pixels_max: _Pixels
    image_side_max: _Count
    """Images are kept and passed on no larger than this."""
    image_kept_days: _Count
    """After a journey that opened an account; 0: erased with its end. Others: always at once."""
    one_won: OneWon
    limited_per_day: _Amount
    """What a limited account may send a day until its purpose is shown."""
    limited_max: _Count = 1
    """So many limited accounts that may send something a customer holds, until a purpose is shown:
    what may be sent a day is theirs together."""
    first_per_day: _Amount = 0
    """What the account of somebody met by phone alone may send a day: none of the checks that an
    account needs was passed for it."""


class Statements(Struct, frozen=True, forbid_unknown_fields=True):
    """Statements taken along as a file."""

    csv_rows: _Count
    pdf_rows: _Count
    pdfs_per_hour: _Count = 10
    """A customer's, over all accounts and sessions: a long one takes seconds of a processor."""


def demand_sound(opening: Opening) -> None:
    """Raises ValueError where the checks are not independent, or fewer than they must be."""
    if len(opening.account) < INDEPENDENT_MIN:
        raise ValueError("an account needs two independent checks")
    for checks in (opening.account, opening.unlock, opening.release):
        named = [check for choice in checks for check in choice]
        if not checks or not all(checks) or len(named) != len(set(named)):
            raise ValueError("a check counts once, and each entry names one")
        for place, choice in enumerate(checks):
            # A face is compared with the card that was shown before it.
            if Check.FACE in choice and (Check.ID_CARD,) not in checks[:place]:
                raise ValueError("a face needs an ID card before it")
    if (Check.ID_CARD,) not in opening.unlock or (Check.ID_CARD,) not in opening.release:
        raise ValueError("a lock and a loss report end with an ID card")
