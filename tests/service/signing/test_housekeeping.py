"""What is over is forgotten after a day, and never what a phone may still ask for."""

from sqlalchemy import func, select

from dojang.crypto.messages import KeyKind
from dojang.kernel.clock import DAY, MINUTE
from dojang.signing.tables import signing_request, signing_session


def rows(house, table):
    with house.db.snapshot() as tx:
        return tx.execute(select(func.count()).select_from(table)).scalar_one()


def test_ended_attempts_are_forgotten_and_the_phone_signs_on(house, phone):
    for n in range(5):
        phone.sign(house, KeyKind.SIGN, n=n)
    house.clock.move(DAY + 10 * MINUTE)

    house.signing.sweep()

    # One row a key stays: the attempt whose result a phone may still fetch.
    assert rows(house, signing_session) == 2
    phone.sign(house, KeyKind.SIGN, n=99)


def test_ended_attempts_are_looked_through_once_an_hour(house, phone):
    phone.sign(house, KeyKind.SIGN, n=1)
    phone.sign(house, KeyKind.SIGN, n=2)
    made = rows(house, signing_session)
    house.clock.move(DAY - 10 * MINUTE)
    house.signing.sweep()

    house.clock.move(30 * MINUTE)
    house.signing.sweep()
    assert rows(house, signing_session) == made

    house.clock.move(30 * MINUTE)
    house.signing.sweep()
    assert rows(house, signing_session) == 2


def test_a_request_nobody_signed_is_forgotten_after_a_day(house, phone):
    before = rows(house, signing_request)
    house.wanted(phone, KeyKind.SIGN)
    house.clock.move(DAY // 2)
    house.signing.sweep()
    assert rows(house, signing_request) == before + 1

    house.clock.move(DAY)
    house.signing.sweep()

    assert rows(house, signing_request) == before
