"""A registration for a CMP client: 참조번호 and 인가코드, made by a request that the PIN signed.

The code is shown once and good for one certificate, for minutes, with few failures. A failure is
counted in a transaction of its own, whatever becomes of the message that caused it.
"""

from dataclasses import dataclass, field
from typing import Final

from dojang import policy
from dojang.db import Database, Tx
from dojang.joint import store_cmp
from dojang.joint.events import JointRegistered, JointRegistrationFailed
from dojang.joint.model import (
    JointNotSigned,
    JointRegistrationShown,
    JointRequestOver,
    Op,
    Request,
    Step,
)
from dojang.joint.requesting import Requests
from dojang.joint.store_cmp import Registration
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.entropy import Entropy, digits
from dojang.kernel.secret import Secret
from dojang.vault.fields import FieldKeys

REFERENCE_DIGITS: Final = 8
CODE_CHARACTERS: Final = 20
CODE_PURPOSE: Final = "joint.code"
_ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789A"
"""32 places, so that each byte chooses fairly; no I, L, O, 0, 1 to be misread."""


@dataclass(frozen=True)
class Told:
    """What is shown this once."""

    reference: str
    code: Secret[str] = field(repr=False)
    expires_at: Instant


class Registrations:
    """Made for the app, used by the CMP door."""

    def __init__(
        self, db: Database, fields: FieldKeys, entropy: Entropy, requests: Requests
    ) -> None:
        self._db = db
        self._fields = fields
        self._entropy = entropy
        self._requests = requests

    def show(self, customer_id: str, request_id: str) -> Told:
        """Make it of a signed request. Raises NotFound, JointNotSigned, JointRegistrationShown."""
        request = self._requests.show(customer_id, request_id)
        _demand_signed(request)
        reference = digits(self._entropy, REFERENCE_DIGITS)
        drawn = self._entropy.bytes(CODE_CHARACTERS)
        code = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in drawn)
        with self._db.transaction() as tx:
            seconds = policy.current(tx).joint.registration_seconds
            ends = Instant(min(tx.now + seconds * SECOND, request.expires_at))
            row = {
                "reference": reference,
                "request_id": request.id,
                "customer_id": customer_id,
                "code_sealed": self._fields.seal(CODE_PURPOSE, reference, code),
                "expires_at": ends,
                "failures": 0,
                "used_at": None,
            }
            if tx.now > ends:
                raise JointRequestOver
            if not store_cmp.add(tx, row):
                raise JointRegistrationShown
            tx.emit(JointRegistered(subject=customer_id, request_id=request.id, expires_at=ends))
        return Told(reference, Secret(code), ends)

    def found(self, reference: str) -> tuple[Registration, Secret[str]] | None:
        """One that may be used now, with its code; None for every other."""
        with self._db.snapshot() as tx:
            registration = store_cmp.registration(tx, reference)
            limit = policy.current(tx).joint.registration_failures
            if registration is None or not registration.usable(tx.now, limit):
                return None
        return registration, self._code(registration)

    def used(self, reference: str) -> tuple[Registration, Secret[str]] | None:
        """One that led to a certificate, for what is still to be said about that."""
        with self._db.snapshot() as tx:
            registration = store_cmp.registration(tx, reference)
        if registration is None or registration.used_at is None:
            return None
        return registration, self._code(registration)

    def failed(self, registration: Registration) -> None:
        """Somebody used a wrong code."""
        with self._db.transaction() as tx:
            limit = policy.current(tx).joint.registration_failures
            failures = store_cmp.fail(tx, registration.reference)
            tx.emit(
                JointRegistrationFailed(
                    subject=registration.customer_id,
                    request_id=registration.request_id,
                    left=max(0, limit - failures),
                )
            )

    def use(self, tx: Tx, registration: Registration) -> bool:
        """Take it, once. False where another message was faster, or its tries are spent."""
        limit = policy.current(tx).joint.registration_failures
        return store_cmp.use(tx, registration.reference, limit)

    def _code(self, registration: Registration) -> Secret[str]:
        place = registration.reference
        return Secret(self._fields.open(CODE_PURPOSE, place, registration.code_sealed))


def _demand_signed(request: Request) -> None:
    if request.op is not Op.REGISTER or request.step in (Step.OVER, Step.DONE):
        raise JointRequestOver
    if request.step is Step.WAITING:
        raise JointNotSigned
