"""How much can be sent now, and why; and the customer's own limits: lowered freely, raised up to
the policy's by who was identified again.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from dojang import policy
from dojang.certificates import store as certificates
from dojang.crypto import messages
from dojang.crypto.jcs import Json
from dojang.customers import Customers, Session
from dojang.db import Database, Tx
from dojang.kernel.clock import SEOUL, Instant, instant, utc
from dojang.kernel.problem import Malformed
from dojang.ledger import Limits, Refusal, accounts
from dojang.ledger.model import AccountStatus
from dojang.ledger.views import AccountView, OwnLimits
from dojang.policy import Policy
from dojang.policy.model import Transfers
from dojang.signing.acts import Asked
from dojang.signing.model import Signed
from dojang.transfers import tiers
from dojang.transfers.model import IDENTIFIED, RaiseNeedsIdentity
from dojang.transfers.protecting import unregistered
from dojang.transfers.protections import Protections
from dojang.transfers.safeguards import Safeguard, in_force
from dojang.transfers.tiers import Band, Standing

ACT: Final = "limits"


@dataclass(frozen=True, kw_only=True)
class TierNow:
    """A tier as it stands for this customer at this moment, amounts inclusive."""

    name: str
    at_least: int
    up_to: int
    needs: tuple[str, ...]
    open: bool
    why_closed: str | None


@dataclass(frozen=True, kw_only=True)
class Room:
    """The whole answer of the limits screen."""

    per_transfer: int
    per_day: int
    most_per_transfer: int
    most_per_day: int
    """The policy's own: nobody raises above them."""
    used_today: int
    left_today: int
    kst_day: int
    next_reset_at: Instant
    tiers: tuple[TierNow, ...]
    policy_version: int
    reasons: tuple[Refusal, ...]
    unregistered: tuple[int, int] | None
    """(limit, used today) of payees that are not designated; None while the service is off."""


class Capped(NamedTuple):
    """A customer all of whose accounts are limited ones, in won of one day.

    `largest` is what the one with the most left may still send: a transfer leaves one account.
    """

    limit: int
    left: int
    largest: int


class LimitScreen:
    def __init__(self, db: Database, customers: Customers, protections: Protections) -> None:
        self._db = db
        self._customers = customers
        self._protections = protections

    def show(self, who: Session) -> Room:
        """Raises ProtectionsAltered."""
        with self._db.snapshot() as tx:
            present = policy.current(tx)
            limits = accounts.limits(tx, who.customer_id)
            credential = certificates.owned(tx, who.credential_id, who.customer_id)
            issued_at = None if credential is None else credential.issued_at
            phone_since = self._customers.by_id(tx, who.customer_id).phone_since
            standing = Standing(tx.now, issued_at or tx.now, phone_since)
            settings = self._protections.seen(tx, who.customer_id).settings
            hours = in_force(settings, Safeguard.DELAY_HOURS, tx.now)
            caps = capped(accounts.of_customer(tx, who.customer_id), limits.use.day)
            return room(present, limits, standing, delay_hours=hours, caps=caps)

    def prepare(self, tx: Tx, session: Session, asked: dict[str, Json]) -> Asked:
        """The act `limits` as the phone asks for it.

        Raises Malformed, RaiseNeedsIdentity, ProtectionsAltered.

        Nobody has more than the policy gives to all.
        """
        if set(asked) != {"per_transfer", "per_day"}:
            raise Malformed
        wish = _wish(asked)
        most = policy.current(tx).transfers
        now = _lower(self._protections.of(tx, session.customer_id).limits, most)
        raised = wish[0] > now[0] or wish[1] > now[1]
        identified = session.identified(tx.now)
        if raised and not identified:
            raise RaiseNeedsIdentity
        if raised and (wish[0] > most.per_transfer or wish[1] > most.per_day):
            raise Malformed
        return Asked(
            members={"per_transfer": wish[0], "per_day": wish[1]},
            reference=IDENTIFIED if identified else "",
        )

    def on_signed(self, tx: Tx, signed: Signed) -> None:
        """Inside DONE. Lowered once more meanwhile: the lower one stays, unless it was raised.

        Nothing where what the customer chose was changed behind our back.
        """
        wish = _wish(messages.read(signed.message)[1])
        chosen = self._protections.for_change(tx, signed.customer_id)
        if chosen is None:
            return
        rules = policy.current(tx).transfers
        raises = signed.reference == IDENTIFIED
        most = (rules.per_transfer, rules.per_day) if raises else _lower(chosen.limits, rules)
        once, daily = min(wish[0], most[0]), min(wish[1], most[1])
        accounts.set_limits(
            tx,
            signed.customer_id,
            per_transfer=once,
            per_day=daily,
            authorization=signed.request_id,
        )
        after = chosen.limits._replace(per_transfer=once, per_day=daily)
        self._protections.change(tx, replace(chosen, limits=after))


def capped(own: Iterable[AccountView], day: int) -> Capped | None:
    """Pure: the caps together. None where an account has none: money can leave by that one."""
    found = [one for one in own if one.status is AccountStatus.OPEN]
    left = [one.left_of_cap(day) for one in found]
    known = [amount for amount in left if amount is not None]
    if not found or len(known) < len(found):
        return None
    return Capped(sum(one.day_cap or 0 for one in found), sum(known), max(known))


def room(
    present: Policy,
    limits: Limits,
    standing: Standing,
    *,
    delay_hours: int = 0,
    caps: Capped | None = None,
) -> Room:
    """Pure: what is open, what is closed, and each reason with its figures."""
    rules = present.transfers
    left = max(0, limits.per_day - limits.use.total)
    found = tuple(
        _tier(band, tiers.closed(rules, band.tier, standing), limits, left, caps)
        for band in tiers.bands(rules, limits.use)
    )
    return Room(
        per_transfer=limits.per_transfer,
        per_day=limits.per_day,
        most_per_transfer=rules.per_transfer,
        most_per_day=rules.per_day,
        used_today=limits.use.total,
        left_today=left if caps is None else min(left, caps.left),
        kst_day=limits.use.day,
        next_reset_at=next_midnight(standing.now),
        tiers=found,
        policy_version=present.version,
        reasons=(
            *_of_accounts(caps),
            *_reasons(present, limits, standing, left),
            *_chosen(limits, delay_hours),
        ),
        unregistered=unregistered(limits),
    )


def next_midnight(now: Instant) -> Instant:
    """When the next day begins in Seoul."""
    day = utc(now).astimezone(SEOUL).date() + dt.timedelta(days=1)
    return instant(dt.datetime.combine(day, dt.time(), tzinfo=SEOUL))


def _tier(
    band: Band, shut: Refusal | None, limits: Limits, left: int, caps: Capped | None
) -> TierNow:
    day = min(limits.per_transfer, left)
    most = day if caps is None else min(day, caps.largest)
    up_to = min(band.up_to, most)
    why: str | None = None
    if shut is not None:
        why = str(shut.code)
    elif band.up_to <= band.above:
        why = band.narrowed
    elif band.above >= limits.per_transfer:
        why = "over_per_transfer_limit"
    elif band.above >= day:
        why = "over_daily_limit"
    elif band.above >= most:
        why = "over_account_day_limit"
    return TierNow(
        name=band.tier.name,
        at_least=band.above + 1,
        up_to=max(up_to, band.above) if why is None else band.up_to,
        needs=tuple(factor.value for factor in band.tier.needs),
        open=why is None,
        why_closed=why,
    )


def _of_accounts(caps: Capped | None) -> list[Refusal]:
    if caps is None:
        return []
    return [Refusal("over_account_day_limit", {"limit": caps.limit, "left_today": caps.left})]


def _reasons(present: Policy, limits: Limits, standing: Standing, left: int) -> list[Refusal]:
    """Everything that makes it less than the policy's own figures, the narrowest first."""
    rules = present.transfers
    found: list[Refusal] = []
    for tier in rules.tiers:
        shut = tiers.closed(rules, tier, standing)
        if shut is not None and shut not in found:
            found.append(shut)
    found += [
        Refusal(band.narrowed, {"tier": band.tier.name, "up_to": band.up_to})
        for band in tiers.bands(rules, limits.use)
        if band.narrowed is not None
    ]
    if left < limits.per_transfer:
        found.append(Refusal("over_daily_limit", {"left_today": left}))
    if (limits.per_transfer, limits.per_day) != (rules.per_transfer, rules.per_day):
        own: dict[str, Any] = {"per_transfer": limits.per_transfer, "per_day": limits.per_day}
        found.append(Refusal("own_limits", own))
    return found


def _chosen(limits: Limits, delay_hours: int) -> list[Refusal]:
    """What the customer's own safeguards do to it."""
    found: list[Refusal] = []
    if (others := unregistered(limits)) is not None:
        limit, used = others
        figures: dict[str, Any] = {"limit": limit, "left_today": max(0, limit - used)}
        found.append(Refusal("over_unregistered_limit", figures))
    if delay_hours:
        found.append(Refusal("delayed_transfer", {"hours": delay_hours}))
    return found


def _lower(own: OwnLimits, rules: Transfers) -> tuple[int, int]:
    """(per transfer, per day) in force: the customer's own or the policy's, the lower one."""
    once = rules.per_transfer if own.per_transfer is None else own.per_transfer
    daily = rules.per_day if own.per_day is None else own.per_day
    return min(once, rules.per_transfer), min(daily, rules.per_day)


def _wish(members: dict[str, Any]) -> tuple[int, int]:
    """(per transfer, per day) as asked or signed. Raises Malformed."""
    per_transfer, per_day = members.get("per_transfer"), members.get("per_day")
    if type(per_transfer) is not int or type(per_day) is not int:
        raise Malformed
    if not 0 <= per_transfer <= per_day:
        raise Malformed
    return per_transfer, per_day
