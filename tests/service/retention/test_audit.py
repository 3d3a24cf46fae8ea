"""An erasure is told from a loss: what a leaf does not say, or says wrongly, is named."""

import pytest
from cryptography import x509
from tests.service.retention.conftest import credential_of, owner_of_money

from dojang.joint import auditing
from dojang.kernel.clock import DAY
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.four_eyes import NotApproved
from dojang.ledger import Ledger, Request, accounts
from dojang.ledger.committer import FEE
from dojang.retention import store_erasing
from dojang.retention.events import EraseAsked, Erased
from dojang.transparency import issued

SALTS = "DELETE FROM log_opening WHERE idx IN (SELECT idx FROM log WHERE subject = :w)"
EMPTIED = (
    "UPDATE certificate SET der = :e WHERE credential_id IN "
    "(SELECT id FROM credential WHERE customer_id = :w)"
)
PUT_BACK = (
    "INSERT INTO log_opening SELECT idx, 'number', body FROM log "
    "WHERE subject = :w AND kind = 'account.opened'"
)


def forged(archive, who: str, *, asked: bool) -> None:
    """Somebody with the owner's rights writes the leaves that an erasure would have."""
    with archive.owner.transaction() as tx:
        if asked:
            tx.emit(EraseAsked(subject=who, by="kim"))
        tx.emit(Erased(subject=who, by="kim", approved_by="lee", policy_version=1))


def test_a_salt_deleted_by_hand_is_named_also_beside_another_s_erasure(archive, due):
    he = owner_of_money(archive)
    archive.erase(due.id)
    assert archive.says() == []

    archive.by_hand(SALTS, w=he)

    says = archive.says()
    assert len(says) == 2
    assert all(one.endswith("the salt of its number is gone") for one in says)


def test_a_changed_phone_s_salt_deleted_by_hand_is_named_too(archive, former):
    with archive.served() as house, house.bank.db.transaction() as tx:
        house.bank.customers.change_phone(tx, former.id, "01055556666", "nuri")
    assert archive.says() == []

    archive.by_hand(
        "DELETE FROM log_opening WHERE field = 'phone' AND idx IN "
        "(SELECT idx FROM log WHERE subject = :w)",
        w=former.id,
    )

    (says,) = archive.says()
    assert says.endswith("the salt of its phone is gone")


def test_a_leaf_alone_erases_nobody(archive, due):
    """With the leaf, a living customer's salt would count as erased: the leaf is looked at."""
    he = owner_of_money(archive)
    archive.by_hand(SALTS, w=he)

    forged(archive, he, asked=True)

    says = archive.says()
    assert f"customer {he} was erased, and is there" in says


@pytest.mark.parametrize("asked", [True, False])
def test_who_erases_by_hand_before_the_time_is_named_however_complete(archive, former, asked):
    """As the command would, with the leaves, years too early."""
    archive.clock.move(400 * DAY)
    with archive.owner.transaction() as tx:
        store_erasing.erase(tx, former.id)

    forged(archive, former.id, asked=asked)

    says = archive.says()
    wrong = " before the time" if asked else ", and nobody had asked for it"
    assert says == [f"customer {former.id} was erased{wrong}"]


def test_a_living_customer_erased_by_hand_is_named_after_any_time(archive, due):
    he = owner_of_money(archive)
    with archive.owner.transaction() as tx:
        store_erasing.erase(tx, he)

    forged(archive, he, asked=True)

    (leaf,) = [one for one in archive.says() if one.startswith("customer")]
    assert leaf == f"customer {he} was erased, and is there"  # there is money


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE account SET number = '110000000000' WHERE customer_id = :w", "and is there"),
        ("UPDATE account SET status = 'open' WHERE customer_id = :w", "and is there"),
        (PUT_BACK, "erased, and the salt of its number is there"),
    ],
)
def test_what_is_put_back_after_an_erasure_is_named(archive, due, change, words):
    archive.erase(due.id)

    archive.by_hand(change, w=due.id)

    assert any(words in one for one in archive.says())


def test_a_body_emptied_by_hand_is_no_erasure(archive, due):
    archive.by_hand(EMPTIED, w=due.id, e=b"")

    assert any("certificate is not the one" in one for one in archive.says())


def test_a_false_leaf_does_not_make_the_command_erase_a_living_customer(archive, due):
    """The second run of the command asks nobody: so it must not be had by writing a leaf."""
    he = owner_of_money(archive)
    forged(archive, he, asked=True)
    before = archive.everything()

    with pytest.raises(NotApproved, match="they are there"):
        archive.approve(he)

    assert archive.everything() == before


def test_the_register_and_the_log_still_agree_and_her_own_copy_is_known(archive, due):
    hers = credential_of(archive, due.id)
    bodies = [
        row["der"] for row in archive.everything()["certificate"] if row["credential_id"] == hers
    ]

    archive.erase(due.id)

    def told(_what, _done, _of):
        return None

    assert issued.cross_check(archive.serving, told=told).mismatches == ()
    assert auditing.cross_check(archive.serving).mismatches == ()
    for body in bodies:
        assert issued.met(archive.serving, x509.load_der_x509_certificate(body)) is None


@pytest.mark.parametrize("signed_over", [False, True])
def test_money_of_somebody_who_signed_nothing_is_named(archive, signed_over):
    """By the bank's own code and rights, without a key; and the bank signs a head over it."""
    he = owner_of_money(archive)
    assert archive.says() == []
    with archive.served() as house:
        bank = house.bank
        (mine, *_) = archive.read(lambda tx: accounts.of_customer(tx, he))
        alone = Ledger(archive.serving, ids=bank.ids, entropy=SystemEntropy(), bank_code="990")
        asked = Request(id=bank.ids.uuid7(), debit=mine.id, credit=FEE, amount=7, subject=he)
        (outcome,) = alone.post([asked])
        if signed_over:
            bank.transparency.publish()

    assert archive.says() == [f"transfer {outcome.id}: no order of its payer stands behind it"]
