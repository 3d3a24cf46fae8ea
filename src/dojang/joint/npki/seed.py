"""SEED-CBC with PKCS#5 padding (RFC 4010 2.3): the cipher of NPKI key files."""

from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import SEED
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from dojang.joint.npki import seed_pure

BLOCK_BYTES: Final = seed_pure.BLOCK_BYTES


class BadPadding(Exception):
    """Another key, or other bytes. One wrong key in 256 gets past this."""


def encrypt(key: bytes, iv: bytes, plain: bytes) -> bytes:
    count = BLOCK_BYTES - len(plain) % BLOCK_BYTES
    padded = plain + bytes((count,)) * count
    try:
        encryptor = Cipher(SEED(key), modes.CBC(iv)).encryptor()
    except UnsupportedAlgorithm:
        return _pure_encrypt(key, iv, padded)
    return encryptor.update(padded) + encryptor.finalize()


def decrypt(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """Raises `BadPadding`."""
    if not ciphertext or len(ciphertext) % BLOCK_BYTES:
        raise BadPadding
    try:
        decryptor = Cipher(SEED(key), modes.CBC(iv)).decryptor()
    except UnsupportedAlgorithm:
        padded = _pure_decrypt(key, iv, ciphertext)
    else:
        padded = decryptor.update(ciphertext) + decryptor.finalize()
    count = padded[-1]
    if not 1 <= count <= BLOCK_BYTES or padded[-count:] != bytes((count,)) * count:
        raise BadPadding
    return padded[:-count]


def _pure_encrypt(key: bytes, iv: bytes, padded: bytes) -> bytes:
    out, before = b"", iv
    for block in _blocks(padded):
        before = seed_pure.encrypt_block(key, _xor(block, before))
        out += before
    return out


def _pure_decrypt(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    out, before = b"", iv
    for block in _blocks(ciphertext):
        out += _xor(seed_pure.decrypt_block(key, block), before)
        before = block
    return out


def _blocks(content: bytes) -> list[bytes]:
    return [content[at : at + BLOCK_BYTES] for at in range(0, len(content), BLOCK_BYTES)]


def _xor(one: bytes, two: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, two, strict=True))
