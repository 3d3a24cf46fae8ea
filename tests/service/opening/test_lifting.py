"""`dojang account lift`, `approve`: the bank has seen what a limited account is for, by two."""

import pytest
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.app import build
from dojang.db import Database, log
from dojang.kernel.clock import DAY
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.four_eyes import NotApproved
from dojang.ledger import Ledger, accounts
from dojang.opening import lifting


@pytest.fixture
def limited(db: Database, ids, entropy) -> str:
    """The number of a limited account of c1."""
    ledger = Ledger(db, ids=ids, entropy=entropy, bank_code="990")
    with db.transaction() as tx:
        opened = ledger.open_account(tx, "c1", name="새 계좌", kind="limited", day_cap=5)
        return accounts.owned(tx, "c1", opened).number


def ask(db, number, by):
    with db.transaction() as tx:
        lifting.ask(tx, number, by=by)


def approve(db, number, by, **more):
    with db.transaction() as tx:
        return lifting.approve(tx, number, by=by, **more)


def cap(db, number):
    with db.snapshot() as tx:
        return accounts.by_number(tx, number)[0].day_cap


def test_asking_lifts_nothing(db, limited):
    ask(db, limited, "kim")

    assert cap(db, limited) == 5


def test_another_of_the_staff_lifts_it_and_the_log_names_both(db, limited):
    ask(db, limited, "kim")

    assert approve(db, limited, "lee") == "kim"

    assert cap(db, limited) is None
    with db.snapshot() as tx:
        (leaf,) = log.of_kind(tx.connection, "opening.purpose_shown", subject="c1")
    assert (leaf.fields()["by"], leaf.fields()["approved_by"]) == ("kim", "lee")


@pytest.mark.parametrize(
    ("by", "days", "words"),
    [("kim", 0, "another of the staff"), ("lee", 8, "nobody asked"), ("lee", 0, "")],
)
def test_who_asked_does_not_approve_and_a_request_lapses(db, clock, limited, by, days, words):
    ask(db, limited, "kim")
    clock.move(days * DAY)

    if not words:
        assert approve(db, limited, by) == "kim"
        return
    with pytest.raises(NotApproved, match=words):
        approve(db, limited, by)
    assert cap(db, limited) == 5


def test_nothing_is_lifted_that_nobody_asked_for_or_that_is_not_limited(db, limited):
    with pytest.raises(NotApproved, match="nobody asked"):
        approve(db, limited, "lee", alone=True)
    with pytest.raises(NotApproved, match="no limited account"):
        ask(db, "110000000000", "kim")
    ask(db, limited, "kim")
    approve(db, limited, "lee")
    with pytest.raises(NotApproved, match="no limited account"):
        approve(db, limited, "lee")


def test_the_commands_ask_first_and_a_demo_has_one_account_for_both(tmp_path, clock):
    folder = tmp_path / "bank"
    folder.mkdir()
    settings = demo.settings(folder, 8700)
    bank = build(settings, clock=clock, entropy=SystemEntropy())
    with bank.db.transaction() as tx:
        opened = bank.ledger.open_account(tx, "c1", name="새 계좌", kind="limited", day_cap=5)
        number = accounts.owned(tx, "c1", opened).number
    file = tmp_path / "bank.toml"
    file.write_text(
        f'demo = true\ndatabase = "{settings.database}"\n'
        f'[vault]\nfile = "{settings.vault.file}"\n'
        f'passphrase = {{ file = "{settings.vault.passphrase.file}" }}\n'
    )

    def run(command: str, which: str, *more: str, answer: str | None = None):
        words = ["account", command, which, "--config", str(file), *more]
        return CliRunner().invoke(cli.app, words, input=answer)

    refused = run("lift", number, answer="n\n")
    early = run("approve", number, "--yes")
    asked = run("lift", number, answer="y\n")
    lifted = run("approve", number, "--yes")

    codes = [one.exit_code for one in (refused, early, asked, lifted)]
    assert codes == [1, 1, 0, 0], [one.output for one in (refused, early, asked, lifted)]
    assert "nobody asked" in early.output
    assert "새 계좌" in refused.output
    assert "5 won a day" in refused.output
    assert "there is no limited account" in run("lift", "110-000-000000").output
    assert f"dojang account approve {number}" in asked.output
    assert cap(Database(settings.database, clock), number) is None
    bank.db.close()
