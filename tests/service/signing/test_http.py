"""Signing over the real edge: DPoP, wire shapes, problems that carry the rid."""

import pytest
from tests.api.house import ORIGIN, Raw, at_work, moved_in, send

from dojang.crypto.encoding import b64u
from dojang.crypto.messages import PATTERN, PIN, KeyKind
from dojang.journey.world import MINYONG, SEOYEON
from dojang.journey.world import PATTERN as THE_PATTERN
from dojang.phone.change import Changing
from dojang.phone.http import Refused

pytestmark = pytest.mark.filterwarnings("ignore:The base_url")
RID = b64u(bytes(12))


@pytest.fixture(scope="module")
def house(tmp_path_factory, demo_laid_down):
    folder = tmp_path_factory.mktemp("house")
    with at_work(moved_in(demo_laid_down, folder), folder, base_url=ORIGIN) as made:
        yield made


@pytest.fixture(scope="module")
def minyong(house):
    return house.issue(MINYONG)


@pytest.fixture(scope="module")
def seoyeon(house):
    return house.issue(SEOYEON)


def tries_left(phone, m):
    held = phone.certificate()["keys"]
    return {one["tries_left"] for key in held for one in key["methods"] if one["m"] == m}


def test_a_phone_logs_in_by_pin_and_by_pattern(minyong):
    minyong.login(MINYONG.pin)
    assert minyong.certificate()["state"] == "ACTIVE"
    minyong.login(THE_PATTERN, PATTERN)
    minyong.login(MINYONG.pin)


def test_a_wrong_pin_is_answered_with_the_rid_and_what_is_left(minyong):
    seen = []
    post = minyong.line.post
    minyong.machine.talk.post = lambda path, body: seen.append(post(path, body)) or seen[-1]

    with pytest.raises(Refused) as refused:
        minyong.login("000000")
    minyong.machine.talk.post = post

    assert (refused.value.status, refused.value.code) == (403, "wrong_secret")
    assert refused.value.body["tries_left"] == 4
    assert len(refused.value.body["rid"]) == 16
    minyong.login(MINYONG.pin)
    assert tries_left(minyong, PIN) == {5}


def test_a_pin_is_changed_and_changed_back(minyong):
    minyong.login(MINYONG.pin)
    changing = Changing(minyong.machine, minyong._entropy, ORIGIN)

    changing.change(PIN, pin=MINYONG.pin, new="141421")
    minyong.login("141421")
    changing.change(PIN, pin="141421", new=MINYONG.pin)

    minyong.login(MINYONG.pin)
    changing.change(PATTERN, pin=MINYONG.pin, new="0-3-6-7-8")
    minyong.login("0-3-6-7-8", PATTERN)


def test_another_phone_can_neither_use_nor_lock_the_key(minyong, seoyeon):
    minyong.login(MINYONG.pin)
    before = tries_left(minyong, PIN)
    for n in range(20):
        body = {"rid": RID, "kid": b64u(minyong.kid(KeyKind.SIGN)), "gen": n}
        answer = seoyeon.line.post("/v1/signing/confirm-stale", body)
        assert (answer.status, answer.code, answer.body["rid"]) == (404, "unknown_key", RID)
        asked = {"kid": b64u(minyong.kid(KeyKind.AUTH))}
        assert seoyeon.line.post("/v1/login/challenges", asked).code == "unknown_key"

    assert tries_left(minyong, PIN) == before
    assert minyong.certificate()["state"] == "ACTIVE"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rid": "short", "sid": "A" * 22},
        {"rid": RID, "sid": "A" * 22, "more": 1},
        {"rid": RID, "sid": 7},
        {"rid": RID, "sid": "*" * 22},
    ],
)
def test_a_malformed_request_is_refused(minyong, body):
    answer = minyong.line.post("/v1/signing/resume", body)

    assert (answer.status, answer.code) == (400, "malformed")


def test_an_unknown_attempt_was_never_completed(minyong):
    answer = minyong.line.post("/v1/signing/resume", {"rid": RID, "sid": "A" * 21 + "A"})

    assert answer.body == {"rid": RID, "state": "not_completed"}


def test_a_ceremony_without_a_proof_of_the_device_is_refused(house):
    answer = house.client.post("/v1/signing/resume", json={"rid": RID, "sid": "A" * 22})

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_proof")


def test_answers_are_not_to_be_stored(minyong, house):
    raw = Raw(
        "POST", "/v1/signing/resume", b'{"rid":"AAAAAAAAAAAAAAAA","sid":"' + b"A" * 22 + b'"}'
    )
    assert send(minyong.line, raw).status == 200
    answer = house.client.post("/v1/signing/resume", json={"rid": RID, "sid": "A" * 22})
    assert answer.headers["cache-control"] == "no-store"


def test_an_unknown_act_and_a_foreign_reason_are_refused(minyong):
    minyong.login(MINYONG.pin)
    for body in ({"type": "fly"}, {"type": "revoke", "reason": "reissued"}, {"type": "revoke"}):
        assert minyong.line.post("/v1/acts", body).code == "malformed"


def test_revoking_ends_the_certificate(seoyeon):
    seoyeon.revoke("unused", SEOYEON.pin)

    asked = {"kid": b64u(seoyeon.kid(KeyKind.AUTH))}
    answer = seoyeon.line.post("/v1/login/challenges", asked)

    assert (answer.status, answer.code) == (410, "credential_revoked")
