"""A column of many rows as one array in PostgreSQL's binary format.

psycopg packs arrays element by element and looks up how to write each; for a batch of transfers
that was more than everything else our side of it costs. Our columns are of three kinds, and every
element of one is packed alike.

The format (array_send in the server): dimensions, whether there are NULLs, the elements' type,
length, lower bound; then each element behind its length, which is -1 for NULL.
"""

import struct
from collections.abc import Sequence
from typing import ClassVar, Final

_HEAD: Final = struct.Struct("!iiIii")
_SIZE: Final = struct.Struct("!i")
_INT: Final = struct.Struct("!iq")
_INT_BYTES: Final = 8
_NULL: Final = _SIZE.pack(-1)


class Packed(bytes):
    """An array as it goes to the server; `db.postgresql` tells psycopg so."""

    __slots__ = ()
    element_oid: ClassVar[int]
    oid: ClassVar[int]
    """As in the server's pg_type, where the numbers of built-in types never change."""

    @classmethod
    def _of(cls, elements: list[bytes]) -> "Packed":
        head = _HEAD.pack(1, 1, cls.element_oid, len(elements), 1)
        return cls(b"".join([head, *elements]))


class Ints(Packed):
    element_oid, oid = 20, 1016

    @classmethod
    def of(cls, values: Sequence[int | None]) -> Packed:
        """Raises struct.error for what is no 64-bit integer."""
        pack = _INT.pack
        return cls._of([_NULL if one is None else pack(_INT_BYTES, one) for one in values])


class Blobs(Packed):
    element_oid, oid = 17, 1001

    @classmethod
    def of(cls, values: Sequence[bytes | None]) -> Packed:
        size = _SIZE.pack
        return cls._of([_NULL if one is None else size(len(one)) + one for one in values])


class Texts(Packed):
    element_oid, oid = 25, 1009

    @classmethod
    def of(cls, values: Sequence[str | None]) -> Packed:
        """Raises UnicodeEncodeError for what UTF-8 cannot write."""
        size = _SIZE.pack
        return cls._of(
            [_NULL if one is None else size(len(utf8 := one.encode())) + utf8 for one in values]
        )
