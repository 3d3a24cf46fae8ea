"""Another customer, a thief with the phone, a malicious payee: what their requests are answered."""

import pytest
from tests.api.house import Raw, send

from dojang.crypto.encoding import b64u
from dojang.crypto.messages import PATTERN as PATTERN_METHOD
from dojang.crypto.messages import KeyKind
from dojang.customers import history
from dojang.journey.world import MINYONG, PATTERN, SEOYEON
from dojang.kernel.clock import DAY
from dojang.phone.http import Refused
from dojang.phone.machine import MessageDiffers, Wanted
from dojang.phone.ordering import Order, signed_bytes


@pytest.fixture(autouse=True)
def _both_signed_in(house, minyong, seoyeon):
    house.clock.move(DAY)
    minyong.login(MINYONG.pin)
    seoyeon.login(SEOYEON.pin)


def an_order(minyong, seoyeon, amount=1_000):
    return Order(
        from_account=minyong.account("생활비 통장")["number"],
        payee_bank="990",
        payee_account=seoyeon.accounts()[0]["number"],
        payee_holder=SEOYEON.name,
        amount=amount,
        memo="밥값",
    )


def placed(minyong, seoyeon, amount=1_000):
    order = an_order(minyong, seoyeon, amount)
    transfer_id = minyong.new_transfer(order)
    return order, minyong.place(transfer_id, order)


def begin(phone, kind, request_id, *, m="pin", kid=None, **changes):
    point = b64u(bytes.fromhex("58" + "66" * 31))
    body = {
        "rid": b64u(phone._entropy.bytes(12)),
        "kid": b64u(kid or phone.kid(kind)),
        "m": m,
        "version": 0,
        "gen": phone.key(kind).gen,
        "request_id": request_id,
        "blinded": b64u(
            bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
        ),
        "D1": point,
        "E1": point,
    }
    return phone.line.post("/v1/signing/begin", body | changes)


def tries(phone):
    keys = phone.certificate()["keys"]
    return {(k["kind"], m["m"]): m["tries_left"] for k in keys for m in k["methods"]}


def test_a_request_is_signed_by_its_own_key_on_its_own_phone_only(minyong, seoyeon):
    _, order = placed(minyong, seoyeon)
    wanted = order["request"]["request_id"]
    before = (tries(minyong), tries(seoyeon))

    assert begin(seoyeon, KeyKind.SIGN, wanted).code == "unknown_request"
    assert begin(seoyeon, KeyKind.SIGN, wanted, kid=minyong.kid("sign")).code == "unknown_key"
    assert begin(minyong, KeyKind.AUTH, wanted).code == "unknown_request"
    assert begin(minyong, KeyKind.AUTH, wanted, m=PATTERN_METHOD).code == "unknown_request"
    assert begin(minyong, KeyKind.SIGN, wanted, m=PATTERN_METHOD).code == "wrong_method"
    assert begin(minyong, KeyKind.SIGN, wanted, version=1).code == "wrong_method"
    assert begin(minyong, KeyKind.SIGN, wanted, blinded_new=b64u(bytes(32))).code == "bad_point"
    assert (tries(minyong), tries(seoyeon)) == before


def test_a_login_is_signed_by_the_login_key_only(minyong):
    asked = minyong.line.post("/v1/login/challenges", {"kid": b64u(minyong.kid("auth"))}).must()

    assert begin(minyong, KeyKind.SIGN, asked["request_id"]).code == "unknown_request"
    challenge = minyong.line.post("/v1/login/challenges", {"kid": b64u(minyong.kid("sign"))})
    assert challenge.code == "unknown_key"


def test_another_phone_neither_suspends_nor_resumes(minyong, seoyeon):
    rid = b64u(bytes(12))
    kid = b64u(minyong.kid("sign"))
    stale = seoyeon.line.post("/v1/signing/confirm-stale", {"rid": rid, "kid": kid, "gen": 0})
    assert stale.code == "unknown_key"
    assert seoyeon.line.post("/v1/login/challenges", {"kid": kid}).code == "unknown_key"
    options = {"credential_id": minyong.certificate()["id"]}
    assert seoyeon.line.post("/v1/login/passkey/options", options).code == "unknown_key"
    assert minyong.certificate()["state"] == "ACTIVE"


def test_an_old_generation_alone_suspends_nobody(minyong, seoyeon):
    _, order = placed(minyong, seoyeon)
    for _ in range(3):
        answer = begin(minyong, KeyKind.AUTH, order["request"]["request_id"], gen=0)
        assert answer.code == "generation_mismatch"

    assert minyong.certificate()["state"] == "ACTIVE"


def test_a_pattern_seen_over_the_shoulder_moves_nothing(minyong, seoyeon):
    minyong.login(PATTERN, PATTERN_METHOD)
    _, order = placed(minyong, seoyeon)

    assert minyong.line.post("/v1/passkeys/options", {}).code == "pin_login_needed"
    assert minyong.line.delete("/v1/passkeys/any").code == "pin_login_needed"
    wanted = order["request"]["request_id"]
    assert begin(minyong, KeyKind.SIGN, wanted, m=PATTERN_METHOD).code == "wrong_method"


def test_what_is_somebody_else_s_is_not_there(house, minyong, seoyeon):
    order, shown = placed(minyong, seoyeon)
    mine = f"/v1/transfers/{shown['id']}"
    account = minyong.accounts()[0]["id"]
    session = minyong.sessions()[0]["id"]
    before = house.contents()
    answers = [
        seoyeon.line.get(mine),
        seoyeon.line.delete(mine),
        seoyeon.line.put(mine, order.body()),
        seoyeon.line.put(mine, {**order.body(), "from_account": seoyeon.accounts()[0]["number"]}),
        seoyeon.line.put(f"{mine}/account-password", {"password": "5837"}),
        seoyeon.line.post(f"{mine}/ars", {}),
        seoyeon.line.get(f"/v1/accounts/{account}/statement"),
        seoyeon.line.delete(f"/v1/sessions/{session}"),
    ]

    assert {answer.status for answer in answers} == {404}
    assert house.contents() == before


def test_a_cancelled_order_is_not_signed(minyong, seoyeon):
    order, shown = placed(minyong, seoyeon)
    minyong.cancel(shown["id"])

    with pytest.raises(Refused) as refused:
        minyong.sign_order(order, shown, MINYONG.pin)
    assert refused.value.code == "order_over"


def test_a_limit_lowered_after_the_order_holds_at_the_posting(house, minyong, seoyeon):
    order, shown = placed(minyong, seoyeon, 1_500_000)
    session = minyong.line.token
    minyong.change_limits(per_transfer=1_000_000, per_day=5_000_000, pin=MINYONG.pin)
    minyong.line.token = session
    minyong.sign_order(order, shown, MINYONG.pin)

    told = minyong.settled(shown["id"])

    assert told["state"] == "rejected"
    assert told["outcome"]["problem"]["code"] == "over_per_transfer_limit"


def test_bytes_other_than_the_shown_ones_are_not_signed(minyong, seoyeon):
    """The phone compares what the server would have it sign with what it built itself."""
    order, shown = placed(minyong, seoyeon, 1_000)
    kid = minyong.kid("sign")
    other = Order(**{**order.__dict__, "amount": 999_999})
    message = signed_bytes(order, shown, kid=kid, origin=minyong.origin)
    bent = message.replace(b'"amount":1000', b'"amount":999')

    wanted = Wanted(
        kind=KeyKind.SIGN,
        m="pin",
        secret=MINYONG.pin,
        request_id=shown["request"]["request_id"],
        message=bent,
    )
    with pytest.raises(MessageDiffers):
        minyong.machine.sign(wanted)
    answer = minyong.line.put(f"/v1/transfers/{shown['id']}", other.body())
    assert answer.code == "id_mismatch"


def test_one_s_history_names_nobody_else_s_inner_ids(house, minyong, seoyeon):
    order, shown = placed(minyong, seoyeon, 1_000)
    minyong.sign_order(order, shown, MINYONG.pin)
    assert minyong.settled(shown["id"])["state"] == "posted"
    with house.bank.db.snapshot() as tx:
        session = tx.connection.exec_driver_sql(
            "SELECT customer_id, debit, credit FROM transfer_order WHERE id = ?", (shown["id"],)
        ).one()
        page = history.of_customer(tx, session.customer_id, before=None, limit=100)
    theirs = seoyeon.accounts()[0]["id"]
    posted = next(e for e in page.entries if e.kind == "transfer.posted")

    assert posted.what["debit"] == session.debit
    assert theirs not in repr(minyong.history())
    assert set(posted.what) & {"credit", "credited"} == set()


def test_a_session_is_over_with_the_loss_report(house, minyong, seoyeon):
    report = {"name": SEOYEON.name, "birth_date": SEOYEON.birth_date, "phone": SEOYEON.phone}
    answer = house.client.post("http://localhost:8700/v1/loss-reports", json=report)
    assert answer.status_code == 202
    house.bank.run_due_jobs()

    assert send(seoyeon.line, Raw("GET", "/v1/accounts")).code == "session_ended"
    challenge = seoyeon.line.post("/v1/login/challenges", {"kid": b64u(seoyeon.kid("auth"))})
    assert challenge.code == "credential_suspended"
