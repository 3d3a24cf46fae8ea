"""DER (X.690): as much of it as certificates, CRLs and OCSP need, written and read.

Writing gives bytes; reading gives `Node`s and takes nothing but DER: definite, minimal lengths,
single-byte tags, nothing left over.
"""

import functools
from collections.abc import Iterable
from typing import Final, NamedTuple

from dojang.kernel.clock import Instant, utc

BOOLEAN: Final = 0x01
INTEGER: Final = 0x02
BIT_STRING: Final = 0x03
OCTET_STRING: Final = 0x04
OID: Final = 0x06
ENUMERATED: Final = 0x0A
UTF8: Final = 0x0C
PRINTABLE: Final = 0x13
IA5: Final = 0x16
UTC_TIME: Final = 0x17
GENERALIZED_TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
NULL: Final = b"\x05\x00"

NO_EXPIRY: Final = b"\x18\x0f99991231235959Z"
"""GeneralizedTime 99991231235959Z: no well-defined expiration date (RFC 5280 4.1.2.5)."""

_SHORT_MAX: Final = 0x7F
_LENGTH_BYTES_MAX: Final = 4
_UTC_TIME_YEAR_MAX: Final = 2049


class BadDer(Exception):
    """The bytes are not DER, or not of the shape that was asked for."""


def tlv(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    return header(tag, len(value)) + value


def header(tag: int, size: int) -> bytes:
    """What stands before a value of so many bytes."""
    if size <= _SHORT_MAX:
        return bytes((tag, size))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def octets(*parts: bytes) -> bytes:
    return tlv(OCTET_STRING, *parts)


def explicit(number: int, *parts: bytes) -> bytes:
    """[number] EXPLICIT, or IMPLICIT of something constructed."""
    return tlv(0xA0 | number, *parts)


def implicit(number: int, *parts: bytes) -> bytes:
    """[number] IMPLICIT of something primitive."""
    return tlv(0x80 | number, *parts)


def integer(value: int) -> bytes:
    if value < 0:
        raise ValueError("no negative integer has a place here")
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def enumerated(value: int) -> bytes:
    return tlv(ENUMERATED, bytes((value,)))


def true() -> bytes:
    return b"\x01\x01\xff"


@functools.lru_cache(maxsize=256)
def oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    return tlv(OID, *(_base128(arc) for arc in (first * 40 + second, *rest)))


def bits(content: bytes) -> bytes:
    """A BIT STRING of whole bytes."""
    return tlv(BIT_STRING, b"\x00", content)


def named_bits(numbers: Iterable[int]) -> bytes:
    """A BIT STRING of named bits, trailing zeros left out (X.690 11.2.2); below 16."""
    value, last = 0, -1
    for number in numbers:
        value |= 0x8000 >> number
        last = max(last, number)
    content = value.to_bytes(2, "big")[: last // 8 + 1]
    return tlv(BIT_STRING, bytes((7 - last % 8 if last >= 0 else 0,)), content)


@functools.lru_cache(maxsize=64)
def time(moment: Instant) -> bytes:
    """Time of RFC 5280 4.1.2.5, whole seconds: UTCTime through 2049, then GeneralizedTime."""
    written = utc(moment)
    if written.year <= _UTC_TIME_YEAR_MAX:
        return tlv(UTC_TIME, written.strftime("%y%m%d%H%M%SZ").encode())
    return generalized(moment)


def generalized(moment: Instant) -> bytes:
    return tlv(GENERALIZED_TIME, utc(moment).strftime("%Y%m%d%H%M%SZ").encode())


class Node(NamedTuple):
    """One element: its tag, its value, and the bytes it was read from."""

    tag: int
    value: bytes
    raw: bytes

    def children(self) -> list["Node"]:
        """What a constructed element holds. Raises `BadDer`."""
        if not self.tag & 0x20:
            raise BadDer("not constructed")
        found, at, end = [], 0, len(self.value)
        while at < end:
            node = _one(self.value, at)
            found.append(node)
            at += len(node.raw)
        return found

    def expect(self, tag: int) -> "Node":
        """Itself, if it has this tag. Raises `BadDer`."""
        if self.tag != tag:
            raise BadDer("another tag was expected")
        return self

    def number(self) -> int:
        """The value of an INTEGER that is not negative. Raises `BadDer`."""
        self.expect(INTEGER)
        negative = bool(self.value[:1]) and self.value[0] & 0x80
        padded = self.value[:1] == b"\x00" and len(self.value) > 1 and not self.value[1] & 0x80
        if not self.value or negative or padded:
            raise BadDer("not a minimal integer from 0 up")
        return int.from_bytes(self.value, "big")


def read(content: bytes) -> Node:
    """The one element that these bytes are. Raises `BadDer`."""
    node = _one(content, 0)
    if len(node.raw) != len(content):
        raise BadDer("something follows")
    return node


def _one(content: bytes, at: int) -> Node:
    """The element that begins at `at`."""
    start = at + 2
    if len(content) < start or content[at] & 0x1F == 0x1F:
        raise BadDer("no single-byte tag with a length")
    size = content[at + 1]
    if size > _SHORT_MAX:
        count = size & 0x7F
        digits = content[start : start + count]
        size, start = int.from_bytes(digits, "big"), start + count
        if not 1 <= count <= _LENGTH_BYTES_MAX or size <= _SHORT_MAX or digits[:1] == b"\x00":
            raise BadDer("the length is not definite and minimal")
    end = start + size
    if end > len(content):
        raise BadDer("cut off")
    return Node(content[at], content[start:end], content[at:end])


def _base128(arc: int) -> bytes:
    groups = [arc & 0x7F]
    while arc := arc >> 7:
        groups.append(0x80 | arc & 0x7F)
    return bytes(reversed(groups))
