"""Facts about receipts on another machine: OpenSSL, pyHanko and our command, without the bank."""

import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from asn1crypto import cms, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from tests.api.test_receipts import PASSWORD, order_to
from typer.testing import CliRunner

from dojang import cli
from dojang.journey.world import MINYONG
from dojang.kernel.clock import SECOND, utc
from dojang.receipts.unpacking import FILES, unpack


@pytest.fixture(scope="module")
def folder(house, minyong, seoyeon, tmp_path_factory) -> Path:
    """What an outsider has: both files, and the root from elsewhere."""
    done = minyong.transfer(
        order_to(seoyeon, minyong, 2_500_000, "약속"), MINYONG.pin, account_password=PASSWORD
    )
    made = tmp_path_factory.mktemp("elsewhere")
    (made / "receipt.json").write_bytes(minyong.receipt(done["id"]))
    (made / "receipt.pdf").write_bytes(minyong.receipt(done["id"], "receipt.pdf"))
    (made / "bank-root.der").write_bytes(house.bank.authority.root_der)
    for name, content in unpack((made / "receipt.pdf").read_bytes()).items():
        if name != "receipt.json":
            (made / name).write_bytes(content)
    return made


def run(folder: Path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def openssl(folder: Path, line: str) -> str:
    code, said = run(folder, "openssl", *line.split())
    assert code == 0, said
    return said


def dojang(folder: Path, command: str, *arguments: str) -> tuple[int, str]:
    """The command in this process; paths are those of the folder."""
    known = [str(folder / one) if "." in one or one == "parts" else one for one in arguments]
    done = CliRunner().invoke(cli.app, ["receipt", command, *known])
    return done.exit_code, done.output


def at(house) -> str:
    return str(house.clock.now() // SECOND + 2)


def test_openssl_verifies_the_customers_signature_and_the_chain(folder, house):
    openssl(folder, "x509 -in sign.pem -pubkey -noout -out sign.pub")
    said = openssl(
        folder, "pkeyutl -verify -pubin -inkey sign.pub -rawin -in payload -sigfile signature"
    )
    chain = openssl(
        folder,
        f"verify -x509_strict -attime {at(house)} -CAfile root.pem -untrusted issuing.pem sign.pem",
    )

    assert "Signature Verified Successfully" in said
    assert "sign.pem: OK" in chain


def test_openssl_verifies_the_time_stamp_over_the_evidence(folder, house):
    said = openssl(
        folder,
        "ts -verify -data evidence.json -in time_stamp.der -token_in -CAfile root.pem "
        f"-untrusted issuing.pem -attime {at(house)}",
    )

    assert "Verification: OK" in said


def test_openssl_verifies_the_status_and_the_tree_head_and_the_seal(folder, house):
    status = openssl(
        folder,
        "ocsp -respin ocsp.der -issuer issuing.pem -sha256 -cert sign.pem -CAfile root.pem "
        f"-no_nonce -attime {at(house)} -validity_period 2000000000",
    )
    openssl(folder, "x509 -in seal.pem -pubkey -noout -out seal.pub")

    assert "sign.pem: good" in status
    assert "Verified OK" in openssl(
        folder, "dgst -sha256 -verify log_key.pem -signature head.sig head.txt"
    )
    assert "Verified OK" in openssl(
        folder, "dgst -sha256 -verify seal.pub -signature seal.sig sealed.json"
    )


def test_the_command_says_whose_certificate_and_what_is_wrong_with_a_fingerprint(folder):
    _, held = dojang(folder, "verify", "receipt.json")
    code, short = dojang(folder, "verify", "receipt.json", "--root-sha256", "abc")
    stranger, foreign = dojang(folder, "verify", "receipt.json", "--root-sha256", "ab" * 32)

    assert "serialNumber=" in held
    assert "2.5.4.5" not in held
    assert (code, stranger) == (2, 1)
    assert "64 hex digits" in short
    assert "another root than the given one" in foreign


def embedded(folder: Path):
    return PdfFileReader(io.BytesIO((folder / "receipt.pdf").read_bytes()))


def test_openssl_verifies_the_signature_of_the_pdf(folder, house):
    """The CMS and the bytes it covers, cut out of the file as its ByteRange says."""
    sealed = embedded(folder).embedded_regular_signatures[0]
    content = (folder / "receipt.pdf").read_bytes()
    ranges = [int(number) for number in sealed.byte_range]
    covered = b"".join(
        content[start : start + size] for start, size in zip(ranges[::2], ranges[1::2], strict=True)
    )
    (folder / "covered").write_bytes(covered)
    (folder / "pdf.cms").write_bytes(cms.ContentInfo({
        "content_type": "signed_data", "content": sealed.signed_data,
    }).dump())  # fmt: skip

    said = openssl(
        folder,
        "cms -verify -binary -inform DER -in pdf.cms -content covered -CAfile root.pem "
        f"-certfile issuing.pem -purpose any -out /dev/null -attime {at(house)}",
    )

    assert "successful" in said


def test_pyhanko_trusts_the_pdf_with_what_lies_inside(folder, house):
    """Both signatures, by the root alone: certificates and status come from the file's DSS."""
    reader = embedded(folder)
    root = x509.Certificate.load((folder / "bank-root.der").read_bytes())
    store = DocumentSecurityStore.read_dss(reader)
    context = store.as_validation_context({
        "trust_roots": [root], "allow_fetching": False, "revocation_mode": "hard-fail",
        "moment": utc(house.clock.now() + SECOND),
    })  # fmt: skip
    (sealed,), (stamped,) = (
        reader.embedded_regular_signatures,
        reader.embedded_timestamp_signatures,
    )

    status = validate_pdf_signature(sealed, context, ts_validation_context=context)
    stamp = validate_pdf_timestamp(stamped, context)

    assert status.bottom_line, status.pretty_print_details()
    assert status.timestamp_validity.trusted
    assert stamp.valid
    assert stamp.trusted
    assert stamp.coverage.name == "ENTIRE_FILE"


def test_another_root_makes_pyhanko_refuse(folder, house):
    context = ValidationContext(trust_roots=[], allow_fetching=False)

    status = validate_pdf_signature(
        embedded(folder).embedded_regular_signatures[0], context, ts_validation_context=context
    )

    assert not status.bottom_line


def test_the_installed_command_needs_nothing_but_the_file(folder):
    code, said = run(
        folder, sys.executable, "-m", "dojang.cli", "receipt", "verify", "receipt.json"
    )

    assert code == 0, said
    assert "Compare it with the bank's" in said


@pytest.mark.parametrize("name", ["receipt.json", "receipt.pdf"])
def test_the_command_says_each_check_and_ends_with_0(folder, name):
    code, said = dojang(folder, "verify", name, "--root", "bank-root.der")

    assert code == 0, said
    assert said.count("✓") == 8 + name.endswith("pdf")
    assert "It holds: 2,500,000 won" in said


def test_the_command_names_the_first_that_breaks_and_ends_with_1(folder):
    content = json.loads((folder / "receipt.json").read_bytes())
    content["log"]["posted"]["index"] += 1
    changed = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    (folder / "changed.json").write_text(changed, "utf-8")

    code, said = dojang(folder, "verify", "changed.json", "--json")

    told = json.loads(said)
    assert code == 1
    assert (told["holds"], told["broken"]) == (False, "log")
    assert [one["holds"] for one in told["checks"]] == [True] * 5 + [False]


def test_the_command_compares_a_fingerprint_and_takes_a_receipt_apart(folder):
    root = next(pem.unarmor((folder / "root.pem").read_bytes(), multiple=True))[2]
    right, wrong = hashlib.sha256(root).hexdigest(), "00" * 32

    assert dojang(folder, "verify", "receipt.json", "--root-sha256", right)[0] == 0
    assert dojang(folder, "verify", "receipt.json", "--root-sha256", wrong)[0] == 1
    assert dojang(folder, "unpack", "receipt.pdf", "--out", "parts")[0] == 0
    assert {path.name for path in (folder / "parts").iterdir()} == set(FILES)
    assert dojang(folder, "unpack", "receipt.pdf", "--out", "parts")[0] == 2
    assert dojang(folder, "verify", "no.such.file")[0] == 2


def test_the_time_stamping_door_is_open_to_anybody_and_bounded(folder, house):
    (folder / "file").write_bytes(b"anything")
    openssl(folder, "ts -query -data file -sha256 -cert -out query.tsq")
    url = "http://localhost:8700/pki/tsa"
    kind = {"content-type": "application/timestamp-query"}

    answer = house.client.post(url, content=(folder / "query.tsq").read_bytes(), headers=kind)
    large = house.client.post(url, content=bytes(60_000), headers=kind)

    assert answer.headers["content-type"] == "application/timestamp-reply"
    assert answer.headers["cache-control"] == "no-store"
    (folder / "reply.tsr").write_bytes(answer.content)
    said = openssl(
        folder,
        "ts -verify -queryfile query.tsq -in reply.tsr -CAfile root.pem -untrusted issuing.pem "
        f"-attime {at(house)}",
    )
    assert "Verification: OK" in said
    assert (large.status_code, len(large.content) < 100) == (200, True)


@pytest.mark.parametrize(
    ("given", "pinned"),
    [
        ((), (False, False)),
        (("--root", "bank-root.der"), (True, False)),
        (("--log-key", "log_key.pem"), (False, True)),
        (("--root", "bank-root.der", "--log-key", "log_key.pem"), (True, True)),
    ],
)
@pytest.mark.parametrize("file", ["receipt.json", "receipt.pdf"])
def test_json_tells_what_was_pinned(folder, file, given, pinned):
    code, said = dojang(folder, "verify", file, "--json", *given)
    report = json.loads(said)

    assert (code, report["holds"]) == (0, True)
    assert (report["root_pinned"], report["log_key_pinned"]) == pinned


def test_json_tells_a_pinned_fingerprint_and_what_was_pinned_of_a_broken_receipt(folder):
    digest = hashlib.sha256((folder / "bank-root.der").read_bytes()).hexdigest()
    right = dojang(folder, "verify", "receipt.json", "--json", "--root-sha256", digest)
    wrong = dojang(folder, "verify", "receipt.json", "--json", "--root-sha256", "0" * 64)

    assert [code for code, _ in (right, wrong)] == [0, 1]
    assert [json.loads(said)["root_pinned"] for _, said in (right, wrong)] == [True, True]
    assert json.loads(wrong[1])["holds"] is False
