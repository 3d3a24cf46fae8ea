"""What the tests of this domain share: the log read back, a pepper, a second process."""

import hmac
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from dojang.db import Database, log
from dojang.kernel.clock import Instant, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.methods.passwords import AccountPasswords

ACCOUNT, CUSTOMER = "acc-1", "cus-1"
RIGHT, WRONG = "5837", "5838"


def pepper(info: bytes) -> bytes:
    return hmac.digest(b"a secret of the vault", info, "sha256")


def passwords(db: Database) -> AccountPasswords:
    return AccountPasswords(db, entropy=SystemEntropy(), pepper=pepper)


def kinds(db: Database) -> Counter[str]:
    with db.snapshot() as tx:
        return Counter(leaf.kind for leaf in log.read(tx.connection, 0, 10_000))


def fields(db: Database, kind: str) -> list[dict]:
    with db.snapshot() as tx:
        leaves = log.read(tx.connection, 0, 10_000)
    return [leaf.fields() for leaf in leaves if leaf.kind == kind]


def guess(db: Database, count: int) -> list[str]:
    """So many wrong guesses at once; the class names of the verdicts."""
    asked = passwords(db)
    together = threading.Barrier(count)

    def one(_number: int) -> str:
        together.wait()
        return type(asked.check(ACCOUNT, Secret(WRONG))).__name__

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def main() -> None:
    """A process of its own: `python -m tests.service.methods.support URL NOW COUNT`."""
    url, now, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    db = Database(url, MovableClock(Instant(now)))
    print(*guess(db, count))
    db.close()


if __name__ == "__main__":
    main()
