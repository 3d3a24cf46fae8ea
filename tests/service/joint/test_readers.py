"""What the house issues is read by programs of others, and judged by its own check."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dojang import cli
from dojang.joint.npki import vid

READERS = Path(sys.prefix) / "readers"
BOUNCY = Path("/usr/share/java/bcprov.jar")
HERE = Path(__file__).parent

PINK = """
import pypinksign, sys
base, name, password = sys.argv[1:]
key = pypinksign.choose_cert(base_path=base, cn=name, pw=password.encode())
r = int(str(key._rand_num), 2).to_bytes(20, "big")
signed = key.pkcs7_signed_msg(b"signed by another program")
sys.stdout.write(f"{key.verify(key.sign(b'1'), b'1')} {key.cert_type_oid()} {r.hex()}\\n")
open(base + "/signed.der", "wb").write(signed)
"""


@dataclass
class Written:
    """A sample on disk, and what its about.json tells."""

    folder: Path
    password: str
    idn: str
    policy: str
    common_name: str

    @property
    def files(self) -> Path:
        return next(self.folder.rglob("signPri.key")).parent

    def run(self, *words: str, env: dict[str, str] | None = None) -> str:
        """What a program prints, whether it fails or not."""
        done = subprocess.run(
            [*words],
            cwd=self.folder,
            capture_output=True,
            check=False,
            env={**os.environ, **(env or {})},
        )
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    def check(self, **other: str | None):
        told = {"password": self.password, "idn": self.idn} | other
        words = ["joint", "check", str(self.folder)]
        for name, value in told.items():
            words += [f"--{name}", *(() if value is None else (value,))]
        return CliRunner().invoke(cli.app, words)


def sample(out: Path, *options: str) -> Written:
    done = CliRunner().invoke(cli.app, ["joint", "sample", "--out", str(out), *options])
    assert done.exit_code == 0, done.output
    return Written(out, **json.loads((out / "about.json").read_text("utf-8")))


@pytest.fixture(scope="module")
def person(tmp_path_factory) -> Written:
    """A person's, in the first form."""
    return sample(tmp_path_factory.mktemp("person"))


@pytest.fixture(scope="module")
def business(tmp_path_factory) -> Written:
    """A business's, in the second form, revoked."""
    made = tmp_path_factory.mktemp("business")
    return sample(made, "--form", "pbes2", "--kind", "business", "--revoked")


@pytest.fixture(params=["person", "business"])
def either(request) -> Written:
    return request.getfixturevalue(request.param)


def test_a_sample_has_everything_that_a_tester_needs(person):
    names = {path.name for path in person.folder.rglob("*") if path.is_file()}

    assert names >= {
        "signCert.der", "signPri.key", "root.pem", "ca.pem", "crl.der", "user.p12", "about.json",
    }  # fmt: skip
    assert person.files.parent.name == "USER"
    assert person.files.name.startswith("cn=")
    assert (person.files / "signPri.key").stat().st_mode & 0o777 == 0o600


def test_our_own_check_takes_it_and_names_what_is_wrong(person, business):
    assert person.check().output.strip() == "ok"
    assert person.check(password="Wrong-one-2026!").output.startswith("password_wrong")
    assert person.check(idn="8503151234568").output.startswith("vid")
    assert person.check(policy="1.2.3.4.5").output.startswith("policy")
    assert business.check().output.startswith("revoked")


def test_our_own_check_says_what_it_could_not_look_at(business, tmp_path):
    copy = Written(tmp_path / "copy", business.password, business.idn, "", "")
    shutil.copytree(business.folder, copy.folder)
    (copy.folder / "crl.der").unlink()
    words = ["joint", "check", str(copy.folder), "--password", copy.password]

    with_number = copy.check()
    bare = CliRunner().invoke(cli.app, words)
    told = json.loads(CliRunner().invoke(cli.app, [*words, "--json"]).stdout)
    revoked = json.loads(business.check(json=None).stdout)

    assert with_number.output.splitlines() == ["ok", "status not looked at: no crl.der"]
    assert bare.exit_code == 0
    assert "number not compared: no --idn" in bare.output.splitlines()
    assert told["ok"] is True
    assert [one["code"] for one in told["not_looked_at"]] == ["status", "number"]
    assert (revoked["ok"], revoked["not_looked_at"]) == (False, [])
    assert revoked["findings"][0]["code"] == "revoked"


def test_a_folder_that_a_mac_renamed_is_the_same(person, tmp_path):
    copy = Written(tmp_path / "copy", person.password, person.idn, "", "")
    shutil.copytree(person.folder, copy.folder)
    taken_apart = unicodedata.normalize("NFD", copy.files.name)
    assert taken_apart != copy.files.name

    copy.files.rename(copy.files.with_name(taken_apart))

    assert copy.check().output.strip() == "ok"


def test_openssl_verifies_the_chain_with_the_policy_and_the_list(either):
    leaf = str(either.files / "signCert.der")
    either.run("openssl", "x509", "-inform", "der", "-in", leaf, "-out", "leaf.pem")
    either.run("openssl", "crl", "-inform", "der", "-in", "crl.der", "-out", "crl.pem")
    verify = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "ca.pem"]
    listed = ["-crl_check", "-extended_crl", "-CRLfile", "crl.pem"]

    right = either.run(*verify, "-explicit_policy", "-policy", either.policy, "leaf.pem")
    other = either.run(*verify, "-explicit_policy", "-policy", "1.2.3.4.5", "leaf.pem")
    status = either.run(*verify, *listed, "leaf.pem")

    assert right.strip() == "leaf.pem: OK"
    assert "error 43" in other
    assert ("error 23" in status) == (either.idn == "1248100998")


def test_openssl_opens_the_second_form_and_the_pfx_keeps_r(business):
    pkcs8 = ("openssl", "pkcs8", "-provider", "legacy", "-provider", "default", "-inform", "der")
    key = str(business.files / "signPri.key")

    opened = business.run(*pkcs8, "-in", key, "-passin", f"pass:{business.password}")
    pfx = business.run(
        "openssl", "pkcs12", "-in", "user.p12", "-nocerts", "-nodes",
        "-passin", f"pass:{business.password}",
    )  # fmt: skip

    assert "BEGIN PRIVATE KEY" in opened
    assert "1.2.410.200004.10.1.1.3" in pfx


@pytest.mark.skipif(not READERS.exists(), reason="./dev test installs it")
def test_pypinksign_loads_signs_and_knows_whose_it_is(either):
    name = either.common_name.partition("(")[0]
    environment = {"PYTHONPATH": str(READERS)}
    base = str(either.folder / "NPKI")

    chain = [(either.folder / one).read_text() for one in ("ca.pem", "root.pem")]
    (either.folder / "chain.pem").write_text("".join(chain))

    told = either.run(sys.executable, "-c", PINK, base, name, either.password, env=environment)
    verified, policy, r = told.split()[-3:]
    cms = either.run(
        "openssl", "cms", "-verify", "-inform", "der", "-in", f"{base}/signed.der",
        "-CAfile", "chain.pem",
    )  # fmt: skip

    assert (verified, policy) == ("True", either.policy)
    assert (
        vid.virtual_id(either.idn, bytes.fromhex(r)) in (either.files / "signCert.der").read_bytes()
    )
    assert "signed by another program" in cms


@pytest.mark.skipif(not BOUNCY.exists(), reason="./dev test installs libbcprov-java")
def test_bouncy_castle_opens_either_form_and_finds_r_and_vid(either):
    told = either.run(
        "java", "-XX:TieredStopAtLevel=1", "-cp", str(BOUNCY), str(HERE / "Reader.java"),
        str(either.files), either.password, either.idn, env={"LC_ALL": "C.UTF-8"},
    )  # fmt: skip

    assert told.split("\n")[:3] == ["key true", "r 1.2.410.200004.10.1.1.3 20", "vid true"]
