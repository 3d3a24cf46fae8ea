"""Split-key signing between phone and server: the core, its ceremonies, what may be signed."""

from dojang.signing.acts import Acts, Asked, Ordered
from dojang.signing.model import Begin, Begun, Done, Key, KeyState, Purpose, Request, Signed, Wrong
from dojang.signing.service import Signing

__all__ = [
    "Acts",
    "Asked",
    "Begin",
    "Begun",
    "Done",
    "Key",
    "KeyState",
    "Ordered",
    "Purpose",
    "Request",
    "Signed",
    "Signing",
    "Wrong",
]
