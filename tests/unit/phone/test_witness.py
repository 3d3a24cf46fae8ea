"""Facts about the phone as a witness, by the meetings that the app is held to as well."""

import json
from pathlib import Path
from typing import Any

import pytest

from dojang.crypto.tree_heads import TreeHead
from dojang.phone import witness
from dojang.phone.witness import HistoryRewritten, Witness

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "merkle.json").read_text())
KEY = bytes.fromhex(VECTORS["key"])
MEETINGS = {one["name"]: one for one in VECTORS["meetings"]}


def before(meeting: dict[str, Any]) -> Witness:
    kept = meeting["kept"]
    return Witness(VECTORS["log"], KEY, None if kept is None else TreeHead.from_json(kept))


@pytest.mark.parametrize("name", [n for n, one in MEETINGS.items() if one["verdict"] == "taken"])
def test_a_head_that_continues_the_kept_one_takes_its_place(name: str) -> None:
    meeting = MEETINGS[name]

    after = witness.met(before(meeting), meeting["shown"])

    assert after.head == TreeHead.from_json(meeting["shown"]["head"])


@pytest.mark.parametrize("name", [n for n, one in MEETINGS.items() if one["verdict"] == "refused"])
def test_any_other_head_is_refused_with_both_as_evidence(name: str) -> None:
    meeting = MEETINGS[name]
    known = before(meeting)

    with pytest.raises(HistoryRewritten) as refused:
        witness.met(known, meeting["shown"])

    assert refused.value.kept == known.head
    assert refused.value.shown == TreeHead.from_json(meeting["shown"]["head"])


@pytest.mark.parametrize(
    "answer",
    [{}, {"head": None}, {"head": 7}, {"head": {"size": 1}}, {"code": "not_found"}],
)
def test_an_answer_without_a_head_is_no_excuse(answer: dict[str, Any]) -> None:
    known = before(MEETINGS["the same head"])

    with pytest.raises(HistoryRewritten) as refused:
        witness.met(known, answer)

    assert refused.value.kept == known.head


@pytest.mark.parametrize("path", [None, "AAAA", [1], ["AAAA"]])
def test_a_proof_that_is_none_is_no_proof(path: object) -> None:
    meeting = MEETINGS["a longer log with its proof"]

    with pytest.raises(HistoryRewritten):
        witness.met(before(meeting), {**meeting["shown"], "consistency": path})


def test_what_is_kept_comes_back_as_it_was() -> None:
    head = TreeHead.from_json(MEETINGS["the same head"]["kept"])
    for kept in (
        Witness("bank.example/log", KEY),
        Witness("bank.example/log", KEY, head),
        Witness("bank.example/log", KEY, head, head),
    ):
        assert witness.from_json(json.loads(json.dumps(witness.to_json(kept)))) == kept
