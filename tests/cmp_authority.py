"""A CA of another house, played: it answers PKIMessages under a shared secret, over a socket.

Tests bend one thing of what it says; the certificates are those of `joint_house`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dojang.certificates import der
from dojang.joint import model, profile
from dojang.joint.cmp import messages, protection
from dojang.joint.cmp.messages import Message
from dojang.joint.model import Kind, Plan
from dojang.joint.npki.names import Name
from dojang.joint.npki.vid import Identity
from dojang.kernel.clock import Instant
from tests import joint_house

SECRET = "a secret of two houses, 2026"
REFERENCE = "RA-0017"
PKIX_CMP = "application/pkixcmp"


def holder(
    name: Name,
    spki: bytes,
    identity: Identity,
    *,
    now: Instant,
    not_after: Instant,
    serial: int = 4_097,
    plan: Plan = joint_house.PLAN,
    by: str = "ca",
) -> bytes:
    """A certificate of that CA."""
    subject = profile.Subject(
        serial=serial, name=name, spki=spki, not_before=model.first_moment(now), not_after=not_after
    )
    tbs = profile.holder(plan, Kind.PERSON, joint_house.issuer(), subject, identity)
    return joint_house.signed(tbs, by)


@dataclass
class PlayedCa:
    """`certificate` is what it gives; `bend` changes what it says at last."""

    certificate: bytes = b""
    secret: str = SECRET
    transaction: bytes | None = None
    answered: bytes | None = None
    body: bytes | None = None
    bend: Callable[[bytes], bytes] = bytes
    heard: list[Message] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)

    def answer(self, content: bytes) -> bytes:
        asked = messages.read(content)
        self.heard.append(asked)
        said = self.bend(self._said(asked, self.body or self._body(asked)))
        self.said.append(said)
        return said

    @property
    def accepted(self) -> list[bool]:
        """What each certConf said."""
        confirmed = [one for one in self.heard if one.kind == messages.CERT_CONF]
        return [messages.confirmed_hash(one.content)[1] for one in confirmed]

    def _body(self, asked: Message) -> bytes:
        if asked.kind == messages.IR:
            return messages.granted(messages.IP, 0, self.certificate, b"")
        if asked.kind == messages.RR:
            return der.explicit(
                messages.RP, der.sequence(der.sequence(der.sequence(der.integer(0))))
            )
        return messages.confirmation()

    def _said(self, asked: Message, body: bytes) -> bytes:
        algorithm = protection.algorithm(b"a salt of 16 byt")
        header = messages.header(
            sender=messages.directory(joint_house.PLAN.ca.der),
            recipient=asked.sender,
            now=joint_house.NOW,
            algorithm=algorithm,
            sender_kid=b"CA",
            transaction=self.transaction or asked.transaction,
            nonce=len(self.said).to_bytes(16, "big"),
            answered=self.answered or asked.nonce,
        )
        mac = protection.read(algorithm).mac(self.secret.encode(), der.sequence(header, body))
        return messages.message(header, body, mac, b"")


@contextmanager
def listening(handle: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """An HTTP server of one handler on this machine; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            handle(self, self.rfile.read(int(self.headers["content-length"])))

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/cmp"
    finally:
        server.shutdown()
        server.server_close()


def told(
    request: BaseHTTPRequestHandler, content: bytes, *, status: int = 200, kind: str = PKIX_CMP
) -> None:
    request.send_response(status)
    request.send_header("content-type", kind)
    request.send_header("content-length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
