"""An insider changes what a customer put between a thief and the money: nothing is sent."""

import pytest
from sqlalchemy import delete, insert, literal_column, select, text, update
from tests.service.transfers.conftest import NEIGHBOUR_ACCOUNT, OTHER, OTHER_ACCOUNT
from tests.service.transfers.hands import act, choose, designate, sign_act
from tests.service.transfers.insiders import change, copies, put_back, waits
from tests.service.transfers.test_second_device import Key, register

from dojang.db import log
from dojang.ledger.tables import limit_profile
from dojang.methods.tables import second_device
from dojang.transfers.model import ProtectionsAltered, State
from dojang.transfers.tables import designated_payee, protection, safeguard

pytestmark = pytest.mark.usefixtures("insider")
MILLION = 1_000_000
ALL = 1_000_000_000


def code(world, who, order):
    """Posted now: the code of the refusal, and whether the money is all there."""
    world.transfers.poster.post_due()
    told = world.told(who, order)
    assert told.state is State.REJECTED
    return told.outcome.refusal.code, world.balance(who) == ALL


OFF = {
    "turned off": lambda: update(safeguard).values(value=0),
    "made shorter": lambda: update(safeguard).values(value=3),
    "about to end": lambda: update(safeguard).values(**waits(1)),
    "row gone": lambda: delete(safeguard),
    "of somebody else": lambda: update(safeguard).values(customer_id="nobody"),
}


@pytest.mark.parametrize("how", sorted(OFF))
def test_a_delay_taken_away_by_hand_lets_nothing_be_ordered(world, me, how) -> None:
    choose(world, me, delay_hours=24)

    change(world, OFF[how]())

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)
    with pytest.raises(ProtectionsAltered):
        world.transfers.protecting.show(me.customer.id)
    assert world.altered == [me.customer.id] * 2


@pytest.mark.parametrize("how", sorted(OFF))
def test_a_delay_taken_away_between_order_and_signature_sends_nothing(world, me, how) -> None:
    choose(world, me, delay_hours=24)
    order = world.order(me, 1_000)

    change(world, OFF[how]())
    world.sign(me, order)

    assert code(world, me, order) == ("order_altered", True)


def test_a_customer_s_every_row_taken_away_is_missed(world, me) -> None:
    """Neither safeguard nor the row that names it: the log has the leaf of the choice."""
    choose(world, me, delay_hours=24)

    for one in (safeguard, protection):
        change(world, delete(one))

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)


def test_the_day_before_put_back_whole_is_known_for_old(world, me) -> None:
    choose(world, me, undo=1)
    before = copies(world, safeguard, protection, limit_profile)
    choose(world, me, delay_hours=24)

    put_back(world, before)

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)


def test_a_seal_of_somebody_else_fits_nobody(world, me, you) -> None:
    choose(world, me, delay_hours=24)
    choose(world, you, undo=1)
    rows = {row.pop("customer_id"): row for row in copies(world, protection)[protection]}

    mine = protection.c.customer_id == me.customer.id
    taken = rows[you.customer.id]
    change(world, delete(safeguard).where(safeguard.c.customer_id == me.customer.id))
    change(world, update(safeguard).values(customer_id=me.customer.id))
    change(world, update(protection).where(mine).values(taken))

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)


def test_rows_as_they_were_are_believed_again(world, me) -> None:
    choose(world, me, delay_hours=24)
    kept = copies(world, safeguard)
    change(world, delete(safeguard))

    put_back(world, kept)

    assert world.order(me, 1_000).hold_seconds == 24 * 3_600
    assert world.altered == []


PAYEE = {
    "effective early": lambda _me: update(designated_payee).values(effective_at=1),
    "another account": lambda _me: update(designated_payee).values(account=NEIGHBOUR_ACCOUNT),
    "row gone": lambda _me: delete(designated_payee),
    "one more": lambda me: insert(designated_payee).values(
        id="x",
        customer_id=me.customer.id,
        bank=OTHER,
        account=NEIGHBOUR_ACCOUNT,
        holder="x",
        added_at=1,
        effective_at=1,
    ),
}


@pytest.mark.parametrize("how", sorted(PAYEE))
def test_a_designated_payee_made_by_hand_gets_nothing(world, me, how) -> None:
    designate(world, me, OTHER_ACCOUNT)
    order = world.order(me, 1_000)

    change(world, PAYEE[how](me))
    world.sign(me, order)

    assert code(world, me, order) == ("order_altered", True)
    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)
    with pytest.raises(ProtectionsAltered):
        world.transfers.protecting.designated(me.customer.id)


LIMITS = {
    "raised": lambda: update(limit_profile).values(per_transfer=500 * MILLION),
    "none": lambda: update(limit_profile).values(per_transfer=None, per_day=None),
    "designating no more": lambda: update(limit_profile).values(designated=0),
    "row gone": lambda: delete(limit_profile),
}


@pytest.mark.parametrize("how", sorted(LIMITS))
def test_limits_changed_by_hand_after_the_signature_send_nothing(world, me, how) -> None:
    choose(world, me, designated_only=1)
    act(world, me, "limits", {"per_transfer": MILLION, "per_day": MILLION})
    order = world.order(me, 1_000)
    world.sign(me, order)

    change(world, LIMITS[how]())

    assert code(world, me, order) == ("protections_altered", True)
    assert world.altered == [me.customer.id]


@pytest.mark.parametrize("how", sorted(set(LIMITS)))
def test_limits_changed_by_hand_let_nothing_be_ordered(world, me, how) -> None:
    choose(world, me, designated_only=1)
    act(world, me, "limits", {"per_transfer": MILLION, "per_day": MILLION})

    change(world, LIMITS[how]())

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)


def test_the_limits_of_the_day_before_put_back_after_the_signature_send_nothing(world, me) -> None:
    before = copies(world, limit_profile, protection)
    act(world, me, "limits", {"per_transfer": MILLION, "per_day": MILLION})
    order = world.order(me, 1_000)
    world.sign(me, order)

    put_back(world, before)

    assert code(world, me, order) == ("protections_altered", True)


def test_who_never_chose_has_no_limits_row_less(world, me) -> None:
    """The policy's limits are counted in that row: without it nothing would be counted."""
    order = world.order(me, 1_000)
    world.sign(me, order)

    change(world, delete(limit_profile))

    assert code(world, me, order) == ("protections_altered", True)


def test_a_signed_act_does_not_seal_what_was_changed_by_hand(world, me) -> None:
    choose(world, me, delay_hours=24)
    change(world, update(safeguard).values(value=0))

    with pytest.raises(ProtectionsAltered):
        choose(world, me, undo=1)
    with pytest.raises(ProtectionsAltered):
        designate(world, me)
    with pytest.raises(ProtectionsAltered):
        act(world, me, "limits", {"per_transfer": 1, "per_day": 1})


def test_nor_does_one_that_was_asked_for_before(world, me) -> None:
    choose(world, me, delay_hours=24)
    asked = world.house.signing.acts.order(me.session, "safeguards", {"undo": 1})
    change(world, update(safeguard).where(safeguard.c.name == "delay_hours").values(value=0))

    sign_act(me, asked)

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)


def test_nor_does_the_sweep(world, me, clock) -> None:
    choose(world, me, delay_hours=24, designated_only=1)
    change(world, update(safeguard).values(**waits(clock.now())))

    world.transfers.sweep()

    with pytest.raises(ProtectionsAltered):
        world.order(me, 1_000)
    assert copies(world, limit_profile)[limit_profile][0]["designated"] == 1


def test_removing_a_payee_or_a_device_does_not_either(world, me) -> None:
    designate(world, me)
    device_id = register(world, me, Key())
    (payee,) = world.transfers.protecting.designated(me.customer.id)
    change(world, update(second_device).values(effective_at=1))

    with pytest.raises(ProtectionsAltered):
        world.transfers.protecting.remove(me.customer.id, payee.id)
    with pytest.raises(ProtectionsAltered):
        world.transfers.second_device.remove(me.customer.id, device_id)


def test_the_number_of_choices_is_found_by_an_index_of_their_own(world, me) -> None:
    """A customer's log grows with every login; what is counted must not."""
    with world.db.snapshot() as tx:
        question = "EXPLAIN QUERY PLAN" if world.db.embedded else "EXPLAIN"
        if not world.db.embedded:
            tx.execute(text("SET LOCAL enable_seqscan = off"))
        asked = select(log.choices_of(literal_column("'x'")))
        explained = text(f"{question} {asked.compile(tx.connection)}")
        plan = "\n".join(str(row) for row in tx.execute(explained))

    assert "ix_log_choices" in plan


def test_of_two_in_one_batch_only_the_altered_one_is_refused(world, me, you) -> None:
    world.ledger.deposit(world.house.ids.uuid7(), you.account, 10_000, payer="현금")
    choose(world, you, undo=0)
    orders = [(who, world.order(who, 1_000)) for who in (me, you)]
    for who, order in orders:
        world.sign(who, order)

    mine = limit_profile.c.customer_id == me.customer.id
    change(world, update(limit_profile).where(mine).values(per_day=ALL))
    world.transfers.poster.post_due()

    told = [world.told(who, order) for who, order in orders]
    assert [one.state for one in told] == [State.REJECTED, State.POSTED]
    assert told[0].outcome.refusal.code == "protections_altered"
