"""The certificates in customers' phones: issued, watched, ended, and what is told about them."""

from dojang.certificates.authority import Authority
from dojang.certificates.issuing import Issued, Issuing, KeyProof, Order, Prepared
from dojang.certificates.lifecycle import Activated, Lifecycle
from dojang.certificates.model import (
    Assurance,
    Certificate,
    Credential,
    CredentialLocked,
    CredentialRevoked,
    CredentialSuspended,
    EndReason,
    Hold,
    Kind,
    Plan,
    State,
)
from dojang.certificates.status import Status

__all__ = [
    "Activated",
    "Assurance",
    "Authority",
    "Certificate",
    "Credential",
    "CredentialLocked",
    "CredentialRevoked",
    "CredentialSuspended",
    "EndReason",
    "Hold",
    "Issued",
    "Issuing",
    "KeyProof",
    "Kind",
    "Lifecycle",
    "Order",
    "Plan",
    "Prepared",
    "State",
    "Status",
]
