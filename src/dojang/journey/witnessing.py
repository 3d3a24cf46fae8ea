"""MISSION B 3: the phone keeps the log's heads, demands continuation, and sees its certificates.

What the bank answers is checked by its signatures and hashes, the signature by openssl too.
"""

import hashlib
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from dojang.auditing import audited, own_roots
from dojang.crypto import merkle, tree_heads
from dojang.crypto.encoding import b64u, unb64u
from dojang.crypto.tree_heads import TreeHead, path_from_json
from dojang.db import Database
from dojang.journey import loopback
from dojang.journey.evidence import OPENSSL, openssl
from dojang.journey.lie import Lie, prove, same
from dojang.journey.sending import OWN_BANK
from dojang.journey.world import SEOYEON, World
from dojang.phone import witness
from dojang.phone.customer import Customer
from dojang.phone.witness import HistoryRewritten
from dojang.transparency import Keep

NEW_HEAD_ASKS_MAX: Final = 600
ASK_AGAIN_SECONDS: Final = 0.1


def the_phone_witnesses_the_log(world: World) -> str:
    """이서연, reissued just now, has two certificates in the log and one on the phone."""
    phone = world.phone(SEOYEON)
    before = _kept(phone)
    after = _a_longer_log(world, phone, before)
    _continues(world, before, after)
    _signed_by_the_log(phone, after)
    _a_fork_is_refused(phone, after)
    found = phone.issued_to_me()
    same([one.here for one in found], [False, True], "certificates in my name, and here")
    same([one.state for one in found], ["REVOKED", "ACTIVE"], "what became of them")
    _bodies_stay_inside(world, after)
    return (
        f"kept {before.size} leaves, {after.size} were proved to continue them; a fork is refused;"
        f" {len(found)} certificates ever issued in one name, each with its inclusion proof"
    )


def the_audit_finds_nothing(world: World) -> str:
    """`dojang log verify` over everything that happened: leaves, tree, heads, rows, balances."""
    kept = Keep(world.bank.folder / "log-head.json").read()
    if kept is None:
        raise Lie("no head is kept outside of the database")
    url = f"sqlite:///{world.bank.folder / 'bank.db'}"
    database = Database(url, world.clock)
    roots = own_roots(database)
    result = audited(
        database, kept, told=lambda _what, _done, _of: None, roots=roots, own_code=OWN_BANK
    )
    database.close()
    prove(result.whole, f"the audit found {[(one.index, one.says) for one in result.findings]}")
    rows = ", ".join(f"{count} of {name}" for name, count in sorted(result.rows.items()))
    return f"{result.leaves} leaves and {result.heads} signed heads agree; rows with a leaf: {rows}"


def _kept(phone: Customer) -> TreeHead:
    phone.login(SEOYEON.pin)
    known = phone.store.read().log
    if known is None or known.head is None:
        raise Lie("the phone keeps no tree head after a login")
    return known.head


def _a_longer_log(world: World, phone: Customer, before: TreeHead) -> TreeHead:
    """The head after one more login, whose leaf `before` cannot cover; signed within a second."""
    phone.login(SEOYEON.pin)
    for _ in range(NEW_HEAD_ASKS_MAX):
        if int(_ask(world, "/v1/log/sth")["head"]["size"]) > before.size:
            return _kept(phone)
        time.sleep(ASK_AGAIN_SECONDS)
    raise Lie("no new tree head was signed")


def _continues(world: World, before: TreeHead, after: TreeHead) -> None:
    asked = f"/v1/log/proof/consistency?first={before.size}&second={after.size}"
    merkle.check_consistency(
        first=before.size,
        second=after.size,
        first_root=before.root,
        second_root=after.root,
        path=path_from_json(_ask(world, asked)["path"]),
    )


def _signed_by_the_log(phone: Customer, head: TreeHead) -> None:
    known = phone.store.read().log
    assert known is not None, "a head was kept a moment ago"
    tree_heads.verify(head, known.key, log=known.log)
    if OPENSSL is None:
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        parts = {"key": known.key, "sig": head.signature, "text": tree_heads.signed_bytes(head)}
        for name, content in parts.items():
            (folder / name).write_bytes(content)
        said = openssl(
            "dgst", "-sha256", "-verify", str(folder / "key"), "-keyform", "DER",
            "-signature", str(folder / "sig"), str(folder / "text"),
        )  # fmt: skip
    prove("Verified OK" in said, "openssl refuses the tree head")


def _a_fork_is_refused(phone: Customer, head: TreeHead) -> None:
    """The head with another root is no continuation, signed or not."""
    known = phone.store.read().log
    assert known is not None, "a head was kept a moment ago"
    forked = {**head.to_json(), "root": b64u(merkle.node_hash(head.root, head.root))}
    try:
        witness.met(known, {"head": forked, "consistency": []})
    except HistoryRewritten:
        return
    raise Lie("the phone took a head that nobody signed")


def _bodies_stay_inside(world: World, head: TreeHead) -> None:
    """Anyone may have the hashes of leaves; they make the root, and there is nothing else."""
    leaves: list[bytes] = []
    while len(leaves) < head.size:
        page = _ask(world, f"/v1/log/entries?start={len(leaves)}&end={head.size}")
        same(sorted(page), ["end", "leaves", "start"], "what is told of entries")
        leaves += [unb64u(leaf, hashlib.sha256().digest_size) for leaf in page["leaves"]]
    same(merkle.root(leaves), head.root, "the root over all hashes that were given out")


def _ask(world: World, path: str) -> dict[str, Any]:
    answer = loopback.get(world.bank.origin + path)
    same(answer.status_code, 200, f"GET {path.partition('?')[0]}")
    found: dict[str, Any] = answer.json()
    return found
