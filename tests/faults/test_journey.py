"""`dojang journey` proves every step, and leaves what OpenSSL alone can check."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dojang import journey
from dojang.journey.lie import prove
from dojang.journey.world import over_midnight
from dojang.kernel.clock import SECOND, Instant

pytestmark = pytest.mark.slow
OWN_FILE = "notes.txt"
KEPT = {
    "root.pem", "issuing.pem", "auth.pem", "sign.pem", "revoked.pem", "auth.csr", "sign.csr",
    "transfer.payload", "transfer.sig", "crl.der", "ocsp.der", "phone.json", "transcript.jsonl",
    "receipt.json", "receipt.pdf",
}  # fmt: skip


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, object]]]:
    """The folder that a journey left, and its lines. Its failure is the first test's."""
    folder = tmp_path_factory.mktemp("kept")
    (folder / OWN_FILE).write_text("of whoever asked", "ascii")
    command = [sys.executable, "-m", "dojang.cli", "journey", "--json", "--keep", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, (lines[-1:], done.stderr[-2_000:])
    return folder, lines


def openssl(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["openssl", *words], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_every_step_is_proved(walked):
    _, lines = walked

    assert len(lines) >= 30
    assert all(line["ok"] for line in lines)
    assert all(set(line) == {"step", "proved", "ms", "ok"} for line in lines)


def test_exactly_the_named_files_are_left_beside_what_lay_there(walked):
    folder, _ = walked

    assert {path.name for path in folder.iterdir()} == KEPT | {OWN_FILE}
    assert (folder / OWN_FILE).read_text("ascii") == "of whoever asked"


def test_the_first_lie_ends_it_with_exit_1(monkeypatch, capsys):
    def a_truth(_world):
        return "so it is"

    def a_lie(_world):
        prove(False, "so it is not")

    monkeypatch.setattr(journey, "BEFORE", (a_truth, a_lie, a_truth))

    code = journey.walk(as_json=True, keep=None)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 1
    assert [(line["step"], line["ok"]) for line in lines] == [("a truth", True), ("a lie", False)]
    assert lines[-1]["proved"] == "Lie: so it is not"


MIDNIGHT = Instant(1_800_025_200 * SECOND)  # 2027-01-16T00:00 in Seoul


@pytest.mark.parametrize(("from_midnight", "waits"), [(-61, 0), (-60, 60), (-1, 60), (0, 0)])
def test_no_step_is_walked_over_midnight(from_midnight: int, waits: int):
    """It counts what was sent today, and the day would turn under it."""
    assert over_midnight(Instant(MIDNIGHT + from_midnight * SECOND), 60) == waits


@pytest.mark.parametrize("name", ["auth.pem", "sign.pem", "revoked.pem"])
def test_openssl_accepts_the_chain_strictly(walked, name: str):
    said = openssl(
        walked[0],
        "verify",
        "-x509_strict",
        "-CAfile",
        "root.pem",
        "-untrusted",
        "issuing.pem",
        name,
    )

    assert said.strip() == f"{name}: OK"


@pytest.mark.parametrize("name", ["auth.csr", "sign.csr"])
def test_openssl_accepts_the_requests(walked, name: str):
    assert "verify OK" in openssl(walked[0], "req", "-verify", "-noout", "-in", name)


@pytest.mark.parametrize("kind", ["auth", "sign"])
def test_request_and_certificate_hold_one_key_and_one_subject(walked, kind: str):
    request = openssl(walked[0], "req", "-in", f"{kind}.csr", "-noout", "-pubkey", "-subject")
    issued = openssl(walked[0], "x509", "-in", f"{kind}.pem", "-noout", "-pubkey", "-subject")

    assert sorted(request.splitlines()) == sorted(issued.splitlines())


def test_openssl_verifies_the_signature_of_the_transfer(walked):
    folder, _ = walked
    (folder / ".." / "sign.pub").write_text(
        openssl(folder, "x509", "-in", "sign.pem", "-noout", "-pubkey")
    )

    said = openssl(
        folder, "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", "../sign.pub",
        "-in", "transfer.payload", "-sigfile", "transfer.sig",
    )  # fmt: skip

    assert "Verified Successfully" in said
    assert len((folder / "transfer.sig").read_bytes()) == 64


def test_openssl_finds_the_revoked_one_in_the_list(walked):
    folder, _ = walked
    serial = (
        openssl(folder, "x509", "-in", "revoked.pem", "-noout", "-serial").split("=")[1].strip()
    )

    said = openssl(
        folder,
        "crl",
        "-inform",
        "DER",
        "-in",
        "crl.der",
        "-CAfile",
        "issuing.pem",
        "-text",
        "-noout",
    )

    assert "verify OK" in said
    assert f"Serial Number: {serial}" in said


def test_openssl_believes_the_ocsp_answer(walked):
    certificates = [w for name in ("auth", "sign", "revoked") for w in ("-cert", f"{name}.pem")]

    said = openssl(
        walked[0], "ocsp", "-respin", "ocsp.der", "-issuer", "issuing.pem", "-CAfile", "root.pem",
        "-no_nonce", *certificates,
    )  # fmt: skip

    assert "Response verify OK" in said
    assert re.findall(r"(\w+)\.pem: (\w+)", said) == [
        ("auth", "good"),
        ("sign", "good"),
        ("revoked", "revoked"),
    ]


def test_the_phone_keeps_what_the_protocol_names_and_no_more(walked):
    kept = json.loads((walked[0] / "phone.json").read_text())

    assert set(kept) == {"v", "credential", "device_key", "keys", "log"}
    assert set(kept["log"]) == {"log", "key", "head", "refused"}, "public, and signed by the bank"
    assert set(kept["keys"]) == {"auth", "sign"}
    for key in kept["keys"].values():
        assert set(key) == {"kid", "pk", "certificate", "gen", "instances", "inflight"}
        for held in key["instances"].values():
            assert [set(one) for one in held] == [{"version", "salt", "o"}]
    assert set(kept["keys"]["auth"]["instances"]) == {"pin", "pattern"}
    assert set(kept["keys"]["sign"]["instances"]) == {"pin"}


def test_the_pin_stands_nowhere_in_what_is_kept(walked):
    """Not in the phone's storage, and not in anything that ever went over the line."""
    for name in ("phone.json", "transcript.jsonl"):
        text = (walked[0] / name).read_text("utf-8")
        assert not re.search(r"(?<![0-9])135790(?![0-9])", text)
