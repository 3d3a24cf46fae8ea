import shutil
from pathlib import Path

import pytest
from tests.signing_house import PASSPHRASE, House, owner

from dojang.kernel.entropy import SystemEntropy
from dojang.vault.software import SoftwareVault


@pytest.fixture(scope="session")
def vault_laid_down(tmp_path_factory) -> Path:
    """A vault without keys, to be copied: Argon2id once, not once a test."""
    path = tmp_path_factory.mktemp("vault") / "keys"
    SoftwareVault.open(path, PASSPHRASE, SystemEntropy())
    return path


@pytest.fixture
def house(db, tmp_path, clock, entropy, vault_laid_down):
    """One process of the signing room over a fresh database, and a vault with keys of its own."""
    shutil.copyfile(vault_laid_down, tmp_path / "vault")
    return House.open(db, tmp_path / "vault", clock, entropy)


@pytest.fixture
def phone(house):
    """An owner's phone, certificate ACTIVE, PIN and pattern as in signing_house."""
    return owner(house)
