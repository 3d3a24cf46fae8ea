"""One key, many sharings: I1, I9 and I10 of PROTOCOL 5."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.crypto.support import made_key, secret_key, wide

from dojang.crypto import ed25519, oprf, sharing
from dojang.crypto.encoding import BadEncoding, scalar

PHONE, SERVER = made_key(b"p" * 192, b"s" * 192)
KID = bytes(range(16))
SALT = b"salt" * 8
VAULT = b"v" * 32
SECRET = secret_key(PHONE.share, SERVER.share)


def masked(secret, *, method="pin", version=0, salt=SALT):
    """h, as an honest phone and server find it together."""
    instance = sharing.Instance(KID, method, version)
    text = sharing.oprf_input(instance, salt, secret)
    blinding = oprf.blind(text, oprf.random_scalar(b"b" * 64))
    evaluated = oprf.evaluate(sharing.oprf_key(VAULT, instance), blinding.blinded)
    return sharing.mask(salt, secret, oprf.finalize(blinding, evaluated))


@settings(max_examples=60)
@given(st.lists(st.lists(wide, min_size=1, max_size=6), min_size=1, max_size=4))
def test_i1_every_instance_and_generation_shares_the_same_key(instances):
    for deltas in instances:
        s1, s2 = PHONE.share, SERVER.share
        for chance in deltas:
            delta = sharing.draw_delta(chance)
            s1, s2 = sharing.shift_phone(s1, delta), sharing.shift_server(s2, delta)

            assert secret_key(s1, s2) == SECRET


@settings(max_examples=40)
@given(wide, wide)
def test_i9_any_two_phone_shares_fit_the_same_key(pin_chance, pattern_chance):
    """What one instance's share is says nothing about another's: each pair has its deltas."""
    shares = [sharing.draw_delta(chance) for chance in (pin_chance, pattern_chance)]

    for wanted in shares:
        delta = ed25519.scalar_sub(wanted, PHONE.share)
        assert sharing.shift_phone(PHONE.share, delta) == wanted
        assert secret_key(wanted, sharing.shift_server(SERVER.share, delta)) == SECRET


@settings(max_examples=40)
@given(wide, wide)
def test_i9_refreshing_one_instance_leaves_nothing_in_common(pin_chance, pattern_chance):
    deltas = [sharing.draw_delta(chance) for chance in (pin_chance, pattern_chance)]
    phone = [sharing.shift_phone(PHONE.share, delta) for delta in deltas]
    server = [sharing.shift_server(SERVER.share, delta) for delta in deltas]

    assert (phone[0] == phone[1]) == (deltas[0] == deltas[1])
    assert (server[0] == server[1]) == (deltas[0] == deltas[1])
    if deltas[0] != deltas[1]:
        assert secret_key(phone[0], server[1]) != SECRET


def test_i10_what_the_phone_stores_fits_every_pin():
    stored = sharing.conceal(PHONE.share, masked(b"482915"))
    pins = [b"%06d" % pin for pin in (0, 1, 123456, 482914, 482915, 482916, 999999)]

    revealed = {pin: sharing.reveal(stored, masked(pin)) for pin in pins}

    assert revealed[b"482915"] == PHONE.share
    assert len(set(revealed.values())) == len(pins)
    for share in revealed.values():
        assert scalar(share) == share
        ed25519.times_base(secret_key(share, SERVER.share))  # a key like any other


def test_refreshing_the_masked_share_refreshes_the_share():
    h, delta = masked(b"482915"), sharing.draw_delta(b"d" * 64)
    stored = sharing.conceal(PHONE.share, h)

    refreshed = sharing.reveal(sharing.shift_phone(stored, delta), h)

    assert refreshed == sharing.shift_phone(PHONE.share, delta)


def test_every_part_of_the_context_changes_the_mask():
    masks = {
        masked(b"482915"),
        masked(b"482916"),
        masked(b"482915", method="pattern"),
        masked(b"482915", version=1),
        masked(b"482915", salt=b"other   " * 4),
    }

    assert len(masks) == 5


def test_the_oprf_input_is_what_the_protocol_says():
    instance = sharing.Instance(KID, "pin", 258)

    text = sharing.oprf_input(instance, SALT, b"482915")

    assert text == b"dojang/1/oprf" + KID + b"\x03pin" + b"\0\0\1\2" + SALT + b"482915"


def test_the_mask_is_what_the_protocol_says():
    text = b"dojang/1/mask" + SALT + b"\0\x06" + b"482915" + b"y" * 64

    assert sharing.mask(SALT, b"482915", b"y" * 64) == ed25519.wide_scalar(
        hashlib.sha512(text).digest()
    )


def test_a_kid_or_salt_of_another_size_is_refused():
    with pytest.raises(BadEncoding):
        sharing.oprf_key(VAULT, sharing.Instance(KID[:15], "pin", 0))
    with pytest.raises(BadEncoding):
        sharing.oprf_input(sharing.Instance(KID, "pin", 0), SALT[:31], b"482915")


@settings(max_examples=20)
@given(wide, wide)
def test_the_blind_leaves_no_trace_in_the_output(one, other):
    text = sharing.oprf_input(sharing.Instance(KID, "pin", 0), SALT, b"482915")
    key = sharing.oprf_key(VAULT, sharing.Instance(KID, "pin", 0))
    blindings = [oprf.blind(text, oprf.random_scalar(chance)) for chance in (one, other)]

    outputs = {oprf.finalize(b, oprf.evaluate(key, b.blinded)) for b in blindings}

    assert len(outputs) == 1
    assert (blindings[0].blinded == blindings[1].blinded) == (
        blindings[0].blind == blindings[1].blind
    )
