"""A bank with a past: money moved, held, posted, voided, expired and refused."""

from dataclasses import dataclass

from dojang.db import Database, log
from dojang.kernel.clock import HOUR, SECOND, Instant, MovableClock
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger, holds
from dojang.ledger.model import Kind, Request
from dojang.transparency import Keep, Transparency
from dojang.transparency.audit import Audit, audit


@dataclass
class Books:
    """A bank with a past; `of` finds the leaf of a transfer."""

    db: Database
    tree: Transparency
    keep: Keep
    ledger: Ledger
    mine: str
    theirs: str
    moved: str
    """A plain transfer of 300 won."""

    def of(self, transfer_id: str) -> int:
        return next(
            leaf.idx for leaf in self.leaves() if leaf.fields().get("transfer_id") == transfer_id
        )

    def leaves(self) -> list[log.Leaf]:
        with self.db.snapshot() as tx:
            return log.read(tx.connection, 0, 10_000)

    def audited(self) -> Audit:
        kept = self.keep.read()
        assert kept is not None
        return audit(self.db, kept, told=lambda _what, _done, _of: None)

    def findings(self) -> list[tuple[int, str]]:
        return [(one.index, one.about) for one in self.audited().findings]


def lived(tree: Transparency, keep: Keep, ledger: Ledger, ids: Ids, clock: MovableClock) -> Books:
    """Three heads were signed along the way."""
    db = tree._db
    accounts = []
    for customer in ("c1", "c2"):
        with db.transaction() as tx:
            accounts.append(ledger.open_account(tx, customer, name="생활비"))
    mine, theirs = accounts
    ledger.deposit(ids.uuid7(), mine, 1_000_000, payer="현금")
    tree.publish()

    def asked(amount: int, **more: object) -> Request:
        given = {"id": ids.uuid7(), "debit": mine, "credit": theirs, "subject": "c1", **more}
        return Request(amount=amount, **given)

    transfers = [asked(300), asked(5), asked(10_000_000), asked(7)]
    ledger.post(transfers)
    tree.publish()
    until = Instant(clock.now() + HOUR)
    held = [asked(n, kind=Kind.HOLD, expires_at=until) for n in (100, 200, 400, 800)]
    ledger.post(held)
    with db.snapshot() as tx:
        posting, voiding = (holds.owned(tx, "c1", one.id) for one in held[:2])
    ledger.post([posting.posting(ids.uuid7(), 60), voiding.voiding(ids.uuid7())])
    ledger.post([posting.posting(ids.uuid7(), 60)])
    clock.move(HOUR + SECOND)
    ledger.sweep()
    ledger.post([asked(11), asked(900, kind=Kind.HOLD, expires_at=Instant(until + HOUR))])
    for _ in range(6):
        ledger.post([asked(1), asked(2), asked(3)])
    tree.publish()
    return Books(db, tree, keep, ledger, mine, theirs, transfers[0].id)
