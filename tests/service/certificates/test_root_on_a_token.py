"""Facts about a root that has a token of its own: who can use it, and that the bank cannot."""

import subprocess
import sys

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner

from dojang import cli, config
from dojang.app import build
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault import KeyKind
from dojang.vault.pkcs11 import Pkcs11Vault

WHO = {"kim": "kim's own words", "lee": "lee's own words", "park": "park's own words"}
SET_UP_WITH = "9753-root"

OPENS = """
import sys
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.secret import Secret
from dojang.vault.pkcs11 import Pkcs11Vault
print(Pkcs11Vault.open(*sys.argv[1:3], Secret(sys.argv[3]), SystemEntropy()).labels())
"""


class Hall:
    """Two machines in one folder: the bank's with its token, and the root's with another."""

    def __init__(self, folder, softhsm):
        self.folder, self.root = folder, folder / "root"
        self.bank, self.own = softhsm.token(), softhsm.token(SET_UP_WITH)
        (folder / "pin").write_text(self.bank.pin)
        self.settings = folder / "bank.toml"
        self.settings.write_text(
            f"""
            database = "sqlite:///{folder}/bank.db"
            outside = "{folder}/handset.db"
            log_head = "{folder}/log-head.json"
            demo = true
            [vault.pkcs11]
            module = "{self.bank.module}"
            token = "{self.bank.label}"
            pin = {{ file = "{folder}/pin" }}
            [pki]
            offline_root = true
            """
        )
        CliRunner().invoke(cli.app, ["migrate", "--config", str(self.settings)])

    def run(self, *words, typed=()):
        command = ["ca", "ceremony", words[0], "--config", self.settings, *words[1:]]
        typing = "".join(f"{line}\n" for line in typed)
        return CliRunner().invoke(cli.app, [str(word) for word in command], input=typing)

    def found(self, label, pin, folder=None):
        named = [word for name in WHO for word in ("--custodian", name)]
        token = ("--token-module", self.own.module, "--token", label)
        typed = [pin, *(words for name in sorted(WHO) for words in (WHO[name], WHO[name]))]
        where = ("--dir", folder or self.root)
        return self.run("root", *where, *named, "--threshold", 2, *token, typed=typed)

    def sign(self, *names, module=True):
        named = [word for name in names for word in ("--custodian", name)]
        paths = ("--request", self.folder / "request.pem", "--out", self.folder / "issuing.pem")
        token = ("--token-module", self.own.module) if module else ()
        words = [WHO[name] for name in sorted(names)]
        return self.run("sign", "--dir", self.root, *paths, *named, *token, typed=words)

    def opens(self, token, pin):
        """What a program of its own finds in a token by this PIN; nothing where it is refused."""
        words = [sys.executable, "-c", OPENS, token.module, token.label, pin]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def hall(tmp_path_factory, softhsm):
    made = Hall(tmp_path_factory.mktemp("hall"), softhsm)
    told = made.found(made.own.label, SET_UP_WITH)
    assert told.exit_code == 0, told.output
    return made


def test_the_token_that_the_bank_serves_with_is_not_taken_for_the_root(hall, tmp_path):
    told = hall.found(hall.bank.label, hall.bank.pin, tmp_path / "root")

    assert (told.exit_code, "the root has its own" in told.output) == (1, True)
    assert hall.opens(hall.bank, hall.bank.pin) == "[]"


def test_a_token_with_keys_in_it_is_not_taken(hall, softhsm, tmp_path):
    used = softhsm.token()
    vault = Pkcs11Vault.open(used.module, used.label, Secret(used.pin), SystemEntropy())
    vault.create("another's", KeyKind.EC_P256)
    vault.close()

    told = hall.found(used.label, used.pin, tmp_path / "root")

    assert (told.exit_code, "holds keys already" in told.output) == (1, True)
    assert hall.opens(used, used.pin) == '["another\'s"]'


def test_who_set_the_token_up_and_the_bank_cannot_use_the_root(hall):
    """Neither PIN that a person or the serving process ever had opens it."""
    assert hall.opens(hall.own, SET_UP_WITH) == ""
    assert hall.opens(hall.own, hall.bank.pin) == ""
    assert hall.own.label not in hall.settings.read_text()
    assert not (hall.root / "root.vault").exists()


def test_one_custodian_alone_cannot_use_the_token(hall):
    assert hall.run("request", "--out", hall.folder / "request.pem").exit_code == 0

    assert hall.sign("kim").exit_code == 2
    assert not (hall.folder / "issuing.pem").exists()


def test_what_the_medium_says_does_not_choose_the_library_that_is_loaded(hall):
    told = hall.sign("kim", "lee", module=False)

    assert (told.exit_code, "--token-module" in told.output) == (1, True)


def test_two_custodians_certify_the_bank_by_the_token_and_openssl_agrees(hall):
    signed = hall.sign("lee", "park")
    adopted = hall.run(
        *("adopt", "--root", hall.root / "root.pem", "--issuing", hall.folder / "issuing.pem"),
        *("--transcript", hall.root / "transcript.json"),
    )
    settings = config.load(hall.settings)
    bank = build(settings, clock=SystemClock(), entropy=SystemEntropy())
    labels, office = bank.vault.labels(), bank.authority.time_stamper().der
    bank.stop()

    assert (signed.exit_code, adopted.exit_code) == (0, 0), signed.output + adopted.output
    assert not any(label.startswith("ca-root") for label in labels)
    stamper = hall.folder / "tsa.pem"
    stamper.write_bytes(x509.load_der_x509_certificate(office).public_bytes(Encoding.PEM))
    words = ["verify", "-x509_strict", "-CAfile", hall.root / "root.pem"]
    words += ["-untrusted", hall.folder / "issuing.pem", stamper]
    verified = subprocess.run(["openssl", *words], capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stderr
