"""What the policy of a certificate says of its owner was shown, and never more than that."""

from asn1crypto import x509
from tests.api.house import House
from tests.api.opening import PASSWORD, Opener

from dojang.crypto.encoding import unb64u
from dojang.journey import issuing
from dojang.journey.issuing import NEW_LOGIN
from dojang.journey.world import HANEUL, MINYONG, PATTERN
from dojang.kernel.clock import HOUR
from dojang.phone.application import Application, Claim
from dojang.phone.customer import Customer

LEVELS = "1.3.6.1.4.1.32473.1.1."
KNOWN, PHONE_ALONE, REMOTE_CHECKS = f"{LEVELS}1", f"{LEVELS}3", f"{LEVELS}4"
LOGIN_ID, BANKING_PASSWORD, ACCOUNT_PASSWORD = NEW_LOGIN


def finished(phone: Customer, application: Application, pin: str) -> set[str]:
    """Every policy that either certificate names."""
    phone.make_keys(pin, PATTERN)
    issued = phone.finish(application)["certificates"]
    parsed = [x509.Certificate.load(unb64u(text)) for text in issued.values()]
    return {
        one["policy_identifier"].dotted
        for certificate in parsed
        for one in certificate.certificate_policies_value
    }


def joined(house: House) -> set[str]:
    """박하늘, whom nobody knows, by a phone alone."""
    phone = house.phone(HANEUL)
    application = phone.apply()
    application.identity(Claim(HANEUL.carrier, HANEUL.name, HANEUL.resident_number, HANEUL.phone))
    application.sms_code(house.handset(HANEUL).code())
    application.internet_banking_enrolment(
        login_id=LOGIN_ID,
        password=BANKING_PASSWORD,
        name=HANEUL.name,
        account_password=ACCOUNT_PASSWORD,
    )
    found = finished(phone, application, HANEUL.pin)
    phone.login(HANEUL.pin)
    return found


def reissued(house: House, name: str) -> tuple[set[str], Customer]:
    """The same person on another phone."""
    house.clock.move(HOUR)
    phone = house.phones[HANEUL.phone] = house.new_phone(name)
    application = phone.apply()
    application.internet_banking(LOGIN_ID, BANKING_PASSWORD)
    application.identity()
    application.sms_code(house.handset(HANEUL).code())
    own = application.state["accounts"][0]["id"]
    application.account_password(own, ACCOUNT_PASSWORD)
    found = finished(phone, application, HANEUL.pin)
    phone.login(HANEUL.pin)
    return found, phone


def by_code_and_password(opener: Opener) -> None:
    """Identified again, as before a limit is raised: that is less than what opens an account."""
    opener.opening.identify()
    opener.by_code()
    own = opener.opening.resume()["accounts"][0]["id"]
    assert opener.opening.password(ACCOUNT_PASSWORD, own)["step"] == "done"


def test_a_customer_known_before_is_called_that(house: House):
    phone = house.phone(MINYONG)
    application = phone.apply()
    issuing.identify(house, MINYONG, application)  # type: ignore[arg-type]

    assert finished(phone, application, MINYONG.pin) == {KNOWN}


def test_checks_are_claimed_of_a_stranger_only_after_they_were_passed(house: House):
    """By phone alone; after a reissue; after every check but no end; and then after all of it."""
    assert joined(house) == {PHONE_ALONE}
    assert reissued(house, "second")[0] == {PHONE_ALONE}
    opener = Opener(house, HANEUL, house.phone(HANEUL))
    for step in ("check", "second", "purpose", "password"):
        opener.up_to(step)
    opener.opening.give_up()
    by_code_and_password(opener)
    found, phone = reissued(house, "third")
    assert found == {PHONE_ALONE}

    Opener(house, HANEUL, phone).up_to("password").opening.password(PASSWORD)

    assert reissued(house, "fourth")[0] == {REMOTE_CHECKS}
