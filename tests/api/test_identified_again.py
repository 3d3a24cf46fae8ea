"""A locked account password and a reported loss end when the owner is identified again."""

from typing import Any

import pytest
from tests.api.house import House
from tests.api.opening import PASSWORD, Opener

from dojang.crypto.messages import KeyKind
from dojang.journey.world import MINYONG, SEOYEON
from dojang.kernel.clock import MINUTE
from dojang.phone.customer import Customer
from dojang.phone.http import Refused

OLD = "5837"


@pytest.fixture(scope="module")
def me(house: House, minyong: Customer) -> Opener:
    return Opener(house, MINYONG, minyong)


def refused(act: Any, *args: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as found:
        act(*args)
    return {"status": found.value.status, **found.value.body}


def checked(me: Opener, account_id: str, password: str) -> str:
    from dojang.kernel.secret import Secret

    verdict = me.house.bank.account_passwords.check(account_id, Secret(password))
    return type(verdict).__name__


def lock(me: Opener) -> str:
    account_id = str(me.customer.accounts()[1]["id"])
    for _ in range(5):
        checked(me, account_id, "9999")
    assert checked(me, account_id, OLD) == "Locked"
    return account_id


def report_loss(me: Opener) -> None:
    body = {"name": MINYONG.name, "birth_date": MINYONG.birth_date, "phone": MINYONG.phone}
    assert me.house.client.post("/v1/loss-reports", json=body).status_code == 202
    me.house.bank.loss_reports.settle()
    assert refused(me.customer.login, MINYONG.pin)["code"] == "credential_suspended"


def test_a_password_that_is_not_locked_needs_no_unlocking(me: Opener):
    mine = me.customer.accounts()[0]["id"]

    assert refused(me.opening.unlock_password, mine)["code"] == "account_password_not_locked"


def test_somebody_elses_account_is_not_unlocked(me: Opener, seoyeon: Customer):
    hers = seoyeon.accounts()[0]["id"]

    assert refused(me.opening.unlock_password, hers)["code"] == "account_not_found"


def test_code_and_card_unlock_an_account_password_and_choose_a_new_one(me: Opener):
    account_id = lock(me)
    me.log_in_tomorrow()
    me.opening.unlock_password(account_id)
    early = refused(me.opening.password, PASSWORD)
    me.by_code()
    me.by_card()
    shown = me.opening.state

    me.opening.password(PASSWORD)

    assert (early["code"], early["step"]) == ("wrong_step", "phone")
    assert [one["id"] for one in shown["accounts"]] == [account_id]
    assert checked(me, account_id, OLD) == "Wrong"
    assert checked(me, account_id, PASSWORD) == "Right"


def test_one_thing_at_a_time(me: Opener):
    account_id = lock_again(me)
    me.log_in_tomorrow()
    me.opening.open_account()

    told = refused(me.opening.unlock_password, account_id)

    me.opening.give_up()
    assert (told["code"], told["goal"]) == ("another_under_way", "account")


def lock_again(me: Opener) -> str:
    account_id = str(me.customer.accounts()[1]["id"])
    for _ in range(5):
        checked(me, account_id, "9999")
    return account_id


def test_code_card_and_an_account_password_release_a_loss_report(me: Opener):
    report_loss(me)
    kid = me.customer.kid(KeyKind.AUTH)
    me.house.clock.move(2 * MINUTE)
    me.opening.release_loss(kid)
    me.by_code()
    state = me.by_card()
    mine = state["accounts"][0]["id"]
    wrong = refused(me.opening.password, "9999", mine)

    done = me.opening.password(OLD, mine)

    me.customer.login(MINYONG.pin)
    assert (state["step"], state["password_rules"]) == ("password", None)
    assert "*" in state["accounts"][0]["number"]
    assert wrong["code"] == "wrong_account_password"
    assert done["step"] == "done"
    assert me.customer.certificate()["state"] == "ACTIVE"
    assert refused(me.opening.release_loss, kid)["code"] == "nothing_to_release"


def test_only_the_phone_of_the_certificate_asks_for_its_release(me: Opener, seoyeon: Customer):
    me.customer.login(MINYONG.pin)
    report_loss(me)
    kid = me.customer.kid(KeyKind.AUTH)
    theirs = Opener(me.house, SEOYEON, seoyeon).opening

    stranger = refused(theirs.release_loss, kid)
    me.opening.release_loss(kid)

    assert (stranger["status"], stranger["code"]) == (404, "unknown_key")
    assert (refused(theirs.resume)["code"]) == "not_signed_in"


def test_nothing_of_a_release_is_skipped(me: Opener):
    account = me.house.bank
    with account.db.snapshot() as tx:
        own = tx.connection.exec_driver_sql("SELECT id FROM account WHERE number IS NOT NULL")
        anyone = str(own.scalars().first())

    assert refused(me.by_card)["code"] == "wrong_step"
    assert refused(me.opening.purpose)["code"] == "wrong_step"
    assert refused(me.opening.password, OLD, anyone)["code"] == "wrong_step"
    assert refused(me.customer.login, MINYONG.pin)["code"] == "credential_suspended"
