"""SECURITY 5 and 21: who holds nothing of the victim's cannot shut the victim out."""

import asyncio

import httpx
import pytest
from tests.api.house import ORIGIN

from dojang.customers import Agreed
from dojang.enrolment import Bearer
from dojang.gateways.telecom import Claim
from dojang.journey.world import HANEUL, MINYONG, SEOYEON
from dojang.kernel.clock import HOUR
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import Problem
from dojang.kernel.secret import Secret
from dojang.web.core import source


@pytest.fixture(autouse=True)
def _fresh_hour(house):
    house.clock.move(25 * HOUR)


def prove(house, password, *, source, device="stranger"):
    try:
        return house.bank.internet_banking.prove(
            MINYONG.login_id, Secret(password), source=source, device=device
        )
    except Problem as refused:
        return refused.code


def test_a_thousand_strangers_leave_the_owner_s_phone_unlocked(house):
    assert len(prove(house, MINYONG.password, source="10.0.0.1", device="own phone")) == 36

    for n in range(1_000):
        prove(house, "Wrong-pass-1!", source=f"10.9.{n % 200}.1", device=f"stranger {n}")

    assert len(prove(house, MINYONG.password, source="10.0.0.1", device="own phone")) == 36


def test_a_stranger_elsewhere_does_not_lock_a_new_phone_of_the_owner(house):
    seen = {prove(house, "Wrong-pass-1!", source="10.8.0.1") for _ in range(8)}

    assert seen == {"wrong_internet_banking", "internet_banking_locked"}
    assert len(prove(house, MINYONG.password, source="10.8.0.2", device="new phone")) == 36


def test_strangers_from_everywhere_get_no_more_than_a_hundred_guesses(house):
    found = [prove(house, "Wrong-pass-1!", source=f"10.7.{n}.1") for n in range(110)]

    assert found.count("wrong_internet_banking") == 100
    assert found[100:] == ["internet_banking_locked"] * 10


def test_a_known_phone_guesses_no_more_often_than_a_stranger(house):
    prove(house, MINYONG.password, source="10.6.0.1", device="stolen phone")

    found = [
        prove(house, "Wrong-pass-1!", source=f"10.6.0.{n}", device="stolen phone") for n in range(8)
    ]

    assert found == ["wrong_internet_banking"] * 5 + ["internet_banking_locked"] * 3


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", "203.0.113.9"),
        ("::1", "::1"),
        ("", ""),
    ],
)
def test_one_household_is_one_source(host, network):
    class Connected:
        client = type("Address", (), {"host": host})()

    assert source(Connected()) == network


def journey(house, device):
    agreed = [Agreed(one.code, one.version) for one in house.bank.terms.all()]
    begun = house.bank.enrolments.journeys.begin(agreed, locale="ko", jkt=device)
    return Bearer(begun.token, device)


def claim(person, *, name=None):
    return Claim(
        carrier=person.carrier,
        name=name or person.name,
        resident_number=Secret(person.resident_number),
        phone=PhoneNumber(person.phone),
    )


DOORS = [
    ("GET", "/_demo/people", None),
    ("GET", f"/_handset/messages?phone={MINYONG.phone}", None),
    ("GET", f"/_handset/calls?phone={MINYONG.phone}", None),
    ("POST", "/_demo/clock", {"seconds": 5}),
]


def asked_from(house, address, method, path, body, headers):
    """As if it came from this network address."""

    async def go():
        over = httpx.ASGITransport(house.client.app, client=address)
        async with httpx.AsyncClient(transport=over, base_url=ORIGIN) as client:
            return await client.request(method, path, json=body, headers=headers)

    return asyncio.run(go())


def ask(house, bearer, typed, source):
    try:
        return str(house.bank.enrolments.proofs.identity(bearer, typed, source=source).step)
    except Problem as refused:
        return refused.code


def test_who_knows_only_a_number_does_not_keep_its_owner_from_enrolling(house):
    stranger = journey(house, "a stranger's key")
    seen = [ask(house, stranger, claim(HANEUL, name="박바다"), "10.5.0.1") for _ in range(15)]

    assert seen == ["identity_mismatch"] * 10 + ["too_many_codes"] * 5
    assert ask(house, journey(house, "own key"), claim(HANEUL), "10.5.0.2") == "sms_code"


def test_a_customer_whose_number_the_bank_knows_is_never_shut_out_by_claims(house):
    for n in range(80):
        ask(house, journey(house, f"key {n}"), claim(SEOYEON, name="박바다"), f"10.4.{n}.1")

    own = journey(house, "own key")
    house.bank.enrolments.proofs.internet_banking(
        own, SEOYEON.login_id, Secret(SEOYEON.password), source="10.4.200.1"
    )
    assert ask(house, own, None, "10.4.200.1") == "sms_code"


def test_a_number_is_asked_about_no_more_than_fifty_times_an_hour(house):
    seen = [
        ask(house, journey(house, f"key {n}"), claim(HANEUL, name="박바다"), f"10.3.{n}.1")
        for n in range(55)
    ]

    assert seen == ["identity_mismatch"] * 50 + ["too_many_codes"] * 5


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        (("203.0.113.9", 5000), {}),
        (("2001:db8::1", 5000), {}),
        (("127.0.0.1", 5000), {"x-forwarded-for": "203.0.113.9"}),
        (("127.0.0.1", 5000), {"x-forwarded-for": "127.0.0.1"}),
        (("127.0.0.1", 5000), {"forwarded": "for=203.0.113.9"}),
        (("127.0.0.1", 5000), {"via": "1.1 edge"}),
        (("127.0.0.1", 5000), {"host": "evil.example:8700"}),
        (("127.0.0.1", 5000), {"host": "localhost.evil.example"}),
    ],
)
def test_the_demo_s_doors_open_from_this_machine_only(house, client, headers):
    for method, path, body in DOORS:
        assert asked_from(house, client, method, path, body, headers).status_code == 404


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_the_demo_s_doors_do_open_from_this_machine(house, host):
    for method, path, body in DOORS:
        assert asked_from(house, (host, 5000), method, path, body, {}).status_code == 200
