"""What an audit asks of a leaf before it believes a word of it: fields, and of which kind.

Whoever may add a leaf can leave a field out, or put a list where an id belongs. Such a leaf is
named and passed over; it must not end the audit, or it would hide whatever comes after it.
"""

from collections.abc import Mapping
from typing import Any, Final

import cbor2

Fields = Mapping[str, Any]
Found = tuple[int, str]
"""(index of the leaf, what is wrong)."""

POSTED: Final = "transfer.posted"
REJECTED: Final = "transfer.rejected"
HELD: Final = "hold.made"
RELEASED: Final = "hold.released"
REFUSED: Final = "hold.refused"
OPENED: Final = "account.opened"
NUMBERED: Final = "account.numbered"
ADOPTED: Final = "policy.adopted"
DIGESTED: Final = "policy.digested"
ISSUED: Final = frozenset({"certificate.issued", "certificate.reissued"})
LEDGER: Final = frozenset({POSTED, REJECTED, HELD, RELEASED, REFUSED})
WAITS: Final = "transfer.held"
STOPPED: Final = "transfer.stopped"
SHOWN: Final = "opening.purpose_shown"
ERASED: Final = "customer.erased"
ERASE_ASKED: Final = "customer.erase_asked"

_TRANSFER: Final = {"transfer_id", "amount", "kst_day"}
_PAIR: Final = {f"{kind}_{what}" for kind in ("auth", "sign") for what in ("serial", "fingerprint")}
_FIELDS: Final[dict[str, set[str]]] = {
    POSTED: _TRANSFER | {"debit", "credit", "authorization", "hold"},
    REJECTED: _TRANSFER | {"debit", "credit", "reason"},
    HELD: _TRANSFER | {"debit", "credit", "authorization", "expires_at"},
    RELEASED: _TRANSFER | {"debit", "hold", "how"},
    REFUSED: _TRANSFER | {"hold", "how", "reason"},
    WAITS: {"transfer_id", "due_at"},
    STOPPED: {"transfer_id"},
    OPENED: {"account_id"},
    NUMBERED: {"account_id", "number"},
    SHOWN: {"account_id"},
    ADOPTED: {"version", "profile", "effective_at"},
    DIGESTED: {"version", "digest"},
    ERASED: {"by", "approved_by"},
    ERASE_ASKED: {"by"},
    **dict.fromkeys(ISSUED, _PAIR | {"credential_id"}),
    "certificate.locked": {"credential_id"},
    "certificate.released": {"credential_id"},
    "certificate.revoked": {"credential_id", "reason", "crl_reason"},
    "certificate.suspended": {"credential_id", "reason"},
}
_FRAME: Final = {"idx", "at", "kind", "subject"}
_COUNTS: Final = frozenset(
    {"idx", "at", "amount", "kst_day", "expires_at", "due_at", "version", "effective_at"}
)
"""Fields that are numbers; all others asked for here are texts or bytes."""


def event_in(body: bytes) -> dict[str, Any] | None:
    """The event of a leaf, whatever stands in it; None where it cannot be read."""
    try:
        said = cbor2.loads(body)
    except (cbor2.CBORDecodeError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def read(body: bytes) -> dict[str, Any] | None:
    """The same; None also where it lacks what is asked of its kind."""
    said = event_in(body)
    return said if said is not None and complete(said) else None


def complete(leaf: Fields) -> bool:
    """Has the leaf what every leaf has, and what is asked of its kind, each of the right type?"""
    if not _has(leaf, _FRAME):
        return False
    return _has(leaf, _FIELDS.get(leaf["kind"], set()))


def _has(leaf: Fields, names: set[str]) -> bool:
    return all(isinstance(leaf.get(one), int if one in _COUNTS else str | bytes) for one in names)
