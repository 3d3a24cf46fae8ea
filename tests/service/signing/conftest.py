import pytest
from tests.signing_house import House, owner


@pytest.fixture
def house(db, tmp_path, clock, entropy):
    """One process of the signing room over a fresh database."""
    return House.open(db, tmp_path / "vault", clock, entropy)


@pytest.fixture
def phone(house):
    """An owner's phone, certificate ACTIVE, PIN and pattern as in signing_house."""
    return owner(house)
