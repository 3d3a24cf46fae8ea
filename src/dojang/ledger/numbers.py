"""Account numbers of this bank: 12 digits, `PPP SSSSSSSS C`.

PPP is the product (110: an everyday account), SSSSSSSS is drawn by chance so that numbers cannot
be walked through, C is a check digit by ISO 7064 MOD 11,10 over the three-digit bank code, PPP and
SSSSSSSS: every single wrong digit and every swap of two neighbours is noticed, and a
number of another bank rarely fits ours.
"""

from typing import Final

from dojang.kernel.entropy import Entropy, digits

EVERYDAY: Final = "110"
LENGTH: Final = 12
_SERIAL: Final = 8


def check_digit(payload: str) -> str:
    """The ISO 7064 MOD 11,10 check digit of a string of digits."""
    product = 10
    for digit in payload:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def draw(bank_code: str, entropy: Entropy, product: str = EVERYDAY) -> str:
    """A fresh number. Whether it is free is for the database to say."""
    body = product + digits(entropy, _SERIAL)
    return body + check_digit(bank_code + body)


def fits(bank_code: str, number: str) -> bool:
    """True for a number that this bank could have given."""
    if len(number) != LENGTH or not number.isascii() or not number.isdigit():
        return False
    return check_digit(bank_code + number[:-1]) == number[-1]
