"""A PFX as the issuers of joint certificates write it (RFC 7292), with R kept in the key's bag.

One `data` element, not encrypted as a whole: the certificate in the clear, the PKCS#8 shrouded by
pbeWithSHA1And3-KeyTripleDES-CBC, both named by the certificate's SKI; HMAC-SHA-1 over everything.
Libraries drop the attributes of a PKCS#8, so it is put together here.
"""

import hashlib
import hmac
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from dojang.certificates import der
from dojang.joint.npki import key_files
from dojang.joint.npki.key_files import PrivateKey

SALT_BYTES: Final = 8
ITERATIONS: Final = 1_024

_DATA: Final = der.oid("1.2.840.113549.1.7.1")
_CERT_BAG: Final = der.oid("1.2.840.113549.1.12.10.1.3")
_SHROUDED_BAG: Final = der.oid("1.2.840.113549.1.12.10.1.2")
_X509: Final = der.oid("1.2.840.113549.1.9.22.1")
_LOCAL_KEY_ID: Final = der.oid("1.2.840.113549.1.9.21")
_SHA1_3DES: Final = der.oid("1.2.840.113549.1.12.1.3")
_SHA1: Final = der.sequence(der.oid("1.3.14.3.2.26"), der.NULL)
_BLOCK: Final = 64
_SHA1_BYTES: Final = 20
_KEY, _IV, _MAC = 1, 2, 3
"""What the bytes are derived for (RFC 7292 B.3)."""


def write(
    certificate: bytes,
    key: PrivateKey,
    password: bytes,
    *,
    key_id: bytes,
    salts: tuple[bytes, bytes],
) -> bytes:
    """The PFX. `key_id` is the certificate's SKI; `salts` are for the key and for the MAC."""
    named = der.tlv(der.SET, der.sequence(_LOCAL_KEY_ID, der.tlv(der.SET, der.octets(key_id))))
    contents = der.sequence(
        _bag(_CERT_BAG, der.sequence(_X509, der.explicit(0, der.octets(certificate))), named),
        _bag(_SHROUDED_BAG, _shrouded(key_files.plain(key), password, salts[0]), named),
    )
    safe = der.sequence(_content(contents))
    digest = hmac.digest(derived(password, salts[1], ITERATIONS, _MAC, _SHA1_BYTES), safe, "sha1")
    mac = der.sequence(
        der.sequence(_SHA1, der.octets(digest)), der.octets(salts[1]), der.integer(ITERATIONS)
    )
    return der.sequence(der.integer(3), _content(safe), mac)


def derived(password: bytes, salt: bytes, count: int, purpose: int, size: int) -> bytes:
    """RFC 7292 B.2 with SHA-1. The password goes in as a BMPString with its closing zeros."""
    characters = password.decode("ascii").encode("utf-16-be") + b"\x00\x00"
    joined = _filled(salt) + _filled(characters)
    out = b""
    while len(out) < size:
        digest = bytes((purpose,)) * _BLOCK + joined
        for _ in range(count):
            digest = hashlib.sha1(digest).digest()  # noqa: S324 - the format's own hash
        out += digest
        joined = _stirred(joined, int.from_bytes(_filled(digest)[:_BLOCK], "big") + 1)
    return out[:size]


def _shrouded(plain: bytes, password: bytes, salt: bytes) -> bytes:
    """EncryptedPrivateKeyInfo."""
    key = derived(password, salt, ITERATIONS, _KEY, 24)
    iv = derived(password, salt, ITERATIONS, _IV, 8)
    count = 8 - len(plain) % 8
    encryptor = Cipher(TripleDES(key), modes.CBC(iv)).encryptor()
    ciphertext = encryptor.update(plain + bytes((count,)) * count) + encryptor.finalize()
    figures = der.sequence(der.octets(salt), der.integer(ITERATIONS))
    return der.sequence(der.sequence(_SHA1_3DES, figures), der.octets(ciphertext))


def _bag(kind: bytes, value: bytes, attributes: bytes) -> bytes:
    return der.sequence(kind, der.explicit(0, value), attributes)


def _content(content: bytes) -> bytes:
    return der.sequence(_DATA, der.explicit(0, der.octets(content)))


def _filled(content: bytes) -> bytes:
    """Repeated to a multiple of the hash's block."""
    size = -(-len(content) // _BLOCK) * _BLOCK
    return (content * (size // len(content) + 1))[:size]


def _stirred(joined: bytes, added: int) -> bytes:
    """Each block plus B plus 1, modulo its size."""
    whole = 1 << 8 * _BLOCK
    return b"".join(
        ((int.from_bytes(joined[at : at + _BLOCK], "big") + added) % whole).to_bytes(_BLOCK, "big")
        for at in range(0, len(joined), _BLOCK)
    )
