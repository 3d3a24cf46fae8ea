"""Facts about signed heads and proofs that stand alone: OpenSSL agrees, and nothing may be bent."""

import base64
import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dojang.crypto import merkle, tree_heads
from dojang.crypto.encoding import BadEncoding, b64u
from dojang.crypto.merkle import BadProof
from dojang.crypto.tree_heads import BadTreeHead, LogProof, TreeHead

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "merkle.json").read_text())
KEY = bytes.fromhex(VECTORS["key"])
HEADS = {one["name"]: one for one in VECTORS["heads"]}


@pytest.fixture
def proof() -> LogProof:
    """Leaf 33 of a hundred, under the head of the vectors."""
    head = TreeHead.from_json(HEADS["of a hundred leaves"]["head"])
    leaves = [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(100)]
    path = merkle.inclusion_path(33, 100, lambda a, b: merkle.root(leaves[a:b]))
    return LogProof(33, (33).to_bytes(4, "big"), tuple(path), head)


@pytest.mark.parametrize("name", HEADS)
def test_a_head_holds_only_as_it_was_signed(name: str) -> None:
    one = HEADS[name]
    head = TreeHead.from_json(one["head"])

    assert tree_heads.signed_bytes(head).decode() == one["text"]
    if one["holds"]:
        tree_heads.verify(head, KEY)
    else:
        with pytest.raises(BadTreeHead):
            tree_heads.verify(head, KEY)


@pytest.mark.parametrize("one", VECTORS["inclusion"], ids=lambda o: f"{o['index']}of{o['size']}")
def test_the_inclusion_vectors_hold(one: dict[str, Any]) -> None:
    path = [bytes.fromhex(step) for step in one["path"]]
    leaf, root = bytes.fromhex(one["leaf"]), bytes.fromhex(one["root"])

    merkle.check_inclusion(index=one["index"], size=one["size"], leaf=leaf, path=path, root=root)


def test_the_consistency_vectors_hold() -> None:
    for one in VECTORS["consistency"]:
        merkle.check_consistency(
            first=one["first"],
            second=one["second"],
            first_root=bytes.fromhex(one["first_root"]),
            second_root=bytes.fromhex(one["second_root"]),
            path=[bytes.fromhex(step) for step in one["path"]],
        )


def test_openssl_verifies_a_head_with_nothing_of_ours(tmp_path: Path) -> None:
    head = TreeHead.from_json(HEADS["of a hundred leaves"]["head"])
    (tmp_path / "key.der").write_bytes(KEY)
    (tmp_path / "signature").write_bytes(head.signature)
    (tmp_path / "text").write_bytes(tree_heads.signed_bytes(head))

    command = ["openssl", "dgst", "-sha256", "-verify", "key.der", "-keyform", "DER"]
    said = subprocess.run(
        [*command, "-signature", "signature", "text"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )

    assert said.stdout == b"Verified OK\n"


def test_a_note_holds_the_signed_text_and_names_the_key() -> None:
    head = TreeHead.from_json(HEADS["of a hundred leaves"]["head"])

    text, line = tree_heads.note(head, KEY).decode().split("\n\n")

    assert text + "\n" == tree_heads.signed_bytes(head).decode()
    dash, name, signature = line.rstrip("\n").split(" ")
    assert (dash, name) == ("\N{EM DASH}", head.log)
    assert base64.b64decode(signature)[4:] == head.signature


def test_a_proof_holds_and_comes_through_json_unchanged(proof: LogProof) -> None:
    again = LogProof.from_json(json.loads(json.dumps(proof.to_json())))

    tree_heads.check(again, KEY)
    assert again == proof


def test_a_proof_with_anything_changed_is_refused(proof: LogProof) -> None:
    bent = [
        replace(proof, index=34),
        replace(proof, body=proof.body + b"x"),
        replace(proof, path=proof.path[:-1]),
        replace(proof, path=(proof.path[1], proof.path[0], *proof.path[2:])),
        replace(proof, head=replace(proof.head, size=99)),
        replace(proof, head=TreeHead.from_json(HEADS["another key"]["head"])),
    ]

    for wrong in bent:
        with pytest.raises((BadProof, BadTreeHead)):
            tree_heads.check(wrong, KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("size", "100"),
        ("size", -1),
        ("size", True),
        ("size", 2**53 + 1),
        ("size", None),
        ("at", 1.5),
        ("root", b64u(bytes(31))),
        ("root", "A" * 42 + "="),
        ("signature", 7),
        ("log", ""),
        ("log", "two lines\nof text"),
        ("log", None),
    ],
)
def test_what_is_no_head_is_not_read_as_one(name: str, value: object) -> None:
    given = {**HEADS["of a hundred leaves"]["head"], name: value}

    with pytest.raises(BadEncoding):
        TreeHead.from_json(given)


@pytest.mark.parametrize("path", [None, "AAAA", [1], [b64u(bytes(31))], [b64u(bytes(32))] * 129])
def test_what_is_no_path_is_not_read_as_one(proof: LogProof, path: object) -> None:
    with pytest.raises(BadEncoding):
        LogProof.from_json({**proof.to_json(), "path": path})


def test_a_key_that_is_none_verifies_nothing(proof: LogProof) -> None:
    with pytest.raises(BadTreeHead):
        tree_heads.check(proof, b"no key")


P256 = bytes.fromhex("06082a8648ce3d030107")
EC = bytes.fromhex("06072a8648ce3d0201")


@pytest.mark.parametrize("known", [P256, EC], ids=["curve", "algorithm"])
def test_a_key_of_a_kind_that_no_library_knows_verifies_nothing(
    proof: LogProof, known: bytes
) -> None:
    strange = KEY.replace(known, known[:-1] + b"\x7f")

    assert strange != KEY
    with pytest.raises(BadTreeHead, match="not a public key"):
        tree_heads.check(proof, strange)
