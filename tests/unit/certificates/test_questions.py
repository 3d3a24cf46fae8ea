"""Facts about requests that are compared and not parsed: they are read as the parser reads them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dojang.certificates import der, ocsp
from dojang.certificates.ocsp import SHA1, SHA256, IssuerHashes
from dojang.certificates.questions import Questions

OURS = IssuerHashes(b"a name", b"a key")
OTHERS = IssuerHashes(b"another name", b"a key")
SERIALS = st.one_of(st.integers(0, 300), st.integers(1 << 119, (1 << 128) - 1))
NONCES = st.one_of(st.none(), st.binary(min_size=1, max_size=40))


def request(serial, nonce=None, *, algorithm=SHA256, issuer=OURS):
    cert_id = issuer.asked(serial, algorithm).cert_id
    return ocsp.plain(cert_id) if nonce is None else ocsp.with_nonce(cert_id, nonce)


def questions():
    """As a responder has them that was asked a few times by each kind of client."""
    made = Questions(OURS.is_meant)
    nonces = [None, bytes(16), bytes(32)]
    for serial, nonce, algorithm in itertools.product(
        (5, 1 << 119, 1 << 126, 1 << 127), nonces, (SHA1, SHA256)
    ):
        made.read(request(serial, nonce, algorithm=algorithm))
    return made


def read(reader, content):
    try:
        return reader(content)
    except der.BadDer:
        return None


@given(
    serial=SERIALS, nonce=NONCES, algorithm=st.sampled_from([SHA1, SHA256]),
    issuer=st.sampled_from([OURS, OTHERS]),
)  # fmt: skip
def test_what_is_compared_is_read_as_what_is_parsed(serial, nonce, algorithm, issuer):
    content = request(serial, nonce, algorithm=algorithm, issuer=issuer)

    found = questions().read(content)

    assert found == ocsp.parse(content)
    assert (found.asked[0].serial, found.nonce) == (serial, nonce)


@given(data=st.data(), nonce=st.sampled_from([None, bytes(16), bytes(range(32))]))
def test_a_request_with_any_byte_changed_is_read_as_the_parser_reads_it(data, nonce):
    whole = bytearray(request(1 << 126 | 77, nonce))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))

    assert read(questions().read, bytes(whole)) == read(ocsp.parse, bytes(whole))


def test_questions_about_two_generations_are_both_compared(monkeypatch):
    """Side by side for years: neither may make the other parsed each time."""
    reader = Questions(lambda asked: OURS.is_meant(asked) or OTHERS.is_meant(asked))
    for issuer in (OURS, OTHERS):
        reader.read(request(1 << 126, issuer=issuer))
    asked = [
        request(1 << 126 | number, issuer=issuer) for number in (1, 2) for issuer in (OURS, OTHERS)
    ]
    expected = [ocsp.parse(one) for one in asked]
    monkeypatch.setattr(ocsp, "parse", lambda _content: pytest.fail("it was parsed"))

    assert [reader.read(one) for one in asked] == expected


@pytest.mark.parametrize("begins", ["00 7f", "80 00", "ff ff", "00 00"])
def test_a_serial_number_that_der_does_not_write_so_is_refused_however_often(begins):
    """Two writings of one number would be two names for one answer."""
    plain = request(1 << 126)
    start = bytes.fromhex(begins)
    odd = plain[:-16] + start + bytes(16 - len(start))
    reader = questions()

    for _ in range(2):
        with pytest.raises(der.BadDer):
            reader.read(odd)


def test_a_nonce_before_another_extension_is_the_one_echoed():
    """The tail of such a request is not the nonce, though it may look like it."""
    nonce = bytes(range(32))
    cert_id = OURS.asked(1 << 126).cert_id
    whole = ocsp.with_nonce(cert_id, nonce)
    extension = whole[whole.index(der.oid("1.3.6.1.5.5.7.48.1.2")) - 2 :]
    other = extension.replace(der.oid("1.3.6.1.5.5.7.48.1.2"), der.oid("1.3.6.1.5.5.7.48.1.9"))
    listed = der.sequence(der.sequence(cert_id))
    both = der.sequence(der.sequence(listed, der.explicit(2, der.sequence(extension, other))))
    reader = questions()
    reader.read(both)

    changed = both[:-32] + bytes(32)

    assert reader.read(changed).nonce == nonce == ocsp.parse(changed).nonce
