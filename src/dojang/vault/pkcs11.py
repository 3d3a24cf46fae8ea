"""A vault in a PKCS#11 token: an HSM in production, SoftHSM in the tests.

Private keys are made in the token, sensitive and never extractable, and the token does what needs
them: ECDSA over a hash made here, HMAC-SHA-256, AES-256-GCM. A key that could be read out is not
used, also where somebody else put it there under our label.

PKCS#11 lets two objects have one label. We make keys under the bank's set-up lock, look before and
after, and refuse to choose between two.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final, Self

from asn1crypto import core
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pkcs11 import (
    Attribute,
    GCMParams,
    KeyType,
    Mechanism,
    MechanismFlag,
    ObjectClass,
    exceptions,
)
from pkcs11.util.ec import encode_named_curve_parameters

from dojang.kernel.entropy import Entropy
from dojang.kernel.secret import Secret
from dojang.vault import oaep
from dojang.vault.model import (
    BadCiphertext,
    BadWrap,
    KeyExists,
    KeyKind,
    Padding,
    PublicKey,
    ReadableKey,
    UnknownKey,
    VaultError,
)
from dojang.vault.token import Line, Token

NONCE_BYTES: Final = 12
TAG_BITS: Final = 128
ID_BYTES: Final = 16
_CURVES: Final[dict[KeyKind, tuple[str, ec.EllipticCurve, str]]] = {
    KeyKind.EC_P256: ("secp256r1", ec.SECP256R1(), "sha256"),
    KeyKind.EC_P384: ("secp384r1", ec.SECP384R1(), "sha384"),
}
_KINDS: Final = {curve.name: kind for kind, (_, curve, _) in _CURVES.items()}
_RSA: Final = {
    KeyKind.RSA_2048: MechanismFlag.SIGN | MechanismFlag.VERIFY,
    KeyKind.RSA_2048_DECRYPT: MechanismFlag.DECRYPT | MechanismFlag.ENCRYPT,
}
RSA_BITS: Final = 2048
_SYMMETRIC: Final = {
    KeyKind.SECRET: (KeyType.GENERIC_SECRET, MechanismFlag.SIGN),
    KeyKind.KEK: (KeyType.AES, MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT),
}
_KEPT: Final = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.PRIVATE: True}
_USED: Final = (ObjectClass.PRIVATE_KEY, ObjectClass.SECRET_KEY)


class Pkcs11Vault:
    """The vault over one token. Every key of the token that has a label is in it."""

    def __init__(self, token: Token, entropy: Entropy) -> None:
        self._token = token
        self._entropy = entropy

    @classmethod
    def open(cls, module: str, label: str, pin: Secret[str], entropy: Entropy) -> Self:
        """Log in to the token called `label`. Raises `VaultLocked`."""
        return cls(Token(module, label, pin), entropy)

    def change_pin(self, new: Secret[str]) -> None:
        """Raises `VaultLocked` where the token does not take it."""
        self._token.change_pin(new)

    def close(self) -> None:
        """Log out. Called again, the vault logs in again."""
        self._token.close()

    def create(self, label: str, kind: KeyKind) -> None:
        key_id = self._entropy.bytes(ID_BYTES)
        self._token.run(lambda line: _create(line, label, kind, key_id))

    def labels(self) -> list[str]:
        def found(line: Line) -> list[str]:
            there = sorted(_label(one) for one in _all_keys(line))
            if not there:
                raise UnknownKey("a token without keys")
            return there

        try:
            return self._token.run(found)
        except UnknownKey:
            return []

    def public_key(self, label: str) -> PublicKey:
        return self._token.run(lambda line: _public(line, label))

    def rsa_public_key(self, label: str) -> rsa.RSAPublicKey:
        def found(line: Line) -> rsa.RSAPublicKey:
            _key(line, label, KeyType.RSA)
            public = _public_half(line, label)
            modulus = int.from_bytes(public[Attribute.MODULUS], "big")
            exponent = int.from_bytes(public[Attribute.PUBLIC_EXPONENT], "big")
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()

        return self._token.run(found)

    def sign(self, label: str, data: bytes) -> bytes:
        return self._token.run(lambda line: _sign(line, label, data))

    def sign_each(self, label: str, data: Sequence[bytes]) -> list[bytes]:
        """One call to the token each: it knows no other way."""
        return [self.sign(label, one) for one in data]

    def sign_digest(self, label: str, digest: bytes) -> bytes:
        return self._token.run(lambda line: _sign_digest(line, label, digest))

    def decrypt(self, label: str, ciphertext: bytes, padding: Padding) -> bytes:
        return self._token.run(lambda line: _decrypt(line, label, ciphertext, padding))

    def derive(self, label: str, info: bytes) -> bytes:
        def derived(line: Line) -> bytes:
            key = _key(line, label, KeyType.GENERIC_SECRET)
            made: bytes = key.sign(info, mechanism=Mechanism.SHA256_HMAC)
            return made

        return self._token.run(derived)

    def wrap(self, label: str, key: bytes, aad: bytes) -> bytes:
        nonce = self._entropy.bytes(NONCE_BYTES)
        return nonce + self._token.run(lambda line: _seal(line, label, nonce, key, aad))

    def unwrap(self, label: str, blob: bytes, aad: bytes) -> bytes:
        nonce, sealed = blob[:NONCE_BYTES], blob[NONCE_BYTES:]
        if len(sealed) < TAG_BITS // 8:
            raise BadWrap(label)
        return self._token.run(lambda line: _unseal(line, label, nonce, sealed, aad))


def _create(line: Line, label: str, kind: KeyKind, key_id: bytes) -> None:
    if _named(line, label):
        raise KeyExists(label)
    if kind in _SYMMETRIC:
        key_type, uses = _SYMMETRIC[kind]
        line.session.generate_key(
            key_type, 256, id=key_id, label=label, store=True, capabilities=uses, template=_KEPT
        )
    else:
        uses = _RSA.get(kind, MechanismFlag.SIGN | MechanismFlag.VERIFY)
        pair = {"id": key_id, "label": label, "store": True, "capabilities": uses}
        _generator(line, kind)(**pair, private_template=_KEPT)
    _the_only(_named(line, label), label)


def _generator(line: Line, kind: KeyKind) -> Callable[..., Any]:
    """What makes a key pair of this kind."""
    if kind in _RSA:
        return functools.partial(line.session.generate_keypair, KeyType.RSA, RSA_BITS)
    curve = encode_named_curve_parameters(_CURVES[kind][0])
    domain = line.session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: curve}, local=True
    )
    made: Callable[..., Any] = domain.generate_keypair
    return made


def _sign(line: Line, label: str, data: bytes) -> bytes:
    key = _key(line, label, KeyType.EC, KeyType.RSA)
    if not key[Attribute.SIGN]:
        raise UnknownKey(label)
    if key.key_type is KeyType.RSA:
        signature: bytes = key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS)
        return signature
    curve = _public(line, label).curve
    return _ecdsa(key, hashlib.new(_CURVES[_KINDS[curve.name]][2], data).digest())


def _sign_digest(line: Line, label: str, digest: bytes) -> bytes:
    key = _key(line, label, KeyType.EC)
    if not key[Attribute.SIGN]:
        raise UnknownKey(label)
    return _ecdsa(key, digest)


def _ecdsa(key: Any, digest: bytes) -> bytes:
    raw = key.sign(digest, mechanism=Mechanism.ECDSA)
    half = len(raw) // 2
    r, s = (int.from_bytes(part, "big") for part in (raw[:half], raw[half:]))
    return encode_dss_signature(r, s)


def _decrypt(line: Line, label: str, ciphertext: bytes, padding: Padding) -> bytes:
    key = _key(line, label, KeyType.RSA)
    if not key[Attribute.DECRYPT]:
        raise UnknownKey(label)
    if len(ciphertext) != RSA_BITS // 8:
        raise BadCiphertext(label)
    try:
        if padding is Padding.PKCS1:
            plain: bytes = key.decrypt(ciphertext, mechanism=Mechanism.RSA_PKCS)
            return plain
        return oaep.unpadded(key.decrypt(ciphertext, mechanism=Mechanism.RSA_X_509))
    except exceptions.PKCS11Error:
        _still_there(key)
        raise BadCiphertext(label) from None
    except oaep.BadPadding:
        raise BadCiphertext(label) from None


def _public(line: Line, label: str) -> PublicKey:
    found = line.publics.get(label)
    if found is None:
        _key(line, label, KeyType.EC)
        public = _public_half(line, label)
        point = core.OctetString.load(public[Attribute.EC_POINT]).native
        found = line.publics[label] = ec.EllipticCurvePublicKey.from_encoded_point(
            _curve_of(public), point
        )
    return found


def _public_half(line: Line, label: str) -> Any:
    wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: label}
    return _the_only(list(line.session.get_objects(wanted)), label)


def _curve_of(public: Any) -> ec.EllipticCurve:
    parameters = public[Attribute.EC_PARAMS]
    for name, curve, _ in _CURVES.values():
        if parameters == encode_named_curve_parameters(name):
            return curve
    raise UnknownKey("not on a curve of ours")


def _key(line: Line, label: str, *types: KeyType) -> Any:
    """The private or secret key, which never leaves the token."""
    key = line.keys.get(label)
    if key is None:
        key = _the_only(_named(line, label), label)
        if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
            raise ReadableKey(label)
        line.keys[label] = key
    if key.key_type not in types:
        raise UnknownKey(label)
    return key


def _seal(line: Line, label: str, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    sealed: bytes = _key(line, label, KeyType.AES).encrypt(
        plain, mechanism=Mechanism.AES_GCM, mechanism_param=GCMParams(nonce, aad, TAG_BITS)
    )
    return sealed


def _unseal(line: Line, label: str, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    key = _key(line, label, KeyType.AES)
    parameters = GCMParams(nonce, aad, TAG_BITS)
    try:
        plain: bytes = key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=parameters)
    except exceptions.PKCS11Error:
        _still_there(key)
        raise BadWrap(label) from None
    return plain


def _still_there(key: Any) -> None:
    """Raises where the token is gone.

    Tokens say in different words that a tag or a padding is wrong, some in the same as that they
    are away. So after any error the key is looked at: if it answers, it was the bytes.
    """
    _ = key[Attribute.EXTRACTABLE]


def _named(line: Line, label: str) -> list[Any]:
    return [one for one in _all_keys(line, {Attribute.LABEL: label}) if _label(one) == label]


def _all_keys(line: Line, wanted: dict[Attribute, Any] | None = None) -> list[Any]:
    """A lost session is noticed by asking for a byte: a search on one ends in a warning as well."""
    line.session.generate_random(8)
    return [
        one
        for kind in _USED
        for one in line.session.get_objects({Attribute.CLASS: kind, **(wanted or {})})
    ]


def _the_only(found: list[Any], label: str) -> Any:
    if not found:
        raise UnknownKey(label)
    if len(found) > 1:
        raise VaultError(f"the token has {len(found)} keys called {label}")
    return found[0]


def _label(key: Any) -> str:
    return str(key.label)
