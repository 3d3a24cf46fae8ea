"""A ledger with the bank's own accounts, and two customers with money."""

import pytest

import dojang.transparency.tables  # noqa: F401 - what is guarded is also there
from dojang.db import Database
from dojang.db import guards as history_guards
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger

BANK = "990"


@pytest.fixture
def ledger(db: Database, owner: Database, ids: Ids, entropy: Entropy) -> Ledger:
    with owner.engine.connect() as connection, connection.begin():
        for statement in history_guards.statements(owner.engine.dialect.name):
            connection.exec_driver_sql(statement.replace("%", "%%"))
    made = Ledger(db, ids=ids, entropy=entropy, bank_code=BANK)
    made.found()
    return made


@pytest.fixture
def mine(db: Database, ledger: Ledger, ids: Ids) -> str:
    """Customer c1's account with 1,000,000 won."""
    return opened(db, ledger, ids, "c1", 1_000_000)


@pytest.fixture
def theirs(db: Database, ledger: Ledger, ids: Ids) -> str:
    """Customer c2's account with nothing in it."""
    return opened(db, ledger, ids, "c2", 0)


def opened(db: Database, ledger: Ledger, ids: Ids, customer: str, won: int) -> str:
    with db.transaction() as tx:
        account = ledger.open_account(tx, customer, name="생활비")
    if won:
        ledger.deposit(ids.uuid7(), account, won, payer="현금")
    return account
