"""Facts about the ceremony of a new offline root: who must be there, what the bank takes of it."""

import base64
import json
import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.ceremonies import LATER, WHO, Rooms, must
from typer.testing import CliRunner

from dojang import cli
from dojang.certificates import checking
from dojang.db import log
from dojang.kernel.clock import SystemClock

CROSSES = ("2-with-1", "1-with-2")
SET_UP_WITH = "9753-root"


@pytest.fixture(scope="module")
def rooms(tmp_path_factory):
    """A bank serves under its first root, and has asked for its next issuing certificate."""
    made = Rooms.of(tmp_path_factory.mktemp("roots")).founded()
    must(made.asked(2))
    return made


@pytest.fixture(scope="module")
def bank(rooms):
    made = rooms.build()
    yield made
    made.stop()


def steps(folder):
    told = json.loads((folder / "transcript.json").read_text())["steps"]
    return [(one["what"], one.get("name"), one["who"]) for one in told]


def test_too_few_of_the_old_custodians_and_wrong_words_make_nothing(rooms):
    """What was begun is put away, and the old root's transcript says nothing new."""
    before = steps(rooms.root(1))

    alone = rooms.new_root(2, 2, who={"kim": WHO["kim"]})
    wrong = rooms.new_root(2, 2, who={"kim": WHO["kim"], "lee": WHO["kim"]})
    stranger = rooms.new_root(2, 2, who={"kim": WHO["kim"], "choi": LATER["choi"]})

    assert [one.exit_code for one in (alone, wrong, stranger)] == [2, 1, 1]
    assert "not the passphrase of lee's share" in wrong.output
    assert steps(rooms.root(1)) == before
    assert not rooms.root(2).exists() or not any(rooms.root(2).iterdir())
    assert not rooms.issuing(2).exists()


def of_version_7(request: bytes) -> bytes:
    der = x509.load_pem_x509_csr(request).public_bytes(Encoding.DER)
    text = base64.encodebytes(der.replace(b"\x02\x01\x00", b"\x02\x01\x07", 1))
    begin, end = (b"-----%b CERTIFICATE REQUEST-----\n" % what for what in (b"BEGIN", b"END"))
    return begin + text + end


@pytest.mark.parametrize("bent", [lambda _: b"nothing", of_version_7], ids=["none", "version"])
def test_a_request_that_is_none_makes_nothing(rooms, bent):
    kept = rooms.request(2).read_bytes()
    rooms.request(2).write_bytes(bent(kept))
    told = rooms.new_root(2, 2)
    rooms.request(2).write_bytes(kept)

    assert (told.exit_code, "no certificate request" in told.output) == (1, True)


def test_both_roots_custodians_make_the_new_root_and_both_transcripts_say_so(rooms):
    must(rooms.new_root(2, 2))

    assert steps(rooms.root(1))[-1] == ("root_followed", None, ["kim", "lee"])
    both = ["choi", "jung", "kim", "lee"]
    assert steps(rooms.root(2)) == [
        ("root_made", None, ["choi", "jung"]),
        ("cross_certified", "1-with-2", both),
        ("cross_certified", "2-with-1", both),
        ("issuing_certified", None, ["choi", "jung"]),
    ]
    assert not list(rooms.root(2).glob("*.new"))
    assert rooms.new_root(2, 2).exit_code == 1  # it is made once


def test_the_old_custodians_do_not_open_the_new_root(rooms):
    told = rooms.signed(2, 2, who={"kim": WHO["kim"], "lee": WHO["lee"]})

    assert told.exit_code == 1


def test_without_the_old_roots_word_the_new_root_is_not_taken(rooms, bank):
    """Each of the cross certificates, each from its place."""
    other = rooms.root(2) / "root.pem"
    (rooms.root(2) / "3-with-2.pem").write_bytes(other.read_bytes())

    for crosses in ((), ("2-with-1",), ("1-with-2",), (*CROSSES, "3-with-2")):
        told = rooms.adopted(2, 2, crosses=crosses)
        assert (told.exit_code, "--cross" in told.output) == (1, True), told.output
    (rooms.root(2) / "3-with-2.pem").unlink()
    assert len(bank.authority.roots(anew=True).every) == 1


@pytest.mark.parametrize("changed", ["2-with-1", "1-with-2"])
def test_another_certificate_in_the_place_of_one_is_not_taken(rooms, bank, changed, tmp_path):
    other = {"2-with-1": "1-with-2", "1-with-2": "2-with-1"}[changed]
    shutil.copytree(rooms.root(2), tmp_path / "root")
    shutil.copy(rooms.root(2) / f"{other}.pem", tmp_path / "root" / f"{changed}.pem")

    told = rooms.adopted(2, 2, crosses=CROSSES, folder=tmp_path / "root")

    assert (told.exit_code, "a certificate for root" in told.output) == (1, True), told.output
    assert len(bank.authority.roots(anew=True).every) == 1


def test_an_insiders_roots_of_the_same_names_are_not_taken(rooms, bank, tmp_path):
    """Who has the bank's machine, and not the custodians: everything is right but the old key."""
    theirs = Rooms.of(tmp_path).founded()
    shutil.copy(rooms.request(2), theirs.request(2))
    must(theirs.new_root(2, 2))
    ours = rooms.issuing(2).read_bytes()
    rooms.issuing(2).write_bytes(theirs.issuing(2).read_bytes())

    told = rooms.adopted(2, 2, crosses=CROSSES, folder=theirs.root(2))
    rooms.issuing(2).write_bytes(ours)

    assert (told.exit_code, "a certificate for root" in told.output) == (1, True), told.output
    assert len(bank.authority.roots(anew=True).every) == 1


def test_a_serving_bank_takes_the_new_root_up_whole_and_once(rooms, bank):
    told, again = (rooms.adopted(2, 2, crosses=CROSSES) for _ in range(2))

    roots = bank.authority.roots(anew=True)
    with bank.db.snapshot() as tx:
        said = log.of_kind(tx.connection, "authority.ceremony", subject="")[-1].fields()
    assert (told.exit_code, again.exit_code) == (0, 0), told.output + again.output
    assert "adopted before" in again.output
    assert [one.key_label for one in roots.every] == ["offline", "offline"]
    assert {(one.of, one.by) for one in roots.crosses} == {(2, 1), (1, 2)}
    assert bank.authority.issuer.generation == 2
    above = checking.chain(bank.authority.chain_of(), SystemClock().now())
    assert [one.subject for one in above.roots] == [
        one.certificate.subject for one in reversed(roots.every)
    ]
    assert (said["custodians"], said["threshold"]) == (2, 2)
    assert said["root_fingerprint"].hex() == checking.fingerprint(above.root)


def test_the_commands_of_the_operators_know_both_roots(rooms, bank):
    def ca(*words):
        done = must(
            CliRunner().invoke(cli.app, ["ca", *words, "-c", str(rooms.settings), "--json"])
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    listed = ca("list", "--house")
    own = {(one["role"], one["number"]): one for one in listed}
    (shown,) = ca("show", own["root-2-with-1", 1]["serial"][:12])
    checked = ca("check")[-1]

    assert {("root", 1), ("root", 2), ("root-2-with-1", 1), ("root-1-with-2", 1)} < set(own)
    assert "Root CA G2" in shown["subject"]
    assert "Root CA G2" not in shown["issuer"]
    assert shown["says"]["kind"] == "certificate"
    assert (checked["whole"], checked["roots"], checked["cross certificates"]) == (True, 2, 2)


def test_an_old_root_certifies_no_further_issuing_key(rooms, bank):
    must(rooms.asked(3))
    must(rooms.signed(1, 3))
    by_old = rooms.adopted(1, 3)
    must(rooms.signed(2, 3))
    by_new = must(rooms.adopted(2, 3))

    assert (by_old.exit_code, "a newer root" in by_old.output) == (1, True)
    assert "Adopted" in by_new.output
    issuer = bank.authority.issuers(anew=True)[-1]
    assert (issuer.generation, bank.authority.roots().over(issuer.certificate).number) == (3, 2)


def test_a_generation_ends_by_its_own_roots_custodians(rooms, bank, tmp_path):
    def on_the_bank(*words):
        command = ["ca", "retire", "2", "-c", str(rooms.settings), "--yes", *map(str, words)]
        return CliRunner().invoke(cli.app, command)

    def custodians(root, who):
        named = [word for name in who for word in ("--custodian", name)]
        paths = ("--out", tmp_path / "root.crl", "--issuing", rooms.issuing(2))
        typed = [who[name] for name in sorted(who)]
        return rooms.run("revoke", "--dir", rooms.root(root), *paths, *named, typed=typed)

    by_old = custodians(1, dict(list(WHO.items())[:2]))
    must(custodians(2, LATER))
    asked = on_the_bank("--reason", "superseded")
    done = on_the_bank("--approve", "--list", tmp_path / "root.crl")

    assert (by_old.exit_code, "did not sign" in by_old.output) == (1, True), by_old.output
    assert (asked.exit_code, done.exit_code) == (0, 0), asked.output + done.output
    listed = x509.load_pem_x509_crl((tmp_path / "root.crl").read_bytes())
    assert listed.issuer == bank.authority.root_numbered(2).certificate.subject


def test_a_third_root_may_be_in_a_token_and_knows_both_before_it(rooms, bank, softhsm):
    token = softhsm.token(SET_UP_WITH)
    must(rooms.asked(4))

    made = rooms.new_root(
        *(3, 4, "--token-module", token.module, "--token", token.label), pin=[SET_UP_WITH]
    )
    must(made)
    must(rooms.adopted(3, 4, crosses=("3-with-2", "1-with-3", "2-with-3")))

    assert not (rooms.root(3) / "root.vault").exists()
    roots = bank.authority.roots(anew=True)
    assert len(roots.every) == 3
    way = ["-untrusted", rooms.root(3) / "1-with-3.pem", rooms.issuing(1)]
    words = ["openssl", "verify", "-x509_strict", "-trusted", rooms.root(3) / "root.pem", *way]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_root_that_was_changed_on_the_medium_is_certified_by_nobody(rooms, tmp_path):
    """A thief puts a key of their own there as root 1, for the next new root to vouch for."""
    theirs = Rooms.of(tmp_path).founded()
    shutil.copytree(rooms.root(2), tmp_path / "medium")
    shutil.copy(theirs.root(1) / "root.pem", tmp_path / "medium" / "root-1.pem")

    told = rooms.new_root(3, 4, old=tmp_path / "medium", new=tmp_path / "new")

    assert (told.exit_code, "not the one that root 2 knew" in told.output) == (1, True), told.output
    assert not any((tmp_path / "new").iterdir())


def test_a_roots_key_in_the_serving_vault_is_noticed_whatever_its_number(rooms, bank):
    """Last: it stays in this vault."""
    from dojang import config
    from dojang.config import ConfigError
    from dojang.custody import opened
    from dojang.kernel.entropy import SystemEntropy
    from dojang.vault import KeyKind

    opened(config.load(rooms.settings).vault, SystemEntropy()).create("ca-root-2", KeyKind.EC_P384)

    with pytest.raises(ConfigError, match="holds a root's key"):
        rooms.build()
