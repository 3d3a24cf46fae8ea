"""Many callers, one transaction: the requests that wait become the next batch.

Nothing is delayed to fill a batch. While one is being committed, others queue up, and the longer a
commit takes, the more of them the next one carries.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Final

from dojang.kernel.problem import Unavailable
from dojang.ledger.batching import Answer, Batches, Fault
from dojang.ledger.model import Request
from dojang.ledger.store import Collision, is_outage

BATCH_MAX: Final = 500
QUEUE_MAX: Final = 10_000
QUEUE_SECONDS_MAX: Final = 5.0
"""A request that was not taken up for so long is told to come again, with the same id."""
ANSWER_SECONDS_MAX: Final = 30.0
"""Nobody waits longer for an answer, whatever the database does."""
RERUN_SECONDS: Final = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 1.0)
"""The pauses before a batch meets a database again that was away."""
_STOP_SECONDS: Final = 15.0

Waiting = tuple[Request, Future[Answer]]


class Gathering:
    """The queue and the one thread that empties it.

    Where the thread does not run, whoever submits does the work under the same lock.
    """

    def __init__(self, batches: Batches, failpoint: Callable[[str], None]) -> None:
        self._batches = batches
        self.failpoint = failpoint
        self._queue: deque[Waiting] = deque()
        self._change = threading.Condition()
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, name="ledger-committer", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Answer what is queued, for some seconds at most, then let callers do it themselves."""
        self._stopping.set()
        with self._change:
            thread, self._thread = self._thread, None
            self._change.notify_all()
        if thread is not None:
            thread.join(_STOP_SECONDS)
        self._settle(self._taken(QUEUE_MAX))

    def submit(self, requests: Sequence[Request]) -> list[Future[Answer]]:
        """Queue them in their order. Raises Unavailable where the queue is full."""
        waiting: list[Waiting] = [(asked, Future()) for asked in requests]
        with self._change:
            inline = self._thread is None
            if not inline:
                if len(self._queue) + len(waiting) > QUEUE_MAX:
                    raise Unavailable
                self._queue.extend(waiting)
                self._change.notify()
        if inline:
            for part in _parts(waiting):
                self._settle(part)
        return [future for _, future in waiting]

    def answers(self, requests: Sequence[Request]) -> list[Answer | Fault]:
        """Queue them, wait, and tell each what became of it; `Unavailable` stands in a Fault."""
        futures = self.submit(requests)
        return [_awaited(asked, future) for asked, future in zip(requests, futures, strict=True)]

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._queue and not self._stopping.is_set():
                    self._change.wait()
                if not self._queue:
                    return
            self._settle(self._taken(BATCH_MAX))

    def _taken(self, most: int) -> list[Waiting]:
        """The next of the queue, without those whose callers have gone."""
        taken: list[Waiting] = []
        with self._change:
            while self._queue and len(taken) < most:
                one = self._queue.popleft()
                if one[1].set_running_or_notify_cancel():
                    taken.append(one)
        return taken

    def _settle(self, waiting: Sequence[Waiting]) -> None:
        """Run a batch and answer it. Nobody is left without an answer, whatever is raised."""
        if not waiting:
            return
        try:
            with self._turn:
                answers = self.decided([asked for asked, _ in waiting])
            self.failpoint("before_answer")
        except BaseException as error:
            for _, future in waiting:
                _tell(future, error)
            if not isinstance(error, Exception) and self._thread is None:
                raise
            return
        for (_, future), answer in zip(waiting, answers, strict=True):
            _tell(future, answer.error if isinstance(answer, Fault) else answer)

    def decided(self, requests: Sequence[Request]) -> list[Answer | Fault]:
        """One batch; where it cannot be stored, its halves, until what is at fault stands alone."""
        try:
            return list(self._surely(requests))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whom it belongs
            if is_outage(error):
                return [Fault(asked.id, Unavailable()) for asked in requests]
            if len(requests) == 1:
                return [Fault(requests[0].id, error)]
        middle = len(requests) // 2
        return self.decided(requests[:middle]) + self.decided(requests[middle:])

    def _surely(self, requests: Sequence[Request]) -> list[Answer]:
        """Run it, and run the very same batch again after a lost connection or a collision.

        Whether a lost commit has happened is not asked: if it has, every id is known by now.
        """
        collided = False
        for pause in RERUN_SECONDS:
            try:
                return self._batches.run(requests)
            except Collision:
                if collided:
                    raise
                collided = True
            except Exception as error:
                if not is_outage(error):
                    raise
                last = error
                self._stopping.wait(pause)
        raise last


def _parts(waiting: Sequence[Waiting]) -> Iterator[list[Waiting]]:
    for start in range(0, len(waiting), BATCH_MAX):
        part = list(waiting[start : start + BATCH_MAX])
        for _, future in part:
            future.set_running_or_notify_cancel()
        yield part


def _tell(future: Future[Answer], what: Answer | BaseException) -> None:
    if isinstance(what, BaseException):
        future.set_exception(what)
    else:
        future.set_result(what)


def _awaited(asked: Request, future: Future[Answer]) -> Answer | Fault:
    """Raises only what is no Exception (a test's crash)."""
    try:
        with suppress(TimeoutError):
            return future.result(QUEUE_SECONDS_MAX)
        if future.cancel():
            return Fault(asked.id, Unavailable())
        return future.result(ANSWER_SECONDS_MAX - QUEUE_SECONDS_MAX)
    except TimeoutError:
        return Fault(asked.id, Unavailable())
    except Exception as error:  # noqa: BLE001 - handed on as a value, to the caller it belongs to
        return Fault(asked.id, error)
