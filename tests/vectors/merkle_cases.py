"""The vectors of the log: roots, proofs, signed heads, and what a phone makes of them.

`published` are the figures printed with Certificate Transparency (RFC 6962); the rest is made
here, by a tree that is written once more in the shape of the RFC's own definition.
"""

import hashlib
from dataclasses import replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dojang.crypto import tree_heads
from dojang.crypto.encoding import b64u
from dojang.crypto.tree_heads import TreeHead

PUBLISHED = {
    "bodies": [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ],
    "roots": [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ],
    "inclusion": [
        {
            "index": 0,
            "size": 8,
            "path": [
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        },
        {
            "index": 5,
            "size": 8,
            "path": [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        },
    ],
    "consistency": [
        {
            "first": 2,
            "second": 5,
            "path": [
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        },
        {
            "first": 6,
            "second": 7,
            "path": [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        },
    ],
}
LOG = "bank.example/log"
AT = 1_800_000_000_000_000
SIZES = (1, 2, 3, 5, 8, 13, 21, 100, 256, 257)


def make_merkle(private_value):
    private = ec.derive_private_key(int.from_bytes(private_value, "big"), ec.SECP256R1())
    stranger = ec.derive_private_key(7, ec.SECP256R1())
    key = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {
        "what": "Merkle trees (RFC 9162), signed tree heads, and what a phone accepts",
        "published": PUBLISHED,
        "leaf_is": "SHA-256(00 | u32 of the index)",
        "inclusion": [_inclusion(i, n) for n in SIZES for i in sorted({0, n // 3, n - 1})],
        "consistency": [
            _consistency(first, second) for first in SIZES for second in SIZES if first <= second
        ],
        "log": LOG,
        "key": key,
        "heads": _heads(private, stranger),
        "meetings": _meetings(private, stranger),
    }


def _leaves(size, changed=None):
    bodies = [n.to_bytes(4, "big") for n in range(size)]
    if changed is not None and changed < size:
        bodies[changed] = b"rewritten"
    return [hashlib.sha256(b"\0" + body).digest() for body in bodies]


def _root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = _half(len(leaves))
    return hashlib.sha256(b"\1" + _root(leaves[:half]) + _root(leaves[half:])).digest()


def _half(size):
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def _path(index, leaves):
    """PATH of RFC 9162 2.1.3.1."""
    if len(leaves) == 1:
        return []
    half = _half(len(leaves))
    if index < half:
        return [*_path(index, leaves[:half]), _root(leaves[half:])]
    return [*_path(index - half, leaves[half:]), _root(leaves[:half])]


def _proof(first, leaves):
    """PROOF of RFC 9162 2.1.4.1."""
    return [] if first in {0, len(leaves)} else _subproof(first, leaves, whole=True)


def _subproof(first, leaves, *, whole):
    if first == len(leaves):
        return [] if whole else [_root(leaves)]
    half = _half(len(leaves))
    if first <= half:
        return [*_subproof(first, leaves[:half], whole=whole), _root(leaves[half:])]
    return [*_subproof(first - half, leaves[half:], whole=False), _root(leaves[:half])]


def _inclusion(index, size):
    leaves = _leaves(size)
    return {
        "index": index,
        "size": size,
        "leaf": leaves[index],
        "path": _path(index, leaves),
        "root": _root(leaves),
    }


def _consistency(first, second):
    leaves = _leaves(second)
    return {
        "first": first,
        "second": second,
        "first_root": _root(leaves[:first]),
        "second_root": _root(leaves),
        "path": _proof(first, leaves),
    }


def _head(private, size, changed=None, log=LOG):
    bare = TreeHead(log=log, size=size, root=_root(_leaves(size, changed)), at=AT, signature=b"")
    method = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    return replace(bare, signature=private.sign(tree_heads.signed_bytes(bare), method))


def _heads(private, stranger):
    """Each with what was signed, and whether it holds under `key`."""
    good = _head(private, 100)
    cases = {
        "of a hundred leaves": (good, True),
        "of one leaf": (_head(private, 1), True),
        "of an empty log": (_head(private, 0), True),
        "another size": (replace(good, size=101), False),
        "another root": (replace(good, root=_root(_leaves(99))), False),
        "another time": (replace(good, at=AT + 1), False),
        "another name": (replace(good, log="other.example/log"), False),
        "another key": (_head(stranger, 100), False),
        "a signature cut short": (replace(good, signature=good.signature[:-1]), False),
        "no signature": (replace(good, signature=b""), False),
    }
    return [
        {
            "name": name,
            "head": head.to_json(),
            "text": tree_heads.signed_bytes(head).decode(),
            "holds": holds,
        }
        for name, (head, holds) in cases.items()
    ]


def _meetings(private, stranger):
    """What a phone keeps, what it is shown at a login, and what it makes of that."""
    kept = _head(private, 100)
    proof = _proof(100, _leaves(257))
    forged = _leaves(257, 42)
    cases = {
        "the first head is taken": (None, _head(private, 100), [], "taken"),
        "the same head": (kept, kept, [], "taken"),
        "a longer log with its proof": (kept, _head(private, 257), proof, "taken"),
        "a longer log without a proof": (kept, _head(private, 257), [], "refused"),
        "a proof cut short": (kept, _head(private, 257), proof[:-1], "refused"),
        "a rewritten leaf, all signed anew": (
            kept,
            _head(private, 257, 42),
            _proof(100, forged),
            "refused",
        ),
        "a rewritten leaf with the honest proof": (kept, _head(private, 257, 42), proof, "refused"),
        "a fork of the same size": (kept, _head(private, 100, 42), [], "refused"),
        "a shorter log": (kept, _head(private, 99), [], "refused"),
        "an emptied log": (kept, _head(private, 0), [], "refused"),
        "another key": (kept, _head(stranger, 257), proof, "refused"),
        "another key at the first login": (None, _head(stranger, 100), [], "refused"),
        "the head of another log": (
            kept,
            _head(private, 257, log="other.example/log"),
            proof,
            "refused",
        ),
    }
    return [
        {
            "name": name,
            "kept": None if before is None else before.to_json(),
            "shown": {
                "head": shown.to_json(),
                "consistency": [b64u(step) for step in path],
            },
            "verdict": verdict,
        }
        for name, (before, shown, path, verdict) in cases.items()
    ]
