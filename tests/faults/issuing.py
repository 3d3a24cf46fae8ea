"""A bank's authority in a process of its own, that dies at a chosen signature or step.

    python -m tests.faults.issuing FOLDER WHERE

WHERE is `before:N` or `after:N` (the N-th use of a signing key), or a step: redeemed,
activated. Every signed text's hash is written down, durably, before the signature is let out.
"""

import hashlib
import os
import signal
import sys
from pathlib import Path

from tests.service.certificates.conftest import House

from dojang import policy
from dojang.certificates import Authority, Issuing, Lifecycle, Plan, Status
from dojang.db import Database
from dojang.db.ready import ready
from dojang.kernel.clock import MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.policy.profiles import SEED
from dojang.vault.software import SoftwareVault

PASSPHRASE = b"correct horse"


class Witnessed(SoftwareVault):
    """A vault whose every signature somebody wrote down, and which may die over one."""

    notes: Path
    where: str = ""
    uses: int = 0

    def sign(self, label, data):
        self.uses += 1
        if self.where == f"before:{self.uses}":
            die()
        made = super().sign(label, data)
        with self.notes.open("a") as file:
            file.write(hashlib.sha256(data).hexdigest() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if self.where == f"after:{self.uses}":
            die()
        return made


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def opened(folder: Path, clock, *, where: str = "") -> House:
    """The authority of a folder, founded where it was not."""
    entropy = SystemEntropy()
    url = f"sqlite:///{folder / 'bank.db'}"
    ready(url, clock, production=False, skew_ms_max=1_000).close()
    db = Database(url, clock)
    with db.transaction() as tx:
        if policy.newest(tx) is None:
            policy.adopt(tx, SEED)
    vault = Witnessed.open(folder / "vault.bin", PASSPHRASE, entropy)
    vault.notes, vault.where = folder / "signed.txt", where
    authority = Authority(db, vault, clock, entropy, Plan(base_url="http://localhost:8000"))
    return House(
        db=db,
        clock=clock,
        entropy=entropy,
        vault=vault,
        authority=authority,
        issuing=Issuing(db, vault, authority, clock, entropy),
        lifecycle=Lifecycle(Ids(clock, entropy)),
        status=Status(db, vault, authority),
    )


def main(folder: Path, where: str) -> None:
    house = opened(folder, MovableClock(running=True), where=where)
    prepared = house.issuing.prepare(house.order())
    issued = house.issuing.redeem(prepared)
    if where == "redeemed":
        die()
    with house.db.transaction() as tx:
        house.lifecycle.activate(tx, issued)
    die()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
