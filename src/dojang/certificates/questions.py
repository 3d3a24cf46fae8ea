"""OCSP requests that differ from a known one in serial number and nonce only.

Most clients write a question in the same bytes. What has been parsed once is compared then, and its
serial number and nonce are taken out: a tenth of the work.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from dojang.certificates import der, ocsp
from dojang.certificates.ocsp import Asked, Names, Request

_SIGN: Final = 0x80
_ONE_BYTE: Final = 1
SIDE_BY_SIDE: Final = 3


class Shape(NamedTuple):
    """A request cut where others of its kind differ."""

    head: bytes
    """Up to the serial number."""
    between: bytes
    """From there to the nonce; nothing without one."""
    cert_id_at: int
    nonce_at: int
    names: Names

    def read(self, content: bytes) -> Request | None:
        """What `ocsp.parse` reads from a request of the same length; None: another shape."""
        start, nonce_at = len(self.head), self.nonce_at
        end = nonce_at - len(self.between)
        if not content.startswith(self.head) or content[end:nonce_at] != self.between:
            return None
        if not _is_minimal(content, start, end):
            return None
        serial = int.from_bytes(content[start:end], "big")
        asked = Asked(content[self.cert_id_at : end], self.names, serial)
        return Request((asked,), content[nonce_at:] or None)


class Questions:
    """Reads requests, for one responder. `is_plain` says which questions are worth learning."""

    def __init__(self, is_plain: Callable[[Asked], bool]) -> None:
        self._is_plain: Final = is_plain
        self._shapes: Final[dict[int, tuple[Shape, ...]]] = {}
        """By the request's length: no more than there are lengths of serial numbers and nonces.

        Of each the few learnt last: generations of the issuing CA are asked about side by side.
        """

    def read(self, content: bytes) -> Request:
        """As `ocsp.parse`. Raises `BadDer`."""
        for shape in self._shapes.get(len(content), ()):
            known = shape.read(content)
            if known is not None:
                return known
        found = ocsp.parse(content)
        self._learn(content, found)
        return found

    def _learn(self, content: bytes, read: Request) -> None:
        asked, nonce = read.asked[0], read.nonce
        if len(read.asked) > 1 or not self._is_plain(asked):
            return
        cert_id = asked.cert_id
        whole = ocsp.plain(cert_id) if nonce is None else ocsp.with_nonce(cert_id, nonce)
        if whole != content:
            return
        nonce_at = len(content) - len(nonce or b"")
        cert_id_at = content.index(cert_id)
        end = cert_id_at + len(cert_id)
        start = end - len(der.integer(asked.serial)) + len(der.header(der.INTEGER, 0))
        learnt = Shape(content[:start], content[end:nonce_at], cert_id_at, nonce_at, asked.names)
        before = self._shapes.get(len(content), ())
        self._shapes[len(content)] = (learnt, *before)[:SIDE_BY_SIDE]


def _is_minimal(content: bytes, start: int, end: int) -> bool:
    """Whether these bytes are an INTEGER from 0 up as DER writes it (X.690 8.3.2)."""
    first = content[start]
    if first:
        return first < _SIGN
    return end - start == _ONE_BYTE or content[start + 1] >= _SIGN
