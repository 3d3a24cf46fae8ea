"""What a customer puts between a signature and the money. Pure.

What makes it safer is in force at once; what makes it weaker waits for as long as the policy says,
because whoever holds the phone, or the customer's arm, would begin with that.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dojang.kernel.clock import HOUR, MINUTE, SECOND, Instant
from dojang.kernel.problem import Malformed
from dojang.policy.model import Safeguards as Rules

ON: Final = 1


class Safeguard(enum.StrEnum):
    """Each is a figure: hours, or 0 for off and 1 for on."""

    DESIGNATED_ONLY = "designated_only"
    DELAY_HOURS = "delay_hours"
    DELAY_SPARES_DESIGNATED = "delay_spares_designated"
    UNDO = "undo"
    SMS_HOLD = "sms_hold"


class Why(enum.StrEnum):
    """Why a transfer is held before it is sent."""

    DELAY = "delay"
    UNDO = "undo"
    SMS = "sms"


_MORE_IS_WEAKER: Final = frozenset({Safeguard.DELAY_SPARES_DESIGNATED, Safeguard.SMS_HOLD})


@dataclass(frozen=True)
class Setting:
    """One safeguard of one customer; from `later_at` on it is `later`."""

    value: int = 0
    later: int | None = None
    later_at: Instant | None = None

    def at(self, now: Instant) -> int:
        """The figure in force at that moment."""
        due = self.later is not None and self.later_at is not None and now >= self.later_at
        return self.later if due and self.later is not None else self.value

    def folded(self, now: Instant) -> "Setting":
        """The same, without a change that has taken effect meanwhile."""
        if self.later_at is not None and now >= self.later_at:
            return Setting(self.at(now))
        return self


Settings = Mapping[Safeguard, Setting]


@dataclass(frozen=True)
class Pause:
    """How long a transfer is held after its signature, and until when it can be cancelled."""

    why: Why
    seconds: int
    cancel_before_seconds: int

    def due_at(self, signed_at: Instant) -> Instant:
        return Instant(signed_at + self.seconds * SECOND)

    def cancellable_until(self, signed_at: Instant) -> Instant:
        return Instant(self.due_at(signed_at) - self.cancel_before_seconds * SECOND)


@dataclass(frozen=True)
class Plan:
    """What is decided at the signature: whom it goes to, and when it is sent."""

    registered: bool
    pause: Pause | None = None
    due_at: Instant | None = None
    cancellable_until: Instant | None = None
    hold_until: Instant | None = None
    """When an unposted hold is given up."""

    def columns(self) -> dict[str, object]:
        """The plan as the order's own fields."""
        held = self.pause
        return {
            "registered": self.registered,
            "hold_why": None if held is None else held.why,
            "hold_seconds": None if held is None else held.seconds,
            "cancel_before_seconds": None if held is None else held.cancel_before_seconds,
            "due_at": self.due_at,
            "cancellable_until": self.cancellable_until,
            "hold_until": self.hold_until,
        }


def planned(pause: Pause | None, rules: Rules, now: Instant, *, registered: bool) -> Plan:
    """The plan of an order that is signed now."""
    if pause is None:
        return Plan(registered)
    due = pause.due_at(now)
    return Plan(
        registered=registered,
        pause=pause,
        due_at=due,
        cancellable_until=max(now, pause.cancellable_until(now)),
        hold_until=Instant(due + rules.post_within_hours * HOUR),
    )


def in_force(settings: Settings, name: Safeguard, now: Instant) -> int:
    return settings.get(name, Setting()).at(now)


def checked(wishes: Mapping[str, object], rules: Rules) -> dict[Safeguard, int]:
    """The figures of an act, as asked or as signed. Raises Malformed."""
    found: dict[Safeguard, int] = {}
    for name, figure in wishes.items():
        if name not in set(Safeguard) or type(figure) is not int:
            raise Malformed
        if not _allowed(Safeguard(name), figure, rules):
            raise Malformed
        found[Safeguard(name)] = figure
    if not found:
        raise Malformed
    return found


def changed(
    settings: Settings, wishes: Mapping[Safeguard, int], rules: Rules, now: Instant
) -> dict[Safeguard, Setting]:
    """The safeguards after the act. A wish takes the place of a change that was still waiting."""
    after: dict[Safeguard, Setting] = {}
    for name, wish in wishes.items():
        was = settings.get(name, Setting()).folded(now)
        wait = wait_hours(name, rules) if _weaker(settings, name, was.value, wish, now) else 0
        if wait:
            after[name] = Setting(was.value, wish, Instant(now + wait * HOUR))
        else:
            after[name] = Setting(wish)
    return after


def needs_identity(settings: Settings, wishes: Mapping[Safeguard, int], now: Instant) -> bool:
    """Whether a wish turns off or lowers what stands between a thief and the money.

    The time to undo is for one's own slips: its end protects nobody less.
    """
    return any(
        name is not Safeguard.UNDO
        and _weaker(settings, name, settings.get(name, Setting()).at(now), wish, now)
        for name, wish in wishes.items()
    )


def wait_hours(name: Safeguard, rules: Rules) -> int:
    """How long weakening this one waits."""
    return {
        Safeguard.DESIGNATED_ONLY: rules.designated_off_hours,
        Safeguard.DELAY_HOURS: rules.delay_off_hours,
        Safeguard.DELAY_SPARES_DESIGNATED: rules.delay_off_hours,
        Safeguard.UNDO: 0,
        Safeguard.SMS_HOLD: rules.sms_hold_wait_hours,
    }[name]


def pause(settings: Settings, rules: Rules, now: Instant, *, designated: bool) -> Pause | None:
    """What the customer's choices ask for: the delay, else the short time to undo, else nothing."""
    hours = in_force(settings, Safeguard.DELAY_HOURS, now)
    spared = designated and in_force(settings, Safeguard.DELAY_SPARES_DESIGNATED, now) == ON
    if hours and not spared:
        before = rules.cancel_before_minutes * MINUTE // SECOND
        return Pause(Why.DELAY, hours * HOUR // SECOND, before)
    if in_force(settings, Safeguard.UNDO, now) == ON:
        return Pause(Why.UNDO, rules.undo_seconds, 0)
    return None


def sms_pause(rules: Rules) -> Pause:
    """What a text message in the call's place asks for."""
    return Pause(Why.SMS, rules.sms_hold_minutes * MINUTE // SECOND, 0)


def longer(one: Pause | None, other: Pause | None) -> Pause | None:
    """Of two reasons to hold a transfer the one that holds it longer."""
    if one is None or other is None:
        return one or other
    return one if one.seconds >= other.seconds else other


def _allowed(name: Safeguard, figure: int, rules: Rules) -> bool:
    if name is Safeguard.DELAY_HOURS:
        return figure == 0 or rules.delay_hours_min <= figure <= rules.delay_hours_max
    return figure in {0, ON}


def _weaker(settings: Settings, name: Safeguard, was: int, wish: int, now: Instant) -> bool:
    """Whether the wish protects less. Where there is no delay, sparing somebody weakens nothing."""
    if name is Safeguard.DELAY_SPARES_DESIGNATED and not in_force(
        settings, Safeguard.DELAY_HOURS, now
    ):
        return False
    return wish > was if name in _MORE_IS_WEAKER else wish < was
