"""The log as anyone may ask it: signed heads, proofs, hashes of leaves. Never a body.

Only to the owner, signed in, are the leaves opened that gave out a certificate in their name.
"""

import hashlib
from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.params import Parameter
from msgspec import Struct

from dojang.crypto import tree_heads
from dojang.crypto.encoding import b64u
from dojang.crypto.tree_heads import SIZE_MAX, TreeHead
from dojang.kernel.problem import NotFound
from dojang.timestamps import wire
from dojang.transparency import Transparency
from dojang.transparency.model import ISSUES_MAX
from dojang.web.core import BankRequest, bank, signed_in, threaded

Size = Annotated[int, Parameter(ge=0, le=SIZE_MAX)]
SomeSize = Annotated[int | None, Parameter(ge=0, le=SIZE_MAX)]
After = Annotated[int, Parameter(ge=-1, le=SIZE_MAX)]
NOTE: Final = "text/plain; charset=utf-8"
STAMP: Final = "application/timestamp-reply"


class PinnedOut(Struct, frozen=True):
    """What a phone pins at its enrolment: whose heads, and by which key."""

    log: str
    key: str


class LogKeyOut(Struct, frozen=True):
    """`id` is the SHA-256 of the key, `key` its SubjectPublicKeyInfo in DER."""

    log: str
    key: str
    id: str


class HeadOut(Struct, frozen=True):
    log: str
    size: int
    root: str
    at: int
    signature: str


class SthOut(Struct, frozen=True):
    head: HeadOut
    consistency: list[str]


class InclusionOut(Struct, frozen=True):
    index: int
    size: int
    leaf: str
    path: list[str]


class ConsistencyOut(Struct, frozen=True):
    first: int
    second: int
    path: list[str]


class EntriesOut(Struct, frozen=True):
    start: int
    end: int
    leaves: list[str]


class WhoseOut(Struct, frozen=True):
    id: str
    state: str


class IssueOut(Struct, frozen=True):
    index: int
    body: str
    path: list[str]
    credential: WhoseOut


class IssuesOut(Struct, frozen=True):
    entries: list[IssueOut]
    head: HeadOut
    next: int | None


@get("/v1/log/key", sync_to_thread=False)
def key(request: BankRequest) -> LogKeyOut:
    """What heads are verified with. A phone believes the one it was given at its enrolment."""
    log = _log(request)
    return LogKeyOut(log.name, b64u(log.key), b64u(hashlib.sha256(log.key).digest()))


@get("/v1/log/sth")
@threaded
def sth(request: BankRequest, since: Size = 0) -> SthOut:
    """The newest signed head, and the proof that it continues the tree of `since` leaves."""
    try:
        found = _log(request).extension(since)
    except LookupError:
        raise NotFound from None
    return SthOut(head_out(found.head), _path(found.path))


@get("/v1/log/checkpoint")
@threaded
def checkpoint(request: BankRequest, size: SomeSize = None) -> Response[bytes]:
    """The newest head as a C2SP signed note, or the one over `size` leaves."""
    log = _log(request)
    try:
        made = tree_heads.note(log.head() if size is None else log.head_of(size), log.key)
    except LookupError:
        raise NotFound from None
    return Response(made, media_type=NOTE)


@get("/v1/log/stamp")
@threaded
def stamp(request: BankRequest, size: Size) -> Response[bytes]:
    """The time-stamp (RFC 3161, a TimeStampResp) on the note of the head over `size` leaves.

    404 where there is no such head, or it is not stamped yet.
    """
    try:
        made = wire.granted(_log(request).stamp(size))
    except LookupError:
        raise NotFound from None
    return Response(made, media_type=STAMP)


@get("/v1/log/proof/inclusion")
@threaded
def inclusion(request: BankRequest, index: Size, size: Size) -> InclusionOut:
    """That leaf `index` stands in the tree of `size` leaves."""
    leaf, path = _log(request).inclusion(index, size)
    return InclusionOut(index, size, b64u(leaf), _path(path))


@get("/v1/log/proof/consistency")
@threaded
def consistency(request: BankRequest, first: Size, second: Size) -> ConsistencyOut:
    """That the tree of `second` leaves begins with the tree of `first`."""
    path = _log(request).consistency(first, second)
    return ConsistencyOut(first, second, _path(path))


@get("/v1/log/entries")
@threaded
def entries(request: BankRequest, start: Size, end: Size) -> EntriesOut:
    """Hashes of leaves, for who builds the tree of their own."""
    leaves = _log(request).entries(start, end)
    return EntriesOut(start, start + len(leaves), [b64u(leaf) for leaf in leaves])


@get("/v1/certificate/log")
@threaded
def certificates(request: BankRequest, after: After = -1) -> IssuesOut:
    """Every certificate ever given out in this customer's name, with its leaf and its proof."""
    mine = signed_in(request)
    page = _log(request).issues(mine.customer_id, after=after, limit=ISSUES_MAX)
    found = [
        IssueOut(
            index=one.proof.index,
            body=b64u(one.proof.body),
            path=_path(one.proof.path),
            credential=WhoseOut(one.credential_id, one.state),
        )
        for one in page.issues
    ]
    return IssuesOut(found, head_out(page.head), page.next)


def pinned(request: BankRequest) -> PinnedOut:
    """For the answer that ends an enrolment."""
    log = _log(request)
    return PinnedOut(log.name, b64u(log.key))


def head_out(head: TreeHead) -> HeadOut:
    return HeadOut(**head.to_json())


def _log(request: BankRequest) -> Transparency:
    return bank(request).transparency


def _path(steps: list[bytes] | tuple[bytes, ...]) -> list[str]:
    return [b64u(step) for step in steps]


ROUTES: Final[list[Any]] = [
    key,
    sth,
    checkpoint,
    stamp,
    inclusion,
    consistency,
    entries,
    certificates,
]
