"""Orders as their owners see them: what is authorised is posted first, for all who ask together.

The callers of one turn share a snapshot for their sessions and orders, and one batch of the
ledger. Nothing is believed for longer than that: a session that was ended, a certificate that was
revoked is met by the next turn, and the admission looks at the certificate again under its lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dojang.customers import Claim, Session, Sessions
from dojang.db import Database, Tx
from dojang.kernel.problem import Problem
from dojang.ledger import Kind, Outcome, Status
from dojang.ledger.store import is_outage
from dojang.transfers import posting, store
from dojang.transfers.model import Order, State, Told
from dojang.transfers.ordering import Orders, owned, told
from dojang.transfers.poster import Poster
from dojang.transfers.sms_hold import SmsHold
from dojang.transfers.verifying import Signed


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants to see which order."""

    claim: Claim
    order_id: str


class Showing:
    def __init__(
        self, db: Database, sessions: Sessions, orders: Orders, poster: Poster, sms_hold: SmsHold
    ) -> None:
        self._db: Final = db
        self._sessions: Final = sessions
        self._orders: Final = orders
        self._poster: Final = poster
        self._sms_hold: Final = sms_hold

    def one(self, customer_id: str, order_id: str) -> Told:
        """The order with everything that waits to be shown for it. Raises NotFound."""
        with self._db.snapshot() as tx:
            found = self._found(tx, store.by_ids(tx, [order_id]).get(order_id), customer_id)
            due = self._due(tx, [found])
        return self._after(found, due, self._poster.settle([*due.values()]))

    def all(self, asked: Sequence[Asked]) -> list[Told | Exception]:
        """As `one`, for each who asks, with the session of their claim; or what is to be raised.

        A fault of one of them is told to nobody else.
        """
        try:
            return [*self._together(asked)]
        except Exception as error:
            if isinstance(error, Problem) or is_outage(error):
                raise
            if len(asked) == 1:
                return [error]
        return [told for one in asked for told in self.all([one])]

    def _together(self, asked: Sequence[Asked]) -> list[Told | Problem]:
        with self._db.snapshot() as tx:
            sessions = self._sessions.among(tx, [one.claim for one in asked])
            orders = store.by_ids(tx, [one.order_id for one in asked])
            found = [
                self._seen(tx, who, orders.get(one.order_id))
                for who, one in zip(sessions, asked, strict=True)
            ]
            due = self._due(tx, [one for one in found if isinstance(one, Told)])
            now = tx.now
        self._sessions.touch([one for one in sessions if isinstance(one, Session)], now)
        outcomes = self._poster.settle([*due.values()])
        return [self._after(one, due, outcomes) if isinstance(one, Told) else one for one in found]

    def _seen(self, tx: Tx, who: Session | Problem, order: Order | None) -> Told | Problem:
        if isinstance(who, Problem):
            return who
        try:
            return self._found(tx, order, who.customer_id)
        except Problem as refused:
            return refused

    def _found(self, tx: Tx, order: Order | None, customer_id: str) -> Told:
        mine = owned(order, customer_id)
        found = told(tx, mine)
        if mine.state is State.AUTHORISED:
            return found
        return replace(found, sms=self._sms_hold.waiting(tx, mine))

    def _due(self, tx: Tx, found: Sequence[Told]) -> dict[str, Signed]:
        """What of it is authorised, by its id."""
        orders = {one.order.id: one.order for one in found if one.state is State.AUTHORISED}
        due = self._poster.due(tx, [*orders.values()])
        return {one.order.id: one for one in due}

    def _after(
        self, found: Told, due: Mapping[str, Signed], outcomes: Mapping[str, Outcome]
    ) -> Told:
        """Who asks about an authorised order is not sent away to ask again: it was posted now."""
        order, outcome = found.order, outcomes.get(found.order.id)
        if outcome is None:
            return found
        if outcome.kind is not Kind.TRANSFER:
            return self._orders.show(order.customer_id, order.id)
        state = posting.DECIDED[outcome.kind] if outcome.status is Status.OK else State.REJECTED
        return replace(
            found,
            order=store.whole({**vars(order), "state": state}),
            state=state,
            outcome=outcome,
            certificate=due[order.id].certificate,
        )
