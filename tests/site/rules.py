"""Other rules for a bank that stands still for a moment: a slow machine takes longer for them."""

from typing import Final

from msgspec.structs import replace

from dojang import demo, policy
from dojang.journey.served import Served

UNDO_SECONDS: Final = 120


def undo_takes_its_time(bank: Served) -> None:
    """Two minutes to take a transfer back in the place of ten seconds, which are a policy's."""
    bank.stop()
    house = demo.make(bank.folder, bank.port)
    with house.db.transaction() as tx:
        now = policy.current(tx)
        safeguards = replace(now.safeguards, undo_seconds=UNDO_SECONDS)
        policy.adopt(tx, replace(now, safeguards=safeguards))
    house.stop()
    bank.start()
