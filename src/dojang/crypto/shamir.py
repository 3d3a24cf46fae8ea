"""Shamir's way to share a secret (CACM 1979): k of n shares give it back, fewer say nothing.

Byte by byte over GF(2^8) with the polynomial of AES (FIPS 197 4.2): the secret is the value at 0 of
a polynomial of degree k - 1 whose other coefficients are random, a share its value at 1 to n.
Nothing here notices a wrong or forged share; what the secret opens has to.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

Draw: TypeAlias = Callable[[int], bytes]
SHARES_MAX: Final = 255
_REDUCE: Final = 0x1B


def split(secret: bytes, *, threshold: int, shares: int, draw: Draw) -> dict[int, bytes]:
    """Shares by their place, 1 to `shares`. `draw` gives so many random bytes.

    Raises ValueError for a threshold that cannot be.
    """
    if not 1 <= threshold <= shares <= SHARES_MAX:
        raise ValueError("1 <= threshold <= shares <= 255")
    coefficients = [secret, *(draw(len(secret)) for _ in range(threshold - 1))]
    return {x: _at(coefficients, x) for x in range(1, shares + 1)}


def combine(shares: Mapping[int, bytes]) -> bytes:
    """The value at 0 of the polynomial through these shares: the secret, if they are enough."""
    size = len(next(iter(shares.values())))
    secret = bytes(size)
    for x, value in shares.items():
        weight = 1
        for other in shares:
            if other != x:
                weight = multiply(weight, multiply(other, inverse(other ^ x)))
        secret = bytes(s ^ multiply(v, weight) for s, v in zip(secret, value, strict=True))
    return secret


def multiply(a: int, b: int) -> int:
    """The product in GF(2^8); the same steps whatever a and b are."""
    product = 0
    for bit in range(8):
        product ^= -(b >> bit & 1) & a
        a = (a << 1) ^ (-(a >> 7) & (0x100 | _REDUCE))
    return product


def inverse(a: int) -> int:
    """a^254, which is 1/a for every a but 0."""
    power, result = a, 1
    for _ in range(7):
        power = multiply(power, power)
        result = multiply(result, power)
    return result


def _at(coefficients: Sequence[bytes], x: int) -> bytes:
    """Horner's rule, for every byte at once."""
    value = bytes(len(coefficients[0]))
    for coefficient in reversed(coefficients):
        value = bytes(multiply(v, x) ^ c for v, c in zip(value, coefficient, strict=True))
    return value
