"""An authority that stamps, as outsiders and as the house itself see it."""

import pytest
from tests.service.certificates.conftest import house, vault_file  # noqa: F401 - fixtures

from dojang.timestamps import TimeStamps


@pytest.fixture
def stamps(house):  # noqa: F811 - the fixture
    return TimeStamps(house.db, house.vault, house.clock, house.authority)
