"""The bank itself rewrites its log and signs it all anew: every phone is a witness against it."""

from pathlib import Path

import cbor2
import pytest
from sqlalchemy import text
from tests.api.house import House
from tests.attacks import insider

from dojang.crypto import tree_heads
from dojang.crypto.encoding import b64u
from dojang.db import log
from dojang.journey.world import MINYONG, SEOYEON
from dojang.phone import witness
from dojang.phone.customer import Customer
from dojang.phone.witness import HistoryRewritten
from dojang.transparency import Keep, Rewritten


@pytest.fixture
def keep(house: House) -> Keep:
    return Keep(Path(house.bank.settings.vault.file).with_name("log-head.json"))


def test_a_login_keeps_the_head_and_the_next_one_demands_its_continuation(
    house: House, minyong: Customer
) -> None:
    before = minyong.store.read().log.head
    house.bank.transparency.publish()
    minyong.login(MINYONG.pin)

    after = minyong.store.read().log.head

    assert after.size > before.size
    tree_heads.verify(after, house.bank.transparency.key)


def test_the_certificates_ever_issued_are_listed_with_proofs_the_phone_checks(
    minyong: Customer,
) -> None:
    found = minyong.issued_to_me()

    assert [one.here for one in found] == [True]
    assert found[0].credential_id == minyong.store.read().credential


def test_nobody_else_is_shown_them(house: House, minyong: Customer, seoyeon: Customer) -> None:
    mine = {one.index for one in minyong.issued_to_me()}
    theirs = {one.index for one in seoyeon.issued_to_me()}

    assert mine
    assert not mine & theirs


def test_a_second_certificate_in_my_name_is_seen(house: House, seoyeon: Customer) -> None:
    stranger = house.new_phone("thief")
    house.phones[SEOYEON.phone], own = stranger, house.phones[SEOYEON.phone]
    house.clock.move(3_600 * 1_000_000)
    house.issue(SEOYEON)

    found = stranger.issued_to_me()

    assert [(one.kind, one.here) for one in found] == [
        ("certificate.issued", False),
        ("certificate.reissued", True),
    ]
    assert [one.state for one in found] == ["REVOKED", "ACTIVE"]
    house.phones[SEOYEON.phone] = own


def test_a_rewritten_leaf_signed_anew_by_the_banks_own_key_is_caught(
    house: House, minyong: Customer, keep: Keep
) -> None:
    """Chain, tree and signature all hold; only what the phone kept says that it was otherwise."""
    minyong.login(MINYONG.pin)
    before = minyong.store.read().log.head
    with house.bank.db.snapshot() as tx:
        victim = log.read(tx.connection, before.size // 2, 1)[0]
    forged = cbor2.dumps({**victim.fields(), "at": victim.at - 1}, canonical=True)

    insider.unguard(house.bank.db)
    insider.rewrite(house.bank.db, victim.idx, forged)
    house.bank.transparency = insider.sign_everything_anew(
        house.bank.db, house.bank.transparency, keep
    )

    with pytest.raises(HistoryRewritten) as caught:
        minyong.login(MINYONG.pin)
    assert caught.value.kept == before
    for head in (caught.value.kept, caught.value.shown):
        tree_heads.verify(head, house.bank.transparency.key)
    known = minyong.store.read().log
    assert (known.head, known.refused) == (before, caught.value.shown)
    assert minyong.line.token is None
    with pytest.raises(HistoryRewritten):
        minyong.login(MINYONG.pin)


def test_the_proof_that_would_show_it_cannot_be_forged(house: House, minyong: Customer) -> None:
    """After the attack above: whatever path the bank answers with, the two heads stay apart."""
    known = minyong.store.read().log
    shown = house.bank.transparency.head()
    honest = house.bank.transparency.consistency(known.head.size, shown.size)

    for path in (honest, honest[::-1], honest[1:], [], [known.head.root, *honest]):
        answer = {"head": shown.to_json(), "consistency": [b64u(step) for step in path]}
        with pytest.raises(HistoryRewritten):
            witness.met(known, answer)


def test_one_leaf_flipped_without_all_that_is_not_even_signed(house: House) -> None:
    """The bank's own processes refuse to sign over it; no head is newer than the attack."""
    last = house.bank.transparency.head()
    with house.bank.db.transaction() as tx:
        tx.execute(text("UPDATE log SET leaf = :l WHERE idx = 3"), {"l": bytes(32)})

    with pytest.raises(Rewritten):
        house.bank.transparency.publish()
    assert house.bank.transparency.head().size >= last.size
