"""What the house swears to, made together: the tree of the log, stamps, documents, receipts."""

from collections.abc import Callable
from dataclasses import dataclass

from dojang.certificates import Authority, Status
from dojang.certificates.ahead import Ahead
from dojang.config import ConfigError, Settings, log_head_of
from dojang.customers import Customers
from dojang.db import Database
from dojang.documents import Documents
from dojang.kernel.clock import Clock
from dojang.receipts import Receipts
from dojang.timestamps import TimeStamps
from dojang.transfers import Transfers
from dojang.transparency import BadKeep, Keep, OtherLog, Rewritten, Transparency, log_name
from dojang.transparency.stamping import HeadStamps
from dojang.vault import Vault


@dataclass(frozen=True)
class Papers:
    """The part of the bank that `app.build` hands to the doors as one."""

    status: Status
    ahead: Ahead
    time_stamps: TimeStamps
    documents: Documents
    receipts: Receipts
    transparency: Transparency
    head_stamps: HeadStamps

    @classmethod
    def made(
        cls,
        db: Database,
        vault: Vault,
        clock: Clock,
        *,
        authority: Authority,
        customers: Customers,
        transfers: Transfers,
        transparency: Transparency,
        own_code: str,
        on_fault: Callable[[Exception], None],
    ) -> "Papers":
        status = Status(db, vault, authority)
        time_stamps = TimeStamps(db, vault, clock, authority)
        documents = Documents(vault, clock, authority, status, time_stamps)
        receipts = Receipts(
            db,
            authority=authority,
            status=status,
            time_stamps=time_stamps,
            transparency=transparency,
            documents=documents,
            customers=customers,
            bank_name=transfers.payees.bank_name,
            own_code=own_code,
            on_fault=on_fault,
        )
        stamps = HeadStamps(db, time_stamps, name=transparency.name, key=transparency.key)
        ahead = Ahead(db, status)
        return cls(status, ahead, time_stamps, documents, receipts, transparency, stamps)

    def sign_heads(self) -> None:
        """What is due of the log's heads: signed first, then stamped."""
        self.transparency.publish()
        self.head_stamps.catch_up()


def transparency(settings: Settings, db: Database, vault: Vault, clock: Clock) -> Transparency:
    """The log is named after `origin` where it is founded now; afterwards it keeps its name.

    Raises ConfigError where the database is older than what was signed over it, or another's.
    """
    keep = Keep(log_head_of(settings))
    try:
        return Transparency(db, vault, clock, name=log_name(settings.origin), keep=keep)
    except (OtherLog, Rewritten, BadKeep) as found:
        raise ConfigError(f"log_head: {found}; see docs/how/transparency.md") from None
