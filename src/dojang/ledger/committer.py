"""The ledger's door: it posts requests and opens accounts.

Whatever moves money goes through `submit`, `decide` or `post`; they gather the requests of many
callers into batches (`gathering`), of which each is one transaction (`batching`).
"""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final

from dojang.db import Database, Tx, log
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import accounts_store, holds_store, numbering, numbers
from dojang.ledger.batching import Admission, Answer, Batches, Fault
from dojang.ledger.events import AccountOpened
from dojang.ledger.failpoints import Failpoint, armed
from dojang.ledger.gathering import BATCH_MAX, Gathering
from dojang.ledger.model import KRW, AccountStatus, Outcome, Request

CASH_IN: Final = "bank:cash_in"
SUSPENSE: Final = "bank:suspense"
FEE: Final = "bank:fee"
INTERBANK: Final = "bank:interbank"
OWN: Final = (CASH_IN, SUSPENSE, FEE, INTERBANK)
"""The bank's own accounts. With them the sum over all accounts is 0 at every moment."""

_NO_FLOOR: Final = -(10**17)
_DRAWS_MAX: Final = 20


class Ledger:
    """Posts requests, opens accounts. `start` and `stop` go with the house."""

    def __init__(
        self,
        db: Database,
        *,
        ids: Ids,
        entropy: Entropy,
        bank_code: str,
        failpoint: Failpoint | None = None,
    ) -> None:
        """`failpoint` is called at named places (`failpoints.NAMES`): there tests let it die."""
        self._db = db
        self._ids = ids
        self._entropy = entropy
        self.bank_code = bank_code
        point = armed() if failpoint is None else failpoint
        self._batches = Batches(db, point)
        self._gathering = Gathering(self._batches, point)

    def start(self) -> None:
        """From now on one thread commits for all."""
        self._gathering.start()

    def stop(self) -> None:
        """What is queued is answered; afterwards each caller commits for itself."""
        self._gathering.stop()

    def admit_with(self, admission: Admission) -> None:
        """Say who answers for signed requests. Once, when the bank is built."""
        self._batches.admission = admission

    def fail_at(self, failpoint: Failpoint) -> None:
        """Call this at the named places from now on. For tests of crashes."""
        self._batches.failpoint = failpoint
        self._gathering.failpoint = failpoint

    def found(self) -> None:
        """Make the bank's own accounts, and commit to numbers of before. Safe at every start."""
        with self._db.transaction() as tx:
            for own in OWN:
                if not accounts_store.exists(tx, own):
                    _add(tx, own, None, None, own.removeprefix("bank:"), "bank", None)
        numbering.commit_what_stood(self._db, self._entropy)

    def open_account(
        self,
        tx: Tx,
        customer_id: str,
        *,
        name: str,
        kind: str = "deposit",
        account_id: str | None = None,
        day_cap: int | None = None,
    ) -> str:
        """Open an empty account for a customer; returns its id.

        `account_id` is given by who must hash the account's password before the transaction.
        `day_cap` makes it a limited account: so much leaves it in a day, until that is lifted.
        """
        accounts_store.make_profile(tx, customer_id)
        account_id = account_id or self._ids.uuid7()
        for _ in range(_DRAWS_MAX):
            number = numbers.draw(self.bank_code, self._entropy)
            if _add(tx, account_id, customer_id, number, name, kind, day_cap):
                said = log.personal(self._entropy, number)
                tx.emit(
                    AccountOpened(
                        subject=customer_id, account_id=account_id, number=said, day_cap=day_cap
                    )
                )
                return account_id
        raise RuntimeError("no free account number was drawn")

    def submit(self, request: Request) -> "Future[list[Answer | Fault]]":
        """Decide it with the next batch; the future gives a list of its one answer.

        Raises Unavailable where too many wait already. Cancelling the future before the request
        is taken up withdraws it.
        """
        return self._gathering.submit([request])

    def decide(self, requests: Sequence[Request]) -> list[Answer | Fault]:
        """Decide the requests in their order, durably, and answer each.

        An id that is known is answered with its first outcome. A request that alone cannot be
        stored is a Fault, also with `Unavailable` in it: then it may have happened or not, and the
        same request asked again is told. Raises Unavailable where too many wait already.
        """
        return self._gathering.answers(requests)

    def post(self, requests: Sequence[Request]) -> list[Answer]:
        """The same, raising the first Fault's error; the others have happened all the same."""
        if len(requests) > BATCH_MAX:
            raise ValueError("a batch is bounded")
        answers: list[Answer] = []
        for answer in self.decide(requests):
            if isinstance(answer, Fault):
                raise answer.error
            answers.append(answer)
        return answers

    def deposit(self, transfer_id: str, account_id: str, amount: int, *, payer: str) -> Answer:
        """Money that comes into the bank (the demo's opening balances, a branch's counter)."""
        asked = Request(
            id=transfer_id, debit=CASH_IN, credit=account_id, amount=amount, payer=payer
        )
        return self.post([asked])[0]

    def sweep(self) -> int:
        """Expire the holds whose time is over. How many there were; a job of the house."""
        with self._db.snapshot() as tx:
            due = holds_store.due(tx, BATCH_MAX)
        answers = self.decide([hold.expiring() for hold in due]) if due else []
        return sum(isinstance(answer, Outcome) for answer in answers)


def _add(
    tx: Tx,
    account_id: str,
    customer_id: str | None,
    number: str | None,
    name: str,
    kind: str,
    day_cap: int | None,
) -> bool:
    row = {
        "id": account_id,
        "customer_id": customer_id,
        "number": number,
        "name": name,
        "kind": kind,
        "currency": KRW,
        "posted": 0,
        "held": 0,
        "floor": 0 if customer_id is not None else _NO_FLOOR,
        "version": 0,
        "status": AccountStatus.OPEN.value,
        "day_cap": day_cap,
        "used_day": 0,
        "used": 0,
        "opened_at": tx.now,
    }
    return accounts_store.add(tx, row)
