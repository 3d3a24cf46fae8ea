"""A customer's hand on their safeguards: signed acts, held orders, and what is left of it all."""

import datetime as dt
from dataclasses import replace

from sqlalchemy import delete, update
from tests.service.transfers.conftest import OTHER, OTHER_ACCOUNT
from tests.signing_house import PIN, THE_PIN, KeyKind

from dojang.crypto import messages
from dojang.db import log
from dojang.kernel.clock import SECOND, SEOUL, Instant, instant, utc
from dojang.ledger import accounts
from dojang.phone.machine import Wanted
from dojang.transfers.tables import transfer_due


def choose(world, who, *, identified=False, **wishes) -> None:
    """The act `safeguards`, signed with the PIN; `identified` again a moment ago, or not."""
    act(world, who, "safeguards", wishes, identified=identified)


def designate(world, who, account=OTHER_ACCOUNT) -> None:
    act(world, who, "designate_payee", {"payee_bank": OTHER, "payee_account": account})


def act(world, who, kind, asked, *, identified=False) -> None:
    ordered = world.house.signing.acts.order(session(who, identified=identified), kind, asked)
    sign_act(who, ordered)


def session(who, *, identified):
    """The customer's, with or without having been identified again."""
    mine = who.session
    until = Instant(mine.last_used_at + 600 * SECOND) if identified else None
    return replace(mine, identified_until=until)


def sign_act(who, ordered) -> None:
    message = messages.build(messages.Kind.ACT, ordered.fields)
    who.phone.machine.sign(Wanted(KeyKind.SIGN, PIN, THE_PIN, ordered.request_id, message))


def held(world, who, amount=10, **how):
    """An order of the lowest tier, signed and handed to the ledger."""
    order = world.order(who, amount, **how)
    world.sign(who, order)
    world.transfers.poster.post_due()
    return world.told(who, order).order


def available(world, who) -> tuple[int, int]:
    with world.db.snapshot() as tx:
        found = accounts.owned(tx, who.customer.id, who.account)
        return found.balance, found.available


def lead(world, **columns) -> None:
    """Who may write rows says of every open order when it is looked at next, or that it is over."""
    with world.db.transaction() as tx:
        tx.execute(update(transfer_due).values(columns) if columns else delete(transfer_due))


def use(world, who):
    with world.db.snapshot() as tx:
        return accounts.limits(tx, who.customer.id).use


def leaves(world, kind):
    with world.db.engine.connect() as connection:
        return [leaf.fields() for leaf in log.read(connection, 0, 10_000) if leaf.kind == kind]


def seoul_midnight(clock) -> Instant:
    """The next one."""
    day = utc(clock.now()).astimezone(SEOUL).date() + dt.timedelta(days=1)
    return instant(dt.datetime.combine(day, dt.time(), tzinfo=SEOUL))
