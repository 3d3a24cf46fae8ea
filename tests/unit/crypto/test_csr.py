"""The request a phone rebuilds byte for byte, and what OpenSSL says of it."""

import subprocess
import unicodedata

import pytest
from asn1crypto import csr as asn1_csr
from cryptography import x509
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.crypto.support import load, made_key, unhex

from dojang.crypto import csr, ed25519, frost
from dojang.crypto.encoding import BadEncoding

PHONE, SERVER = made_key(b"p" * 192, b"s" * 192)
NAME, SUBJECT_ID = "김도장", "DJ-7Q4M2K9XWP3T"
INFO = csr.request_info(PHONE.public_key, name=NAME, subject_id=SUBJECT_ID)


ED25519 = bytes.fromhex("06032b6570")


def of_version(number):
    """The request's content, of a version that there is not (RFC 2986 4.1 knows 0)."""
    return INFO.replace(b"\x02\x01\x00", bytes((2, 1, number)), 1)


def signature(message, share=PHONE.share):
    """By both halves, as at enrolment."""
    phone = frost.nonces(frost.PHONE, bytes(range(64)), share)
    server = frost.nonces(frost.SERVER, bytes(range(1, 65)), SERVER.share)
    both = frost.ceremony(PHONE.public_key, message, [phone.commitment, server.commitment])
    halves = [frost.sign_share(share, phone, both), frost.sign_share(SERVER.share, server, both)]
    return frost.aggregate(both, halves)


def test_openssl_verifies_the_request(tmp_path):
    (tmp_path / "request").write_bytes(csr.assemble(INFO, signature(INFO)))

    command = ["openssl", "req", "-verify", "-inform", "DER", "-in", "request", "-noout", "-text"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)

    assert "verify OK" in done.stdout + done.stderr
    assert SUBJECT_ID in done.stdout
    assert "ED25519" in done.stdout.upper()


def test_the_request_says_who_and_with_which_key():
    request = x509.load_der_x509_csr(csr.assemble(INFO, signature(INFO)))

    assert [(a.oid, a.value) for a in request.subject] == [
        (NameOID.COUNTRY_NAME, "KR"),
        (NameOID.COMMON_NAME, NAME),
        (NameOID.SERIAL_NUMBER, SUBJECT_ID),
    ]
    assert request.public_key().public_bytes_raw() == PHONE.public_key
    assert request.tbs_certrequest_bytes == INFO
    assert list(request.extensions) == []


def test_the_server_accepts_only_a_request_by_this_key_for_this_key():
    good = csr.assemble(INFO, signature(INFO))
    other = made_key(b"q" * 192, b"s" * 192)[0].public_key

    csr.verify(good, PHONE.public_key)
    for request, key in (
        (good, other),
        (csr.assemble(INFO, signature(b"other")), PHONE.public_key),
        (good[:-1], PHONE.public_key),
        (good.replace(SUBJECT_ID.encode(), SUBJECT_ID[::-1].encode()), PHONE.public_key),
        (b"", PHONE.public_key),
        (good.replace(ED25519, ED25519[:-1] + b"\x7f"), PHONE.public_key),
        (good.replace(INFO, of_version(7)), PHONE.public_key),
    ):
        with pytest.raises(ed25519.BadSignature):
            csr.verify(request, key)


def korean_names():
    syllables = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)
    return st.text(syllables, min_size=1, max_size=64)


@given(korean_names())
def test_any_korean_name_makes_strict_der(name):
    info = csr.request_info(PHONE.public_key, name=name, subject_id="A")

    parsed = asn1_csr.CertificationRequestInfo.load(info, strict=True)

    assert parsed["subject"].native["common_name"] == name
    assert parsed.dump(force=True) == info


@pytest.mark.parametrize("case", load("csr.json")["cases"], ids=["short", "long"])
def test_the_request_of_the_vectors(case):
    public_key = unhex(load("csr.json")["public_key"])

    info = csr.request_info(public_key, name=case["name"], subject_id=case["subject_id"])

    assert info.hex() == case["cri"]


@pytest.mark.parametrize(
    "name",
    ["", "가" * 65, unicodedata.normalize("NFD", "김도장"), "김\0", "김\u200b도장", "\ud800"],
)
def test_a_name_that_two_programs_could_show_differently_is_refused(name):
    with pytest.raises(BadEncoding):
        csr.request_info(PHONE.public_key, name=name, subject_id=SUBJECT_ID)


@pytest.mark.parametrize("subject_id", ["", "A" * 65, "도장", "a_b", "a@b", "a*"])
def test_a_subject_id_is_a_printable_string(subject_id):
    with pytest.raises(BadEncoding):
        csr.request_info(PHONE.public_key, name=NAME, subject_id=subject_id)


def test_a_signature_of_another_size_is_refused():
    with pytest.raises(BadEncoding):
        csr.assemble(INFO, bytes(63))
