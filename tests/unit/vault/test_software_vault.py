"""Facts about the vault in a file."""

import os
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from dojang.kernel.entropy import SystemEntropy
from dojang.vault import KeyKind, VaultLocked, keyfile
from dojang.vault.software import SoftwareVault

PHRASE = b"correct horse"


def opened(path, phrase=PHRASE):
    return SoftwareVault.open(path, phrase, SystemEntropy())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vault" / "keys"


@pytest.fixture
def vault(path):
    return opened(path)


def test_another_passphrase_opens_nothing(vault, path):
    vault.create("ca", KeyKind.EC_P256)

    with pytest.raises(VaultLocked):
        opened(path, b"wrong horse")


@pytest.mark.parametrize("at", [0, 20, 40, -1])
def test_a_changed_byte_anywhere_opens_nothing(vault, path, at):
    vault.create("secret", KeyKind.SECRET)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)

    with pytest.raises(VaultLocked):
        opened(path)


def test_an_absurd_cost_is_refused_before_it_is_paid(vault, path):
    content = bytearray(path.read_bytes())
    content[15:19] = (2**31).to_bytes(4, "big")
    path.write_bytes(content)

    with pytest.raises(VaultLocked, match="cost"):
        opened(path)


def test_the_file_is_for_the_owner_alone_and_holds_nothing_in_clear(vault, path):
    vault.create("a-telling-label", KeyKind.SECRET)

    content = path.read_bytes()

    assert path.stat().st_mode & 0o777 == 0o600
    assert b"a-telling-label" not in content
    assert vault._entries["a-telling-label"].secret not in content


def test_a_crash_while_writing_leaves_the_old_vault(vault, path, monkeypatch):
    vault.create("ca", KeyKind.EC_P256)
    before = path.read_bytes()

    def power_cut(_descriptor):
        raise OSError("power cut")

    monkeypatch.setattr(os, "fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        vault.create("ocsp", KeyKind.EC_P256)
    monkeypatch.undo()

    assert path.read_bytes() == before
    assert opened(path).labels() == ["ca"]


def test_a_key_made_by_another_process_is_found(vault, path):
    script = (
        "import sys, pathlib\n"
        "from dojang.kernel.entropy import SystemEntropy\n"
        "from dojang.vault import KeyKind\n"
        "from dojang.vault.software import SoftwareVault\n"
        "vault = SoftwareVault.open(pathlib.Path(sys.argv[1]), b'correct horse', SystemEntropy())\n"
        "vault.create('theirs', KeyKind.EC_P256)\n"
    )
    environment = {**os.environ, "PYTHONPATH": "src"}
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, env=environment)

    signature = vault.sign("theirs", b"x")
    vault.create("ours", KeyKind.SECRET)

    vault.public_key("theirs").verify(signature, b"x", ec.ECDSA(hashes.SHA256()))
    assert opened(path).labels() == ["ours", "theirs"]


def test_nothing_secret_is_printed(vault, path):
    vault.create("secret", KeyKind.SECRET)
    lock = keyfile.lock_of(path.read_bytes(), PHRASE)

    shown = f"{vault} {vault._entries} {lock}"

    assert vault._entries["secret"].secret.hex() not in shown
    assert "***" in shown
