"""DER, written and read; asn1crypto is the second opinion."""

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from dojang.certificates import der
from dojang.kernel.clock import Instant, instant, utc


@given(st.integers(0, 2**200))
def test_integers_are_what_asn1crypto_writes(value):
    assert der.integer(value) == core.Integer(value).dump()
    assert der.read(der.integer(value)).number() == value


@given(st.binary(max_size=70_000))
def test_lengths_are_what_asn1crypto_writes(content):
    written = der.octets(content)

    assert written == core.OctetString(content).dump()
    assert der.read(written).value == content


@pytest.mark.parametrize(
    "dotted",
    ["2.5.29.15", "1.3.6.1.4.1.32473.1.2", "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1"],
)
def test_object_identifiers_are_what_asn1crypto_writes(dotted):
    assert der.oid(dotted) == core.ObjectIdentifier(dotted).dump()


@pytest.mark.parametrize(
    ("numbers", "content"),
    [((0,), "0780"), ((1,), "0640"), ((5, 6), "0106"), ((0, 8), "078080"), ((), "00")],
)
def test_named_bits_leave_out_trailing_zeros(numbers, content):
    assert der.named_bits(numbers)[2:].hex() == content


@pytest.mark.parametrize(
    ("year", "tag", "text"),
    [
        (2027, der.UTC_TIME, b"270101000000Z"),
        (2049, der.UTC_TIME, b"490101000000Z"),
        (2050, der.GENERALIZED_TIME, b"20500101000000Z"),
    ],
)
def test_times_change_their_type_in_2050(year, tag, text):
    moment = instant(utc(Instant(0)).replace(year=year))

    node = der.read(der.time(moment))

    assert (node.tag, node.value) == (tag, text)


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "30",
        "3001",
        "0201",
        "3080",
        "30800000",
        "300000",
        "0481017f",
        "04820001ff",
        "1f8101",
        "04850000000001ff",
    ],
)
def test_what_is_not_der_is_refused(bad):
    with pytest.raises(der.BadDer):
        der.read(bytes.fromhex(bad))


@pytest.mark.parametrize("bad", ["0200", "020180", "02020001", "0401ff"])
def test_an_integer_is_minimal_and_not_negative(bad):
    with pytest.raises(der.BadDer):
        der.read(bytes.fromhex(bad)).number()


@given(st.binary(max_size=60))
def test_reading_gives_the_same_bytes_back_or_refuses(content):
    try:
        node = der.read(content)
    except der.BadDer:
        return
    assert der.tlv(node.tag, node.value) == content == node.raw
