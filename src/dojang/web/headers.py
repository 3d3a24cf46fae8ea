"""What every answer carries: the security headers, a fresh DPoP nonce, and no cache by default."""

from typing import Final

from litestar.types import Message, Scope

from dojang.web.front import SECURITY_HEADERS
from dojang.web.proofs import Nonces

Header = tuple[bytes, bytes]
_STRICTLY: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


class Common:
    """Puts them beside what an answer says itself."""

    def __init__(self, origin: str, nonces: Nonces) -> None:
        self._nonces: Final = nonces
        self._fixed: Final = [(n.encode(), value.encode()) for n, value in SECURITY_HEADERS.items()]
        if origin.startswith("https://"):
            self._fixed.append(_STRICTLY)

    def beside(self, own: list[Header], path: str) -> list[Header]:
        """The headers of an answer to a request for `path`, whose own are `own`."""
        headers = [*own, *self._fixed]
        if path.startswith("/v1/"):
            headers.append((b"dpop-nonce", self.nonce().encode()))
            if not any(name == b"cache-control" for name, _ in own):
                headers.append((b"cache-control", b"no-store"))
        return headers

    def nonce(self) -> str:
        """The one that goes with answers now."""
        return self._nonces.fresh()

    async def before_send(self, message: Message, scope: Scope) -> None:
        """As the framework asks for it."""
        if message["type"] == "http.response.start":
            message["headers"] = self.beside([*message["headers"]], scope["path"])
