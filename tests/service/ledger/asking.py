"""What the tests of the ledger ask and look at."""

import threading
from collections.abc import Callable

from dojang.db import Database, log
from dojang.kernel.clock import HOUR, Instant
from dojang.kernel.ids import Ids
from dojang.ledger import Hold, Kind, Ledger, Outcome, Permit, Request, accounts, holds
from dojang.ledger.views import AccountView


def request(ids: Ids, debit: str, credit: str, amount: int, **more) -> Request:
    asked = {"id": ids.uuid7(), "subject": "c1", **more}
    return Request(debit=debit, credit=credit, amount=amount, **asked)


def one(ledger: Ledger, asked: Request) -> Outcome:
    answer = ledger.post([asked])[0]
    assert isinstance(answer, Outcome), answer
    return answer


def code(ledger: Ledger, asked: Request) -> str:
    """Why it was rejected, "" where it was not."""
    refusal = one(ledger, asked).refusal
    return "" if refusal is None else str(refusal.code)


def held(db: Database, ledger: Ledger, ids: Ids, debit: str, credit: str, amount: int, **more):
    """A hold of c1 that was made, for an hour unless said otherwise."""
    with db.snapshot() as tx:
        until = Instant(tx.now + more.pop("life", HOUR))
    asked = request(ids, debit, credit, amount, kind=Kind.HOLD, expires_at=until, **more)
    assert code(ledger, asked) == ""
    return hold_of(db, asked.id)


def hold_of(db: Database, hold_id: str, customer: str = "c1") -> Hold:
    with db.snapshot() as tx:
        return holds.owned(tx, customer, hold_id)


def view(db: Database, customer: str) -> AccountView:
    """The customer's first account."""
    with db.snapshot() as tx:
        return accounts.of_customer(tx, customer)[0]


def used(db: Database, customer: str = "c1") -> int:
    with db.snapshot() as tx:
        return accounts.limits(tx, customer).use.total


def kinds(db: Database) -> list[str]:
    """What the log says, from its first leaf."""
    with db.snapshot() as tx:
        return [leaf.kind for leaf in log.read(tx.connection, 0, 10_000)]


class Yes:
    """Permits everything."""

    def lock(self, _tx, requests):
        return lambda: {r.id: Permit(None, lambda _use: None) for r in requests}

    def settled(self, _tx, _outcomes):
        return None


def race(acts: list[Callable[[], object]]) -> list:
    """All at once; their answers. Raises what the first of them raised."""
    answers: list = []
    errors: list[Exception] = []
    gate = threading.Barrier(len(acts))

    def run(act) -> None:
        gate.wait()
        try:
            answers.append(act())
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return answers
