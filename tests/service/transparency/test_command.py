"""Facts about `dojang log`: what it says, what it exits with, and that `check` needs no bank."""

import datetime as dt
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from tests.service.transparency.books import Books
from typer.testing import CliRunner, Result

from dojang import cli
from dojang.crypto import tree_heads

Tamper = Callable[..., None]


@pytest.fixture
def folder(books: Books, tmp_path: Path) -> Path:
    """The bank's database and its kept head, as a demo bank lays them."""
    if not books.db.embedded:
        pytest.skip("a demo bank is SQLite")
    return tmp_path


def said(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.app, ["log", *map(str, words)])


def test_a_whole_log_in_which_customers_signed_for_nothing_is_called_that(
    folder: Path, books: Books
) -> None:
    """These books were made without phones: rows, leaves and heads agree, and nobody signed."""
    told = said("verify", "--data", folder)
    plain = json.loads(said("verify", "--data", folder, "--json").stdout)

    assert told.exit_code == 1
    assert f"{len(books.leaves())} leaves, 3 signed heads" in told.output
    assert "Each in its place." not in told.output
    assert {one["about"] for one in plain["findings"]} == {"unsigned"}
    moved = {leaf.idx for leaf in books.leaves() if leaf.fields().get("subject") == "c1"}
    assert {one["index"] for one in plain["findings"]} <= moved


def test_a_touched_row_ends_it_with_1_and_its_index(
    folder: Path, books: Books, tampering: Tamper
) -> None:
    tampering("UPDATE transfer SET amount = amount + 1 WHERE id = :i", i=books.moved)

    told = said("verify", "--data", folder)
    plain = json.loads(said("verify", "--data", folder, "--json").stdout)

    assert told.exit_code == 1
    assert f"leaf {books.of(books.moved)} rows" in told.output
    assert plain["whole"] is False
    rows = [one for one in plain["findings"] if one["about"] == "rows"]
    assert [one["index"] for one in rows] == [books.of(books.moved)]


def test_a_proof_is_checked_by_an_outsider_with_the_key_alone(
    folder: Path, books: Books, tmp_path: Path
) -> None:
    key, proof = tmp_path / "log.pem", tmp_path / "proof.json"
    assert said("key", "--data", folder, "--out", key).exit_code == 0
    assert said("proof", "3", "--data", folder, "--out", proof).exit_code == 0

    told = said("check", proof, "--key", key, "--json")

    assert told.exit_code == 0
    assert json.loads(told.stdout)["index"] == 3
    assert json.loads(told.stdout)["event"]["kind"] == books.leaves()[3].kind
    assert said("check", proof, "--key", key).exit_code == 0


def test_a_proof_with_a_byte_changed_is_refused(folder: Path, books: Books, tmp_path: Path) -> None:
    key, proof = tmp_path / "log.pem", tmp_path / "proof.json"
    said("key", "--data", folder, "--out", key)
    said("proof", "3", "--data", folder, "--out", proof)
    value = json.loads(proof.read_text())

    for wrong in (
        {**value, "index": 4},
        {**value, "body": value["body"][:-4] + "AAAA"},
        {**value, "path": value["path"][1:]},
        {**value, "head": {**value["head"], "at": value["head"]["at"] + 1}},
        {},
        [],
    ):
        proof.write_text(json.dumps(wrong))
        assert "does not hold" in said("check", proof, "--key", key).output
    proof.write_text("no JSON")
    told = said("check", proof, "--key", key)
    assert told.exit_code == 1
    assert "does not hold" in told.output


@pytest.mark.parametrize("known", ["06072a8648ce3d0201", "06082a8648ce3d030107"])
def test_a_key_of_a_kind_that_nobody_knows_is_no_key(
    folder: Path, books: Books, tmp_path: Path, known: str
) -> None:
    key, proof = tmp_path / "log.der", tmp_path / "proof.json"
    said("proof", "3", "--data", folder, "--out", proof)
    key.write_bytes(books.tree.key.replace(bytes.fromhex(known), bytes.fromhex(known[:-2] + "7f")))

    told = said("check", proof, "--key", key)

    assert told.exit_code == 1
    assert "no public key" in " ".join(told.output.split())


def test_a_root_of_a_version_that_there_is_not_is_no_certificate(
    folder: Path, tmp_path: Path
) -> None:
    key, proof, root = tmp_path / "log.pem", tmp_path / "proof.json", tmp_path / "root.der"
    said("key", "--data", folder, "--out", key)
    said("proof", "3", "--data", folder, "--out", proof)
    root.write_bytes(of_version(9))

    told = said("check", proof, "--key", key, "--root", root)

    assert told.exit_code == 1
    assert "no certificate" in " ".join(told.output.split())


def of_version(number: int) -> bytes:
    """A certificate that is whole otherwise (RFC 5280 4.1.2.1 knows 0 to 2)."""
    key, name = Ed25519PrivateKey.from_private_bytes(bytes(32)), x509.Name([])
    starts, ends = dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, starts, ends).sign(key, None)
    whole = made.public_bytes(Encoding.DER)
    return whole.replace(b"\xa0\x03\x02\x01\x02", bytes((0xA0, 3, 2, 1, number)), 1)


def test_no_leaf_no_proof(folder: Path, tmp_path: Path) -> None:
    told = said("proof", "100000", "--data", folder, "--out", tmp_path / "proof.json")

    assert told.exit_code == 1
    assert not (tmp_path / "proof.json").exists()


def test_without_what_was_kept_outside_nothing_is_called_whole(folder: Path) -> None:
    (folder / "log-head.json").unlink()

    told = said("verify", "--data", folder)

    assert told.exit_code == 1
    assert "log-head.json is not there" in told.output.replace("\n", "")


def test_the_key_is_one_that_openssl_verifies_heads_with(
    folder: Path, books: Books, tmp_path: Path
) -> None:
    head = books.tree.head()
    (tmp_path / "text").write_bytes(tree_heads.signed_bytes(head))
    (tmp_path / "sig").write_bytes(head.signature)
    (tmp_path / "log.pem").write_text(said("key", "--data", folder).stdout)

    verified = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", "log.pem", "-signature", "sig", "text"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert verified.stdout == b"Verified OK\n"
