"""The telecom operators' twin: invented operators, and the people who were told to exist."""

import hashlib
from typing import ClassVar, Final

from dojang.gateways.telecom import Carrier, Claim, Subscriber
from dojang.gateways.twins.outside import Outside
from dojang.gateways.twins.people import ci_of, composed
from dojang.kernel.clock import Instant

CARRIERS: Final = (
    Carrier("hanbit", "한빛텔레콤", "Hanbit Telecom"),
    Carrier("duru", "두루모바일", "Duru Mobile"),
    Carrier("nuri", "누리텔", "Nuritel"),
    Carrier("hanbit_mvno", "한빛텔레콤 알뜰폰", "Hanbit Telecom MVNO"),
    Carrier("duru_mvno", "두루모바일 알뜰폰", "Duru Mobile MVNO"),
    Carrier("nuri_mvno", "누리텔 알뜰폰", "Nuritel MVNO"),
)


class SimulatedTelecom:
    """Plays `TelecomIdentity`.

    CI and DI are computed from the resident number, so a person has one CI whatever phone they
    use and however often the demo is reset. The number itself is kept nowhere: who claims it is
    recognised by the CI it gives. `Outside.subscribe` lets people exist.
    """

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside, *, service: str = "dojang") -> None:
        self._outside = outside
        self._service = service

    def carriers(self) -> tuple[Carrier, ...]:
        return CARRIERS

    def subscriber(self, claim: Claim) -> Subscriber | None:
        ci = ci_of(claim.resident_number)
        with self._outside.read() as connection:
            row = connection.execute(
                "SELECT sim_changed_at FROM subscriber"
                " WHERE phone = ? AND carrier = ? AND name = ? AND ci = ?",
                (claim.phone, claim.carrier, composed(claim.name), ci),
            ).fetchone()
        if row is None:
            return None
        changed = None if row[0] is None else Instant(row[0])
        return Subscriber(ci=ci, di=self._di(ci), sim_changed_at=changed)

    def _di(self, ci: str) -> str:
        """64 characters, another for each service that asks."""
        return hashlib.sha256(f"di\0{self._service}\0{ci}".encode()).hexdigest()
