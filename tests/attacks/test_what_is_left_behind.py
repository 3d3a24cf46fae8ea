"""After a whole journey: nothing secret in the server's record, in its database, in its answers."""

import re
import sqlite3
from contextlib import closing

import httpx
import pytest
from tests.api.house import Inbox

from dojang.config import (
    ConfigError,
    Pkcs11Settings,
    PkiSettings,
    SecretReference,
    Settings,
    VaultSettings,
)
from dojang.config import refuse_unsafe as refuse
from dojang.gateways.twins import Outside, RecordedSms
from dojang.journey import loopback
from dojang.journey.served import served
from dojang.journey.world import MINYONG, PATTERN, SEOYEON
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.ordering import Order

SECRETS = (
    MINYONG.password,
    MINYONG.resident_number,
    MINYONG.resident_number[6:],
    MINYONG.phone,
    SEOYEON.phone,
    "Wrong-pass-1!",
    "739146",
)
ARC = "1.2.410.999.1"
TOKEN = Pkcs11Settings(module="/m", token="bank", pin=SecretReference(env="P"))
IN_THE_RECORD_ONLY = (MINYONG.name, SEOYEON.name, MINYONG.login_id)


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """(the record, every byte of the database, secrets of this run) after a journey."""
    folder = tmp_path_factory.mktemp("left")
    with served(folder / "bank") as bank:
        outside = Outside(bank.folder / "handset.db", SystemClock())
        with httpx.Client(timeout=60) as client, closing(outside):
            secrets = journey(bank.origin, folder, client, RecordedSms(outside))
            while_the_database_is_held(bank.folder / "bank.db", bank.origin)
    return bank.log_text(), stored(bank.folder / "bank.db"), secrets


def journey(origin, folder, client, sms):
    phone = Customer(
        origin,
        folder / "phone",
        clock=SystemClock(),
        entropy=SystemEntropy(),
        client=client,
    )
    application = phone.apply()
    journey_token = application.token
    with pytest.raises(Refused):
        application.internet_banking(MINYONG.login_id, "Wrong-pass-1!")
    application.internet_banking(MINYONG.login_id, MINYONG.password)
    application.identity()
    inbox = Inbox(sms, PhoneNumber(MINYONG.phone))
    application.sms_code(inbox.code())
    own = application.state["accounts"][0]["id"]
    with pytest.raises(Refused):
        application.account_password(own, "1739")
    application.account_password(own, MINYONG.accounts[0].password)
    phone.make_keys(MINYONG.pin, PATTERN)
    phone.finish(application)
    with pytest.raises(Refused):
        phone.login("739146")
    phone.login(MINYONG.pin)
    number = phone.account("비상금 통장")["number"]
    source = phone.account("생활비 통장")["number"]
    order = Order(source, "990", number, MINYONG.name, 2_500_000, "김밥값")
    told = phone.transfer(order, MINYONG.pin, account_password=MINYONG.accounts[0].password)
    assert told["state"] == "posted"
    token = phone.line.token
    for path in ("/v1/nowhere", "/v1/transfers/%00", f"/v1/accounts/{'x' * 300}/statement"):
        phone.line.get(path)
    loopback.post(f"{origin}/v1/loss-reports", content=b"\xff" + b"[" * 30_000)
    report = {"name": MINYONG.name, "birth_date": MINYONG.birth_date, "phone": MINYONG.phone}
    loopback.post(f"{origin}/v1/loss-reports", json=report)
    return (journey_token, token, inbox.code())


def while_the_database_is_held(path, origin):
    """Requests full of personal data, at a moment in which something is put on the record."""
    report = {"name": MINYONG.name, "birth_date": MINYONG.birth_date, "phone": MINYONG.phone}
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        answer = loopback.post(f"{origin}/v1/loss-reports", json=report)
    assert answer.status_code == 503


def stored(path):
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        found = []
        for (name,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608
                found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"\0".join(found)


def told(secret, text):
    """Whether it stands there. Six digits inside a longer number are an instant's, not a code.

    Nor are six behind a second's point: each stamp on the log has some, as they come.
    """
    bounds = r"(?<!\d)(?<!\d\.)%s(?!\d)" if secret.isdecimal() else "%s"
    return re.search(bounds % re.escape(secret), text)


def test_the_server_s_record_tells_nothing_of_anyone(left):
    record, _, run = left
    assert '"level"' in record

    for secret in (*SECRETS, *IN_THE_RECORD_ONLY, *run, "김밥값"):
        assert not told(secret, record), secret


def test_nothing_went_wrong_on_the_server_s_side(left):
    assert '"broken"' not in left[0]
    assert "Traceback" not in left[0]


def test_the_database_holds_no_secret_in_clear(left):
    _, everything, run = left
    text = everything.decode("latin-1")

    for secret in (*SECRETS, *run, MINYONG.login_id, MINYONG.birth_date):
        assert not told(secret, text), secret


def bank(**changes):
    good = {
        "database": "postgresql+psycopg://bank@db/bank",
        "vault": VaultSettings(
            file="/v", passphrase=SecretReference(env="V"), software_in_production=True
        ),
        "origin": "https://bank.example",
        "rp_id": "bank.example",
        "pki": PkiSettings(policy_arc=ARC, joint_policy_arc=ARC, offline_root=True),
    }
    return Settings(**{**good, **changes})


def test_a_bank_s_settings_are_taken():
    refuse(bank())


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"origin": "http://bank.example"}, "origin"),
        ({"outside": "/tmp/handset.db"}, "outside"),  # noqa: S108
        ({"pki": PkiSettings(joint_policy_arc=ARC, offline_root=True)}, r"pki\.policy_arc"),
        ({"pki": PkiSettings(policy_arc=ARC, offline_root=True)}, "joint_policy_arc"),
        ({"pki": PkiSettings(policy_arc=ARC, joint_policy_arc=ARC)}, "offline_root"),
        ({"vault": VaultSettings(file="/v", passphrase=SecretReference(env="V"))}, "vault"),
        ({"vault": VaultSettings(pkcs11=TOKEN)}, "log_head"),
        ({"database": "sqlite:///bank.db"}, "database"),
        ({"rp_id": "localhost"}, "rp_id"),
        ({"rp_id": "ank.example"}, "rp_id"),
        ({"rp_id": "evil.example"}, "rp_id"),
        ({"demo": True}, "demo"),
        ({"demo": True, "origin": "http://10.0.0.1:8700"}, "demo"),
    ],
)
def test_what_a_bank_must_not_run_with_is_refused(changes, named):
    with pytest.raises(ConfigError, match=named):
        refuse(bank(**changes))


def test_a_demo_of_this_machine_is_taken():
    refuse(bank(demo=True, origin="http://localhost:8700", rp_id="localhost"))


def test_a_secret_prints_as_nothing():
    hidden = Secret(MINYONG.password)

    assert MINYONG.password not in f"{hidden!r} {hidden} {hidden:>40} {[hidden]}"
