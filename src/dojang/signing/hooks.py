"""Who wants to know: rooms above register what happens before a begin and inside a DONE."""

from collections import defaultdict
from collections.abc import Callable

from dojang.db import Tx
from dojang.signing.model import Request, Signed

BeforeBegin = Callable[[Tx, Request], None]
WhenDone = Callable[[Tx, Signed], None]


class Hooks:
    """Filled at build, only read afterwards."""

    def __init__(self) -> None:
        self._before: defaultdict[str, list[BeforeBegin]] = defaultdict(list)
        self._done: defaultdict[str, list[WhenDone]] = defaultdict(list)

    def before_begin(self, purpose: str, act: BeforeBegin) -> None:
        """Called before a try is consumed; may raise a Problem, and then nothing happened."""
        self._before[purpose].append(act)

    def when_done(self, purpose: str, act: WhenDone) -> None:
        """Called inside the transaction of DONE; what it raises undoes the DONE."""
        self._done[purpose].append(act)

    def check(self, tx: Tx, request: Request) -> None:
        for act in self._before.get(request.purpose, ()):
            act(tx, request)

    def tell(self, tx: Tx, signed: Signed) -> None:
        for act in self._done.get(signed.purpose, ()):
            act(tx, signed)
