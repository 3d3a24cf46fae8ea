"""Facts about the offline root: who can use it, what the bank takes from it, what is told."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from typer.testing import CliRunner

from dojang import cli, config
from dojang.app import build
from dojang.certificates import retiring
from dojang.config import ConfigError
from dojang.db import log
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy

WHO = {"kim": "kim's own words", "lee": "lee's own words", "park": "park's own words"}


@dataclass
class Ceremony:
    """Two machines in one folder: the bank's, and the one without a network."""

    folder: Path
    settings: Path

    @property
    def root(self):
        return self.folder / "root"

    def run(self, *words, typed=()):
        command = ["ca", "ceremony", words[0], "--config", self.settings, *words[1:]]
        typing = "".join(f"{line}\n" for line in typed)
        return CliRunner().invoke(cli.app, [str(word) for word in command], input=typing)

    def found(self):
        named = [word for name in WHO for word in ("--custodian", name)]
        typed = [words for name in sorted(WHO) for words in (WHO[name], WHO[name])]
        return self.run("root", "--dir", self.root, *named, "--threshold", 2, typed=typed)

    def sign(self, *names, request=None, typed=None):
        named = [word for name in names for word in ("--custodian", name)]
        paths = ("--request", request or self.folder / "request.pem", "--out", self.issuing)
        words = [WHO[name] for name in sorted(names)] if typed is None else typed
        return self.run("sign", "--dir", self.root, *paths, *named, typed=words)

    @property
    def issuing(self):
        return self.folder / "issuing.pem"

    def adopt(self, issuing=None, transcript=None):
        return self.run(
            "adopt",
            *("--root", self.root / "root.pem", "--issuing", issuing or self.issuing),
            *("--transcript", transcript or self.root / "transcript.json"),
        )

    def build(self):
        return build(config.load(self.settings), clock=SystemClock(), entropy=SystemEntropy())


@pytest.fixture(scope="module")
def held(tmp_path_factory, softhsm):
    """A root was made, and its custodians went home. The bank's keys are in a token."""
    folder = tmp_path_factory.mktemp("ceremony")
    token = softhsm.token()
    (folder / "pin").write_text(token.pin)
    settings = folder / "bank.toml"
    settings.write_text(
        f"""
        database = "sqlite:///{folder}/bank.db"
        outside = "{folder}/handset.db"
        log_head = "{folder}/log-head.json"
        demo = true
        [vault.pkcs11]
        module = "{token.module}"
        token = "{token.label}"
        pin = {{ file = "{folder}/pin" }}
        [pki]
        offline_root = true
        """
    )
    CliRunner().invoke(cli.app, ["migrate", "--config", str(settings)])
    ceremony = Ceremony(folder, settings)
    assert ceremony.found().exit_code == 0
    assert ceremony.run("request", "--out", folder / "request.pem").exit_code == 0
    return ceremony


def test_before_the_ceremony_the_bank_does_not_start(held):
    with pytest.raises(ConfigError, match="hold `dojang ca ceremony`"):
        held.build()


def test_one_custodian_alone_cannot_use_the_root(held):
    alone = held.sign("kim")
    twice = held.run(
        *("sign", "--dir", held.root, "--request", held.folder / "request.pem"),
        *("--out", held.issuing, "--custodian", "kim", "--custodian", "kim"),
        typed=[WHO["kim"], WHO["kim"]],
    )

    assert (alone.exit_code, twice.exit_code) == (2, 2)
    assert not held.issuing.exists()


def test_the_files_without_the_people_are_worth_nothing(held):
    """A thief of the whole medium, who knows one passphrase (or guesses that they share one)."""
    told = held.sign("kim", "lee", typed=[WHO["kim"], WHO["kim"]])

    assert told.exit_code == 1
    assert "not the passphrase of lee's share" in told.output
    assert not held.issuing.exists()


def test_the_root_signs_only_a_request_that_its_key_signed_under_our_name(held, tmp_path):
    key, ours = ec.generate_private_key(ec.SECP256R1()), held.folder / "request.pem"
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Another CA")])
    )
    another = builder.sign(key, SHA256()).public_bytes(Encoding.PEM)
    der = bytearray(x509.load_pem_x509_csr(ours.read_bytes()).public_bytes(Encoding.DER))
    der[-1] ^= 1
    changed = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM)

    for content in (another, changed, b"nothing"):
        (tmp_path / "asked.pem").write_bytes(content)
        told = held.sign("kim", "lee", request=tmp_path / "asked.pem")
        assert told.exit_code == 1, content
    assert not held.issuing.exists()


@pytest.mark.parametrize(
    ("known", "strange"),
    [("06082a8648ce3d030107", "06082a8648ce3d03017f"), ("020100", "020107")],
    ids=["a curve that nobody knows", "a version that there is not"],
)
def test_a_request_that_no_library_reads_is_refused_in_words(held, tmp_path, known, strange):
    ours = x509.load_pem_x509_csr((held.folder / "request.pem").read_bytes())
    der = ours.public_bytes(Encoding.DER).replace(*map(bytes.fromhex, (known, strange)), 1)
    text = base64.encodebytes(der).decode()
    begin, end = (f"-----{what} CERTIFICATE REQUEST-----\n" for what in ("BEGIN", "END"))
    (tmp_path / "asked.pem").write_text(begin + text + end)

    told = held.sign("kim", "lee", request=tmp_path / "asked.pem")

    assert told.exit_code == 1
    assert "certificate request" in told.output
    assert not held.issuing.exists()


def test_two_custodians_certify_the_bank_and_it_runs_without_the_root(held):
    assert held.sign("lee", "park").exit_code == 0
    assert held.adopt().exit_code == 0

    bank = held.build()
    office = x509.load_der_x509_certificate(bank.authority.time_stamper().der)
    answer = bank.status.about([office.serial_number])[0]
    with bank.db.snapshot() as tx:
        leaves = log.of_kind(tx.connection, "authority.ceremony", subject="")
    bank.stop()

    root = x509.load_pem_x509_certificate((held.root / "root.pem").read_bytes())
    x509.load_der_x509_certificate(bank.authority.issuer.der).verify_directly_issued_by(root)
    assert ocsp.load_der_ocsp_response(answer).certificate_status.name == "GOOD"
    assert "ca-root" not in bank.vault.labels()
    (said,) = [leaf.fields() for leaf in leaves]
    assert (said["custodians"], said["threshold"]) == (3, 2)
    assert said["root_fingerprint"] == root.fingerprint(SHA256())


def test_the_transcript_says_who_and_when_and_the_log_names_nobody(held):
    steps = json.loads((held.root / "transcript.json").read_text())["steps"]

    assert [(one["what"], one["who"]) for one in steps] == [
        ("root_made", ["kim", "lee", "park"]),
        ("issuing_certified", ["lee", "park"]),
    ]
    content = (held.folder / "bank.db").read_bytes()
    assert not any(name.encode() in content for name in ("park",))


def test_adopting_again_changes_nothing_and_another_transcript_is_refused(held, tmp_path):
    told = json.loads((held.root / "transcript.json").read_text())
    told["steps"][1]["who"] = ["kim"]
    (tmp_path / "transcript.json").write_text(json.dumps(told))

    again, forged = held.adopt(), held.adopt(transcript=tmp_path / "transcript.json")

    assert (again.exit_code, "adopted before" in again.output) == (0, True)
    assert (forged.exit_code, "not signed by this root" in forged.output) == (1, True)


def test_the_issuing_key_rolls_over_in_another_ceremony_while_the_bank_serves(held):
    """The first stays beside it; the transcript goes on, and the log keeps its new hash."""
    bank = held.build()
    told = CliRunner().invoke(cli.app, ["ca", "rollover", "issuing", "-c", str(held.settings)])
    first, asked = held.issuing.read_text(), held.folder / "request-2.pem"
    assert held.run("request", "--generation", 2, "--out", asked).exit_code == 0
    assert held.sign("kim", "park", request=asked).exit_code == 0
    second = x509.load_pem_x509_certificate(held.issuing.read_bytes())

    adopted, again = held.adopt(), held.adopt()
    issuers = bank.authority.issuers(anew=True)
    with bank.db.snapshot() as tx:
        leaves = log.of_kind(tx.connection, "authority.ceremony", subject="")
    responder = bank.authority.responder(issuers[1])
    bank.stop()
    held.issuing.write_text(first)

    assert (told.exit_code, "ceremony request --generation 2" in told.output) == (1, True)
    assert (adopted.exit_code, again.exit_code) == (0, 0)
    assert [one.certificate for one in issuers] == [
        x509.load_pem_x509_certificate(first.encode()),
        second,
    ]
    assert second.subject.rfc4514_string().startswith("CN=Dojang Demo Mobile Certificate CA G2,")
    x509.load_der_x509_certificate(responder.der).verify_directly_issued_by(second)
    said = leaves[-1].fields()
    assert len(leaves) == 2
    assert said["issuing_fingerprint"] == second.fingerprint(SHA256())


def test_a_generation_is_not_adopted_before_the_one_that_it_follows(held):
    first, asked = held.issuing.read_text(), held.folder / "request-4.pem"
    held.run("request", "--generation", 4, "--out", asked)
    assert held.sign("kim", "park", request=asked).exit_code == 0

    told = held.adopt()
    held.issuing.write_text(first)

    assert (told.exit_code, "no generation 3" in told.output) == (1, True)


def test_a_changed_transcript_is_not_signed_over(held):
    path = held.root / "transcript.json"
    kept = path.read_text()
    path.write_text(kept.replace('"park"', '"choi"'))

    told = held.sign("kim", "lee")
    path.write_text(kept)

    assert told.exit_code == 1
    assert "the transcript is not signed by this root" in told.output


def test_a_bank_that_adopted_a_root_makes_none_of_its_own_when_it_is_told_to(held):
    kept = held.settings.read_text()
    held.settings.write_text(kept.replace("offline_root = true", "offline_root = false"))

    with pytest.raises(ConfigError, match="made in a ceremony"):
        held.build()

    held.settings.write_text(kept)
    held.build().stop()


def test_a_root_is_made_once(held):
    assert held.found().exit_code == 1


def test_two_custodians_end_a_generation_and_the_bank_publishes_what_they_signed(held, tmp_path):
    """The first: the newest would leave nobody to issue. On the bank it takes two steps as well."""

    def on_the_bank(*words):
        command = ["ca", "retire", "1", "-c", held.settings, "--yes", *words]
        return CliRunner().invoke(cli.app, [str(one) for one in command])

    def custodians(*names, issuing):
        named = [word for name in names for word in ("--custodian", name)]
        paths = ("--out", tmp_path / "root.crl", "--dir", held.root)
        ending = ("--issuing", issuing, "--reason", "key_compromise") if issuing else ()
        typed = [WHO[name] for name in sorted(names)]
        return held.run("revoke", *paths, *ending, *named, typed=typed)

    without = on_the_bank("--reason", "key_compromise"), on_the_bank("--approve")
    alone = custodians("kim", issuing=held.issuing)
    stranger = custodians("kim", "lee", issuing=held.root / "root.pem")
    assert custodians("kim", "lee", issuing=held.issuing).exit_code == 0
    again = custodians("lee", "park", issuing=held.issuing)
    published = on_the_bank("--approve", "--list", tmp_path / "root.crl")
    older = held.run("relist", "--list", tmp_path / "root.crl")
    renewed = custodians("lee", "park", issuing=None)
    newer = held.run("relist", "--list", tmp_path / "root.crl")

    assert [one.exit_code for one in without] == [0, 1]
    assert "ceremony revoke" in without[1].output
    assert (alone.exit_code, stranger.exit_code, again.exit_code) == (2, 1, 1)
    assert published.exit_code == 0, published.output
    steps = json.loads((held.root / "transcript.json").read_text())["steps"]
    assert [(one["what"], one["who"]) for one in steps[-2:]] == [
        ("issuing_revoked", ["kim", "lee"]),
        ("list_renewed", ["lee", "park"]),
    ]
    assert [one.exit_code for one in (older, renewed, newer)] == [1, 0, 0]
    root = x509.load_pem_x509_certificate((held.root / "root.pem").read_bytes())
    bank = held.build()
    with bank.db.snapshot() as tx:
        listed = x509.load_der_x509_crl(retiring.current(tx, bank.authority.root_der).der)
    ended, goes_on = bank.authority.issuers()[:2]
    bank.stop()
    assert listed.is_signature_valid(root.public_key())
    assert listed.get_revoked_certificate_by_serial_number(ended.certificate.serial_number)
    assert not listed.get_revoked_certificate_by_serial_number(goes_on.certificate.serial_number)


def test_a_bank_with_an_offline_root_does_not_bear_one_beside_it(held):
    """An insider who makes a root's key in the serving vault is noticed at the next start."""
    from dojang.custody import opened
    from dojang.vault import KeyKind

    opened(config.load(held.settings).vault, SystemEntropy()).create("ca-root", KeyKind.EC_P384)

    with pytest.raises(ConfigError, match="holds a root's key"):
        held.build()
