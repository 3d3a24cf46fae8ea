"""Facts about the log over HTTP: heads and proofs for anyone, bodies for their owner only."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import cbor2
import pytest
from tests.api.house import ORIGIN, House
from typer.testing import CliRunner, Result

from dojang import cli
from dojang.certificates import der
from dojang.crypto import merkle, pem, tree_heads
from dojang.crypto.encoding import unb64u
from dojang.crypto.tree_heads import TreeHead, path_from_json
from dojang.phone.customer import Customer
from dojang.timestamps import verifying
from dojang.transparency.stamping import HeadStamps


@pytest.fixture
def head(house: House, minyong: Customer) -> TreeHead:
    house.bank.transparency.publish()
    return TreeHead.from_json(get(house, "/v1/log/sth")["head"])


@pytest.fixture
def stamped(house: House, head: TreeHead) -> TreeHead:
    """A head with its time-stamp, as the task behind the requests makes it."""
    bank = house.bank
    tree = bank.transparency
    HeadStamps(bank.db, bank.time_stamps, name=tree.name, key=tree.key).catch_up()
    return head


def said(*words: object) -> Result:
    return CliRunner().invoke(cli.app, ["log", *map(str, words)])


def get(house: House, path: str) -> dict[str, Any]:
    answer = house.client.get(ORIGIN + path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def refusal(house: House, path: str) -> tuple[int, str]:
    answer = house.client.get(ORIGIN + path)
    return answer.status_code, answer.json()["code"]


def test_the_newest_head_is_signed_by_the_key_that_is_told(house: House, head: TreeHead) -> None:
    told = get(house, "/v1/log/key")

    tree_heads.verify(head, unb64u(told["key"]), log=told["log"])
    assert told["id"] == tree_heads.b64u(hashlib.sha256(unb64u(told["key"])).digest())


def test_a_checkpoint_is_verified_by_hand_with_openssl(
    house: House, head: TreeHead, tmp_path: Path
) -> None:
    """As docs/how/transparency.md tells an auditor to do it."""
    told = house.client.get(ORIGIN + "/v1/log/checkpoint")
    text, line = told.text.split("\n\n")
    signature = base64.b64decode(line.split()[-1])[4:]
    (tmp_path / "text").write_text(text + "\n")
    (tmp_path / "sig").write_bytes(signature)
    (tmp_path / "key").write_bytes(unb64u(get(house, "/v1/log/key")["key"]))

    command = ["openssl", "dgst", "-sha256", "-verify", "key", "-keyform", "DER"]
    said = subprocess.run(
        [*command, "-signature", "sig", "text"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert said.stdout == b"Verified OK\n"
    assert told.headers["content-type"].startswith("text/plain")


def test_anyone_builds_the_tree_of_their_own_from_the_entries(house: House, head: TreeHead) -> None:
    found = get(house, f"/v1/log/entries?start=0&end={head.size}")

    assert found["end"] == head.size
    assert merkle.root([unb64u(leaf) for leaf in found["leaves"]]) == head.root


def test_every_leaf_and_every_earlier_tree_is_proved(house: House, head: TreeHead) -> None:
    leaves = [
        unb64u(leaf) for leaf in get(house, f"/v1/log/entries?start=0&end={head.size}")["leaves"]
    ]
    for index in (0, 7, head.size - 1):
        found = get(house, f"/v1/log/proof/inclusion?index={index}&size={head.size}")
        merkle.check_inclusion(
            index=index,
            size=head.size,
            leaf=unb64u(found["leaf"]),
            path=path_from_json(found["path"]),
            root=head.root,
        )
    for first in (1, 8, head.size):
        for path in (
            get(house, f"/v1/log/proof/consistency?first={first}&second={head.size}")["path"],
            get(house, f"/v1/log/sth?since={first}")["consistency"],
        ):
            merkle.check_consistency(
                first=first,
                second=head.size,
                first_root=merkle.root(leaves[:first]),
                second_root=head.root,
                path=path_from_json(path),
            )


@pytest.mark.parametrize(
    ("path", "refused"),
    [
        ("/v1/log/proof/inclusion?index=0&size=1000000", (404, "log_too_short")),
        ("/v1/log/proof/consistency?first=1&second=1000000", (404, "log_too_short")),
        ("/v1/log/entries?start=0&end=1000000", (404, "log_too_short")),
        ("/v1/log/proof/inclusion?index=5&size=5", (400, "malformed")),
        ("/v1/log/proof/inclusion?index=-1&size=5", (400, "malformed")),
        ("/v1/log/proof/inclusion?index=1", (400, "malformed")),
        ("/v1/log/proof/consistency?first=5&second=2", (400, "malformed")),
        ("/v1/log/entries?start=5&end=5", (400, "malformed")),
        ("/v1/log/entries?start=x&end=5", (400, "malformed")),
        ("/v1/log/sth?since=-1", (400, "malformed")),
        (f"/v1/log/sth?since={2**60}", (400, "malformed")),
    ],
)
def test_what_cannot_be_asked_is_refused(
    house: House, head: TreeHead, path: str, refused: tuple[int, str]
) -> None:
    assert refusal(house, path) == refused


def test_a_phone_that_knows_a_longer_log_is_shown_the_shorter_head_as_it_is(
    house: House, head: TreeHead
) -> None:
    answer = get(house, "/v1/log/sth?since=1000000")

    assert answer["consistency"] == []
    assert answer["head"]["size"] < 1_000_000


def test_no_open_door_of_the_log_shows_a_body(house: House, head: TreeHead) -> None:
    answers = [
        get(house, "/v1/log/sth?since=1"),
        get(house, f"/v1/log/entries?start=0&end={head.size}"),
        get(house, f"/v1/log/proof/inclusion?index=1&size={head.size}"),
    ]

    assert not any("body" in answer for answer in answers)


def test_an_owner_is_shown_the_leaves_of_their_certificates(
    house: House, minyong: Customer, head: TreeHead
) -> None:
    page = minyong.line.get("/v1/certificate/log").must()

    (entry,) = page["entries"]
    said = cbor2.loads(unb64u(entry["body"]))
    assert said["kind"] == "certificate.issued"
    assert said["credential_id"] == minyong.store.read().credential
    assert entry["credential"]["state"] == "ACTIVE"
    assert page["next"] is None
    after = minyong.line.get(f"/v1/certificate/log?after={entry['index']}").must()
    assert after["entries"] == []


def test_a_head_is_served_with_its_time_stamp(house: House, stamped: TreeHead) -> None:
    bank, head = house.bank, stamped

    answer = house.client.get(f"{ORIGIN}/v1/log/stamp?size={head.size}")
    note = house.client.get(f"{ORIGIN}/v1/log/checkpoint?size={head.size}").content

    assert answer.headers["content-type"] == "application/timestamp-reply"
    (status, token) = der.read(answer.content).children()
    assert status.raw == bytes.fromhex("3003020100")
    root = bank.authority.chain_of()[1]
    verifying.by_root(token.raw, hashlib.sha256(note).digest(), [root])
    assert note == tree_heads.note(head, bank.transparency.key)
    for path in ("/v1/log/stamp?size=9999999", "/v1/log/checkpoint?size=9999999"):
        assert refusal(house, path) == (404, "not_found")


def test_a_proof_is_taken_with_the_stamp_and_checked_offline_against_the_root(
    house: House, stamped: TreeHead, tmp_path: Path
) -> None:
    bank, data = house.bank, house.folder / "bank"
    key, proof, root = tmp_path / "log.pem", tmp_path / "proof.json", tmp_path / "root.pem"
    root.write_text(pem.certificate(bank.authority.chain_of()[1]), "ascii")
    other = tmp_path / "other.pem"
    other.write_text(pem.certificate(bank.authority.chain_of()[0]), "ascii")
    assert said("key", "--data", data, "--out", key).exit_code == 0
    assert said("proof", 1, "--data", data, "--out", proof).exit_code == 0
    told = json.loads(proof.read_bytes())

    held = json.loads(said("check", proof, "--key", key, "--root", root, "--json").stdout)
    unseen = said("check", proof, "--key", key)
    foreign = said("check", proof, "--key", key, "--root", other)
    garbage = said("check", key, "--key", key)
    proof.write_text(json.dumps(told | {"stamp": None}))
    without = said("check", proof, "--key", key)
    demanded = said("check", proof, "--key", key, "--root", root)

    assert held["stamp"].startswith("20")
    assert (unseen.exit_code, without.exit_code) == (0, 0)
    assert "time-stamp: not looked at: no --root" in unseen.output
    assert "time-stamp: none" in without.output
    assert (foreign.exit_code, demanded.exit_code) == (1, 1)
    assert "its head has no time-stamp" in demanded.output
    assert garbage.exit_code == 1
    assert "it is not what `dojang log proof` writes" in garbage.output


def test_the_audit_says_how_many_heads_are_stamped_and_under_which_root(
    house: House, stamped: TreeHead, tmp_path: Path
) -> None:
    bank, data = house.bank, house.folder / "bank"
    own, issuing = bank.authority.chain_of()[1], bank.authority.chain_of()[0]
    for name, certificate in (("root.pem", own), ("other.pem", issuing)):
        (tmp_path / name).write_text(pem.certificate(certificate), "ascii")

    plain = json.loads(said("verify", "--data", data, "--json").stdout)
    pinned = said("verify", "--data", data, "--root", tmp_path / "root.pem")
    foreign = said("verify", "--data", data, "--root", tmp_path / "other.pem")

    assert plain["stamps"] >= 1
    assert (plain["roots_pinned"], plain["whole"]) == (False, True)
    assert plain["roots_sha256"] == [hashlib.sha256(own).hexdigest()]
    assert pinned.exit_code == 0, pinned.output
    assert "heads are time-stamped" in pinned.output
    assert foreign.exit_code == 1
    assert "stamp: the time-stamp of the head over" in foreign.output
