"""What the log is called: for ever, whatever becomes of the bank's address."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.conftest import START
from tests.service.transparency.conftest import NAME, PASSPHRASE
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.config import ConfigError
from dojang.crypto import merkle, tree_heads
from dojang.kernel.clock import MovableClock
from dojang.kernel.entropy import SystemEntropy
from dojang.transparency import Keep, OtherLog, Rewritten, Transparency
from dojang.vault.software import SoftwareVault

ELSEWHERE = "elsewhere.example/log"


@pytest.fixture
def moved(db, vault, clock, keep):
    """The same bank as it starts at another address."""
    return lambda kept=keep: Transparency(db, vault, clock, name=ELSEWHERE, keep=kept)


def names(db) -> list[str]:
    with db.snapshot() as tx:
        return list(tx.execute(text("SELECT name FROM log_name")).scalars())


def test_another_address_changes_nothing_of_the_log(opened, moved, write, keep) -> None:
    write(20)
    before = opened().publish()

    later = moved()
    write(7)
    after = later.publish()

    assert later.name == after.log == keep.read().log == NAME
    tree_heads.verify(after, later.key)
    tree_heads.verify(later.head_of(before.size), later.key)
    path = later.extension(before.size).path
    merkle.check_consistency(
        first=before.size,
        second=after.size,
        first_root=before.root,
        second_root=after.root,
        path=path,
    )


def test_it_is_known_without_the_kept_head_too(opened, moved, write, keep) -> None:
    write(3)
    opened().publish()
    keep.path.unlink()

    assert moved().name == NAME
    assert keep.read().log == NAME


def test_a_log_of_before_takes_the_name_of_its_kept_head(
    opened, moved, write, db, tampering
) -> None:
    write(3)
    opened().publish()
    tampering("DELETE FROM log_name")

    assert moved().name == NAME
    assert names(db) == [NAME]


def test_a_log_of_before_without_one_is_named_by_what_its_heads_are_signed_as(
    opened, moved, write, db, keep, tampering
) -> None:
    write(3)
    opened().publish()
    tampering("DELETE FROM log_name")
    keep.path.unlink()

    with pytest.raises(OtherLog, match="start once with the `origin` it was founded with"):
        moved()
    assert (names(db), keep.read()) == ([], None)
    assert opened().name == NAME
    assert names(db) == [NAME]


def test_a_kept_head_of_another_log_is_refused_with_what_to_do(opened, write, keep) -> None:
    write(3)
    opened().publish()
    content = json.loads(keep.path.read_text())
    keep.path.write_text(json.dumps({**content, "log": ELSEWHERE}))

    with pytest.raises(OtherLog, match=f"{NAME}, and log-head.json is of {ELSEWHERE}: put back"):
        opened()


def test_a_name_changed_in_the_database_is_refused(opened, write, db, tampering) -> None:
    write(3)
    opened().publish()
    tampering("UPDATE log_name SET name = :n", n=ELSEWHERE)

    with pytest.raises(OtherLog, match="put back"):
        opened()


def test_a_head_kept_in_another_name_than_the_file_s_is_refused(opened, write, keep) -> None:
    write(3)
    opened().publish()
    content = json.loads(keep.path.read_text())
    content["head"]["log"] = ELSEWHERE
    keep.path.write_text(json.dumps(content))

    with pytest.raises(Rewritten):
        opened()


def test_another_vault_s_key_is_refused_with_what_to_do(
    opened, write, db, clock, keep, tmp_path
) -> None:
    write(3)
    opened()
    other = SoftwareVault.open(tmp_path / "other", PASSPHRASE, SystemEntropy())

    with pytest.raises(OtherLog, match="another key than this vault's"):
        Transparency(db, other, clock, name=NAME, keep=keep)


def test_an_empty_database_beside_an_old_head_gets_no_name(
    opened, moved, write, db, tampering
) -> None:
    write(3)
    opened().publish()
    for statement in ("DELETE FROM log_name", "DELETE FROM log_sth", "DELETE FROM log"):
        tampering(statement)
    tampering("UPDATE log_head SET size = 0")

    with pytest.raises(Rewritten):
        moved()
    assert names(db) == []


def test_of_two_that_found_it_at_once_the_first_names_it(
    opened, moved, db, monkeypatch, tmp_path
) -> None:
    from dojang.transparency import naming

    def meanwhile(tx, name):
        with monkeypatch.context() as undone:
            undone.setattr(naming.store, "give_name", given)
            given(tx, NAME)
        given(tx, name)

    given = naming.store.give_name
    monkeypatch.setattr(naming.store, "give_name", meanwhile)

    with pytest.raises(OtherLog, match=f"founded the log as {NAME}: start again"):
        moved(Keep(tmp_path / "its-own.json"))
    assert not (tmp_path / "its-own.json").exists()


@pytest.fixture
def folder(demo_laid_down: Path, tmp_path: Path) -> Path:
    shutil.copytree(demo_laid_down, tmp_path / "bank")
    return tmp_path / "bank"


def verified(folder: Path):
    return CliRunner().invoke(cli.app, ["log", "verify", "--data", str(folder)])


def test_a_demo_bank_on_another_port_has_the_log_it_had(folder: Path) -> None:
    bank = demo.make(folder, 8792, clock=MovableClock(START + 60_000_000))
    bank.transparency.publish()
    name, address = bank.transparency.name, bank.settings.origin
    bank.stop()

    told = verified(folder)

    assert (name, address) == ("localhost:8700/log", "http://localhost:8792")
    assert told.exit_code == 0, told.output
    assert "Each in its place." in told.output


def test_a_start_beside_another_bank_s_head_ends_in_one_sentence(folder: Path) -> None:
    kept = folder / "log-head.json"
    kept.write_text(kept.read_text().replace("localhost:8700/log", ELSEWHERE))

    with pytest.raises(ConfigError, match="log_head: the log of the database is localhost:8700"):
        demo.make(folder, 8700, clock=MovableClock(START))
