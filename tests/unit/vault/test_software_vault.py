"""Facts about the vault in a file."""

import os
import subprocess
import sys
import threading

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault import (
    BadCiphertext,
    BadWrap,
    KeyExists,
    KeyKind,
    Padding,
    UnknownKey,
    VaultLocked,
    ensure,
    keyfile,
)
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


@pytest.mark.parametrize(
    ("kind", "digest", "curve"),
    [
        (KeyKind.EC_P256, hashes.SHA256(), "secp256r1"),
        (KeyKind.EC_P384, hashes.SHA384(), "secp384r1"),
    ],
)
def test_a_signature_verifies_under_the_public_key(vault, kind, digest, curve):
    vault.create("ca", kind)

    signature = vault.sign("ca", b"what is signed")

    public = vault.public_key("ca")
    assert public.curve.name == curve
    public.verify(signature, b"what is signed", ec.ECDSA(digest))
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"what is not", ec.ECDSA(digest))


def test_keys_are_there_after_opening_again(vault, path):
    vault.create("ca", KeyKind.EC_P256)
    vault.create("secret", KeyKind.SECRET)
    vault.create("kek", KeyKind.KEK)
    wrapped = vault.wrap("kek", b"k" * 32, b"place")

    again = opened(path, Secret(PHRASE))

    assert again.labels() == ["ca", "kek", "secret"]
    assert again.public_key("ca") == vault.public_key("ca")
    assert again.derive("secret", b"x") == vault.derive("secret", b"x")
    assert again.unwrap("kek", wrapped, b"place") == b"k" * 32


def test_a_key_is_created_once(vault):
    vault.create("ca", KeyKind.EC_P256)
    before = vault.public_key("ca")

    with pytest.raises(KeyExists):
        vault.create("ca", KeyKind.EC_P384)

    assert vault.public_key("ca") == before


def test_ensure_makes_a_key_and_then_leaves_it(vault):
    ensure(vault, "ca", KeyKind.EC_P256)
    before = vault.public_key("ca")

    ensure(vault, "ca", KeyKind.EC_P256)

    assert vault.public_key("ca") == before


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


def test_threads_that_make_one_label_make_one_key(vault):
    outcomes = []

    def make():
        try:
            vault.create("ca", KeyKind.SECRET)
            outcomes.append("made")
        except KeyExists:
            outcomes.append("there")

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] + ["there"] * 7


def test_a_key_serves_only_its_kind(vault):
    vault.create("ca", KeyKind.EC_P256)
    vault.create("secret", KeyKind.SECRET)

    for misuse in (
        lambda: vault.sign("secret", b"x"),
        lambda: vault.public_key("secret"),
        lambda: vault.derive("ca", b"x"),
        lambda: vault.wrap("secret", b"k" * 32, b""),
        lambda: vault.sign("nobody", b"x"),
    ):
        with pytest.raises(UnknownKey):
            misuse()


def test_derived_secrets_differ_by_info_and_by_label(vault):
    vault.create("one", KeyKind.SECRET)
    vault.create("two", KeyKind.SECRET)

    made = {vault.derive(label, info) for label in ("one", "two") for info in (b"a", b"b")}

    assert len(made) == 4
    assert vault.derive("one", b"a") in made


def test_a_wrapped_key_opens_only_in_its_place(vault):
    vault.create("kek", KeyKind.KEK)
    wrapped = vault.wrap("kek", b"k" * 32, b"here")

    assert vault.unwrap("kek", wrapped, b"here") == b"k" * 32
    for blob, place in ((wrapped, b"there"), (wrapped[:-1], b"here"), (b"", b"here")):
        with pytest.raises(BadWrap):
            vault.unwrap("kek", blob, place)


def test_nothing_secret_is_printed(vault, path):
    vault.create("secret", KeyKind.SECRET)
    lock = keyfile.lock_of(path.read_bytes(), PHRASE)

    shown = f"{vault} {vault._entries} {lock}"

    assert vault._entries["secret"].secret.hex() not in shown
    assert "***" in shown


OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)


def test_an_rsa_key_signs_and_decrypts_nothing(vault, path):
    vault.create("joint-ca", KeyKind.RSA_2048)

    signature = opened(path).sign("joint-ca", b"what is signed")

    public = vault.rsa_public_key("joint-ca")
    assert public.key_size == 2048
    public.verify(signature, b"what is signed", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(UnknownKey):
        vault.decrypt("joint-ca", public.encrypt(b"x", OAEP), Padding.OAEP_SHA256)
    with pytest.raises(UnknownKey):
        vault.public_key("joint-ca")


def test_a_decrypting_key_opens_what_was_encrypted_to_it_and_signs_nothing(vault):
    vault.create("open", KeyKind.RSA_2048_DECRYPT)
    public = vault.rsa_public_key("open")
    oaep, old = public.encrypt(b"R", OAEP), public.encrypt(b"R", padding.PKCS1v15())

    assert vault.decrypt("open", oaep, Padding.OAEP_SHA256) == b"R"
    assert vault.decrypt("open", old, Padding.PKCS1) == b"R"
    for garbage in (b"", oaep[:-1], bytes(256), old, b"\xff" * 256):
        with pytest.raises(BadCiphertext):
            vault.decrypt("open", garbage, Padding.OAEP_SHA256)
    with pytest.raises(UnknownKey):
        vault.sign("open", b"no")
