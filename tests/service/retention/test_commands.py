"""`dojang customer due`, `erase`, `approve`, as the staff type them, on both databases."""

import json
import sqlite3
from contextlib import closing

import pytest
from tests.postgresql import OWNER
from tests.service.retention.conftest import AWAY, FIVE_YEARS
from tests.service.retention.test_erasing import needles
from typer.testing import CliRunner

from dojang import cli
from dojang.cli_ca import acting, bank
from dojang.db import sqlite

PRODUCTION = """origin = "https://bank.example"
rp_id = "bank.example"
[pki]
policy_arc = "1.3.6.1.4.1.99999.1"
joint_policy_arc = "1.3.6.1.4.1.99999.2"
offline_root = true
"""


@pytest.fixture
def run(archive, tmp_path, monkeypatch):
    """The command with a bank's settings, at the time of the test, by whom the test says."""
    file = tmp_path / "bank.toml"
    demo = "demo = true\n" if archive.owner.embedded else PRODUCTION
    file.write_text(
        f'database = "{archive.url}"\n{demo}[vault]\nfile = "{archive.folder}/vault.bin"\n'
        f'passphrase = {{ file = "{archive.folder}/vault.passphrase" }}\n'
        "software_in_production = true\n"
    )
    monkeypatch.setattr(bank, "SystemClock", lambda: archive.clock)

    def run(*words: str, by: str = "kim", answer: str | None = None):
        monkeypatch.setattr(acting.pwd, "getpwuid", lambda _: _Account(by))
        said = ["customer", *words, "--config", str(file)]
        return CliRunner().invoke(cli.app, said, input=answer)

    return run


class _Account:
    """Whom the machine says is typing."""

    def __init__(self, name: str) -> None:
        self.pw_name = name


def owning(archive) -> list[str]:
    return [] if archive.owner.embedded else ["--as", OWNER]


def test_from_who_is_due_to_gone_by_two_of_the_staff(archive, due, run):
    wanted = needles(archive, due)
    listed = run("due", "--json")
    assert json.loads(listed.stdout)["customer"] == due.id
    assert not [one for one in wanted.values() if one in listed.stdout.encode()]
    early = run("approve", due.id, "--yes", *owning(archive))
    refused = run("erase", due.id, answer="n\n")
    asked = run("erase", due.id, answer="y\n")
    if not archive.owner.embedded:  # a file is a demo's, which has one account for both
        alone = run("approve", due.id, "--yes", *owning(archive))
        assert alone.exit_code == 1
        assert "another of the staff" in alone.output
    waits = run("approve", "--json")
    done = run("approve", due.id, "--yes", *owning(archive), by="lee")
    again = run("approve", due.id, "--yes", "--json", *owning(archive), by="park")
    late = run("erase", due.id, "--yes")

    codes = [one.exit_code for one in (early, refused, asked, waits, done, again, late)]
    assert codes == [1, 1, 0, 0, 0, 0, 1], [early.output, asked.output, done.output]
    assert "nobody asked for it in the last 7 days" in early.output
    assert f"dojang customer approve {due.id}" in asked.output
    assert json.loads(waits.stdout)["asked_by"] == "kim"
    assert "Erased, as kim asked" in done.output
    assert json.loads(again.stdout) == {
        "customer": due.id,
        "erased_at": json.loads(again.stdout)["erased_at"],
        "asked_by": "kim",
        "rows": json.loads(again.stdout)["rows"],
        "again": True,
    }
    assert "they were erased on" in late.output
    assert run("due").stdout == "Nobody is due.\n"
    assert archive.says() == []


def test_refusals_say_what_is_open_or_until_when(archive, former, run):
    still = run("erase", former.id, "--yes")
    unknown = run("erase", "nobody", "--yes")
    archive.clock.move(FIVE_YEARS)
    early = run("erase", former.id, "--yes")

    assert [one.exit_code for one in (still, unknown, early)] == [1, 1, 1]
    assert "still open: a joint certificate that has not ended" in still.output
    assert "there is no such customer" in unknown.output
    assert "they are kept until 2033-01-" in early.output
    assert "a joint certificate ended on 2028-01-" in early.output


def test_the_serving_role_is_told_that_it_may_not(archive, due, run):
    if archive.owner.embedded:
        pytest.skip("SQLite has no roles")
    run("erase", due.id, "--yes")
    before = archive.everything()

    refused = run("approve", due.id, "--yes", by="lee")

    assert refused.exit_code == 1
    assert "the role that serves the bank may not" in refused.output
    assert "--as" in refused.output
    assert archive.everything() == before


def test_the_file_holds_nothing_of_what_was_erased(archive, due, run):
    """Of a deleted row SQLite leaves the bytes: in free pages, and in the write-ahead log."""
    if not archive.owner.embedded:
        pytest.skip("what PostgreSQL needs is in docs/how/retention.md")
    named = needles(archive, due)
    only_hers = {name: one for name, one in named.items() if name.endswith("_sealed")}
    only_hers |= {"ci": named["ci_index"], "away": AWAY.encode()}
    assert all(one in in_files(archive) for one in only_hers.values())
    archive.serving.close()
    archive.owner.close()
    an_older_version_of_her_words(archive)
    run("erase", due.id, "--yes")

    done = run("approve", due.id, "--yes", by="lee")

    assert done.exit_code == 0, done.output
    left = in_files(archive)
    assert [name for name, one in only_hers.items() if one in left] == []


def an_older_version_of_her_words(archive) -> None:
    """As updates leave them: in a page that nothing uses, whatever this SQLite was built with."""
    with closing(sqlite3.connect(archive.folder / "bank.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA secure_delete=OFF")
        raw.execute("CREATE TABLE older AS SELECT memo FROM narration")
        raw.execute("DROP TABLE older")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def in_files(archive) -> bytes:
    return b"".join(one.read_bytes() for one in archive.folder.glob("bank.db*"))


def test_where_the_file_is_in_use_it_says_so_and_the_next_run_ends_it(
    archive, due, run, monkeypatch
):
    if not archive.owner.embedded:
        pytest.skip("of a file")
    archive.serving.close()
    archive.owner.close()
    run("erase", due.id, "--yes")
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 10)
    reading = sqlite3.connect(archive.folder / "bank.db", isolation_level=None)
    reading.execute("BEGIN")
    reading.execute("SELECT count(*) FROM account").fetchone()

    busy = run("approve", due.id, "--yes", by="lee")
    reading.close()
    then = run("approve", due.id, "--yes", by="lee")

    assert (busy.exit_code, then.exit_code) == (1, 0)
    assert "once more" in busy.output
    assert AWAY.encode() not in in_files(archive)
