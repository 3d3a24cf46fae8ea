"""The poster: hands the ledger what is authorised, exactly once, also after a crash."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import structs

from dojang.db import Database, Tx
from dojang.ledger import Fault, Ledger, Outcome, Refused, Request
from dojang.transfers import store
from dojang.transfers.model import Order, State, request_of
from dojang.transfers.posting import pin_only
from dojang.transfers.verifying import Signed, Verifying, with_signers

SWEEP_SECONDS: Final = 1.0
DUE_MAX: Final = 500
STOP_SECONDS: Final = 10.0


class Poster:
    """Posts authorised orders: all that are due as one batch for the committer.

    An order that cannot be stored is a fault of its own and holds up none of the others.
    """

    def __init__(
        self,
        db: Database,
        ledger: Ledger,
        verifying: Verifying,
        *,
        on_fault: Callable[[Exception], None],
        also: Callable[[], object] = lambda: None,
    ) -> None:
        """`also` is done every second beside it: held transfers that have come due."""
        self._also = also
        self._db = db
        self._ledger = ledger
        self._verifying = verifying
        self._on_fault = on_fault
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Finish what an earlier process left authorised, then wait to be woken."""
        self._stopping.clear()
        self._awake.set()
        self._thread = threading.Thread(target=self._run, name="transfers-poster", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the orders in hand be finished."""
        self._stopping.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def wake(self) -> None:
        self._awake.set()

    def post_due(self) -> int:
        """Post what is authorised; how many were decided. Two processes may do this at once."""
        due = self._due()
        if not due:
            return 0
        answers = self._ledger.decide(self._asked(due))
        decided, refused = 0, []
        for one, answer in zip(due, answers, strict=True):
            if isinstance(answer, Fault):
                self._on_fault(answer.error)
                continue
            decided += 1
            if isinstance(answer, Refused):
                refused.append((one.order.id, one.order.customer_id, State.REJECTED))
        if refused:
            with self._db.transaction() as tx:
                store.finish(tx, refused)
        return decided

    def due(self, tx: Tx, orders: Sequence[Order]) -> list[Signed]:
        """These orders alone, for `settle`."""
        return with_signers(tx, orders)

    def settle(self, due: Sequence[Signed]) -> dict[str, Outcome]:
        """Post these orders now, because their owners ask; by id, where anybody can say yet.

        The poster's thread may be at them too, here or in another process: the ledger has one
        outcome for all.
        """
        answers = self._ledger.decide(self._asked(due)) if due else []
        return {answer.id: answer for answer in answers if isinstance(answer, Outcome)}

    def _due(self) -> list[Signed]:
        with self._db.snapshot() as tx:
            return with_signers(tx, store.due(tx, DUE_MAX))

    def _asked(self, due: Sequence[Signed]) -> list[Request]:
        """The signatures are checked here, outside the transaction; a digest ties each row in.

        Without evidence, where one does not hold, the admission refuses as `signature_invalid`.
        """
        asked = [request_of(one.order, pin_only=pin_only(one.order)) for one in due]
        held = self._verifying.hold(due)
        return [
            one if holds else structs.replace(one, evidence=b"")
            for one, holds in zip(asked, held, strict=True)
        ]

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._awake.wait(SWEEP_SECONDS)
            self._awake.clear()
            try:
                while self.post_due() == DUE_MAX:
                    pass
                self._also()
            except Exception as error:  # noqa: BLE001 - the top of a thread: tell, and go on
                self._on_fault(error)
