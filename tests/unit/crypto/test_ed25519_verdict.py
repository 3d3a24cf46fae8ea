"""libsodium is asked first, and takes nothing that OpenSSL would refuse (ADR 0027)."""

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from dojang.crypto import ed25519

L = 2**252 + 27742317777372353535851937790883648493
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
]
NOT_CANONICAL = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def taken(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        ed25519.verify(public_key, message, signature)
    except ed25519.BadSignature:
        return False
    return True


def openssl_takes(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_the_libsodium_that_is_here_has_no_cofactor_in_its_verdict():
    """Where this fails after an upgrade nothing is unsafe: `verify` has gone back to OpenSSL."""
    key, message, signature = ed25519.ONLY_WITH_COFACTOR

    with pytest.raises(CryptoError):
        sodium.crypto_sign_open(signature + message, key)


def test_a_signature_only_with_the_cofactor_is_refused():
    assert not taken(*ed25519.ONLY_WITH_COFACTOR)
    assert not openssl_takes(*ed25519.ONLY_WITH_COFACTOR)


@pytest.mark.parametrize("size", [0, 1, 31, 100, 2_000])
def test_every_bit_that_is_bent_has_the_verdict_of_openssl(size: int):
    signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, message = signer.public_key().public_bytes_raw(), bytes(size)
    signature = signer.sign(message)
    assert taken(key, message, signature)

    for bit in range(8 * ed25519.SIGNATURE_BYTES):
        bent = bytearray(signature)
        bent[bit // 8] ^= 1 << bit % 8
        assert not taken(key, message, bytes(bent)), bit
    for bit in range(8 * ed25519.PUBLIC_KEY_BYTES):
        other = bytearray(key)
        other[bit // 8] ^= 1 << bit % 8
        assert not taken(bytes(other), message, signature), bit


def test_no_byte_is_borrowed_from_the_message():
    signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key = signer.public_key().public_bytes_raw()
    whole = signer.sign(b"dojang") + b"dojang"

    for end in (0, 1, 32, 63, 65, len(whole)):
        assert not taken(key, whole[end:], whole[:end]), end
    for key_size in (0, 31, 33):
        assert not taken((key + key)[:key_size], b"dojang", whole[:64]), key_size


def test_an_s_that_is_not_reduced_is_refused():
    signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, signature = signer.public_key().public_bytes_raw(), signer.sign(b"dojang")
    s = int.from_bytes(signature[32:], "little") + L

    assert not taken(key, b"dojang", signature[:32] + s.to_bytes(32, "little"))


@pytest.mark.parametrize("point", [*SMALL_ORDER, *NOT_CANONICAL])
def test_points_of_small_order_and_other_spellings_have_the_verdict_of_openssl(point: str):
    """With a key of small order some of these are taken by both; none is a key of ours."""
    odd = bytes.fromhex(point)
    signer = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key, signature = signer.public_key().public_bytes_raw(), signer.sign(b"dojang")
    cases = [
        (odd, other + s)
        for other in map(bytes.fromhex, [*SMALL_ORDER, *NOT_CANONICAL])
        for s in (bytes(32), signature[32:])
    ]
    cases += [(odd, signature), (key, odd + signature[32:]), (key, odd + bytes(32))]

    for public_key, bent in cases:
        for n in range(8):
            message = bytes([n])
            wanted = openssl_takes(public_key, message, bent)
            assert taken(public_key, message, bent) is wanted
            assert wanted or not ed25519._sodium_takes(public_key, message, bent)
