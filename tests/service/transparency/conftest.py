"""A log with leaves, a vault, and the tree over it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import text
from tests.service.transparency.books import Books, lived

from dojang.db import Database, Event
from dojang.kernel.clock import MovableClock
from dojang.kernel.entropy import Entropy, SystemEntropy
from dojang.kernel.ids import Ids
from dojang.ledger import Ledger
from dojang.transparency import Keep, Transparency
from dojang.vault.software import SoftwareVault

NAME = "bank.example/log"
PASSPHRASE = b"only for these tests"


@dataclass(frozen=True, kw_only=True)
class Happened(Event):
    kind: ClassVar[str] = "test.happened"
    number: int


@pytest.fixture(scope="session")
def vault_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Argon2id once, not once a test."""
    path = tmp_path_factory.mktemp("vault") / "keys"
    SoftwareVault.open(path, PASSPHRASE, SystemEntropy())
    return path


@pytest.fixture(scope="session")
def vault(vault_file: Path) -> SoftwareVault:
    return SoftwareVault.open(vault_file, PASSPHRASE, SystemEntropy())


@pytest.fixture
def write(db: Database) -> Callable[[int], None]:
    """Append so many leaves in one transaction."""

    def written(count: int) -> None:
        with db.transaction() as tx:
            for number in range(count):
                tx.emit(Happened(subject="someone", number=number))

    return written


@pytest.fixture
def keep(tmp_path: Path) -> Keep:
    return Keep(tmp_path / "log-head.json")


@pytest.fixture
def opened(
    db: Database, vault: SoftwareVault, clock: MovableClock, keep: Keep
) -> Callable[[], Transparency]:
    """A process of the bank, as far as the tree is concerned."""
    return lambda: Transparency(db, vault, clock, name=NAME, keep=keep)


@pytest.fixture
def tree(opened: Callable[[], Transparency]) -> Transparency:
    return opened()


@pytest.fixture
def tampering(owner: Database) -> Callable[..., None]:
    """Statements as the tables' owner. Guards are taken off first by who put them on."""

    def tampered(statement: str, **values: object) -> None:
        with owner.transaction() as tx:
            tx.execute(text(statement), values)

    return tampered


@pytest.fixture
def books(
    db: Database, tree: Transparency, keep: Keep, ids: Ids, entropy: Entropy, clock: MovableClock
) -> Books:
    ledger = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    ledger.found()
    return lived(tree, keep, ledger, ids, clock)
