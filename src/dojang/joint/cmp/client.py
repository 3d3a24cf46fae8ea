"""A CMP client under a shared secret: each answer is verified before anything of it is believed.

To a MAC only a MAC under the same secret is an answer: any certificate of the CA could sign, and a
holder's is one. What is not believed counts as silence, so whoever stands on the way can at most
keep the CA away. An answer of yesterday has another transaction and another nonce.
"""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from dojang.certificates import der
from dojang.certificates.der import BadDer
from dojang.joint.cmp import asking, messages, protection
from dojang.joint.cmp.asking import Template
from dojang.joint.cmp.messages import Message
from dojang.kernel.clock import Clock
from dojang.kernel.entropy import Entropy
from dojang.kernel.problem import Unavailable
from dojang.kernel.secret import Secret

NONCE_BYTES: Final = 16
TRANSACTION_BYTES: Final = 16

T = TypeVar("T")
Post = Callable[[bytes], bytes]
"""A message to the CA and what came back. Raises Unavailable."""
Open = Callable[[], AbstractContextManager[Post]]
"""A line for one exchange."""


@dataclass(frozen=True)
class Account:
    """Under which name and secret the CA knows us."""

    reference: str
    secret: Secret[str] = field(repr=False)
    recipient: bytes
    """Name of the CA."""


class Client:
    """One exchange a call. Not inside a transaction."""

    def __init__(self, line: Open, account: Account, clock: Clock, entropy: Entropy) -> None:
        self._line = line
        self._account = account
        self._clock = clock
        self._entropy = entropy

    def enrol(
        self,
        template: Template,
        *,
        enclosed: bytes | None,
        flaw: Callable[[bytes], str | None],
        prove: Callable[[bytes], bytes] | None = None,
    ) -> tuple[bytes, str | None]:
        """ir to pkiConf: the certificate, and what `flaw` found wrong with it.

        A flawed one is refused in the certConf, so that the CA revokes it. Raises asking.Refusal,
        and Unavailable for whatever is not believed.
        """
        with self._line() as post:
            exchange = self._exchange(post)
            body = asking.enrolment(template, enclosed, prove)
            made = exchange.ask(body, messages.IP, asking.granted)
            wrong = flaw(made)
            digest = hashlib.sha256(made).digest()
            told = asking.confirmation(digest, accepted=wrong is None)
            exchange.ask(told, messages.PKI_CONF, lambda _content: None)
            return made, wrong

    def revoke(self, issuer: bytes, serial: int, crl_reason: int) -> None:
        """Raises asking.Refusal, Unavailable."""
        body = asking.revocation(issuer, serial, crl_reason)
        with self._line() as post:
            self._exchange(post).ask(body, messages.RP, asking.demand_revoked)

    def _exchange(self, post: Post) -> "_Exchange":
        transaction = self._entropy.bytes(TRANSACTION_BYTES)
        return _Exchange(post, self._account, self._clock, self._entropy, transaction)


@dataclass
class _Exchange:
    """The messages of one transaction; each answers the one before."""

    post: Post
    account: Account
    clock: Clock
    entropy: Entropy
    transaction: bytes
    heard: bytes = b""
    """The nonce of the last answer."""

    def ask(self, body: bytes, wanted: int, read: Callable[[der.Node], T]) -> T:
        nonce = self.entropy.bytes(NONCE_BYTES)
        content = self.post(self._protected(body, nonce))
        try:
            answer = messages.read(content)
            self._demand_ours(answer, nonce, wanted)
            if answer.kind == wanted:
                return read(answer.content)
            refusal = asking.refusal(answer.content)
        except (BadDer, ValueError, IndexError) as wrong:
            raise Unavailable from wrong
        raise refusal

    def _protected(self, body: bytes, nonce: bytes) -> bytes:
        algorithm = protection.algorithm(self.entropy.bytes(16))
        header = messages.header(
            sender=messages.directory(der.sequence()),
            recipient=messages.directory(self.account.recipient),
            now=self.clock.now(),
            algorithm=algorithm,
            sender_kid=self.account.reference.encode(),
            transaction=self.transaction,
            nonce=nonce,
            answered=self.heard,
        )
        mac = self._mac(algorithm, der.sequence(header, body))
        return messages.message(header, body, mac, b"")

    def _demand_ours(self, answer: Message, nonce: bytes, wanted: int) -> None:
        """Protection first: before it, nothing is anybody's word. Raises BadDer."""
        mac = self._mac(answer.algorithm or b"", answer.protected)
        if not hmac.compare_digest(mac, answer.protection or b""):
            raise BadDer("not protected by the secret that we share")
        if answer.transaction != self.transaction or answer.answered != nonce:
            raise BadDer("an answer to another message")
        if len(answer.nonce) < NONCE_BYTES or answer.nonce == nonce:
            raise BadDer("no nonce of its own")
        if answer.kind not in (wanted, messages.ERROR):
            raise BadDer("an answer to something else")
        self.heard = answer.nonce

    def _mac(self, algorithm: bytes, protected: bytes) -> bytes:
        secret = self.account.secret.reveal().encode()
        return protection.read(algorithm).mac(secret, protected)
