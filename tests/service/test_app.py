"""Facts about how a bank is put together, and when it is not."""

import msgspec
import pytest
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.app import build
from dojang.config import ConfigError
from dojang.house import simulated


@pytest.fixture
def demo_settings(tmp_path):
    folder = tmp_path / "bank"
    folder.mkdir()
    return demo.settings(folder, 8700)


def test_a_bank_does_not_start_with_parties_that_are_only_played(
    demo_settings, tmp_path, clock, entropy
):
    played = simulated(tmp_path / "handset.db", clock)
    in_production = msgspec.structs.replace(demo_settings, demo=False)

    with pytest.raises(ConfigError, match="sms, telecom, ars, switch, id_cards, faces, one_won"):
        build(in_production, clock=clock, entropy=entropy, gateways=played)


def test_a_bank_does_not_start_without_anyone_outside(demo_settings, clock, entropy):
    nobody = msgspec.structs.replace(demo_settings, outside=None)

    with pytest.raises(ConfigError, match="outside"):
        build(nobody, clock=clock, entropy=entropy)


def test_a_bank_is_found_again_as_it_was(demo_settings, clock, entropy):
    first = build(demo_settings, clock=clock, entropy=entropy)
    again = build(demo_settings, clock=clock, entropy=entropy)

    assert again.authority.root_der == first.authority.root_der
    assert again.vault.labels() == first.vault.labels()


def test_the_doctor_says_in_a_line_that_the_database_is_away(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text(
        """
        database = "postgresql+psycopg://nobody:hidden-word@127.0.0.1:1/bank"
        origin = "https://bank.example"
        rp_id = "bank.example"
        [vault]
        file = "/nowhere/vault.bin"
        passphrase = { env = "DOJANG_VAULT" }
        software_in_production = true
        [pki]
        policy_arc = "1.2.410.999.1"
        """
    )

    said = CliRunner().invoke(cli.app, ["doctor", "--config", str(path)])

    assert said.exit_code == 1
    assert "The database does not answer" in said.output
    assert "hidden-word" not in said.output
