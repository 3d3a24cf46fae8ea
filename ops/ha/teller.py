"""One app process under load: transfers through the ledger, the same id until there is an answer.

    python -m ops.ha.teller URL ACCOUNTS_FILE JOURNAL THREADS STOP_FILE

Each acknowledgement becomes one JSON line of JOURNAL, written when it was told. It ends when
STOP_FILE is there and nothing is open.
"""

import json
import random
import sys
import threading
import time
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Unavailable
from dojang.ledger import Ledger, Outcome, Request
from ops.ha.bank import ledger_of

REST_SECONDS = 0.05
GIVE_UP_SECONDS = 60.0


class Teller:
    """Moves money between the accounts until told to stop."""

    def __init__(
        self, ledger: Ledger, accounts: list[list[str]], journal: Path, stop: Path
    ) -> None:
        self._ledger = ledger
        self._accounts = accounts
        self._journal = journal.open("a", encoding="utf-8", buffering=1)
        self._stop = stop
        self._ids = Ids(SystemClock(), SystemEntropy())
        self._lock = threading.Lock()

    def work(self) -> None:
        chance = random.Random()
        while not self._stop.exists():
            (payer, debit), (_, credit) = chance.sample(self._accounts, 2)
            self.send(
                Request(
                    id=self._ids.uuid7(),
                    subject=payer,
                    debit=debit,
                    credit=credit,
                    amount=chance.randint(1, 50_000),
                )
            )

    def send(self, asked: Request) -> None:
        """Until it is decided. What went unanswered is asked again with its id (P2, P10)."""
        begun, attempts = time.monotonic(), 0
        while time.monotonic() - begun < GIVE_UP_SECONDS:
            attempts += 1
            try:
                (answer,) = self._ledger.post([asked])
            except (OperationalError, PoolTimeout, Unavailable) as error:
                self._unknown(type(error).__name__)
                time.sleep(REST_SECONDS)
                continue
            assert isinstance(answer, Outcome), "a first request is never refused"
            self._told(asked, answer, begun, attempts)
            return
        self._write({"unresolved": asked.id})

    def _told(self, asked: Request, answer: Outcome, begun: float, attempts: int) -> None:
        now = time.monotonic()
        self._write(
            {
                "id": asked.id,
                "amount": asked.amount,
                "status": answer.status.value,
                "log_idx": answer.log_idx,
                "balance_after": answer.balance_after,
                "at": now,
                "took": now - begun,
                "attempts": attempts,
            }
        )

    def _unknown(self, kind: str) -> None:
        self._write({"unknown": kind, "at": time.monotonic()})

    def _write(self, line: dict[str, object]) -> None:
        with self._lock:
            self._journal.write(json.dumps(line) + "\n")


def main(url: str, accounts: str, journal: str, threads: str, stop: str) -> None:
    teller = Teller(
        _started(ledger_of(url)),
        json.loads(Path(accounts).read_text("utf-8")),
        Path(journal),
        Path(stop),
    )
    working = [threading.Thread(target=teller.work) for _ in range(int(threads))]
    for one in working:
        one.start()
    for one in working:
        one.join()


def _started(ledger: Ledger) -> Ledger:
    ledger.start()
    return ledger


if __name__ == "__main__":
    main(*sys.argv[1:])
