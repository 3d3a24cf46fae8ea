"""The ceremony of a new offline root in a process of its own, that dies at a chosen step.

    python -m tests.faults.ceremony FOLDER WHERE

Offline: `shared` (the shares are dealt), `made` (everything is signed), `laid` (the papers of the
new root are written), `told` (the old root's transcript too), `out` (the issuing certificate too:
only what makes the folder a root's is missing).
On the bank: `stored:N`, behind the N-th certificate, in the middle of the transaction.
"""

import sys
from pathlib import Path

from tests.ceremonies import Rooms
from tests.faults.issuing import die

from dojang.certificates import store_authority
from dojang.cli_ca import newroot

CROSSES = ("2-with-1", "1-with-2")
OFFLINE = {
    "shared": (newroot, "_found"),
    "made": (newroot.newroot, "make"),
    "laid": (newroot, "_laid_out"),
    "told": (newroot.hall, "write"),
    "out": (newroot, "write"),
}
CALLS = {"told": 2, "out": 6}
"""Which call of it: two transcripts; two shares, two cross certificates, the old root, the CA."""


def deadly(of, name, *, call=1):
    """The process dies behind the n-th call of this."""
    before, calls = getattr(of, name), 0

    def counted(*args, **kwargs):
        nonlocal calls
        made = before(*args, **kwargs)
        calls += 1
        if calls == call:
            die()
        return made

    setattr(of, name, counted)


def main(folder: Path, where: str) -> None:
    rooms = Rooms(folder)
    if where in OFFLINE:
        deadly(*OFFLINE[where], call=CALLS.get(where, 1))
        rooms.new_root(2, 2)
    else:
        deadly(store_authority, "add_or_find", call=int(where.partition(":")[2]))
        rooms.adopted(2, 2, crosses=CROSSES)
    raise AssertionError("it lived")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
