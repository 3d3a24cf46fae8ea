"""Two halves make one ordinary signature, and a rollback gives nothing away (I2, I5)."""

import dataclasses
import subprocess

import nacl.signing
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.crypto.support import L, load, made_key, number, unhex

from dojang.crypto import ed25519, frost

PHONE, SERVER = made_key(b"p" * 192, b"s" * 192)
KID, SID = bytes(range(16)), bytes(range(16, 32))
NONCE_KEY = b"n" * 32
MESSAGE = b"DOJANG-TX-v1\0{}"


def phone_nonces(chance=bytes(range(64))):
    return frost.nonces(frost.PHONE, chance, PHONE.share)


def server_nonces(**changed):
    given_ = {
        "nonce_key": NONCE_KEY,
        "kid": KID,
        "gen": 0,
        "method": "pin",
        "version": 0,
        "sid": SID,
        "phone": phone_nonces().commitment,
        "message": MESSAGE,
        "share": SERVER.share,
    } | changed
    return frost.server_nonces(given_.pop("nonce_key"), **given_)


def ceremony(message=MESSAGE, mine=None):
    mine = mine or phone_nonces()
    theirs = server_nonces(phone=mine.commitment, message=message)
    both = frost.ceremony(PHONE.public_key, message, [mine.commitment, theirs.commitment])
    return mine, theirs, both


def signed(message=MESSAGE):
    mine, theirs, both = ceremony(message)
    z1 = frost.sign_share(PHONE.share, mine, both)
    return frost.finish(both, share=SERVER.share, own=theirs, phone_z=z1)


@settings(max_examples=20)
@given(st.binary(max_size=300))
def test_any_message_gets_an_ordinary_signature(message):
    signature = signed(message)

    ed25519.verify(PHONE.public_key, message, signature)
    nacl.signing.VerifyKey(PHONE.public_key).verify(message, signature)


def openssl_verifies(tmp_path, public_key, message, signature):
    pem = Ed25519PublicKey.from_public_bytes(public_key).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    for name, data in (("key", pem), ("message", message), ("signature", signature)):
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin"]
    files = ["-in", "message", "-sigfile", "signature"]
    done = subprocess.run([*command, *files], cwd=tmp_path, capture_output=True, check=False)
    return done.returncode == 0


def test_openssl_verifies_what_the_two_signed(tmp_path):
    signature = signed()

    assert openssl_verifies(tmp_path, PHONE.public_key, MESSAGE, signature)
    assert not openssl_verifies(tmp_path, PHONE.public_key, MESSAGE + b"!", signature)


def test_a_signature_whose_r_has_mixed_order_is_refused_as_openssl_refuses_it(tmp_path):
    case = load("ed25519-mixed-order-r.json")
    parts = [unhex(case[name]) for name in ("public_key", "message", "signature")]

    with pytest.raises(ed25519.BadSignature):
        ed25519.verify(*parts)
    assert not openssl_verifies(tmp_path, *parts)


def test_a_wrong_share_of_the_phone_is_recognised_by_verification_alone():
    mine, theirs, both = ceremony()
    wrong = ed25519.scalar_add(PHONE.share, ed25519.ONE)
    z1 = frost.sign_share(wrong, mine, both)

    with pytest.raises(ed25519.BadSignature):
        frost.finish(both, share=SERVER.share, own=theirs, phone_z=z1)


def test_signatures_of_another_message_key_or_size_are_refused():
    signature = signed()
    other_key = made_key(b"q" * 192, b"s" * 192)[0].public_key

    for args in (
        (PHONE.public_key, MESSAGE + b"!", signature),
        (other_key, MESSAGE, signature),
        (PHONE.public_key, MESSAGE, signature[:63]),
        (PHONE.public_key[:31], MESSAGE, signature),
        (PHONE.public_key, MESSAGE, signature[:32] + (L + 1).to_bytes(32, "little")),
    ):
        with pytest.raises(ed25519.BadSignature):
            ed25519.verify(*args)


def test_nonces_answer_only_the_ceremony_they_were_made_for():
    mine, _, both = ceremony()
    other = phone_nonces(b"o" * 64)

    with pytest.raises(ValueError, match="commitment"):
        frost.sign_share(PHONE.share, other, both)
    with pytest.raises(ValueError, match="one commitment"):
        frost.ceremony(PHONE.public_key, MESSAGE, [mine.commitment, other.commitment])


CHANGES = {
    "nonce_key": b"m" * 32,
    "kid": KID[::-1],
    "gen": 1,
    "method": "pattern",
    "version": 1,
    "sid": SID[::-1],
    "message": MESSAGE + b"!",
    "share": PHONE.share,
}


@pytest.mark.parametrize("field", CHANGES)
def test_i2_another_transcript_gets_other_nonces(field):
    before, after = server_nonces(), server_nonces(**{field: CHANGES[field]})

    assert {before.hiding, before.binding}.isdisjoint({after.hiding, after.binding})


@settings(max_examples=30)
@given(st.tuples(*[st.integers(0, 2)] * 4, st.sampled_from(["pin", "pattern"])))
def test_i2_one_nonce_pair_belongs_to_one_challenge(choice):
    """Retries, races and rollbacks repeat a transcript or change it; they never mix the two."""
    gen, version, nonces_no, message_no, method = choice
    phone = phone_nonces(bytes([nonces_no]) * 64).commitment
    message = b"message %d" % message_no
    fixed = {"gen": gen, "version": version, "phone": phone, "message": message, "method": method}

    first, again = server_nonces(**fixed), server_nonces(**fixed)
    challenge, factor = challenge_of(first, phone, message)

    assert first == again
    assert challenge_of(again, phone, message) == (challenge, factor)
    SEEN.setdefault(first.hiding, (challenge, factor))
    assert SEEN[first.hiding] == (challenge, factor)


SEEN = {}


def challenge_of(theirs, phone, message):
    both = frost.ceremony(PHONE.public_key, message, [phone, theirs.commitment])
    return both.challenge, both.factors[frost.SERVER]


def test_other_commitments_of_the_phone_get_other_nonces():
    phone = phone_nonces().commitment
    others = [
        dataclasses.replace(phone, hiding=phone.binding, binding=phone.hiding),
        dataclasses.replace(phone, hiding=phone.binding),
        dataclasses.replace(phone, binding=phone.hiding),
    ]

    found = {server_nonces(phone=one).hiding for one in [phone, *others]}

    assert len(found) == 4


def answers_after_rollbacks(nonces_for):
    """What the server answers to one session, rolled back twice and given other messages."""
    rows = []
    for message in (b"first", b"second", b"third"):
        mine = phone_nonces()
        theirs = nonces_for(mine.commitment, message)
        both = frost.ceremony(PHONE.public_key, message, [mine.commitment, theirs.commitment])
        z1 = frost.sign_share(PHONE.share, mine, both)
        signature = frost.finish(both, share=SERVER.share, own=theirs, phone_z=z1)
        z2 = (number(signature[32:]) - number(z1)) % L
        rows.append((number(both.factors[frost.SERVER]), number(both.challenge), z2))
    return rows


def three_answers_attack(rows):
    """Solve z = d + rho*e - c*s for s, supposing that d and e were the same three times."""
    (rho1, c1, z1), (rho2, c2, z2), (rho3, c3, z3) = rows
    a, b, u = rho1 - rho2, c2 - c1, z1 - z2
    p, q, v = rho1 - rho3, c3 - c1, z1 - z3
    return (v * a - u * p) * pow(q * a - b * p, -1, L) % L


def test_three_answers_after_a_rollback_recover_nothing():
    rows = answers_after_rollbacks(lambda phone, text: server_nonces(phone=phone, message=text))

    assert three_answers_attack(rows) != number(SERVER.share)


def test_the_attack_works_on_a_server_that_stores_its_nonces():
    """The test above has teeth: with nonces kept in a row, the same attack finds the share."""
    stored = server_nonces()

    rows = answers_after_rollbacks(lambda _phone, _text: stored)

    assert three_answers_attack(rows) == number(SERVER.share)


def test_nonces_do_not_show_when_printed():
    mine = phone_nonces()

    assert repr(bytes(mine.hiding)) not in repr(mine)
    assert repr(bytes(mine.binding)) not in repr(mine)
