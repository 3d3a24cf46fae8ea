"""The phone as a witness: it keeps the last tree head, and demands that the next one continues it.

What it was shown once cannot be taken back from it. A bank that rewrites its log, and signs all of
it anew with the right key, shows this phone a head that does not continue the one kept here; both
heads, each signed by the bank, are then the evidence. The app has the same rule in TypeScript
(`site/src/phone/witness.ts`), held by the `meetings` of tests/vectors/merkle.json.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import cbor2

from dojang.crypto import merkle, tree_heads
from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.crypto.merkle import BadProof
from dojang.crypto.tree_heads import BadTreeHead, LogProof, TreeHead

ISSUES: Final = frozenset({"certificate.issued", "certificate.reissued"})


class HistoryRewritten(Exception):
    """The bank's log does not continue what this phone saw. Nothing is signed any more.

    `kept` and `shown` are the evidence; `shown` is None where the answer was no head at all.
    """

    def __init__(self, why: str, kept: TreeHead | None, shown: TreeHead | None) -> None:
        super().__init__(why)
        self.kept = kept
        self.shown = shown


@dataclass(frozen=True)
class Witness:
    """The log's name and key, pinned at the enrolment, and the last head that was believed.

    `refused` is a head that was not, kept as evidence beside `head`.
    """

    log: str
    key: bytes
    head: TreeHead | None = None
    refused: TreeHead | None = None


@dataclass(frozen=True)
class IssuedToMe:
    """A certificate that the log says was given out in this customer's name, proved."""

    index: int
    at: int
    kind: str
    credential_id: str
    state: str
    serials: tuple[str, str]
    here: bool
    """Is it the one on this phone?"""


def pinned(given: Mapping[str, Any]) -> Witness:
    """From the answer that ended the enrolment. Raises BadEncoding."""
    log, key = given.get("log"), given.get("key")
    if not isinstance(log, str) or not isinstance(key, str) or not log:
        raise BadEncoding("no log to pin")
    return Witness(log, unb64u(key))


def met(witness: Witness, answer: Mapping[str, Any]) -> Witness:
    """What the phone keeps after `answer` of `GET /v1/log/sth`. Raises `HistoryRewritten`."""
    shown = _head(witness, answer)
    try:
        path = tree_heads.path_from_json(answer.get("consistency"))
        return continued(witness, shown, path)
    except BadEncoding as error:
        raise HistoryRewritten(str(error), witness.head, shown) from None


def continued(witness: Witness, shown: TreeHead, path: Sequence[bytes]) -> Witness:
    """The witness with `shown` in the place of its head. Raises `HistoryRewritten`."""
    kept = witness.head
    try:
        tree_heads.verify(shown, witness.key, log=witness.log)
        if kept is not None:
            merkle.check_consistency(
                first=kept.size,
                second=shown.size,
                first_root=kept.root,
                second_root=shown.root,
                path=path,
            )
    except (BadTreeHead, BadProof) as error:
        raise HistoryRewritten(str(error), kept, shown) from None
    return replace(witness, head=shown)


def proved(
    head: TreeHead, entries: Sequence[Mapping[str, Any]], fingerprints: frozenset[bytes]
) -> list[IssuedToMe]:
    """The entries of `GET /v1/certificate/log`, each under `head`, which the phone believes.

    `fingerprints` are the SHA-256 of the certificates on this phone. Raises `HistoryRewritten`
    where an entry is not what the log holds.
    """
    try:
        return [_proved(head, one, fingerprints) for one in entries]
    except (BadEncoding, BadProof, KeyError, TypeError, ValueError) as error:
        raise HistoryRewritten(str(error), head, None) from None


def fingerprint(certificate: bytes) -> bytes:
    return hashlib.sha256(certificate).digest()


def to_json(witness: Witness) -> dict[str, Any]:
    """As the phone's record keeps it."""
    return {
        "log": witness.log,
        "key": b64u(witness.key),
        "head": None if witness.head is None else witness.head.to_json(),
        "refused": None if witness.refused is None else witness.refused.to_json(),
    }


def from_json(value: Mapping[str, Any]) -> Witness:
    """Raises BadEncoding or KeyError."""
    head, refused = value["head"], value["refused"]
    return replace(
        pinned(value),
        head=None if head is None else TreeHead.from_json(head),
        refused=None if refused is None else TreeHead.from_json(refused),
    )


def _head(witness: Witness, answer: Mapping[str, Any]) -> TreeHead:
    try:
        return TreeHead.from_json(answer["head"])
    except (BadEncoding, KeyError, TypeError, AttributeError):
        raise HistoryRewritten("no head was shown", witness.head, None) from None


def _proved(head: TreeHead, entry: Mapping[str, Any], fingerprints: frozenset[bytes]) -> IssuedToMe:
    proof = LogProof.from_json({**entry, "head": head.to_json()})
    merkle.check_inclusion(
        index=proof.index,
        size=head.size,
        leaf=proof.leaf,
        path=proof.path,
        root=head.root,
    )
    said = cbor2.loads(proof.body)
    credential = entry["credential"]
    if said["kind"] not in ISSUES or credential["id"] != said["credential_id"]:
        raise BadProof("a leaf that gave out no certificate")
    return IssuedToMe(
        index=proof.index,
        at=said["at"],
        kind=said["kind"],
        credential_id=said["credential_id"],
        state=str(credential["state"]),
        serials=(said["auth_serial"], said["sign_serial"]),
        here=said["sign_fingerprint"] in fingerprints,
    )
