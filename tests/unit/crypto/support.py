"""What the crypto tests share: vector files, strategies, and a key with its instances."""

import hashlib
import json
from pathlib import Path

from hypothesis import strategies as st

from dojang.crypto import dkg, ed25519, frost

VECTORS = Path(__file__).parents[2] / "vectors"
L = 2**252 + 27742317777372353535851937790883648493


def uniform(seed, size):
    """Bytes as an honest entropy source gives them: all-zero scalars do not happen."""
    return b"".join(hashlib.sha512(seed + bytes([i])).digest() for i in range(size // 64))


wide = st.binary(max_size=8).map(lambda seed: uniform(seed, 64))
line_chance = st.binary(max_size=8).map(lambda seed: uniform(seed, 192))


def load(name):
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def unhex(text):
    return bytes.fromhex(text)


def number(scalar):
    return int.from_bytes(scalar, "little")


def made_key(phone_chance, server_chance):
    """Both shares of a new key, over the same checks as on the wire."""
    phone_line, phone_offer = dkg.begin(frost.PHONE, phone_chance)
    server_line, server_offer = dkg.begin(frost.SERVER, server_chance)
    seen = {
        offer.identifier: dkg.read_offer(offer.identifier, offer.c0, offer.c1, offer.proof)
        for offer in (phone_offer, server_offer)
    }
    phone = dkg.finish(
        phone_line, phone_offer, seen[frost.SERVER], dkg.share_for(server_line, frost.PHONE)
    )
    server = dkg.finish(
        server_line, server_offer, seen[frost.PHONE], dkg.share_for(phone_line, frost.SERVER)
    )
    return phone, server


def secret_key(phone_share, server_share):
    """2*s1 - s2 (I1)."""
    return ed25519.scalar_sub(ed25519.scalar_mul(ed25519.TWO, phone_share), server_share)
