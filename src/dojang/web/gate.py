"""What is asked of every request before its handler: where it comes from and what it carries.

Most doors ask for a proof by the device key, which no other site can make. The few that do not
(the loss report, the demo's) must not be opened by a page of somebody else's in the customer's
browser: such a page cannot send JSON here without a preflight, and its browser says whose it is.
"""

from typing import Final

from dojang.kernel.problem import Forbidden, Malformed, NotFound
from dojang.web.core import BankRequest

JSON: Final = "application/json"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
NOT_OURS: Final = ("/pki/",)
PICTURES: Final = frozenset(
    {"/v1/identifications/current/id-card", "/v1/identifications/current/face"}
)
"""Where the body is a picture and not JSON."""
PICTURE_BYTES_MAX: Final = 8 * 2**20
"""What is read at all; the policy says what is taken."""
_PICTURE_KINDS: Final = frozenset({"image/jpeg", "image/png"})
OWN_PAGES: Final = frozenset({"same-origin", "none"})
"""Values of Sec-Fetch-Site (W3C Fetch Metadata) of our own pages and of an address typed in."""
_NUL: Final = b"\\u0000"


class OtherKind(Malformed):
    status = 415


async def admit(request: BankRequest) -> None:
    """Called by the framework before each handler. Raises NotFound, Forbidden, Malformed."""
    path = request.scope["path"]
    if path.startswith(NOT_OURS):
        return
    if "\x00" in path:
        raise NotFound
    if request.method in SAFE:
        return
    if request.headers.get("sec-fetch-site", "none") not in OWN_PAGES:
        raise Forbidden
    body = await request.body()
    if body and path in PICTURES:
        _demand(request, _PICTURE_KINDS)
    elif body:
        _readable(request, body)


def _readable(request: BankRequest, body: bytes) -> None:
    """JSON by its own word, UTF-8 (RFC 8259 8.1), without a character no database can keep."""
    _demand(request, frozenset({JSON}))
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            raise Malformed from None
    if _NUL in body:
        raise Malformed


def _demand(request: BankRequest, kinds: frozenset[str]) -> None:
    """Raises a 415 where the request says that it carries something else."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in kinds:
        raise OtherKind
