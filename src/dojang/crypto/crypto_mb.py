"""Three verbs of Intel's crypto_mb by ctypes, each on eight of everything (ADR 0033).

They read as many bytes as the mathematics has, whatever they are given: who calls has looked at the
sizes. A status has four bits for each lane, the first lane lowest; 0 is yes. The interpreter's lock
is let go meanwhile.
"""

import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

LANES: Final = 8
SCALAR_BYTES: Final = 32
STATUS_BITS: Final = 4
_LIBRARY: Final = "libcrypto_mb.so.13"
_RUNTIME: Final = ("libintlc.so.5", "libirng.so", "libimf.so", "libsvml.so")
"""What its compiler wants to find beside it, in the order of their needs."""
_ROW: Final = LANES * SCALAR_BYTES
_In = ctypes.c_char_p * LANES
_Out = ctypes.c_void_p * LANES
_Lengths = ctypes.c_uint32 * LANES

Eight = Sequence[bytes]


class CryptoMb:
    """The library of this environment. Raises OSError or AttributeError where it is not here."""

    def __init__(self) -> None:
        folder = Path(sys.prefix) / "lib"
        for name in _RUNTIME:
            ctypes.CDLL(str(folder / name), mode=ctypes.RTLD_GLOBAL)
        library = ctypes.CDLL(str(folder / _LIBRARY))
        self.fits: Final = bool(library.mbx_is_crypto_mb_applicable(ctypes.c_uint64(0)))
        """Whether this processor has what it needs."""
        self._p256_verify = library.mbx_nistp256_ecdsa_verify_mb8
        self._p256_sign = library.mbx_nistp256_ecdsa_sign_mb8
        self._ed25519_verify = library.mbx_ed25519_verify_mb8
        for verb in (self._p256_verify, self._p256_sign, self._ed25519_verify):
            verb.restype = ctypes.c_uint32

    def p256_verify(self, r: Eight, s: Eight, digest: Eight, x: Eight, y: Eight) -> int:
        """Numbers of 32 bytes, r and s big-endian, x and y of the key little-endian."""
        status: int = self._p256_verify(
            _In(*r), _In(*s), _In(*digest), _In(*x), _In(*y), None, None
        )
        return status

    def ed25519_verify(self, r: Eight, s: Eight, message: Eight, key: Eight) -> int:
        """The halves of the signatures as they stand in them."""
        sizes = _Lengths(*map(len, message))
        status: int = self._ed25519_verify(_In(*r), _In(*s), _In(*message), sizes, _In(*key))
        return status

    def p256_sign(
        self, scalar: bytes, digest: Eight, nonce: Eight
    ) -> list[tuple[bytes, bytes]] | None:
        """(r, s) of each, big-endian; scalar and nonces little-endian. None: one was refused."""
        kept = ctypes.create_string_buffer(2 * _ROW)
        at = ctypes.addressof(kept)
        r, s = (_Out(*range(at + n, at + n + _ROW, SCALAR_BYTES)) for n in (0, _ROW))
        if self._p256_sign(r, s, _In(*digest), _In(*nonce), _In(*[scalar] * LANES), None):
            return None
        numbers = [kept.raw[n : n + SCALAR_BYTES] for n in range(0, 2 * _ROW, SCALAR_BYTES)]
        return list(zip(numbers[:LANES], numbers[LANES:], strict=True))
