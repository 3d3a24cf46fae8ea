"""E1 to E3: a key that nobody holds, answered once, dead after ten minutes."""

import pytest
from tests.service.signing.looking_inside import server_side, whole_key
from tests.signing_house import THE_PATTERN, THE_PIN, enrol, new_owner, owner

from dojang.crypto import dkg, ed25519, frost
from dojang.crypto.encoding import b64u, unb64u
from dojang.crypto.messages import PATTERN, PIN, KeyKind
from dojang.kernel.clock import MINUTE
from dojang.phone.http import NoAnswer, Refused
from dojang.phone.machine import BadAnswer, MessageDiffers, Wanted
from dojang.signing import keys

SECRETS = {PIN: THE_PIN, PATTERN: THE_PATTERN}


@pytest.fixture
def fresh(house):
    return new_owner(house)


def test_both_keys_become_active_together(house, fresh):
    enrol(house, fresh)

    with house.db.snapshot() as tx:
        states = [(k.kind, k.state) for k in keys.of_credential(tx, fresh.credential_id)]
    assert states == [("auth", "active"), ("sign", "active")]
    fresh.sign(house)


def test_nobody_holds_the_key_but_both_together_do(house, fresh, tmp_path):
    enrol(house, fresh)

    server = server_side(house, tmp_path / "vault")

    key = fresh.key(KeyKind.SIGN)
    whole = whole_key(server, key, PIN, THE_PIN, key.instance(PIN))
    assert ed25519.times_base(whole) == key.pk


def test_keys_that_have_not_proved_themselves_are_not_activated(house, fresh):
    fresh.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    with pytest.raises(NoAnswer):
        fresh.enrolling.both(THE_PIN, THE_PATTERN)

    with house.db.transaction() as tx:
        assert keys.proved(tx, fresh.credential_id) == {}
        with pytest.raises(ValueError, match="proved"):
            keys.activate(tx, fresh.credential_id)


def test_the_auth_key_needs_a_proof_of_the_pattern_too(house, fresh):
    begins = []

    def third_begin_is_lost(path, _body):
        begins.append(path)
        return "lost" if begins.count("/v1/signing/begin") > 1 else None

    fresh.wire.trouble = third_begin_is_lost
    with pytest.raises(NoAnswer):
        fresh.enrolling.key(KeyKind.AUTH, SECRETS)

    with house.db.snapshot() as tx:
        assert keys.proved(tx, fresh.credential_id) == {}


def test_e2_is_answered_once_for_a_kid(house, fresh):
    fresh.enrolling.key(KeyKind.AUTH, SECRETS)
    path, body = next((p, b) for p, b, _s, _a in fresh.wire.transcript if p.endswith("/shares"))

    again = fresh.wire.deliver(path, body)

    assert (again.status, again.code) == (409, "already_answered")


def test_a_lost_answer_to_e1_or_e2_starts_over_with_a_new_kid(house, fresh):
    lost = []

    def first_is_lost(path, _body):
        step = "E2" if path.endswith("/shares") else "E1" if "/keys" in path else None
        if step and step not in lost:
            lost.append(step)
            return "answer_lost"
        return None

    fresh.wire.trouble = first_is_lost
    enrol(house, fresh)

    assert lost == ["E1", "E2"]
    fresh.sign(house)
    with house.db.snapshot() as tx:
        assert len(keys.of_credential(tx, fresh.credential_id)) == 2


def test_the_sign_key_comes_after_the_auth_key(fresh):
    with pytest.raises(Refused) as refused:
        fresh.enrolling.key(KeyKind.SIGN, {PIN: THE_PIN})

    assert refused.value.code == "key_out_of_turn"


def test_half_done_keys_die_after_ten_minutes(house, fresh, clock):
    fresh.enrolling.key(KeyKind.AUTH, SECRETS)
    path, body = next((p, b) for p, b, _s, _a in fresh.wire.transcript if p.endswith("/shares"))

    clock.move(11 * MINUTE)

    assert fresh.wire.deliver(path, body).code == "unknown_key"
    assert house.signing.sweep() == 1
    with house.db.snapshot() as tx:
        assert keys.of_credential(tx, fresh.credential_id) == []


def test_a_false_proof_of_knowledge_is_refused(fresh):
    _line, own = dkg.begin(frost.PHONE, fresh._entropy.bytes(192))
    _other, foreign = dkg.begin(frost.PHONE, fresh._entropy.bytes(192))
    body = {
        "device_key": "",
        "kind": "auth",
        "secrets": [PIN, PATTERN],
        "C0": b64u(own.c0),
        "C1": b64u(own.c1),
        "pok": b64u(foreign.proof),
    }

    answer = fresh.wire.deliver("/v1/enrolments/current/keys", body)

    assert (answer.status, answer.code) == (400, "bad_point")


def test_a_share_off_the_line_is_refused_and_may_be_sent_right(house, fresh):
    held = []

    def twist(path, body):
        if path.endswith("/shares") and not held:
            held.append(dict(body))
            return "lost"
        return None

    fresh.wire.trouble = twist
    fresh.enrolling.key(KeyKind.AUTH, SECRETS)
    sent = [(p, b) for p, b, _s, _a in fresh.wire.transcript if p.endswith("/shares")]
    assert sent
    assert fresh.wire.deliver(sent[0][0], {**sent[0][1], "share": "A" * 43}).status == 409


def test_wrong_pins_while_enrolling_lock_nothing_and_starting_over_helps(house, fresh):
    fresh.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    with pytest.raises(NoAnswer):
        fresh.enrolling.key(KeyKind.AUTH, SECRETS)
    fresh.wire.trouble = lambda _path, _body: None
    flying = fresh.store.read().enrolling[KeyKind.AUTH].inflight
    wrong = Wanted(KeyKind.AUTH, PIN, "000000", flying.request_id, flying.message, enrolling=True)

    codes = []
    for _ in range(5):
        with pytest.raises(Refused) as refused:
            fresh.machine.sign(wrong)
        codes.append(refused.value.code)

    assert codes == ["wrong_secret"] * 4 + ["credential_locked"]
    assert house.state(fresh) == "ENROLLING"
    enrol(house, fresh)
    fresh.sign(house)


def test_a_new_sign_key_gives_no_tries_back(house, fresh):
    """Else a phone stolen in mid-enrolment could guess for ever against its auth key."""
    fresh.enrolling.key(KeyKind.AUTH, SECRETS)
    fresh.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    for _ in range(3):
        with pytest.raises(NoAnswer):
            fresh.enrolling.key(KeyKind.SIGN, {PIN: THE_PIN})

    assert house.tries_left(fresh, PIN) == 2


def test_an_active_key_never_signs_an_enrolment_request(house):
    phone = owner(house)
    key = phone.key(KeyKind.AUTH)
    from tests.service.signing.test_ceremony import _begin_body

    from dojang.crypto.messages import Kind

    request_id = house.ask(key.kid, Kind.CSR, b"\x30\x00", purpose="enrol_csr")
    answer = phone.wire.deliver(
        "/v1/signing/begin", _begin_body(phone, KeyKind.AUTH, PIN, request_id)
    )

    assert answer.code == "wrong_method"


def test_the_phone_refuses_a_certification_request_for_another_key(fresh):
    deliver = fresh.wire.deliver

    def forged(path, body):
        answer = deliver(path, body)
        if path.endswith("/shares"):
            cri = bytearray(unb64u(answer.body["cri"]))
            cri[-10] ^= 1
            answer.body["cri"] = b64u(bytes(cri))
        return answer

    fresh.wire.deliver = forged
    with pytest.raises((MessageDiffers, BadAnswer)):
        fresh.enrolling.key(KeyKind.AUTH, SECRETS)
