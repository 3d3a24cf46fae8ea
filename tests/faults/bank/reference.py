"""The bank as it should be, one request after the other: what the log must come to.

Written from the rules, without the code under test. It is told the day and the hour that the bank
says it was, and complains when that day lies before one that the customer has seen.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.faults.bank.town import PEOPLE

UNLIMITED = 500_000_000
"""The policy's own limit, per transfer and per day."""

Shown = tuple[int, int, int]
"""(posted, held, version) of an account."""


@dataclass
class Purse:
    owner: str | None
    posted: int = 0
    held: int = 0
    version: int = 0

    @property
    def free(self) -> int:
        return self.posted - self.held

    @property
    def shown(self) -> Shown:
        return self.posted, self.held, self.version


@dataclass
class Slate:
    day: int = 0
    used: int = 0


@dataclass
class Envelope:
    """Money that was set aside."""

    request: dict[str, Any]
    day: int
    state: str = "open"

    @property
    def amount(self) -> int:
        return int(self.request["amount"])

    def due(self, now: int) -> bool:
        return self.state == "open" and now >= self.request["expires_at"]


@dataclass(frozen=True)
class Verdict:
    """`refusal` None: done. `lines` are (account, version, amount, balance after)."""

    refusal: list[Any] | None
    lines: tuple[tuple[str, int, int, int], ...] = ()


ENDS = {"post": "posted", "void": "voided", "expire": "expired"}


@dataclass
class Reference:
    purses: dict[str, Purse]
    slates: dict[str, Slate] = field(default_factory=lambda: {one.name: Slate() for one in PEOPLE})
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    _open: dict[str, dict[str, Envelope]] = field(default_factory=dict)
    _limits: dict[str, tuple[int, int]] = field(
        default_factory=lambda: {
            one.name: (one.per_transfer or UNLIMITED, one.per_day or UNLIMITED) for one in PEOPLE
        }
    )

    def decide(self, request: dict[str, Any], day: int, now: int) -> Verdict:
        """What this request comes to now; done, where it is not refused."""
        if request["kind"] in ENDS:
            return self._end(request, now)
        refusal = self._refusal(request, day)
        if refusal is not None:
            return Verdict(refusal)
        amount, slate = request["amount"], self.slates.get(request["subject"])
        if slate is not None:
            slate.used = self._used(slate, day) + amount
            slate.day = max(slate.day, day)
        if request["kind"] == "hold":
            self.purses[request["debit"]].held += amount
            made = self.envelopes[request["id"]] = Envelope(request, day)
            self._open.setdefault(request["debit"], {})[request["id"]] = made
            return Verdict(None)
        return Verdict(None, self._moved(request))

    def day_is_over(self, customer: str, day: int) -> bool:
        """The bank says a day that lies before one it has said already."""
        slate = self.slates.get(customer)
        return slate is not None and day < slate.day

    def overdue(self, account: str, now: int) -> list[str]:
        """Holds of this account that should have been ended before anything is taken from it."""
        return [id_ for id_, one in self._open.get(account, {}).items() if one.due(now)]

    def shown(self, account: str, now: int) -> Shown:
        """As its owner sees it: what is due counts as released at once."""
        purse = self.purses[account]
        due = sum(one.amount for one in self._open.get(account, {}).values() if one.due(now))
        return purse.posted, purse.held - due, purse.version

    def _refusal(self, request: dict[str, Any], day: int) -> list[Any] | None:
        amount, purse = request["amount"], self.purses[request["debit"]]
        slate = self.slates.get(request["subject"])
        if request["debit"] == request["credit"]:
            return ["same_account", {}]
        if slate is None:
            return None
        per_transfer, per_day = self._limits[request["subject"]]
        if amount > per_transfer:
            return ["over_per_transfer_limit", {"limit": per_transfer}]
        if amount > purse.free:
            return ["insufficient_funds", {"available": purse.free}]
        left = per_day - self._used(slate, day)
        if amount > left:
            return ["over_daily_limit", {"left_today": left}]
        return None

    def _end(self, request: dict[str, Any], now: int) -> Verdict:
        """Post, void or expire what was set aside; what does not move goes back to its day."""
        envelope, amount = self.envelopes.get(request["ref"]), request["amount"]
        if request["kind"] == "post" and request["debit"] == request["credit"]:
            return Verdict(["same_account", {}])
        if envelope is None:
            return Verdict(["hold_not_found", {}])
        if envelope.state != "open":
            return Verdict([f"hold_already_{envelope.state}", {}])
        if request["kind"] != "expire" and envelope.due(now):
            return Verdict(["hold_already_expired", {}])
        if amount > envelope.amount:
            return Verdict(["exceeds_hold", {"held": envelope.amount}])
        moved = amount if request["kind"] == "post" else 0
        envelope.state = ENDS[request["kind"]]
        self.purses[request["debit"]].held -= envelope.amount
        del self._open[request["debit"]][request["ref"]]
        slate = self.slates[request["subject"]]
        if slate.day == envelope.day:
            slate.used -= envelope.amount - moved
        return Verdict(None, self._moved(request) if moved else ())

    def _used(self, slate: Slate, day: int) -> int:
        return slate.used if slate.day >= day else 0

    def _moved(self, request: dict[str, Any]) -> tuple[tuple[str, int, int, int], ...]:
        amount = request["amount"]
        return self._line(request["debit"], -amount), self._line(request["credit"], amount)

    def _line(self, account: str, amount: int) -> tuple[str, int, int, int]:
        purse = self.purses[account]
        purse.posted += amount
        purse.version += 1
        return account, purse.version, amount, purse.posted
