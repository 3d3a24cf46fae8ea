"""Many callers, one transaction: the requests that wait become the next batch.

Nothing is delayed to fill a batch. While one is being committed, others queue up, and the longer a
commit takes, the more of them the next one carries.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from dojang.kernel.problem import Unavailable
from dojang.ledger.batching import Answer, Batches, Fault
from dojang.ledger.failpoints import Failpoint
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


@dataclass(frozen=True, slots=True)
class Waiting:
    """Requests that one caller handed in together, and where their answers are awaited."""

    asked: Sequence[Request]
    answers: "Future[list[Answer | Fault]]"


class Gathering:
    """The queue and the one thread that empties it.

    Where the thread does not run, whoever submits does the work under the same lock.
    """

    def __init__(self, batches: Batches, failpoint: Failpoint) -> None:
        self._batches = batches
        self.failpoint = failpoint
        self._queue: deque[Waiting] = deque()
        self._queued = 0
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
        while waiting := self._taken():
            self._settle(waiting)

    def submit(self, asked: Sequence[Request]) -> "Future[list[Answer | Fault]]":
        """Queue them in their order. Raises Unavailable where the queue is full.

        At most BATCH_MAX at a time, so that they stay together.
        """
        waiting = Waiting(asked, Future())
        with self._change:
            inline = self._thread is None
            if not inline:
                if self._queued + len(asked) > QUEUE_MAX:
                    raise Unavailable
                self._queue.append(waiting)
                self._queued += len(asked)
                self._change.notify()
        if inline:
            waiting.answers.set_running_or_notify_cancel()
            self._settle([waiting])
        return waiting.answers

    def answers(self, asked: Sequence[Request]) -> list[Answer | Fault]:
        """Queue them, wait, and tell what became of each; `Unavailable` stands in a Fault."""
        parts = [asked[n : n + BATCH_MAX] for n in range(0, len(asked), BATCH_MAX)]
        awaited = [(part, self.submit(part)) for part in parts]
        return [one for part, future in awaited for one in _awaited(part, future)]

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._queue and not self._stopping.is_set():
                    self._change.wait()
                if not self._queue:
                    return
            self._let_them_queue()
            self._settle(self._taken())

    def _let_them_queue(self) -> None:
        """Step aside as long as that makes the batch larger; no time is waited.

        Whoever was just answered is about to ask again: without a turn of theirs in between, every
        batch would start with the few who were quickest.
        """
        seen = 0
        while seen < self._queued < BATCH_MAX:
            seen = self._queued
            time.sleep(0)

    def _taken(self) -> list[Waiting]:
        """The next batch of the queue, without those whose callers have gone."""
        taken: list[Waiting] = []
        size = 0
        with self._change:
            while self._queue and size + len(self._queue[0].asked) <= BATCH_MAX:
                one = self._queue.popleft()
                self._queued -= len(one.asked)
                if one.answers.set_running_or_notify_cancel():
                    size += len(one.asked)
                    taken.append(one)
        return taken

    def _settle(self, waiting: Sequence[Waiting]) -> None:
        """Run a batch and answer it. Nobody is left without an answer, whatever is raised."""
        if not waiting:
            return
        try:
            with self._turn:
                answers = self.decided([asked for one in waiting for asked in one.asked])
            self.failpoint("before_answer")
        except BaseException as error:  # noqa: BLE001 - told to all who wait; they raise it
            for one in waiting:
                one.answers.set_exception(error)
            return
        start = 0
        for one in waiting:
            one.answers.set_result(answers[start : start + len(one.asked)])
            start += len(one.asked)

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


def _awaited(
    asked: Sequence[Request], answers: "Future[list[Answer | Fault]]"
) -> list[Answer | Fault]:
    """Raises what is no answer: a fault of the committer itself."""
    try:
        with suppress(TimeoutError):
            return answers.result(QUEUE_SECONDS_MAX)
        if not answers.cancel():
            return answers.result(ANSWER_SECONDS_MAX - QUEUE_SECONDS_MAX)
    except TimeoutError:
        pass
    return [Fault(one.id, Unavailable()) for one in asked]
