"""The map of what becomes of a customer's data speaks of every table and column there is."""

import pytest
from tests import retention_doc

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang.db.schema import metadata
from dojang.retention import store_erasing
from dojang.retention.fates import ERASED, FATES, Becomes


def test_every_table_has_a_fate_and_no_fate_lacks_its_table() -> None:
    assert set(FATES) == set(metadata.tables)


@pytest.mark.parametrize("name", sorted(FATES))
def test_every_column_that_stays_is_spoken_of(name: str) -> None:
    fate = FATES[name]
    spoken = [*fate.keeps, *fate.blanks]
    if fate.becomes is Becomes.GONE:
        assert spoken == [], "the whole row goes"
        return

    assert sorted(spoken) == sorted(metadata.tables[name].columns.keys())


def test_what_the_map_erases_is_what_is_run() -> None:
    run = {table.name for table, _ in store_erasing.STATEMENTS}

    assert run == ERASED


def test_what_is_emptied_is_what_the_map_says() -> None:
    emptied: dict[str, set[str]] = {}
    for table, statement in store_erasing.STATEMENTS:
        if statement.is_update:
            values = set(statement._values)
            emptied.setdefault(table.name, set()).update(values)

    said = {name: set(fate.blanks) for name, fate in FATES.items() if fate.blanks}
    assert {name: names - {"status"} for name, names in emptied.items()} == said


def test_the_page_has_the_map_as_the_code_has_it() -> None:
    assert retention_doc.page() == retention_doc.PAGE.read_text("utf-8")
