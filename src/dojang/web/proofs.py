"""Proof of possession at the door: who asks has the device key, now, for exactly this request.

DPoP (RFC 9449) with the server's nonces; each proof is taken once by a process. Knows of a request
only what a proof speaks of, so that whoever parsed it may ask.
"""

import functools
import hashlib
import hmac
import threading
from collections import deque
from collections.abc import Container
from typing import Final, NamedTuple

from dojang.crypto import dpop
from dojang.crypto.encoding import b64u, unb64u
from dojang.kernel.clock import MINUTE, Clock
from dojang.kernel.problem import Unauthenticated

NONCE_LIFE: Final = 5 * MINUTE
_NONCE_STEP: Final = MINUTE
_NONCES_KEPT: Final = 8
JTI_PAGES: Final = 4
JTI_PAGE: Final = 19_600
"""As many as a set of half a megabyte takes: with the next one it would need two."""


class UseDpopNonce(Unauthenticated):
    code = "use_dpop_nonce"
    title = "Sign the request again with the nonce in the DPoP-Nonce header."


class BadProofOfPossession(Unauthenticated):
    code = "bad_proof"
    title = "The proof of the device key is missing or does not fit this request."


class ProofReplayed(Unauthenticated):
    code = "proof_replayed"
    title = "This proof was already used. Make a new one."


class Nonces:
    """Server nonces without a table: HMAC over the minute, good for five (RFC 9449 section 8)."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock
        self._nonce = functools.lru_cache(maxsize=_NONCES_KEPT)(self._made)

    def fresh(self) -> str:
        return self._nonce(self._clock.now() // _NONCE_STEP)

    def good(self, nonce: str) -> bool:
        try:
            given = unb64u(nonce, 24)
        except ValueError:
            return False
        step = int.from_bytes(given[:8], "big")
        now = self._clock.now() // _NONCE_STEP
        recent = 0 <= now - step <= NONCE_LIFE // _NONCE_STEP
        return recent and hmac.compare_digest(nonce, self._nonce(step))

    def _made(self, step: int) -> str:
        stamp = step.to_bytes(8, "big")
        return b64u(stamp + hmac.digest(self._key, stamp, hashlib.sha256)[:16])


class Replays:
    """The proofs seen lately by this process: three pages of them at least, and up to a fourth.

    Seven bytes of a digest stand for each: who finds two that collide has their own refused.
    A second process has its own memory; what a replayed proof could repeat there is idempotent by
    its own id (rid, transfer id, request id), so the worst is a second look at the same answer.
    """

    def __init__(self) -> None:
        self._pages: deque[set[int]] = deque([set()], JTI_PAGES)
        self._lock = threading.Lock()

    def first_time(self, proof: dpop.Proof) -> bool:
        digest = hashlib.sha256(f"{proof.jkt}\n{proof.jti}".encode()).digest()
        key = int.from_bytes(digest[:7])
        with self._lock:
            if any(key in page for page in self._pages):
                return False
            if len(self._pages[-1]) >= JTI_PAGE:
                self._pages.append(set())
            self._pages[-1].add(key)
        return True


class Asking(NamedTuple):
    """What a proof speaks of; `proof` and `authorization` are the headers' values, if any."""

    method: str
    path: str
    proof: str | None
    authorization: str | None


class Proofs:
    """The checks of one server, with what it remembers for them."""

    def __init__(self, origin: str, nonces: Nonces) -> None:
        """`origin` is what the phones know the bank by; their proofs name it."""
        self._origin: Final = origin
        self._nonces: Final = nonces
        self._replays: Final = Replays()

    def check(
        self, asked: Asking, body: bytes = b"", *, signed: Container[str] = ()
    ) -> tuple[str, str | None]:
        """(thumbprint of the device key, token or None). Raises a 401 problem.

        `signed` is what `dpop.taken` said of the proofs that came with this one.
        """
        token = _token(asked.authorization)
        if asked.proof is None:
            raise BadProofOfPossession
        try:
            proof = dpop.verify(
                asked.proof,
                method=asked.method,
                url=self._origin + asked.path,
                body=body,
                nonce_ok=self._nonces.good,
                access_token=token,
                signed=signed,
            )
        except dpop.BadProof as refused:
            if refused.reason is dpop.Reason.NONCE:
                raise UseDpopNonce from None
            raise BadProofOfPossession(reason=refused.reason.value) from None
        if not self._replays.first_time(proof):
            raise ProofReplayed
        return proof.jkt, token


def _token(given: str | None) -> str | None:
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "dpop" or not token or not token.isascii():
        raise Unauthenticated
    return token
