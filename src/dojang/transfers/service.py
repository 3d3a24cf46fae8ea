"""The room's door: its parts, made once in `app.build` and tied to signing and the ledger."""

from collections.abc import Callable
from typing import Final

from dojang.certificates.lifecycle import Lifecycle
from dojang.customers import Customers
from dojang.db import Database, Tx
from dojang.gateways.ars import ArsGateway
from dojang.gateways.banks import InterbankSwitch, OtherBank
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger
from dojang.methods.passwords import AccountPasswords
from dojang.signing import Signed, Signing
from dojang.transfers import posting, store
from dojang.transfers.ars import ArsCalls
from dojang.transfers.limits import ACT, LimitScreen
from dojang.transfers.model import PURPOSE
from dojang.transfers.ordering import Orders
from dojang.transfers.payees import Payees
from dojang.transfers.posting import Admission, Poster

LIMITS_PURPOSE: Final = f"act:{ACT}"


class Transfers:
    """`orders`, `ars`, `payees`, `limits` for the web; `poster` for the house.

    `ars.answered` is the door that the ARS gateway is connected to.
    """

    def __init__(
        self,
        db: Database,
        *,
        ids: Ids,
        entropy: Entropy,
        ledger: Ledger,
        customers: Customers,
        signing: Signing,
        lifecycle: Lifecycle,
        passwords: AccountPasswords,
        switch: InterbankSwitch,
        ars: ArsGateway,
        own_bank: OtherBank,
        origin: str,
        on_fault: Callable[[Exception], None],
    ) -> None:
        """`on_fault` hears of infrastructure faults in the poster's thread; nothing is lost."""
        self._db = db
        self.payees = Payees(db, customers, switch, own_bank)
        self.limits = LimitScreen(db, customers)
        self.poster = Poster(db, ledger, on_fault=on_fault)
        self.orders = Orders(
            db,
            entropy=entropy,
            customers=customers,
            requests=signing.requests,
            passwords=passwords,
            payees=self.payees,
            ars=ars,
            origin=origin,
        )
        self.ars = ArsCalls(
            db,
            ids=ids,
            entropy=entropy,
            customers=customers,
            lifecycle=lifecycle,
            payees=self.payees,
            gateway=ars,
            own_code=own_bank.code,
        )
        ledger.admit_with(Admission(own_bank.code))
        signing.before_begin(PURPOSE, posting.before_begin)
        signing.when_done(PURPOSE, self.on_signed)
        signing.acts.register(ACT, self.limits.prepare)
        signing.when_done(LIMITS_PURPOSE, self.limits.on_signed)

    def start(self) -> None:
        """Finish what is authorised and keep posting."""
        self.poster.start()

    def stop(self) -> None:
        self.poster.stop()

    def on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE: authorised, and the poster is woken once that is durable."""
        if posting.on_signed(tx, signed):
            tx.after_commit(self.poster.wake)

    def sweep(self) -> int:
        """The room's job: note the orders whose time is over."""
        with self._db.transaction() as tx:
            return store.expire(tx)
