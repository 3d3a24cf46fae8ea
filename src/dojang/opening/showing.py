"""What a journey looks like to its owner."""

from dojang import policy
from dojang.customers import Customers, SmsCodes
from dojang.db.database import Tx
from dojang.enrolment.model import CodeOnTheWay, OwnAccount
from dojang.kernel import masking
from dojang.kernel.clock import Instant
from dojang.ledger import accounts
from dojang.opening import store
from dojang.opening.model import (
    Goal,
    Journey,
    JourneyState,
    Opened,
    PasswordRules,
    Step,
    WonOnTheWay,
)
from dojang.policy.opening import Check
from dojang.vault.fields import FieldKeys

CODES = "opening"
"""What the SMS codes of this domain are for."""
WON_ACCOUNT = "opening.one_won_account"


def state(
    tx: Tx, customers: Customers, codes: SmsCodes, fields: FieldKeys, mine: Journey
) -> JourneyState:
    """Everything a screen needs, personal data masked or left out until its step."""
    rules = policy.version(tx, mine.policy_version).opening
    done = [*mine.passed, *[None] * (len(mine.checks) - len(mine.passed))]
    return JourneyState(
        id=mine.id,
        goal=mine.goal,
        step=mine.step,
        expires_at=mine.expires_at,
        sms=_sms(tx, customers, codes, mine),
        checks=tuple(zip(mine.checks, done, strict=True)),
        asked=mine.asked,
        tries={"id_card": mine.card_tries, "face": mine.face_tries},
        one_won=_one_won(tx, fields, mine),
        accounts=_accounts(tx, mine),
        password_rules=_password_rules(tx, customers, mine),
        upload={"bytes_max": rules.image_bytes_max, "pixels_max": rules.image_pixels_max},
        account=opened(tx, mine),
    )


def opened(tx: Tx, mine: Journey) -> Opened | None:
    """The account that this journey opened, once it has."""
    if mine.goal is not Goal.ACCOUNT or mine.account_id is None:
        return None
    found = accounts.owned(tx, mine.customer_id, mine.account_id)
    return Opened(found.id, found.number, found.name, found.day_cap)


def _sms(tx: Tx, customers: Customers, codes: SmsCodes, mine: Journey) -> CodeOnTheWay | None:
    sent = codes.sent(tx, mine.id, CODES)
    if mine.step is not Step.SMS_CODE or sent is None:
        return None
    known = customers.by_id(tx, mine.customer_id)
    return CodeOnTheWay(
        expires_at=sent.expires_at,
        resend_at=sent.resend_at,
        phone=masking.phone(known.phone),
        tries_left=sent.tries_left,
    )


def _one_won(tx: Tx, fields: FieldKeys, mine: Journey) -> WonOnTheWay | None:
    row = store.won(tx, mine.id, lock=False) if Check.ONE_WON in mine.asked else None
    if row is None:
        return None
    return WonOnTheWay(
        bank=row.bank,
        account=masking.account(fields.open(WON_ACCOUNT, row.id, row.account_sealed)),
        expires_at=Instant(row.expires_at),
        tries_left=row.tries_left,
    )


def _accounts(tx: Tx, mine: Journey) -> tuple[OwnAccount, ...]:
    if mine.step is not Step.PASSWORD or mine.goal is Goal.ACCOUNT:
        return ()
    return tuple(
        OwnAccount(id=one.id, number=masking.account(one.number), name=one.name)
        for one in accounts.of_customer(tx, mine.customer_id)
        if mine.goal.own_password or one.id == mine.account_id
    )


def _password_rules(tx: Tx, customers: Customers, mine: Journey) -> PasswordRules | None:
    """For a new password only."""
    if mine.step is not Step.PASSWORD or mine.goal.own_password:
        return None
    known = customers.by_id(tx, mine.customer_id)
    return PasswordRules(birth_date=known.birth_date, phone=known.phone)
