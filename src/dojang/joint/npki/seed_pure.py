"""The block cipher SEED (RFC 4269) in plain Python, for where OpenSSL was built without it.

Slow and not in constant time: it opens and closes one key file for its owner.
"""

import functools
import struct
from typing import Final

BLOCK_BYTES: Final = 16
KEY_BYTES: Final = 16

_POLYNOMIAL: Final = 0x163
_GOLDEN: Final = 0x9E3779B9
_MASKS: Final = (0xFC, 0xF3, 0xCF, 0x3F)
_ROUNDS: Final = 16
_WORD: Final = 0xFFFFFFFF
_RoundKeys = tuple[tuple[int, int], ...]

_S1: Final = (247, (0x2C, 0xD0, 0x69, 0xC2, 0x41, 0x44, 0x58, 0xE2), 169)
_S2: Final = (251, (0xD0, 0x2A, 0xE1, 0x2C, 0x21, 0x30, 0xA2, 0x6C), 56)
"""A power in GF(2^8), the matrix by its columns from bit 0 on, and a constant (2.2)."""


def encrypt_block(key: bytes, block: bytes) -> bytes:
    return _crypt(_round_keys(key), block)


def decrypt_block(key: bytes, block: bytes) -> bytes:
    return _crypt(_round_keys(key)[::-1], block)


def _crypt(keys: _RoundKeys, block: bytes) -> bytes:
    """Sixteen Feistel rounds; the halves are not exchanged after the last (2.1)."""
    left0, left1, right0, right1 = struct.unpack(">4I", block)
    for key in keys:
        mixed0, mixed1 = _f(right0, right1, key)
        left0, left1, right0, right1 = right0, right1, left0 ^ mixed0, left1 ^ mixed1
    return struct.pack(">4I", right0, right1, left0, left1)


def _f(half0: int, half1: int, key: tuple[int, int]) -> tuple[int, int]:
    one = half0 ^ key[0]
    two = _g(half1 ^ key[1] ^ one)
    one = _g(one + two & _WORD)
    two = _g(two + one & _WORD)
    return one + two & _WORD, two


def _g(word: int) -> int:
    ones, twos = _tables()
    y = (ones[word & 255], twos[word >> 8 & 255], ones[word >> 16 & 255], twos[word >> 24])
    mixed = 0
    for place in range(4):
        byte = 0
        for at in range(4):
            byte ^= y[at] & _MASKS[(at + place) % 4]
        mixed |= byte << 8 * place
    return mixed


@functools.lru_cache(maxsize=8)
def _round_keys(key: bytes) -> _RoundKeys:
    """The key schedule (2.3)."""
    ab, cd = struct.unpack(">2Q", key)
    keys = []
    for number in range(_ROUNDS):
        constant = (_GOLDEN << number | _GOLDEN >> (32 - number)) & _WORD
        first = (ab >> 32) + (cd >> 32) - constant
        second = (ab & _WORD) - (cd & _WORD) + constant
        keys.append((_g(first & _WORD), _g(second & _WORD)))
        if number % 2:
            cd = (cd << 8 | cd >> 56) & (1 << 64) - 1
        else:
            ab = (ab >> 8 | ab << 56) & (1 << 64) - 1
    return tuple(keys)


@functools.cache
def _tables() -> tuple[bytes, bytes]:
    return _table(*_S1), _table(*_S2)


def _table(power: int, columns: tuple[int, ...], constant: int) -> bytes:
    return bytes(_linear(columns, _to_the(x, power)) ^ constant for x in range(256))


def _linear(columns: tuple[int, ...], value: int) -> int:
    out = 0
    for bit, column in enumerate(columns):
        if value >> bit & 1:
            out ^= column
    return out


def _to_the(x: int, power: int) -> int:
    out = 1
    while power:
        if power & 1:
            out = _times(out, x)
        x, power = _times(x, x), power >> 1
    return out


def _times(a: int, b: int) -> int:
    out = 0
    while b:
        if b & 1:
            out ^= a
        a <<= 1
        if a & 0x100:
            a ^= _POLYNOMIAL
        b >>= 1
    return out
