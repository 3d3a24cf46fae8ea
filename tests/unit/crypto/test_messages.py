"""What a key may sign: the table of PROTOCOL 3, and one form for every message."""

import itertools
import json
import unicodedata

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.crypto.support import load, unhex

from dojang.crypto import jcs, messages
from dojang.crypto.encoding import BadEncoding
from dojang.crypto.messages import PATTERN, PIN, KeyKind, Kind

VECTORS = load("messages.json")
AUTH, SIGN = KeyKind.AUTH, KeyKind.SIGN
LIFE = messages.Life(kid=bytes(16), nonce=bytes(32), issued_at=1, expires_at=2)
ORDER = messages.Transfer(
    transfer_id="t",
    from_account="1",
    payee_bank="가람은행",
    payee_account="2",
    payee_holder="나래상사",
    amount=1,
    fee=0,
    memo="",
    tier="pin",
    policy_version=1,
)
ALLOWED = {
    b"\x30rest": {(AUTH, PIN), (SIGN, PIN)},
    b"DOJANG-PROOF-v1\0{}": set(itertools.product(KeyKind, (PIN, PATTERN))),
    b"DOJANG-AUTH-v1\0{}": {(AUTH, PIN), (AUTH, PATTERN)},
    b"DOJANG-TX-v1\0{}": {(SIGN, PIN)},
    b'DOJANG-ACT-v1\0{"type":"revoke"}': {(SIGN, PIN)},
    b'DOJANG-ACT-v1\0{"type":"method_change"}': {(AUTH, PIN), (SIGN, PIN)},
    b"\x31rest": {(SIGN, PIN)},
    b"eyJhbGciOi": {(SIGN, PIN)},
}


@pytest.mark.parametrize("message", ALLOWED)
@pytest.mark.parametrize("key", KeyKind)
@pytest.mark.parametrize("secret", [PIN, PATTERN, "passkey", ""])
def test_the_table_of_the_protocol(message, key, secret):
    allowed = messages.may_sign(message, key=key, secret=secret)

    assert allowed == ((key, secret) in ALLOWED[message])


def test_a_pattern_never_signs_money_or_acts():
    moves = [messages.transfer(LIFE, ORDER, origin="o")]
    moves += [messages.act(LIFE, origin="o", act_type="limits", details={"per_day": 1})]
    moves += [messages.method_change(LIFE, origin="o", method=PIN, version=1, change_id="c")]

    for message, key in itertools.product(moves, KeyKind):
        assert not messages.may_sign(message, key=key, secret=PATTERN)


@pytest.mark.parametrize("text", VECTORS["not_messages"])
def test_bytes_of_no_kind_are_signed_by_nobody(text):
    with pytest.raises(BadEncoding):
        messages.kind_of(unhex(text))


@pytest.mark.parametrize("text", VECTORS["not_canonical"])
def test_json_in_another_form_is_refused(text):
    with pytest.raises(BadEncoding):
        messages.read(unhex(text))


@pytest.mark.parametrize("case", VECTORS["messages"], ids=lambda case: case["name"])
def test_the_messages_of_the_vectors_are_built_from_their_members(case):
    message = messages.build(Kind(case["kind"]), case["members"])

    assert message.hex() == case["message"]
    assert messages.read(message) == (Kind(case["kind"]), case["members"])


def test_a_transfer_has_exactly_the_members_of_the_protocol():
    _, members = messages.read(messages.transfer(LIFE, ORDER, origin="o"))

    assert set(members) == {
        "v",
        "transfer_id",
        "from_account",
        "payee_bank",
        "payee_account",
        "payee_holder",
        "amount",
        "fee",
        "currency",
        "memo",
        "tier",
        "policy_version",
        "kid",
        "origin",
        "nonce",
        "issued_at",
        "expires_at",
    }


def test_the_members_of_an_act_cannot_hide_the_common_ones():
    with pytest.raises(BadEncoding):
        messages.act(LIFE, origin="o", act_type="limits", details={"kid": "other"})


def test_only_our_own_json_is_read():
    with pytest.raises(BadEncoding):
        messages.read(b"\x30\x03\x02\x01\x00")


@pytest.mark.parametrize(
    "value",
    [1.5, 2**53, -(2**53), "\u1100\u1161", "\ud800", {"\u1100\u1161": 1}, [1.0], b"bytes", {1: 2}],
)
def test_values_that_two_languages_could_read_differently_have_no_encoding(value):
    with pytest.raises(BadEncoding):
        jcs.encode({"x": value})


texts = st.text(st.characters(exclude_categories=["Cs"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_canonical_json_comes_back_and_has_one_form(value):
    data = jcs.encode(value)

    assert jcs.decode(data) == value
    assert jcs.encode(json.loads(json.dumps(value))) == data


def test_members_are_ordered_by_utf_16_as_rfc_8785_wants():
    assert jcs.encode({"\uffee": 1, "\U0001f33f": 2}) == '{"\U0001f33f":2,"\uffee":1}'.encode()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), _VALUES, max_size=6))
def test_another_implementation_of_rfc_8785_writes_the_same_bytes(value):
    try:
        ours = jcs.encode(value)
    except BadEncoding:
        assert not unicodedata.is_normalized("NFC", json.dumps(value, ensure_ascii=False))
    else:
        assert ours == rfc8785.dumps(value)


def test_members_stand_in_the_order_of_their_utf16():
    value = {"\uff5e": 1, "\U0001f600": 2, "a": 3, "\n": 4}

    assert list(json.loads(jcs.encode(value))) == ["\n", "a", "\U0001f600", "\uff5e"]
