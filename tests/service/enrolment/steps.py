"""The steps of a journey as a person takes them."""

from tests.service.enrolment.conftest import HANEUL, MINYONG, SOURCE

from dojang.enrolment import Wanted
from dojang.kernel.secret import Secret


def prove_banking(house, phone, who=MINYONG, source=SOURCE):
    proofs = house.enrolments.proofs
    return proofs.internet_banking(phone.bearer, who.login_id, Secret(who.password), source=source)


def identify(house, phone, who=None):
    claim = None if who is None else who.claim
    return house.enrolments.proofs.identity(phone.bearer, claim, source=SOURCE)


def type_code(house, phone, number, code=None):
    typed = house.code(number) if code is None else code
    return house.enrolments.proofs.sms_code(phone.bearer, Secret(typed))


def show_account(house, phone, who=MINYONG, password=None):
    account = house.accounts[who.name]
    secret = Secret(password or who.account_password)
    return house.enrolments.proofs.account_password(phone.bearer, account, secret)


def join(house, phone, who=HANEUL, **changes):
    chosen = {
        "login_id": who.login_id,
        "password": Secret(who.password),
        "name": who.name,
        "account_password": Secret(who.account_password),
        **changes,
    }
    return house.enrolments.proofs.enrol_internet_banking(phone.bearer, Wanted(**chosen))


def finish(house, phone):
    return house.enrolments.finishing.finish(phone.bearer)


def to_keys(house, phone, who=MINYONG, locale="ko"):
    """An existing customer, up to the making of keys."""
    phone.begin(locale=locale)
    prove_banking(house, phone, who)
    identify(house, phone)
    type_code(house, phone, who.phone)
    return show_account(house, phone, who)


def to_keys_as_new(house, phone, who=HANEUL):
    phone.begin()
    identify(house, phone, who)
    type_code(house, phone, who.phone)
    return join(house, phone, who)


def issue(house, phone, who=MINYONG):
    to_keys(house, phone, who)
    phone.make_keys()
    return finish(house, phone)
