"""How the phone talks: JSON over HTTP, each request proved with the device key (DPoP)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.crypto import dpop
from dojang.crypto.encoding import b64u
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy

TIMEOUT_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is {} where there was none, `content` the bytes as they came."""

    status: int
    body: dict[str, Any]
    content: bytes = field(default=b"", repr=False)

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str | None:
        """The problem's code, None when it was done."""
        return None if self.done else str(self.body.get("code", "unknown"))

    def must(self) -> dict[str, Any]:
        """The body of what was done. Raises Refused."""
        if not self.done:
            raise Refused(self)
        return self.body


class Refused(Exception):
    """The bank refused. `code` is stable; `body` holds the figures (RFC 9457)."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} {answer.code}")
        self.status = answer.status
        self.code = answer.code
        self.body = answer.body


class NoAnswer(Exception):
    """Nothing came back: whether the request was carried out is not known."""


Watch = Callable[[str, str, bytes, int, bytes], None]
"""Sees each exchange: method, path, request body, status, answer body. For transcripts."""


class Line:
    """One phone's connection to the bank. Keeps the server's newest nonce and the session token."""

    def __init__(
        self,
        origin: str,
        device_key: ec.EllipticCurvePrivateKey,
        *,
        clock: Clock,
        entropy: Entropy,
        client: httpx.Client | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.origin: Final = origin
        self.token: str | None = None
        self._key = device_key
        self._clock = clock
        self._entropy = entropy
        self._client = client or httpx.Client(timeout=TIMEOUT_SECONDS)
        self._watch = watch
        self._nonce = ""

    def get(self, path: str) -> Answer:
        return self.send("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self.send("POST", path, body)

    def put(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self.send("PUT", path, body)

    def put_picture(self, path: str, picture: bytes, kind: str) -> Answer:
        """Send a picture as it is; `kind` is its media type. Raises NoAnswer."""
        return self._asked("PUT", path, picture, kind)

    def delete(self, path: str) -> Answer:
        return self.send("DELETE", path, None)

    def send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        """Send with a fresh proof; once more when the server wants another nonce.

        Raises NoAnswer on a broken line or a timeout.
        """
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        return self._asked(method, path, data, "application/json")

    def _asked(self, method: str, path: str, data: bytes, kind: str) -> Answer:
        answer = self._once(method, path, data, kind)
        if answer.code == "use_dpop_nonce":
            answer = self._once(method, path, data, kind)
        return answer

    def _once(self, method: str, path: str, data: bytes, kind: str) -> Answer:
        proof = dpop.create(
            self._key,
            method=method,
            url=self.origin + path.partition("?")[0],
            body=data,
            nonce=self._nonce,
            jti=b64u(self._entropy.bytes(16)),
            iat=self._clock.now() // 1_000_000,
            access_token=self.token,
        )
        headers = {"dpop": proof}
        if data:
            headers["content-type"] = kind
        if self.token is not None:
            headers["authorization"] = f"DPoP {self.token}"
        try:
            response = self._client.request(
                method, self.origin + path, content=data or None, headers=headers
            )
        except httpx.TransportError as error:
            raise NoAnswer(type(error).__name__) from None
        self._nonce = response.headers.get("dpop-nonce", self._nonce)
        if self._watch is not None:
            self._watch(method, path, data, response.status_code, response.content)
        return Answer(response.status_code, _object(response), response.content)


def _object(response: httpx.Response) -> dict[str, Any]:
    if not response.content:
        return {}
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
