"""One request until it is answered: a fresh rid, the same bytes again while nobody answers."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from dojang.crypto.encoding import b64u
from dojang.kernel.entropy import Entropy
from dojang.phone.http import Answer, NoAnswer

RID_BYTES: Final = 12
ATTEMPTS: Final = 3
_OURS_TO_MEND: Final = 500


class Post(Protocol):
    """How requests travel. Raises `NoAnswer` when nothing came back."""

    def __call__(self, path: str, body: Mapping[str, Any], /) -> Answer: ...


class Talk:
    """`pause(n)` is called before the n-th resend; the app waits there, a test does not."""

    def __init__(
        self,
        post: Post,
        entropy: Entropy,
        *,
        attempts: int = ATTEMPTS,
        pause: Callable[[int], None] | None = None,
    ) -> None:
        self.post = post
        self._entropy = entropy
        self._attempts = attempts
        self._pause = pause

    def ask(self, path: str, fields: Mapping[str, Any]) -> Answer:
        """The answer to this very request. Raises `NoAnswer` when there was none in time.

        A server in trouble (5xx) and an answer that carries another rid count as silence.
        """
        rid = b64u(self._entropy.bytes(RID_BYTES))
        body = {"rid": rid, **fields}
        for attempt in range(1, self._attempts + 1):
            if attempt > 1 and self._pause is not None:
                self._pause(attempt)
            try:
                answer = self.post(path, body)
            except NoAnswer:
                continue
            if answer.status >= _OURS_TO_MEND or answer.body.get("rid", rid) != rid:
                continue
            if answer.done and "rid" not in answer.body:
                continue
            return answer
        raise NoAnswer(path)
