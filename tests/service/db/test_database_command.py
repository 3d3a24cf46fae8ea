"""The way of `docs/run/postgresql.md`: roles by an administrator, migrate as owner, check."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgresql import Cluster, databases
from typer.testing import CliRunner

from dojang import cli
from dojang.crypto import multibuffer

on_postgresql = pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
run = CliRunner()


@pytest.fixture
def settings(cluster: Cluster, tmp_path: Path) -> Iterator[Path]:
    """A settings file of a bank whose roles and database do not exist yet."""
    name = f"made_{os.getpid()}"
    file = tmp_path / "bank.toml"
    file.write_text(
        "demo = true\n"
        f'database = "postgresql+psycopg://{name}_app@127.0.0.1:{cluster.port}/{name}"\n'
        '[vault]\nfile = "v"\npassphrase = { env = "X" }\n'
        f'[postgresql]\nowner = "{name}_owner"\nreader = "{name}_reader"\n'
    )
    yield file
    cluster.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    for role in ("owner", "app", "reader"):
        cluster.run(f"DROP ROLE IF EXISTS {name}_{role}")


@on_postgresql
def test_a_database_is_made_as_the_page_says(cluster: Cluster, settings: Path) -> None:
    config = ["--config", str(settings)]
    owner = f"made_{os.getpid()}_owner"

    for statement in run.invoke(cli.app, ["database", "roles", *config]).stdout.splitlines():
        cluster.run(statement)
    too_early = run.invoke(cli.app, ["migrate", *config])
    migrated = run.invoke(cli.app, ["migrate", *config, "--as", owner])
    checked = run.invoke(cli.app, ["database", "check", *config])
    again = run.invoke(cli.app, ["migrate", *config, "--as", owner])

    assert too_early.exit_code == 2
    assert "--as OWNER" in too_early.stderr
    assert (migrated.exit_code, checked.exit_code, again.exit_code) == (0, 0, 0)
    assert "lock_timeout = 5000" in checked.stdout


@on_postgresql
def test_a_doctor_names_what_would_end_the_start(cluster: Cluster, settings: Path) -> None:
    config = ["--config", str(settings)]
    name = f"made_{os.getpid()}"
    for statement in run.invoke(cli.app, ["database", "roles", *config]).stdout.splitlines():
        cluster.run(statement)
    run.invoke(cli.app, ["migrate", *config, "--as", f"{name}_owner"])
    cluster.run(f"ALTER ROLE {name}_app IN DATABASE {name} SET synchronous_commit = off")

    seen = run.invoke(cli.app, ["doctor", *config])

    assert seen.exit_code == 1
    assert "synchronous_commit is off" in seen.stderr


@pytest.mark.parametrize(
    ("library", "said"),
    [(object(), "eight at a time."), (None, "one by one (dojang[multibuffer]).")],
)
def test_a_doctor_says_how_signatures_are_looked_at(tmp_path: Path, monkeypatch, library, said):
    file = tmp_path / "bank.toml"
    file.write_text(
        f'demo = true\ndatabase = "sqlite:///{tmp_path}/bank.db"\n'
        '[vault]\nfile = "v"\npassphrase = { env = "X" }\n'
    )
    run.invoke(cli.app, ["migrate", "--config", str(file)])
    monkeypatch.setattr(multibuffer, "library", lambda: library)

    seen = run.invoke(cli.app, ["doctor", "--config", str(file)])

    assert seen.exit_code == 0, seen.stderr
    assert f"Signatures are looked at {said}" in seen.stdout


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text(
        f'demo = true\ndatabase = "sqlite:///{tmp_path}/bank.db"\n'
        '[vault]\nfile = "v"\npassphrase = { env = "X" }\n'
    )

    asked = run.invoke(cli.app, ["database", "roles", "--config", str(file)])

    assert asked.exit_code == 2
    assert "need a PostgreSQL URL" in asked.stderr
