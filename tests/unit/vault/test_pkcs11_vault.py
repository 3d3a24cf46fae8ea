"""Facts about the vault in a token."""

import os
import subprocess
import sys

import pkcs11
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11 import Attribute, KeyType, ObjectClass

from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.problem import Unavailable
from dojang.kernel.secret import Secret
from dojang.vault import KeyKind, ReadableKey, VaultLocked
from dojang.vault.model import VaultError
from dojang.vault.pkcs11 import Pkcs11Vault


@pytest.fixture
def token(softhsm):
    return softhsm.token()


@pytest.fixture
def vault(token):
    return opened(token)


def opened(token, pin=None):
    return Pkcs11Vault.open(token.module, token.label, Secret(pin or token.pin), SystemEntropy())


def verifies(vault, label, said):
    signature = vault.sign(label, said)
    vault.public_key(label).verify(signature, said, ec.ECDSA(hashes.SHA256()))
    return True


def elsewhere(token, words):
    """Run these words in a process of its own, with `vault` open."""
    script = (
        "import sys\n"
        "from dojang.kernel.entropy import SystemEntropy\n"
        "from dojang.kernel.secret import Secret\n"
        "from dojang.vault import KeyKind, VaultLocked\n"
        "from dojang.vault.pkcs11 import Pkcs11Vault\n"
        "def opened(pin):\n"
        "    return Pkcs11Vault.open(*sys.argv[1:3], Secret(pin), SystemEntropy())\n"
    ) + words
    command = [sys.executable, "-c", script, token.module, token.label, token.pin]
    environment = {**os.environ, "PYTHONPATH": "src"}
    done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
    return done.stdout.strip()


def objects(token, kind):
    session = pkcs11.lib(token.module).get_token(token_label=token.label).open(rw=True)
    return session, list(session.get_objects({Attribute.CLASS: kind}))


def test_no_key_can_be_read_out_of_the_token(vault, token):
    for kind in KeyKind:
        vault.create(kind.value, kind)

    _, private = objects(token, ObjectClass.PRIVATE_KEY)
    _, secret = objects(token, ObjectClass.SECRET_KEY)

    assert len(private) + len(secret) == len(KeyKind)
    for key in [*private, *secret]:
        assert key[Attribute.SENSITIVE]
        assert not key[Attribute.EXTRACTABLE]
        assert key[Attribute.NEVER_EXTRACTABLE]
        assert key[Attribute.LOCAL]
        with pytest.raises(pkcs11.exceptions.PKCS11Error):
            _ = key[Attribute.VALUE]


def test_a_readable_key_that_somebody_put_there_is_not_used(vault, token):
    session, _ = objects(token, ObjectClass.SECRET_KEY)
    session.create_object(
        {
            Attribute.CLASS: ObjectClass.SECRET_KEY,
            Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
            Attribute.LABEL: "signing-secret",
            Attribute.TOKEN: True,
            Attribute.SENSITIVE: False,
            Attribute.EXTRACTABLE: True,
            Attribute.SIGN: True,
            Attribute.VALUE: b"known to the insider" * 2,
        }
    )

    with pytest.raises(ReadableKey):
        vault.derive("signing-secret", b"x")


def test_two_keys_of_one_label_are_a_fault_and_never_a_choice(vault, token):
    vault.create("ca", KeyKind.SECRET)
    session, _ = objects(token, ObjectClass.SECRET_KEY)
    session.generate_key(
        KeyType.GENERIC_SECRET, 256, label="ca", store=True, template={Attribute.SENSITIVE: True}
    )

    with pytest.raises(VaultError, match="2 keys called ca"):
        opened(token).derive("ca", b"x")


def test_a_token_that_went_away_is_unavailable_and_then_found_again(vault, token):
    vault.create("ca", KeyKind.EC_P256)
    vault.create("kek", KeyKind.KEK)
    wrapped = vault.wrap("kek", b"k" * 32, b"place")

    with token.away():
        for verb in (
            lambda: vault.sign("ca", b"x"),
            lambda: vault.unwrap("kek", wrapped, b"place"),
            vault.labels,
        ):
            with pytest.raises(Unavailable):
                verb()

    assert verifies(vault, "ca", b"x")
    assert vault.unwrap("kek", wrapped, b"place") == b"k" * 32


def test_a_session_that_was_closed_is_opened_again_unnoticed(vault):
    vault.create("ca", KeyKind.EC_P256)

    vault._token._line.session.close()

    assert verifies(vault, "ca", b"x")


def test_vaults_of_one_process_do_not_close_each_other_for_good(vault, token):
    vault.create("ca", KeyKind.EC_P256)
    other = opened(token)
    assert verifies(other, "ca", b"x")

    other._token._module.begin_again(other._token._turn)

    assert verifies(vault, "ca", b"x")
    assert verifies(other, "ca", b"x")


def test_a_forked_child_signs_on_a_session_of_its_own(token, vault):
    vault.create("ca", KeyKind.EC_P256)

    said = elsewhere(
        token,
        "import os\n"
        "vault = opened(sys.argv[3])\n"
        "vault.sign('ca', b'x')\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os._exit(0 if vault.sign('ca', b'x') else 9)\n"
        "print(os.waitpid(child, 0)[1], len(vault.sign('ca', b'x')) > 60)\n",
    )

    assert said == "0 True"


def test_a_key_made_by_another_process_is_found(vault, token):
    elsewhere(token, "opened(sys.argv[3]).create('theirs', KeyKind.EC_P256)\n")

    assert verifies(vault, "theirs", b"x")
    assert vault.labels() == ["theirs"]


def test_a_wrong_pin_is_told_and_never_tried_twice(token):
    said = elsewhere(
        token,
        "try:\n    opened('wrong-pin')\nexcept VaultLocked as locked:\n    print(locked)\n",
    )

    assert said == f"the token {token.label} refused the PIN: PinIncorrect"


def test_a_pin_that_stopped_working_does_not_lock_the_token_by_retries(vault, monkeypatch):
    vault.create("ca", KeyKind.EC_P256)
    tries = []

    def refuse(*_args):
        tries.append("login")
        raise pkcs11.exceptions.PinIncorrect

    vault._token._line = None
    monkeypatch.setattr(vault._token._module, "open", refuse)
    for _ in range(3):
        with pytest.raises(VaultLocked, match="refused the PIN"):
            vault.sign("ca", b"x")

    assert tries == ["login"]


def test_a_token_or_module_that_is_not_there_is_named(token, tmp_path):
    with pytest.raises(VaultLocked, match="no token is called nobody"):
        Pkcs11Vault.open(token.module, "nobody", Secret("1"), SystemEntropy())
    with pytest.raises(VaultLocked, match="does not load"):
        Pkcs11Vault.open(str(tmp_path / "no.so"), "x", Secret("1"), SystemEntropy())
