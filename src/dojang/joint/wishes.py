"""What the app may ask for, and whether it is whole: sizes, the key, what belongs to what."""

from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dojang.joint.model import JointKeyRefused, Op, Reason
from dojang.kernel.problem import Malformed

KEY_BITS: Final = 2_048
BLOCK_BYTES: Final = KEY_BITS // 8
SPKI_BYTES_MAX: Final = 512
OWN_REASONS: Final = frozenset({Reason.UNUSED, Reason.KEY_COMPROMISED, Reason.OTHER})
WITH_KEY: Final = frozenset({Op.ISSUE, Op.RENEW, Op.REISSUE})
ABOUT_ONE: Final = frozenset({Op.RENEW, Op.REISSUE, Op.REVOKE})


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the app asks for. The three byte strings where a key is to be certified."""

    op: Op
    certificate_id: str | None = None
    reason: Reason | None = None
    spki: bytes = b""
    sealed_r: bytes = b""
    proof: bytes = b""


def demand_whole(wish: Wish) -> None:
    """Everything that this kind of wish needs, and nothing else. Raises Malformed.

    A registration may bring a sealed R, for a CMP client that sends no EncryptedVID.
    """
    keyed = wish.op in WITH_KEY
    if keyed != bool(wish.spki and wish.proof) or (keyed and not wish.sealed_r):
        raise Malformed
    if (wish.op in ABOUT_ONE) != (wish.certificate_id is not None):
        raise Malformed
    if (wish.op is Op.REVOKE) != (wish.reason in OWN_REASONS):
        raise Malformed
    sizes = {len(one) for one in (wish.sealed_r, wish.proof) if one}
    if sizes - {BLOCK_BYTES}:
        raise Malformed


def demand_key(spki: bytes) -> None:
    """RSA-2048 with e = 65537, in the one encoding. Raises JointKeyRefused."""
    try:
        key = serialization.load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        raise JointKeyRefused(reason="algorithm") from None
    if not isinstance(key, RSAPublicKey) or len(spki) > SPKI_BYTES_MAX:
        raise JointKeyRefused(reason="algorithm")
    if key.key_size != KEY_BITS:
        raise JointKeyRefused(reason="size")
    if key.public_numbers().e != 65_537:
        raise JointKeyRefused(reason="exponent")
    again = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    if again != spki:
        raise JointKeyRefused(reason="algorithm")
