"""A column of many rows as one array in PostgreSQL's binary format.

psycopg packs arrays element by element and looks up how to write each; for a batch of transfers
that was more than everything else our side of it costs. Our columns are of three kinds, and every
element of one is packed alike.

The format (array_send in the server): dimensions, whether there are NULLs, the elements' type,
length, lower bound; then each element behind its length, which is -1 for NULL.
"""

import functools
import struct
from collections.abc import Sequence
from typing import Any, ClassVar, Final

_HEAD: Final = struct.Struct("!iiIii")
_SIZE: Final = struct.Struct("!i")
_INT: Final = struct.Struct("!iq")
_INT_BYTES: Final = 8
_NULL: Final = _SIZE.pack(-1)


class Packed(bytes):
    """An array as it goes to the server (`direct`), which knows its type by the statement."""

    __slots__ = ()
    element_oid: ClassVar[int]
    """As in the server's pg_type, where the numbers of built-in types never change."""

    @classmethod
    def _of(cls, count: int, elements: bytes) -> "Packed":
        return cls(_HEAD.pack(1, 1, cls.element_oid, count, 1) + elements)


class Ints(Packed):
    element_oid = 20

    @classmethod
    def of(cls, values: Sequence[int | None]) -> Packed:
        """Raises struct.error for what is no 64-bit integer."""
        count = len(values)
        if None in values:
            pack = _INT.pack
            each = [_NULL if one is None else pack(_INT_BYTES, one) for one in values]
            return cls._of(count, b"".join(each))
        parts: list[Any] = [_INT_BYTES] * (2 * count)
        parts[1::2] = values
        return cls._of(count, _ints(count).pack(*parts))


class Blobs(Packed):
    element_oid = 17

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> Packed:
        return cls._of(len(values), _framed(values))


class Texts(Packed):
    element_oid = 25

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Packed:
        """Raises UnicodeEncodeError for what UTF-8 cannot write."""
        if not any(values):  # words that nobody wrote, columns that this kind of row leaves out
            each = [_NULL if one is None else _SIZES[0] for one in values]
            return cls._of(len(values), b"".join(each))
        try:
            encoded: Sequence[bytes | None] = [*map(str.encode, values)]  # type: ignore[arg-type]
        except TypeError:  # one of them is None, which is no str
            encoded = [None if one is None else one.encode() for one in values]
        return cls._of(len(values), _framed(encoded))


def _framed(values: Sequence[bytes | None]) -> bytes:
    """Each behind its length, a whole column at a time where nothing in it is long or NULL."""
    parts: list[Any] = [b""] * (2 * len(values))
    try:
        parts[::2] = map(_SIZES.__getitem__, map(len, values))  # type: ignore[arg-type]
    except (TypeError, IndexError):
        size = _SIZE.pack
        return b"".join([_NULL if one is None else size(len(one)) + one for one in values])
    parts[1::2] = values
    return b"".join(parts)


_SIZES: Final = [_SIZE.pack(size) for size in range(1_024)]


@functools.lru_cache(64)
def _ints(count: int) -> struct.Struct:
    """So many integers, each behind its length."""
    return struct.Struct("!" + "iq" * count)
