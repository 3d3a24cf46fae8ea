"""A program to be watched from outside: posts transfers and writes a line after each answer.

python -m tests.faults.bank.acknowledging URL TRANSFERS SYNCHRONOUS
"""

import os
import sys
import time
from typing import Any

from sqlalchemy import event
from tests.faults.bank.town import StridingClock, ledger_on

from dojang.db import Database
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Request
from dojang.ledger.committer import CASH_IN

ACK = "acknowledged"


def main(url: str, count: int, synchronous: str) -> None:
    clock = StridingClock(time.time_ns())
    db = Database(url, clock)

    @event.listens_for(db.engine, "connect")
    def weaken(raw: Any, _record: Any) -> None:
        if synchronous != "FULL":
            raw.execute(f"PRAGMA synchronous={synchronous}")

    ledger = ledger_on(db, clock)
    ledger.start()
    ids = Ids(clock, SystemEntropy())
    for n in range(count):
        ledger.post([Request(id=ids.uuid7(), debit=CASH_IN, credit="bank:fee", amount=n + 1)])
        os.write(1, f"{ACK} {n}\n".encode())
    ledger.stop()
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
