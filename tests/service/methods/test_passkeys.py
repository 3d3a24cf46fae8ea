"""Passkeys, answered by a software authenticator and verified by the real library."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.service.methods.authenticator import PRESENT, Authenticator, challenge
from tests.service.methods.support import CUSTOMER, fields, kinds

from dojang.db import Database, Tx
from dojang.kernel.clock import SECOND, MovableClock
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.kernel.problem import Forbidden, Malformed, NotFound
from dojang.methods.model import (
    PASSKEYS_MAX,
    Passkey,
    PasskeyLogin,
    PasskeyRefused,
    RelyingParty,
    TooManyPasskeys,
)
from dojang.methods.passkeys import Passkeys

CREDENTIAL, JKT = "cred-1", "thumbprint-of-the-phone"
RP = RelyingParty(id="bank.example", name="도장은행", origin="https://bank.example")


class CertificateLocked(Forbidden):
    """What the bank's own `admit` raises when the certificate may not be used."""


class House:
    """The passkeys with the two doors that the app would wire: who may, and what follows."""

    def __init__(self, db: Database, ids: Ids, entropy: Entropy) -> None:
        self.db = db
        self.closed = False
        self.granted: list[PasskeyLogin] = []
        self.passkeys = Passkeys(
            db,
            ids=ids,
            entropy=entropy,
            relying_party=RP,
            admit=self.admit,
            granted=lambda _tx, login: self.granted.append(login),
        )

    def admit(self, _tx: Tx, _credential_id: str, _jkt: str) -> None:
        if self.closed:
            raise CertificateLocked

    def register(self, phone: Authenticator, *, name: str = "지문", jkt: str = JKT) -> str:
        asked, options = self.passkeys.adding_options(CREDENTIAL, jkt=jkt, shown_name="김*용")
        return self.keep(asked, phone.create(options), name=name, jkt=jkt)

    def keep(self, asked: str, response: Any, *, name: str = "지문", jkt: str = JKT) -> str:
        return self.passkeys.add(
            CREDENTIAL,
            customer_id=CUSTOMER,
            jkt=jkt,
            challenge_id=asked,
            name=name,
            response=response,
        )

    def log_in(self, phone: Authenticator, *, jkt: str = JKT) -> PasskeyLogin:
        asked, options = self.passkeys.login_options(CREDENTIAL, jkt=jkt)
        return self.passkeys.log_in(asked, jkt=jkt, response=phone.get(options))

    def all(self) -> list[Passkey]:
        with self.db.snapshot() as tx:
            return self.passkeys.of_credential(tx, CREDENTIAL)


@pytest.fixture
def house(db: Database, ids: Ids, entropy: Entropy) -> House:
    return House(db, ids, entropy)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


def test_a_passkey_is_added_and_logs_in(house: House, phone: Authenticator) -> None:
    added = house.register(phone)
    login = house.log_in(phone)

    assert [(p.id, p.name, p.customer_id) for p in house.all()] == [(added, "지문", CUSTOMER)]
    assert (login.passkey_id, login.credential_id, login.jkt) == (added, CREDENTIAL, JKT)
    assert house.granted == [login]
    assert house.all()[0].last_used_at is not None
    assert kinds(house.db)["passkey.added"] == 1


def test_the_options_ask_for_verification_of_the_user(house: House, phone: Authenticator) -> None:
    _, creation = house.passkeys.adding_options(CREDENTIAL, jkt=JKT, shown_name="김*용")
    house.register(phone)
    _, request = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    _, second = house.passkeys.adding_options(CREDENTIAL, jkt=JKT, shown_name="김*용")

    assert creation["authenticatorSelection"]["userVerification"] == "required"
    assert creation["attestation"] == "none"
    assert creation["rp"] == {"id": "bank.example", "name": "도장은행"}
    assert request["userVerification"] == "required"
    assert len(challenge(request)) == 32
    assert [one["id"] for one in second["excludeCredentials"]] == [
        one["id"] for one in request["allowCredentials"]
    ]


def test_an_authenticator_that_does_not_count_is_taken(house: House) -> None:
    phone = Authenticator(counts=False)
    house.register(phone)

    house.log_in(phone)
    house.log_in(phone)

    assert len(house.granted) == 2


def unverified(phone: Authenticator) -> None:
    phone.flags = PRESENT


def elsewhere(phone: Authenticator) -> None:
    phone.origin = "https://bank.example.evil.example"


def other_bank(phone: Authenticator) -> None:
    phone.rp_id = "evil.example"


LIES = [unverified, elsewhere, other_bank]


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_registration_is_refused(
    house: House, phone: Authenticator, lie: Callable[[Authenticator], None]
) -> None:
    lie(phone)

    with pytest.raises(PasskeyRefused):
        house.register(phone)
    assert house.all() == []


@pytest.mark.parametrize("lie", LIES)
def test_a_lying_login_is_refused(
    house: House, phone: Authenticator, lie: Callable[[Authenticator], None]
) -> None:
    house.register(phone)
    lie(phone)

    with pytest.raises(PasskeyRefused):
        house.log_in(phone)
    assert house.granted == []


def test_another_key_under_the_same_id_is_refused(house: House, phone: Authenticator) -> None:
    house.register(phone)
    forged = Authenticator()
    forged.raw_id = phone.raw_id

    with pytest.raises(PasskeyRefused):
        house.log_in(forged)


def test_a_challenge_is_good_once_also_when_the_answer_was_wrong(
    house: House, phone: Authenticator
) -> None:
    house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    right = phone.get(options)

    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(asked, jkt=JKT, response={**right, "id": "AAAA"})
    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(asked, jkt=JKT, response=right)


def test_a_challenge_belongs_to_one_device_and_one_purpose(
    house: House, phone: Authenticator
) -> None:
    house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    answer = phone.get(options)

    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(asked, jkt="another-phone", response=answer)
    with pytest.raises(PasskeyRefused):
        house.keep(asked, answer)
    assert house.passkeys.log_in(asked, jkt=JKT, response=answer).challenge_id == asked


def test_a_newer_challenge_replaces_the_older(house: House, phone: Authenticator) -> None:
    house.register(phone)
    first, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    house.passkeys.login_options(CREDENTIAL, jkt=JKT)

    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(first, jkt=JKT, response=phone.get(options))


def test_a_late_answer_is_refused(house: House, phone: Authenticator, clock: MovableClock) -> None:
    house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    clock.move(300 * SECOND)

    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(asked, jkt=JKT, response=phone.get(options))


def test_a_counter_that_falls_is_refused_and_remembered(house: House, phone: Authenticator) -> None:
    house.register(phone)
    house.log_in(phone)
    house.log_in(phone)
    phone.sign_count = 0  # a copy from before

    with pytest.raises(PasskeyRefused):
        house.log_in(phone)
    seen = fields(house.db, "passkey.counter_fell")[0]
    assert (seen["stored"], seen["shown"]) == (2, 1)


def test_a_forged_counter_without_the_key_leaves_no_alarm(
    house: House, phone: Authenticator
) -> None:
    house.register(phone)
    house.log_in(phone)
    forged = Authenticator()
    forged.raw_id = phone.raw_id

    with pytest.raises(PasskeyRefused):
        house.log_in(forged)
    assert kinds(house.db)["passkey.counter_fell"] == 0


def test_a_certificate_that_may_not_be_used_opens_nothing(
    house: House, phone: Authenticator
) -> None:
    house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    house.closed = True

    with pytest.raises(CertificateLocked):
        house.passkeys.log_in(asked, jkt=JKT, response=phone.get(options))
    with pytest.raises(CertificateLocked):
        house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    assert house.all()[0].last_used_at is None


def test_a_removed_passkey_logs_nobody_in(house: House, phone: Authenticator) -> None:
    added = house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    answer = phone.get(options)
    house.passkeys.remove(CREDENTIAL, added, customer_id=CUSTOMER)

    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(asked, jkt=JKT, response=answer)
    with pytest.raises(PasskeyRefused):
        house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    assert fields(house.db, "passkey.removed")[0]["reason"] == "by_owner"


def test_another_certificates_passkey_is_not_found(house: House, phone: Authenticator) -> None:
    added = house.register(phone)

    with pytest.raises(NotFound):
        house.passkeys.remove("cred-2", added, customer_id="cus-2")
    assert len(house.all()) == 1


def test_the_end_of_the_certificate_takes_its_passkeys_along(house: House) -> None:
    house.register(Authenticator())
    house.register(Authenticator())
    with house.db.transaction() as tx:
        house.passkeys.end(tx, CREDENTIAL)

    assert house.all() == []
    reasons = {e["reason"] for e in fields(house.db, "passkey.removed")}
    assert reasons == {"certificate_ended"}


def test_the_same_authenticator_key_is_not_registered_twice(
    house: House, phone: Authenticator
) -> None:
    house.register(phone)

    with pytest.raises(PasskeyRefused):
        house.register(phone)
    assert len(house.all()) == 1


def test_there_are_only_so_many(house: House) -> None:
    for _ in range(PASSKEYS_MAX):
        house.register(Authenticator())

    with pytest.raises(TooManyPasskeys):
        house.register(Authenticator())


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "a\u0000b", "줄\n바꿈"])
def test_a_name_that_cannot_be_shown_is_refused(
    house: House, phone: Authenticator, name: str
) -> None:
    with pytest.raises(Malformed):
        house.register(phone, name=name)


def test_one_assertion_sent_many_times_at_once_logs_in_once(
    house: House, phone: Authenticator
) -> None:
    house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    answer = phone.get(options)

    def once(_number: int) -> bool:
        try:
            house.passkeys.log_in(asked, jkt=JKT, response=answer)
        except PasskeyRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(once, range(16)))

    assert outcomes.count(True) == 1
    assert len(house.granted) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    where=st.sampled_from(["id", "rawId", "type", "clientDataJSON", "attestationObject"]),
    junk=JSON | st.binary(max_size=200).map(lambda b: b.hex()),
)
def test_whatever_a_stranger_sends_is_refused_and_nothing_else(
    house: House, where: str, junk: Any
) -> None:
    asked, options = house.passkeys.adding_options(CREDENTIAL, jkt=JKT, shown_name="김*용")
    answer = Authenticator().create(options)
    inside = where in {"clientDataJSON", "attestationObject"}
    written = answer["response"] if inside else answer
    assume(junk != written[where])  # among the words of our own sources, which are drawn too
    written[where] = junk

    with pytest.raises(PasskeyRefused):
        house.keep(asked, answer)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(at=st.integers(0, 1_000), bit=st.integers(0, 7), data=st.data())
def test_one_flipped_bit_anywhere_in_an_assertion_is_refused(
    house: House, at: int, bit: int, data: Any
) -> None:
    phone = Authenticator()
    if len(house.all()) >= PASSKEYS_MAX:
        for passkey in house.all():
            house.passkeys.remove(CREDENTIAL, passkey.id, customer_id=CUSTOMER)
    house.register(phone)
    asked, options = house.passkeys.login_options(CREDENTIAL, jkt=JKT)
    answer = phone.get(options)
    part = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    raw = bytearray(_bytes(answer["response"][part]))
    raw[at % len(raw)] ^= 1 << bit
    answer["response"][part] = _text(bytes(raw))

    with pytest.raises(PasskeyRefused):
        house.passkeys.log_in(asked, jkt=JKT, response=answer)


def _bytes(text: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(raw: bytes) -> str:
    import base64

    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
