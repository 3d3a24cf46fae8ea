"""The authority's public face: certificates, lists, responder, time-stamps. A skin over bytes.

GET of OCSP follows RFC 5019 5 and 6: the request in base64 in the path, and headers that let a
cache repeat the answer until its nextUpdate. A request with a nonce is never cached.
"""

import base64
import binascii
import hashlib
import re
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import unquote

from litestar import Response, get, post
from litestar.params import FromPath, RawBody
from litestar.response import Stream

from dojang.certificates import retiring
from dojang.certificates.lists import Lists
from dojang.certificates.profiles import EVERYTHING, everything_of, is_everything
from dojang.certificates.status import Answer
from dojang.kernel.clock import SECOND, Instant, utc
from dojang.kernel.problem import NotFound
from dojang.web.core import BankRequest, bank, threaded

CERTIFICATE: Final = "application/pkix-cert"
CRL: Final = "application/pkix-crl"
OCSP_RESPONSE: Final = "application/ocsp-response"
TIMESTAMP_REPLY: Final = "application/timestamp-reply"
OCSP_PATH: Final = "/pki/ocsp/"
REQUEST_CHARS_MAX: Final = 2_048
PKI_CACHE: Final = "public, max-age=300"
CHUNKS_WHOLE: Final = 32
_SHARD: Final = re.compile(r"(?P<scope>[1-9][0-9]{0,6})(?P<delta>-delta)?\.crl")
_ROOT: Final = re.compile(r"(?P<number>[2-9])(?P<what>\.crt|\.crl)")
_CROSS: Final = re.compile(r"(?P<of>[1-9])-with-(?P<by>[1-9])\.crt")
_LATER: Final = re.compile(r"(?P<number>[2-9]|[1-9][0-9]{1,2})(?P<what>\.crt|\.crl|-delta\.crl)")


@get("/pki/root.crt", sync_to_thread=False)
def root(request: BankRequest) -> Response[bytes]:
    return _certificate(bank(request).authority.root_der)


@get("/pki/root.crl")
@threaded
def root_crl(request: BankRequest) -> Response[bytes]:
    """Which generations of the issuing CA ended before their time; not there before the first."""
    return _root_list(request, 1)


@get("/pki/root/{name:str}")
@threaded
def later_root(request: BankRequest, name: FromPath[str]) -> Response[bytes]:
    """The same of the roots that came after: `2.crt`, `2.crl`.

    And what leads from one to the other: `2-with-1.crt` is the key of root 2, certified by root 1.
    """
    found, crossed = _ROOT.fullmatch(name), _CROSS.fullmatch(name)
    authority = bank(request).authority
    try:
        if crossed is not None:
            return _certificate(authority.cross(int(crossed["of"]), int(crossed["by"])).der)
        if found is not None and found["what"] == ".crt":
            return _certificate(authority.root_numbered(int(found["number"])).der)
        if found is not None:
            return _root_list(request, int(found["number"]))
    except LookupError:
        raise NotFound from None
    raise NotFound


@get("/pki/issuing.crt")
@threaded
def issuing(request: BankRequest) -> Response[bytes]:
    """The first generation of the issuing CA, for ever: certificates name this address."""
    return _certificate(bank(request).authority.numbered(1).der)


@get("/pki/issuing.crl")
@threaded
def issuing_crl(request: BankRequest) -> Response[Any]:
    """The list as of now; no cache may keep it, or it would not be right at once."""
    return _list(bank(request).status.lists, EVERYTHING)


@get("/pki/issuing-delta.crl")
@threaded
def issuing_delta(request: BankRequest) -> Response[Any]:
    return _list(bank(request).status.lists, EVERYTHING, delta=True)


@get("/pki/issuing/{name:str}")
@threaded
def later(request: BankRequest, name: FromPath[str]) -> Response[Any]:
    """The same of the generations that came after a rollover: `2.crt`, `2.crl`, `2-delta.crl`."""
    found = _LATER.fullmatch(name)
    house = bank(request)
    if found is None or not house.authority.has(int(found["number"])):
        raise NotFound
    generation = int(found["number"])
    if found["what"] == ".crt":
        return _certificate(house.authority.numbered(generation).der)
    delta = found["what"].startswith("-delta")
    return _list(house.status.lists, everything_of(generation), delta=delta)


@get("/pki/crl/{name:str}")
@threaded
def shard_crl(request: BankRequest, name: FromPath[str]) -> Response[Any]:
    """`7.crl` is the list that a certificate of shard 7 names, `7-delta.crl` what came since."""
    found = _SHARD.fullmatch(name)
    if found is None or is_everything(int(found["scope"])):
        raise NotFound
    return _list(bank(request).status.lists, int(found["scope"]), delta=bool(found["delta"]))


@post("/pki/ocsp", status_code=200)
@threaded
def ask(request: BankRequest, body: RawBody) -> Response[bytes]:
    answer = bank(request).status.answer(body)
    return Response(answer.der, media_type=OCSP_RESPONSE, headers={"cache-control": "no-store"})


@get("/pki/ocsp/{asked:path}")
@threaded
def ask_in_path(request: BankRequest, asked: FromPath[str]) -> Response[bytes]:
    answer = bank(request).status.answer(request_in_path(request, asked, OCSP_PATH))
    return cached(answer, bank(request).clock.now())


@post("/pki/tsa", status_code=200)
@threaded
def stamp(request: BankRequest, body: RawBody) -> Response[bytes]:
    """RFC 3161 3.4: whatever is sent, the answer is a TimeStampResp."""
    answer = bank(request).time_stamps.answer(body)
    return Response(answer, media_type=TIMESTAMP_REPLY, headers={"cache-control": "no-store"})


def request_in_path(request: BankRequest, asked: str, under: str) -> bytes:
    """The path is read raw: base64 has slashes, and what decoded them first differs by server."""
    raw = request.scope.get("raw_path") or b""
    return request_in(raw.split(b"?")[0], asked.removeprefix("/"), under)


def cached(answer: Answer, now: Instant) -> Response[bytes]:
    """An answer to a GET, which may be given again unless a nonce was asked for."""
    headers = cache_headers(answer, now) if answer.cacheable else {"cache-control": "no-store"}
    return Response(answer.der, media_type=OCSP_RESPONSE, headers=headers)


def request_in(path: bytes, else_in: str = "", under: str = OCSP_PATH) -> bytes:
    """The request's bytes; empty (and so malformed) where it is not base64."""
    text = unquote(path.decode("ascii", "replace").partition(under)[2]) or else_in
    if len(text) > REQUEST_CHARS_MAX:
        return b""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def cache_headers(answer: Answer, now: Instant) -> dict[str, str]:
    """RFC 5019 6.2. The times are those inside the answer."""
    seconds = max(0, (answer.next_update - now) // SECOND)
    return {
        "cache-control": f"max-age={seconds}, public, no-transform, must-revalidate",
        "last-modified": http_date(answer.this_update),
        "expires": http_date(answer.next_update),
        "etag": f'"{hashlib.sha256(answer.der).hexdigest()}"',
    }


def _root_list(request: BankRequest, number: int) -> Response[bytes]:
    """Raises NotFound, LookupError."""
    house = bank(request)
    root = house.authority.root_numbered(number)
    with house.db.snapshot() as tx:
        made = retiring.of_root(tx, root)
    if made is None:
        raise NotFound
    return Response(made.der, media_type=CRL, headers={"cache-control": "no-cache"})


def _list(lists: Lists, scope: int, *, delta: bool = False) -> Response[Any]:
    """Whole where it is small; else piece by piece, as its chunks are read."""
    if not lists.knows(scope):
        raise NotFound
    made = lists.delta(scope) if delta else lists.complete(scope)
    if made is None:
        raise NotFound
    headers = {"cache-control": "no-cache"}
    if made.chunks > CHUNKS_WHOLE:
        return Stream(lists.parts(made), media_type=CRL, headers=headers)
    return Response(b"".join(lists.parts(made)), media_type=CRL, headers=headers)


def http_date(moment: Instant) -> str:
    return format_datetime(utc(moment), usegmt=True)


def _certificate(der: bytes) -> Response[bytes]:
    return Response(der, media_type=CERTIFICATE, headers={"cache-control": PKI_CACHE})


ROUTES: list[Any] = [
    root,
    root_crl,
    later_root,
    issuing,
    issuing_crl,
    issuing_delta,
    later,
    shard_crl,
    ask,
    ask_in_path,
    stamp,
]
