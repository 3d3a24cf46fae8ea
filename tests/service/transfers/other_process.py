"""A second process of the bank that posts held transfers.

Run: python -m tests.service.transfers.other_process URL NOW VAULT; a line to its input starts it.
"""

import sys
from pathlib import Path

from tests.service.transfers.conftest import OWN
from tests.signing_house import PASSPHRASE

from dojang.db import Database
from dojang.kernel.clock import Instant, MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger
from dojang.transfers.holding import Holding
from dojang.transfers.posting import Admission
from dojang.transfers.protections import Protections
from dojang.transfers.seals import Seals
from dojang.vault.fields import FieldKeys
from dojang.vault.software import SoftwareVault


def main(url: str, now: str, vault_file: str) -> None:
    clock, entropy = MovableClock(Instant(int(now))), SystemEntropy()
    db = Database(url, clock)
    ledger = Ledger(db, ids=Ids(clock, entropy), entropy=entropy, bank_code=OWN.code)
    vault = SoftwareVault.open(Path(vault_file), PASSPHRASE, entropy)
    fields = FieldKeys(vault, entropy)
    ledger.admit_with(Admission(OWN.code, Seals(fields), Protections(fields, sys.stderr.write)))
    faults: list[Exception] = []
    holding = Holding(db, ledger, on_fault=faults.append)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    holding.settle_due()
    sys.stdout.write(f"{len(faults)} faults\n")
    db.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
