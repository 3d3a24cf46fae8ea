"""A transfer as the phone shows it, and the exact bytes its customer signs (PROTOCOL 3)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dojang.crypto import messages
from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.crypto.messages import Life, Transfer

NONCE_BYTES_MIN = 16


@dataclass(frozen=True)
class Order:
    """What the customer typed. `payee_holder` is what the screen showed before the PIN."""

    from_account: str
    payee_bank: str
    payee_account: str
    payee_holder: str
    amount: int
    memo: str = ""

    def body(self) -> dict[str, Any]:
        return {
            "from_account": self.from_account,
            "payee_bank": self.payee_bank,
            "payee_account": self.payee_account,
            "amount": self.amount,
            "memo": unicodedata.normalize("NFC", self.memo),
        }


class OtherThanShown(Exception):
    """The bank asks for a signature over something the phone did not show. Nothing is signed."""


def life(kid: bytes, fields: Mapping[str, Any]) -> Life:
    """The nonce and the times that the bank gave; the rest of a message is the phone's own."""
    try:
        nonce = unb64u(fields["nonce"])
    except BadEncoding:
        raise OtherThanShown("nonce") from None
    if len(nonce) < NONCE_BYTES_MIN:
        raise OtherThanShown("nonce")
    return Life(
        kid=kid, nonce=nonce, issued_at=fields["issued_at"], expires_at=fields["expires_at"]
    )


def same_members(given: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raise OtherThanShown unless the bank's members say what the phone's own say."""
    differing = sorted(name for name in own if given.get(name) != own[name])
    if differing:
        raise OtherThanShown(", ".join(differing))


def signed_bytes(order: Order, answer: Mapping[str, Any], *, kid: bytes, origin: str) -> bytes:
    """The bytes of a transfer, built from what was typed and shown.

    From the bank come only the id that the phone made, fee, tier, policy version, nonce and times.
    Raises OtherThanShown if the bank's own fields say anything else.
    """
    fields = answer["request"]["fields"]
    typed = order.body()
    built = messages.transfer(
        life(kid, fields),
        Transfer(
            transfer_id=answer["id"],
            payee_holder=unicodedata.normalize("NFC", order.payee_holder),
            fee=answer["fee"],
            tier=answer["tier"],
            policy_version=answer["policy_version"],
            **typed,
        ),
        origin=origin,
    )
    own = messages.read(built)[1]
    same_members(fields, own)
    same_members(own, fields)
    same_members(answer, {"kid": b64u(kid)})
    return built
