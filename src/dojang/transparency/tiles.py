"""The tree in 256-ary tiles: which stored hashes make up a subtree, and how tiles grow. Pure.

Level 0 are the leaves' hashes; hash `n` of level `l` is the root over 256^l leaves. A complete
subtree of 2^k leaves is the root over 2^(k mod 8) neighbours of level k // 8, all of one tile, so
any hash of any proof is made of a few reads of at most 256 rows, however long the log is.
"""

from collections.abc import Callable, Sequence
from typing import Final

from dojang.crypto import merkle

TILE_BITS: Final = 8
TILE: Final = 1 << TILE_BITS

Read = Callable[[int, int, int], list[bytes]]
"""(level, first, end) -> the hashes first..end-1 of that level, all of them, in order."""


class Missing(Exception):
    """A hash that must be there is not: the tiles were touched, or never made."""


class Nodes:
    """The hashes of one tree of `size` leaves. Reads each tile once."""

    def __init__(self, read: Read, size: int) -> None:
        self._read = read
        self._size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def hash(self, start: int, end: int) -> bytes:
        """The root over leaves start..end-1, where a subtree of this tree begins at `start`."""
        return merkle.fold([self._complete(*one) for one in merkle.peaks(start, end)])

    def root(self) -> bytes:
        return self.hash(0, self._size)

    def _complete(self, start: int, end: int) -> bytes:
        bits = (end - start).bit_length() - 1
        level = bits // TILE_BITS
        width = 1 << (bits % TILE_BITS)
        first = start >> (TILE_BITS * level)
        tile = self._tile(level, first // TILE)
        found = tile[first % TILE : first % TILE + width]
        if len(found) != width:
            raise Missing(f"level {level}, {first}")
        return merkle.root(found)

    def _tile(self, level: int, n: int) -> list[bytes]:
        kept = self._tiles.get((level, n))
        if kept is None:
            end = min((n + 1) * TILE, self._size >> (TILE_BITS * level))
            kept = self._tiles[(level, n)] = self._read(level, n * TILE, end)
        return kept


def grown(level: int, first: int, hashes: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
    """The rows (level, n, hash) one level above, of whole tiles that begin at hash `first`."""
    if first % TILE or len(hashes) % TILE:
        raise ValueError("tiles grow by whole tiles")
    return [
        (level + 1, (first + at) // TILE, merkle.root(hashes[at : at + TILE]))
        for at in range(0, len(hashes), TILE)
    ]
