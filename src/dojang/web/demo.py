"""What exists only in the demo: moving its clock, and the people one can play."""

import ipaddress
from typing import Annotated, Any, Final

from litestar import get, post
from litestar.params import JSONBody
from msgspec import Meta, Struct

from dojang.kernel.clock import SECOND, MovableClock
from dojang.kernel.problem import NotFound
from dojang.web.core import BankRequest, bank, source, threaded

DECADE_SECONDS: Final = 10 * 366 * 86_400
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PASSED_ON: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Move(Struct, forbid_unknown_fields=True):
    seconds: Annotated[int, Meta(ge=-DECADE_SECONDS, le=DECADE_SECONDS)]


class Moved(Struct, frozen=True):
    now: int


@post("/_demo/clock", status_code=200, include_in_schema=False)
@threaded
def move_clock(request: BankRequest, data: JSONBody[Move]) -> Moved:
    """Move the demo's clock, from this machine only, and let the jobs that are due run."""
    house = bank(request)
    if not loopback(request) or not isinstance(house.clock, MovableClock):
        raise NotFound
    now = house.clock.move(data.seconds * SECOND)
    house.run_due_jobs()
    return Moved(now=now)


@get("/_demo/people", include_in_schema=False)
@threaded
def people(request: BankRequest) -> dict[str, Any]:
    """The sample people with what one has to type. Invented, every one of them."""
    if not loopback(request):
        raise NotFound
    return {"people": bank(request).sample_people}


def loopback(request: BankRequest) -> bool:
    """From this machine, asked for by a name of this machine, and not passed on by a proxy.

    A proxy on this machine makes everyone's requests look local; a page of somebody else whose
    name was pointed at this machine (DNS rebinding) still asks for that name.
    """
    if any(name in request.headers for name in _PASSED_ON):
        return False
    if _host(request.headers.get("host", "")) not in _THIS_MACHINE:
        return False
    try:
        return ipaddress.ip_address(source(request)).is_loopback
    except ValueError:
        return False


def _host(header: str) -> str:
    """The name without its port."""
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0].lower()


ROUTES: Final[list[Any]] = [move_clock, people]
