"""`dojang demo` before it serves: what it says, and what it will not touch."""

import signal
import socket
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.gateways.twins.banks import HOLDERS
from dojang.journey.served import free_port

ENDING_SECONDS_MAX = 120


def told(*words: object):
    return CliRunner().invoke(cli.app, ["demo", *map(str, words)])


def test_everything_one_types_to_be_somebody_is_printed(capsys) -> None:
    cli._greet(8123)

    said = capsys.readouterr().out
    assert "http://localhost:8123/\n" in said
    assert "http://localhost:8123/handset" in said
    for person in demo.PEOPLE:
        typed = [person.name, person.phone, person.resident_number]
        typed += [person.login_id or "", person.password or ""]
        typed += [account.password for account in person.accounts]
        assert [one for one in typed if one not in said] == []
    assert any(account in said and name in said for _, account, name in HOLDERS)


def test_a_folder_that_is_no_demo_bank_is_not_forgotten(tmp_path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "ascii")

    result = told("--reset", "--data", tmp_path)

    assert result.exit_code == 2
    assert "does not look like a demo bank" in result.output
    assert (tmp_path / "letter.txt").read_text("ascii") == "mine"


def test_a_port_in_use_ends_it_before_anything_is_made(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        result = told("--data", tmp_path / "bank", "--port", taken.getsockname()[1])

    assert result.exit_code == 2
    assert "--port" in result.output
    assert not (tmp_path / "bank").exists()


@pytest.mark.parametrize("made", [("vault.passphrase", "bank.db"), ("vault.passphrase",)])
def test_reset_forgets_the_demo_bank(tmp_path, made) -> None:
    for name in made:
        (tmp_path / name).write_text("x", "ascii")

    cli._forget(tmp_path)

    assert not tmp_path.exists()


def test_a_bank_that_was_ended_while_it_was_made_says_nothing_and_is_made_anew(tmp_path) -> None:
    """What lay there could not be gone on with: its sleeper would be missing for ever.

    Whoever starts tests in the background may have them ignore Ctrl-C, and what they start too.
    """
    data, mark = tmp_path / "bank", tmp_path / "bank" / cli.UNFINISHED
    command = [
        sys.executable,
        "-m",
        "dojang.cli",
        "demo",
        "--data",
        str(data),
        "--port",
        str(free_port()),
    ]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as making:
        signal.signal(signal.SIGINT, before)
        try:
            while not mark.exists():
                assert making.poll() is None
                time.sleep(0.01)
            making.send_signal(signal.SIGINT)
            said, _ = making.communicate(timeout=ENDING_SECONDS_MAX)
        finally:
            making.kill()

    assert making.returncode == 130
    assert "Traceback" not in said
    (data / "vault.bin").write_bytes(b"half of it")
    cli._laid(data, free_port(), quiet=True)
    assert not mark.exists()
    assert any((data / "phones" / "sleeping").iterdir())
    assert (data / "vault.bin").read_bytes() != b"half of it"
