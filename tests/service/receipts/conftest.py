"""The bank that sends money, with everything that makes its receipts."""

from pathlib import Path

import pytest
from tests.service.transfers.conftest import (  # noqa: F401 - fixtures
    OWN,
    me,
    outside,
    vault_file,
    world,
    you,
)

from dojang.papers import Papers
from dojang.transparency import Keep, Transparency


def papers_of(house, folder: Path, faults) -> Papers:
    """One process's own."""
    transparency = Transparency(
        house.db,
        house.vault,
        house.house.clock,
        name="bank.example/log",
        keep=Keep(folder / "head.json"),
    )
    return Papers.made(
        house.db,
        house.vault,
        house.house.clock,
        authority=house.authority,
        customers=house.customers,
        transfers=house.transfers,
        transparency=transparency,
        own_code=OWN.code,
        on_fault=faults.append,
    )


@pytest.fixture
def papers(world, tmp_path):  # noqa: F811 - the fixture
    return papers_of(world, tmp_path, world.faults)


@pytest.fixture
def receipts(papers):
    return papers.receipts
