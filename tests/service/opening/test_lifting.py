"""`dojang account lift`: the bank has seen what a limited account is for."""

from typer.testing import CliRunner

from dojang import cli, demo
from dojang.app import build
from dojang.db import Database
from dojang.kernel.entropy import SystemEntropy
from dojang.ledger import accounts


def test_a_shown_purpose_lifts_the_cap_once(tmp_path, clock):
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

    def lift(which: str):
        return CliRunner().invoke(cli.app, ["account", "lift", which, "--config", str(file)])

    first, again, other = lift(number), lift(number), lift("110000000000")

    assert first.output == "The cap is lifted.\n", repr(first.exception)
    assert (first.exit_code, again.exit_code, other.exit_code) == (0, 1, 1)
    with Database(settings.database, clock).snapshot() as tx:
        assert accounts.owned(tx, "c1", opened).day_cap is None
    bank.db.close()
