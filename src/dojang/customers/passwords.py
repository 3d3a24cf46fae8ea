"""Which internet-banking passwords may be chosen. Pure.

At least ten characters with letters, digits and signs, without the id, and none that is only a
common word dressed up: signs that stand for letters are read as those letters, and what is left
after the digits and signs at both ends are taken off must not be a word everyone tries first.
"""

import re
import string
from typing import Final, Literal

PasswordReason = Literal[
    "too_short", "too_long", "letters_digits_signs", "contains_login_id", "repeats", "common"
]

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 64
SAME_IN_A_ROW_MAX: Final = 3

_SIGNS: Final = frozenset(string.punctuation)
_DRESS: Final = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)
_ENDS: Final = string.digits + string.punctuation

COMMON: Final = frozenset(
    """
    password passwords passwd passw passcode pass qwerty qwertyuiop qwert qwer asdf asdfg asdfgh
    asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc iloveyou ilove loveyou
    love lovely mylove welcome admin administrator root user test tester testing guest login letmein
    master secret private default system server monkey dragon tiger lion eagle shadow sunshine
    princess football baseball basketball soccer hockey superman batman spiderman starwars pokemon
    naruto samsung apple google naver kakao daum android iphone galaxy windows computer internet
    banking bank mybank money dollar account security certificate abc abcd abcde abcdef abcdefg
    abcdefgh abcabc aaa aaaa hello hello world helloworld freedom whatever trustno michael jordan
    jennifer charlie daniel thomas ashley jessica summer winter spring autumn korea seoul busan
    daegu incheon daehan minguk dokdo hangul saranghae sarang gksrnr tkfkd tkfkdgo dkssud
    dkssudgktpdy qlalfqjsgh qlqjs didrm ehdduf tjdnf qntks rhkdwn dlsrud alswl wldms tndus
    gkrry chlrh qkqh dlqh dojang seal hanguk
    """.split()  # noqa: SIM905 - a list of words reads as words
)


def password_refusal(password: str, *, login_id: str) -> PasswordReason | None:
    """Why this password may not be chosen, or None."""
    if len(password) < LENGTH_MIN:
        return "too_short"
    if len(password) > LENGTH_MAX:
        return "too_long"
    kinds = (
        any(c.isalpha() for c in password),
        any(c.isdigit() for c in password),
        any(c in _SIGNS for c in password),
    )
    if not all(kinds) or not password.isprintable():
        return "letters_digits_signs"
    lowered = password.lower()
    if login_id.lower() in lowered:
        return "contains_login_id"
    if re.search(r"(.)\1{" + str(SAME_IN_A_ROW_MAX) + "}", password):
        return "repeats"
    return "common" if _common(lowered) else None


def _common(lowered: str) -> bool:
    """As typed or undressed, the ends taken off before or after: is it a word of the list?"""
    undressed = lowered.translate(_DRESS)
    stems = {
        lowered,
        lowered.strip(_ENDS),
        undressed,
        undressed.strip(_ENDS),
        lowered.strip(_ENDS).translate(_DRESS),
    }
    letters = "".join(c for c in lowered if c.isalpha())
    return not stems.isdisjoint(COMMON) or letters in COMMON
