"""What is asked of the status port more rarely: revocation lists, and the joint CA's word.

A list may be forty megabytes. It is read from the database and told piece by piece, the next one
only when the peer has taken enough of those before, so a slow reader holds two pieces and no more.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dojang.certificates import retiring
from dojang.certificates.lists import Lists
from dojang.certificates.profiles import EVERYTHING, everything_of, is_everything
from dojang.certificates.store_lists import ListRow
from dojang.house import Bank
from dojang.kernel.clock import SECOND, Instant
from dojang.web.line import HEAD, POST, Asked
from dojang.web.pki import CRL, OCSP_RESPONSE, cache_headers, http_date, request_in

PIECE_BYTES: Final = 65_536
"""At least so much is read at once; a chunk of a list is not cut."""
_ISSUING: Final = re.compile(
    rb"/pki/issuing(?:/(?P<number>[2-9]|[1-9][0-9]{1,2}))?(?P<delta>-delta)?\.crl"
)
_SHARD: Final = re.compile(rb"/pki/crl/(?P<scope>[1-9][0-9]{0,6})(?P<delta>-delta)?\.crl")
_ROOT_LIST: Final = re.compile(rb"/pki/root(?:/(?P<number>[2-9]))?\.crl")
_FOLDERS: Final = (b"/pki/crl/", b"/pki/issuing", b"/pki/joint/", b"/pki/root/")
_JOINT_OCSP: Final = b"/pki/joint/ocsp"
_JOINT_CRL: Final = b"/pki/joint/ca.crl"
_JOINT_ARL: Final = b"/pki/joint/root.crl"
_NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"


@dataclass(slots=True)
class Flow:
    """A response that is longer than one piece: what stands before it, and its parts."""

    head: bytes
    parts: Iterator[bytes]

    def more(self) -> bytes:
        """The next piece; nothing at the end. Reads the database: in a worker, one at a time."""
        piece = bytearray()
        for part in self.parts:
            piece += part
            if len(piece) >= PIECE_BYTES:
                break
        return bytes(piece)


def is_paper(asked: Asked) -> bool:
    """Whether it is looked for here, by its beginning alone."""
    return asked.target.startswith(_FOLDERS) or _ROOT_LIST.fullmatch(asked.target) is not None


def told(bank: Bank, asked: Asked) -> bytes | Flow:
    """The response. Signs a list where one is due. In a worker; raises `lists.Busy`."""
    second = bank.clock.now() // SECOND
    if asked.target.startswith(_JOINT_OCSP):
        return _joint_answer(bank, asked, second)
    if asked.method == POST:
        return _NOT_FOUND
    if asked.target in {_JOINT_CRL, _JOINT_ARL}:
        status = bank.joint.status
        whole = status.crl() if asked.target == _JOINT_CRL else status.root_crl()
        return _whole(asked, whole, second)
    of_root = _ROOT_LIST.fullmatch(asked.target)
    if of_root is not None:
        named = _of_root(bank, int(of_root["number"] or 1))
        return _NOT_FOUND if named is None else _whole(asked, named, second)
    found = _named(asked.target)
    lists = bank.status.lists
    if found is None or not lists.knows(found[0]):
        return _NOT_FOUND
    scope, delta = found
    made = lists.delta(scope) if delta else lists.complete(scope)
    return _NOT_FOUND if made is None else _list(lists, made, asked, second)


def _of_root(bank: Bank, number: int) -> bytes | None:
    try:
        root = bank.authority.root_numbered(number)
    except LookupError:
        return None
    with bank.db.snapshot() as tx:
        named = retiring.of_root(tx, root)
    return None if named is None else named.der


def _named(target: bytes) -> tuple[int, bool] | None:
    """The list's number, and whether its delta is meant."""
    shard = _SHARD.fullmatch(target)
    if shard is not None:
        scope = int(shard["scope"])
        return None if is_everything(scope) else (scope, bool(shard["delta"]))
    found = _ISSUING.fullmatch(target)
    if found is None:
        return None
    number = found["number"]
    scope = EVERYTHING if number is None else everything_of(int(number))
    return scope, bool(found["delta"])


def _list(lists: Lists, made: ListRow, asked: Asked, second: int) -> bytes | Flow:
    """A stored list never changes, and its signature names it."""
    tag = _tag(made.foot)
    head = _head(tag, second, made.this_update, _size(made.head))
    if _has(asked, tag):
        return _not_modified(tag, second, made.this_update)
    if asked.method == HEAD:
        return head
    flow = Flow(head, lists.parts(made))
    return flow if made.chunks else head + flow.more() + flow.more()


def _whole(asked: Asked, body: bytes, second: int) -> bytes:
    tag = _tag(body)
    if _has(asked, tag):
        return _not_modified(tag, second, None)
    head = _head(tag, second, None, len(body))
    return head if asked.method == HEAD else head + body


def _joint_answer(bank: Bank, asked: Asked, second: int) -> bytes:
    posted = asked.method == POST
    if posted and asked.target != _JOINT_OCSP:
        return _NOT_FOUND
    under = _JOINT_OCSP.decode() + "/"
    request = asked.body if posted else request_in(asked.target, under=under)
    answer = bank.joint.status.answer(request)
    headers = {"cache-control": "no-store"}
    if answer.cacheable and not posted:
        headers = cache_headers(answer, Instant(second * SECOND))
    head = _response(OCSP_RESPONSE, len(answer.der), second, headers)
    return head if asked.method == HEAD else head + answer.der


def _head(tag: str, second: int, changed: Instant | None, size: int) -> bytes:
    return _response(CRL, size, second, _validators(tag, changed))


def _response(media_type: str, size: int, second: int, headers: dict[str, str]) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        f"content-type: {media_type}",
        f"content-length: {size}",
        f"date: {http_date(Instant(second * SECOND))}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _not_modified(tag: str, second: int, changed: Instant | None) -> bytes:
    lines = ["HTTP/1.1 304 Not Modified", f"date: {http_date(Instant(second * SECOND))}"]
    lines += [f"{name}: {value}" for name, value in _validators(tag, changed).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _validators(tag: str, changed: Instant | None) -> dict[str, str]:
    """A cache asks each time, or a revocation would not be known at once."""
    found = {"cache-control": "no-cache", "etag": tag}
    return found if changed is None else {**found, "last-modified": http_date(changed)}


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _has(asked: Asked, tag: str) -> bool:
    """If-None-Match, compared weakly (RFC 9110 13.1.2)."""
    if not asked.tags:
        return False
    known = {one.strip().removeprefix(b"W/") for one in asked.tags.split(b",")}
    return b"*" in known or tag.encode() in known


def _size(head: bytes) -> int:
    """Of the list that begins so, by the length of its outermost SEQUENCE (X.690 8.1.3)."""
    if head[1] < 0x80:
        return 2 + head[1]
    digits = head[2 : 2 + (head[1] & 0x7F)]
    return 2 + len(digits) + int.from_bytes(digits, "big")
