"""Nobody holds the key, and nobody can bend it."""

import pytest
from hypothesis import given, settings
from tests.unit.crypto.support import line_chance, load, made_key, secret_key, unhex

from dojang.crypto import dkg, ed25519, frost
from dojang.crypto.encoding import BadEncoding, scalar


@settings(max_examples=25)
@given(line_chance, line_chance)
def test_both_sides_share_the_key_of_one_public_key(phone_chance, server_chance):
    phone, server = made_key(phone_chance, server_chance)

    assert phone.public_key == server.public_key
    assert ed25519.times_base(secret_key(phone.share, server.share)) == phone.public_key


def offers():
    return dkg.begin(frost.PHONE, bytes(range(192))), dkg.begin(frost.SERVER, b"s" * 192)


def test_a_proof_of_knowledge_belongs_to_its_participant():
    (_, phone), _ = offers()

    with pytest.raises(dkg.BadOffer):
        dkg.read_offer(frost.SERVER, phone.c0, phone.c1, phone.proof)


def test_a_changed_proof_or_commitment_is_refused():
    (_, phone), (_, server) = offers()

    with pytest.raises(dkg.BadOffer):
        dkg.read_offer(frost.PHONE, server.c0, phone.c1, phone.proof)
    with pytest.raises(dkg.BadOffer):
        dkg.read_offer(frost.PHONE, phone.c0, phone.c1, phone.proof[:32] + server.proof[32:])
    with pytest.raises(BadEncoding):
        dkg.read_offer(frost.PHONE, phone.c0, phone.c1, phone.proof[:63])


def test_a_key_chosen_to_cancel_the_other_cannot_be_proved():
    (_, phone), (_, server) = offers()
    opposite = ed25519.times(ed25519.scalar_negate(ed25519.ONE), phone.c0)

    with pytest.raises(dkg.BadOffer):
        dkg.read_offer(frost.SERVER, opposite, server.c1, server.proof)


def test_the_identity_is_never_a_public_key():
    (line, own), (_, server) = offers()
    opposite = ed25519.times(ed25519.scalar_negate(ed25519.ONE), own.c0)
    rogue = dkg.Offer(frost.SERVER, opposite, server.c1, server.proof)
    share = ed25519.scalar_sub(dkg.share_for(offers()[1][0], frost.PHONE), offers()[1][0].a0)
    share = ed25519.scalar_sub(share, line.a0)

    with pytest.raises(dkg.BadOffer, match="identity"):
        dkg.finish(line, own, rogue, share)


def test_a_share_off_the_line_is_refused():
    (line, own), (server_line, server) = offers()
    off = ed25519.scalar_add(dkg.share_for(server_line, frost.PHONE), ed25519.ONE)

    with pytest.raises(dkg.BadOffer, match="line"):
        dkg.finish(line, own, server, off)
    with pytest.raises(dkg.BadOffer, match="line"):
        dkg.finish(line, own, server, dkg.share_for(server_line, frost.SERVER))


def test_secrets_do_not_show_when_printed():
    (line, own), (server_line, server) = offers()
    key = dkg.finish(line, own, server, dkg.share_for(server_line, frost.PHONE))

    assert line.a0.hex() not in repr(line)
    assert repr(line) == "Line(identifier=1)"
    assert repr(bytes(key.share)) not in repr(key)


def test_key_generation_needs_all_its_chance():
    with pytest.raises(ValueError, match="192"):
        dkg.begin(frost.PHONE, bytes(191))


def test_key_generation_agrees_with_another_implementation():
    """The phone's half came from the DKG of @noble/curves, the server's half is ours."""
    seen = {name: unhex(text) for name, text in load("dkg-noble.json").items() if name not in TEXTS}
    line, own = dkg.begin(frost.SERVER, seen["server_random192"])
    phone = dkg.read_offer(frost.PHONE, seen["C0"], seen["C1"], seen["pok"])

    server = dkg.finish(line, own, phone, seen["share_for_the_server"])

    assert server.public_key == seen["public_key"]
    assert ed25519.times_base(secret_key(scalar(seen["share"]), server.share)) == seen["public_key"]


TEXTS = {"source", "encoding"}
