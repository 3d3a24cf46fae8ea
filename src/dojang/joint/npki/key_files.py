"""signPri.key: PKCS#8 with R as an attribute, under a password (KCAC.TS.ENC, RFC 5958, RFC 8018).

    PrivateKeyInfo ::= SEQUENCE { 0, rsaEncryption, OCTET STRING RSAPrivateKey,
                                  [0] IMPLICIT SET OF { randomNum, SET { BIT STRING R } } }

Two forms are written. PBES1: SEED-CBC under PBKDF1-SHA-1, the IV hashed from what is left of the
derived key. PBES2: SEED-CBC under PBKDF2-HMAC-SHA-1 with neither keyLength nor prf, because that is
what every reader knows. One more is read: the bare SEED with a fixed IV of long ago.
Whoever has the file can try passwords offline: no secret of the mobile certificate is used here.
"""

import enum
import hashlib
from dataclasses import dataclass, field
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node
from dojang.joint.npki import seed
from dojang.joint.npki.vid import R_BYTES

SALT_BYTES: Final = 8
ITERATIONS: Final = 2_048
ITERATIONS_MIN: Final = 1_024
ITERATIONS_MAX: Final = 100_000
"""A file is not a way to keep a machine busy."""
FILE_BYTES_MAX: Final = 16_384

RSA: Final = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL)
RANDOM_NUM: Final = der.oid("1.2.410.200004.10.1.1.3")
_PBES1_SEED: Final = der.oid("1.2.410.200004.1.15")
_SEED_CBC: Final = der.oid("1.2.410.200004.1.4")
_PBES2: Final = der.oid("1.2.840.113549.1.5.13")
_PBKDF2: Final = der.oid("1.2.840.113549.1.5.12")
_OLD_IV: Final = b"0123456789012345"
_KEY_BYTES: Final = 16


class Form(enum.StrEnum):
    """How the key is derived from the password."""

    PBES1 = "pbes1"
    PBES2 = "pbes2"
    OLD = "old"
    """Read, never written."""


class WrongPassword(Exception):
    """The password does not open the file, or its ciphertext was changed."""


class BadKeyFile(Exception):
    """No key file of a form that is known here; says what is wrong."""


@dataclass(frozen=True)
class PrivateKey:
    """`rsa` is DER of RSAPrivateKey (RFC 8017 A.1.2)."""

    rsa: bytes = field(repr=False)
    r: bytes = field(repr=False)


@dataclass(frozen=True)
class Envelope:
    """An EncryptedPrivateKeyInfo taken apart. `iv` is given in PBES2 only."""

    form: Form
    salt: bytes
    iterations: int
    iv: bytes
    ciphertext: bytes


def plain(key: PrivateKey) -> bytes:
    """PrivateKeyInfo."""
    attribute = der.sequence(RANDOM_NUM, der.tlv(der.SET, der.bits(key.r)))
    return der.sequence(der.integer(0), RSA, der.octets(key.rsa), der.explicit(0, attribute))


def seal(
    key: PrivateKey,
    password: bytes,
    *,
    form: Form,
    salt: bytes,
    iv: bytes = b"",
    iterations: int = ITERATIONS,
) -> bytes:
    """The file. `iv` (16 bytes) for PBES2; PBES1 derives its own."""
    if form is Form.OLD:
        raise ValueError("this form is read, not written")
    envelope = Envelope(form, salt, iterations, iv, b"")
    secret, start = _derived(envelope, password)
    ciphertext = seed.encrypt(secret, start, plain(key))
    return der.sequence(_algorithm(envelope), der.octets(ciphertext))


def open_(content: bytes, password: bytes) -> PrivateKey:
    """Raises BadKeyFile, WrongPassword."""
    return read_plain(decrypted(content, password))


def decrypted(content: bytes, password: bytes) -> bytes:
    """The PrivateKeyInfo's bytes. Raises BadKeyFile, WrongPassword.

    One wrong password in 256 leaves a good padding: what then is no SEQUENCE of the whole length
    is a wrong password too.
    """
    envelope = parse(content)
    secret, iv = _derived(envelope, password)
    try:
        opened = seed.decrypt(secret, iv, envelope.ciphertext)
        der.read(opened).expect(der.SEQUENCE)
    except (seed.BadPadding, BadDer):
        raise WrongPassword from None
    return opened


def parse(content: bytes) -> Envelope:
    """Raises BadKeyFile with what is wrong."""
    if len(content) > FILE_BYTES_MAX:
        raise BadKeyFile("larger than any key file")
    try:
        algorithm, ciphertext = _two(der.read(content).expect(der.SEQUENCE))
        kind, parameters = _two(algorithm.expect(der.SEQUENCE))
        encrypted = ciphertext.expect(der.OCTET_STRING).value
        envelope = _envelope(kind.raw, parameters, encrypted)
    except BadDer as wrong:
        raise BadKeyFile(str(wrong)) from None
    if len(envelope.salt) != SALT_BYTES:
        raise BadKeyFile("the salt has not 8 bytes")
    if not ITERATIONS_MIN <= envelope.iterations <= ITERATIONS_MAX:
        raise BadKeyFile("the iteration count is out of bounds")
    return envelope


def read_plain(content: bytes) -> PrivateKey:
    """A PrivateKeyInfo with R. Raises BadKeyFile with what is wrong."""
    try:
        parts = der.read(content).expect(der.SEQUENCE).children()
        if len(parts) < 3 or parts[0].raw != der.integer(0):
            raise BadKeyFile("not a PrivateKeyInfo of version 0")
        if parts[1].raw != RSA:
            raise BadKeyFile("not an RSA key with NULL parameters")
        rsa = parts[2].expect(der.OCTET_STRING).value
        return PrivateKey(rsa, _random_number(parts[3:]))
    except BadDer as wrong:
        raise BadKeyFile(str(wrong)) from None


def _random_number(rest: list[Node]) -> bytes:
    if len(rest) != 1 or rest[0].tag != 0xA0:
        raise BadKeyFile("no random number R beside the key")
    attributes = rest[0].children()
    if len(attributes) != 1:
        raise BadKeyFile("not exactly one attribute beside the key")
    kind, values = _two(attributes[0].expect(der.SEQUENCE))
    if kind.raw != RANDOM_NUM:
        raise BadKeyFile("no random number R beside the key")
    if values.tag != der.SET:
        raise BadKeyFile("R does not lie in a SET")
    (bits,) = values.children() if len(values.children()) == 1 else (None,)
    if bits is None or bits.tag != der.BIT_STRING:
        raise BadKeyFile("R is not one BIT STRING")
    if bits.value[:1] != b"\x00" or len(bits.value) != 1 + R_BYTES:
        raise BadKeyFile("R has not 160 whole bits")
    return bits.value[1:]


def _envelope(kind: bytes, parameters: Node, ciphertext: bytes) -> Envelope:
    if kind == _PBES2:
        return _pbes2(parameters, ciphertext)
    forms = {_PBES1_SEED: Form.PBES1, _SEED_CBC: Form.OLD}
    if kind not in forms:
        raise BadKeyFile("an encryption that is unknown here")
    salt, count = _two(parameters.expect(der.SEQUENCE))
    form = forms[kind]
    iv = _OLD_IV if form is Form.OLD else b""
    return Envelope(form, salt.expect(der.OCTET_STRING).value, count.number(), iv, ciphertext)


def _pbes2(parameters: Node, ciphertext: bytes) -> Envelope:
    derivation, cipher = _two(parameters.expect(der.SEQUENCE))
    kdf, figures = _two(derivation.expect(der.SEQUENCE))
    scheme, iv = _two(cipher.expect(der.SEQUENCE))
    if kdf.raw != _PBKDF2 or scheme.raw != _SEED_CBC:
        raise BadKeyFile("PBES2 with something else than PBKDF2 and SEED-CBC")
    members = figures.expect(der.SEQUENCE).children()
    if len(members) != 2:
        raise BadKeyFile("PBKDF2 with a keyLength or prf, which readers do not look at")
    start = iv.expect(der.OCTET_STRING).value
    if len(start) != seed.BLOCK_BYTES:
        raise BadKeyFile("the IV has not 16 bytes")
    salt, count = members[0].expect(der.OCTET_STRING).value, members[1].number()
    return Envelope(Form.PBES2, salt, count, start, ciphertext)


def _algorithm(envelope: Envelope) -> bytes:
    figures = der.sequence(der.octets(envelope.salt), der.integer(envelope.iterations))
    if envelope.form is Form.PBES1:
        return der.sequence(_PBES1_SEED, figures)
    derivation = der.sequence(_PBKDF2, figures)
    cipher = der.sequence(_SEED_CBC, der.octets(envelope.iv))
    return der.sequence(_PBES2, der.sequence(derivation, cipher))


def _derived(envelope: Envelope, password: bytes) -> tuple[bytes, bytes]:
    """(key, IV)."""
    if envelope.form is Form.PBES2:
        salt, count = envelope.salt, envelope.iterations
        return hashlib.pbkdf2_hmac("sha1", password, salt, count, _KEY_BYTES), envelope.iv
    derived = _pbkdf1(password, envelope.salt, envelope.iterations)
    if envelope.form is Form.OLD:
        return derived[:_KEY_BYTES], envelope.iv
    return derived[:_KEY_BYTES], hashlib.sha1(derived[_KEY_BYTES:]).digest()[:16]  # noqa: S324


def _pbkdf1(password: bytes, salt: bytes, count: int) -> bytes:
    """RFC 8018 5.1 with SHA-1: all 20 bytes."""
    digest = password + salt
    for _ in range(count):
        digest = hashlib.sha1(digest).digest()  # noqa: S324 - the format's own hash
    return digest


def _two(node: Node) -> list[Node]:
    parts = node.children()
    if len(parts) != 2:
        raise BadDer("two members were expected")
    return parts
