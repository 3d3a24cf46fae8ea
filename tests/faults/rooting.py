"""A bank in a process of its own, whose root rolls over, and that dies at a chosen step of it.

    python -m tests.faults.rooting FOLDER WHERE

WHERE is `before:N` or `after:N` (the N-th use of a signing key), `stored:N` (behind the N-th
certificate, in the middle of the transaction), or `done`.
"""

import sys
from pathlib import Path

from tests.faults.issuing import die, opened

from dojang.certificates import store_authority
from dojang.kernel.clock import MovableClock


def main(folder: Path, where: str) -> None:
    house = opened(folder, MovableClock(running=True))
    house.vault.uses, house.vault.where = 0, where
    stored, add_or_find = 0, store_authority.add_or_find

    def counted(tx, made):
        nonlocal stored
        kept = add_or_find(tx, made)
        stored += 1
        if where == f"stored:{stored}":
            die()
        return kept

    store_authority.add_or_find = counted
    house.authority.roll_over_root()
    die()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
