"""The only place where chance comes from."""

import hashlib
import os
import threading
from typing import Protocol


class Entropy(Protocol):
    """Gives random bytes. Handed in at `app.build()`."""

    def bytes(self, count: int) -> bytes: ...


class SystemEntropy:
    """The operating system's generator."""

    def bytes(self, count: int) -> bytes:
        return os.urandom(count)


class SeededEntropy:
    """A repeatable stream for vectors and replays; refused outside tests by its name alone."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._counter = 0
        self._lock = threading.Lock()

    def bytes(self, count: int) -> bytes:
        with self._lock:
            self._counter += 1
            block = self._counter.to_bytes(8, "big")
        return hashlib.shake_256(self._seed + block).digest(count)


def digits(entropy: Entropy, count: int) -> str:
    """So many decimal digits, each equally likely (bytes over 249 are thrown away)."""
    out = ""
    while len(out) < count:
        out += "".join(str(b % 10) for b in entropy.bytes(count * 2) if b < 250)
    return out[:count]
