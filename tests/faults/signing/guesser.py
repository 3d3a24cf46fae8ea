"""One operating-system process of the bank that answers its part of the guesses.

python -m tests.faults.signing.guesser JOB: reads the job, waits for the starting gun (a file),
lets many threads guess at once, prints one JSON line: the codes of all begins and completes.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.signing_house import House, Wire

import dojang.customers.tables  # noqa: F401 - every table must be known
from dojang.crypto.encoding import b64u
from dojang.db import Database
from dojang.kernel.clock import Instant, MovableClock
from dojang.kernel.entropy import SystemEntropy

THREADS = 10


def main(job_file):
    job = json.loads(Path(job_file).read_text())
    clock = MovableClock(Instant(job["now"]))
    db = Database(job["database"], clock)
    house = House.open(db, Path(job["vault"]), clock, SystemEntropy())
    chance = SystemEntropy()

    def guess(body):
        wire = Wire(house, job["jkt"])
        begun = wire.deliver("/v1/signing/begin", body)
        if not begun.done:
            return [begun.code]
        z1 = b64u(chance.bytes(31) + b"\x00")
        sent = {"rid": b64u(chance.bytes(12)), "sid": begun.body["sid"], "z1": z1}
        return ["evaluated", wire.deliver("/v1/signing/complete", sent).code]

    while not Path(job["gun"]).exists():
        time.sleep(0.002)
    with ThreadPoolExecutor(THREADS) as pool:
        print(json.dumps(list(pool.map(guess, job["bodies"]))))
    db.close()


main(sys.argv[1])
