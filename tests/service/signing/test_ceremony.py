"""The ordinary way of a signature, and what each refusal leaves behind."""

import hashlib

import pytest
from tests.signing_house import ORIGIN, PATTERN, PIN, THE_PATTERN, an_order, owner

from dojang.crypto import ed25519, messages
from dojang.crypto.messages import KeyKind, Kind, Life
from dojang.db import log
from dojang.kernel.clock import MINUTE, SECOND
from dojang.phone.http import Refused
from dojang.phone.machine import MessageDiffers, Wanted
from dojang.signing.model import Purpose
from dojang.signing.tables import signing_request

WRONG_PIN = "271829"


def refused(call, *arguments, **named):
    with pytest.raises(Refused) as caught:
        call(*arguments, **named)
    return caught.value


def events(house, kind):
    with house.db.engine.connect() as connection:
        leaves = log.read(connection, 0, 10_000)
    return [leaf.fields() for leaf in leaves if leaf.kind == kind]


def test_a_transfer_is_signed_with_an_ordinary_signature(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN)

    signature = phone.machine.sign(wanted).signature

    ed25519.verify(phone.key(KeyKind.SIGN).pk, wanted.message, signature)
    with house.db.snapshot() as tx:
        signed = house.signing.requests.signed(tx, wanted.request_id)
    assert signed is not None
    assert (signed.signature, signed.secret, signed.version) == (signature, PIN, 0)


def test_thirty_signatures_with_two_secrets_and_two_keys_all_verify(house, phone):
    for n in range(10):
        phone.sign(house, KeyKind.SIGN, n=n)
        phone.sign(house, KeyKind.AUTH)
        phone.sign(house, KeyKind.AUTH, m=PATTERN, secret=THE_PATTERN)

    # One signature each was made at enrolment, and one proof of the pattern.
    assert house.tip(phone, KeyKind.SIGN) == phone.key(KeyKind.SIGN).gen == 11
    assert house.tip(phone, KeyKind.AUTH) == phone.key(KeyKind.AUTH).gen == 22


def test_a_login_grants_a_session_to_this_device(house, phone):
    challenge = house.signing.login.challenge(phone.key(KeyKind.AUTH).kid, phone.wire.jkt)
    life = Life(
        kid=challenge.kid,
        nonce=challenge.nonce,
        issued_at=challenge.issued_at,
        expires_at=challenge.expires_at,
    )
    message = messages.auth(life, origin=challenge.origin)

    phone.machine.sign(Wanted(KeyKind.AUTH, PATTERN, THE_PATTERN, challenge.request_id, message))

    opened = house.sessions.claim(challenge.request_id, phone.wire.jkt)
    session = house.sessions.check(opened.token, phone.wire.jkt)
    assert (session.method, session.credential_id) == (PATTERN, phone.credential_id)


def test_a_wrong_pin_is_remembered_and_told(house, phone):
    wrong = refused(phone.sign, house, secret=WRONG_PIN)

    assert (wrong.code, wrong.body["tries_left"]) == ("wrong_secret", 4)
    assert house.tries_left(phone, PIN) == 4
    assert events(house, "signature.wrong")[0]["tries_left"] == 4
    assert phone.key(KeyKind.SIGN).inflight is None


def test_the_fifth_wrong_pin_locks_both_keys(house, phone):
    for left in (4, 3, 2, 1, 0):
        assert refused(phone.sign, house, secret=WRONG_PIN).body["tries_left"] == left

    assert house.state(phone) == "LOCKED"
    assert refused(phone.sign, house).code == "credential_locked"
    assert refused(phone.sign, house, KeyKind.AUTH).code == "credential_locked"


def test_the_fifth_try_may_still_succeed_and_gives_all_tries_back(house, phone):
    for _ in range(4):
        refused(phone.sign, house, secret=WRONG_PIN)

    phone.sign(house)

    assert house.tries_left(phone, PIN) == 5
    assert house.state(phone) == "ACTIVE"


def test_a_spent_pattern_turns_off_the_pattern_only(house, phone):
    for _ in range(5):
        refused(phone.sign, house, KeyKind.AUTH, m=PATTERN, secret="0-1-2-3")

    assert (
        refused(phone.sign, house, KeyKind.AUTH, m=PATTERN, secret=THE_PATTERN).code
        == "pattern_disabled"
    )
    phone.sign(house, KeyKind.AUTH)
    assert house.state(phone) == "ACTIVE"


def test_a_pattern_login_does_not_give_pin_tries_back(house, phone):
    """The alternation attack: four guesses, one pattern login, without end."""
    refused_at = []
    for guess in range(12):
        if guess % 4 == 0 and guess and house.state(phone) == "ACTIVE":
            phone.sign(house, KeyKind.AUTH, m=PATTERN, secret=THE_PATTERN)
        refused_at.append(refused(phone.sign, house, secret=f"{guess:06d}").code)

    assert refused_at == ["wrong_secret"] * 5 + ["credential_locked"] * 7


def test_a_pattern_begin_over_the_last_open_pin_attempt_locks(house, phone):
    for _ in range(4):
        refused(phone.sign, house, KeyKind.AUTH, secret=WRONG_PIN)
    phone.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    with pytest.raises(Exception, match="complete"):
        phone.sign(house, KeyKind.AUTH)
    phone.wire.trouble = lambda _path, _body: None
    thief = phone.copy()
    thief.store.write(thief.store.read().with_key(KeyKind.AUTH, _without_inflight(thief)))

    last = refused(thief.sign, house, KeyKind.AUTH, m=PATTERN, secret=THE_PATTERN)

    assert last.code == "credential_locked"
    assert house.state(phone) == "LOCKED"
    assert house.tries_left(phone, PATTERN) == 5


def test_an_interrupted_last_attempt_locks_when_its_time_is_over(house, phone, clock):
    for _ in range(4):
        refused(phone.sign, house, secret=WRONG_PIN)
    phone.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    with pytest.raises(Exception, match="complete"):
        phone.sign(house)
    assert house.state(phone) == "ACTIVE"

    clock.move(121 * SECOND)
    house.signing.sweep()

    assert house.state(phone) == "LOCKED"


@pytest.mark.parametrize(
    ("kind", "m", "secret"),
    [(KeyKind.AUTH, PIN, "271828"), (KeyKind.SIGN, PATTERN, THE_PATTERN)],
)
def test_a_transfer_needs_the_sign_key_and_the_pin(house, phone, kind, m, secret):
    life = Life(
        kid=phone.key(kind).kid,
        nonce=bytes(32),
        issued_at=house.clock.now(),
        expires_at=house.clock.now() + MINUTE,
    )
    message = messages.transfer(life, an_order(1), origin=ORIGIN)
    request_id = house.ask(phone.key(kind).kid, Kind.TX, message)
    begin = _begin_body(phone, kind, m, request_id)

    answer = phone.wire.deliver("/v1/signing/begin", begin)

    assert (answer.status, answer.code) == (403, "wrong_method")
    assert house.tries_left(phone, PIN) == house.tries_left(phone, PATTERN) == 5


def test_the_phone_signs_only_bytes_it_built(house, phone):
    """I11: the bank's request holds another amount than the one shown."""
    wanted = house.wanted(phone, KeyKind.SIGN, n=1)
    shown = house.wanted(phone, KeyKind.SIGN, n=2).message

    with pytest.raises(MessageDiffers):
        phone.machine.sign(Wanted(wanted.kind, PIN, wanted.secret, wanted.request_id, shown))

    assert phone.key(KeyKind.SIGN).inflight is None
    assert not [path for path, *_ in phone.wire.transcript[-1:] if "complete" in path]


def test_a_request_is_signed_once(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN)
    phone.machine.sign(wanted)

    assert refused(phone.machine.sign, wanted).code == "request_already_signed"
    assert house.tries_left(phone, PIN) == 5


def test_an_expired_request_is_refused_before_a_try_is_taken(house, phone, clock):
    wanted = house.wanted(phone, KeyKind.SIGN)
    clock.move(601 * SECOND)

    assert refused(phone.machine.sign, wanted).code == "request_expired"
    assert house.tries_left(phone, PIN) == 5


def test_a_request_of_another_customer_is_unknown(house, phone):
    other = owner(house)
    wanted = house.wanted(other, KeyKind.SIGN)

    assert refused(phone.machine.sign, wanted).code == "unknown_request"


def test_an_attempt_is_over_after_its_time(house, phone, clock):
    wanted = house.wanted(phone, KeyKind.SIGN)

    def slow(path, _body):
        if "complete" in path:
            clock.move(121 * SECOND)

    phone.wire.trouble = slow
    assert refused(phone.machine.sign, wanted).code == "session_over"
    phone.wire.trouble = lambda _path, _body: None

    phone.machine.sign(wanted)

    assert house.tries_left(phone, PIN) == 5


def test_a_begin_with_bad_points_consumes_nothing(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN)
    good = _begin_body(phone, KeyKind.SIGN, PIN, wanted.request_id)
    identity = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    for name in ("blinded", "D1", "E1"):
        for bad in (identity, "A" * 43, "_" * 42 + "8"):
            answer = phone.wire.deliver("/v1/signing/begin", {**good, name: bad})
            assert (answer.status, answer.code) == (400, "bad_point")

    assert house.tries_left(phone, PIN) == 5


def test_a_bad_z1_leaves_the_attempt_open(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN)
    begin = _begin_body(phone, KeyKind.SIGN, PIN, wanted.request_id)
    begun = phone.wire.deliver("/v1/signing/begin", begin).body

    body = {"rid": "B" * 16, "sid": begun["sid"], "z1": "_" * 42 + "8"}
    answer = phone.wire.deliver("/v1/signing/complete", body)

    assert (answer.status, answer.code) == (400, "bad_point")
    zero = phone.wire.deliver("/v1/signing/complete", {**body, "z1": "A" * 43})
    assert zero.code == "wrong_secret"


def test_signature_events_hold_the_hash_and_never_the_message(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN)
    phone.machine.sign(wanted)

    done = events(house, "signature.done")[-1]

    assert done["purpose"] == "transfer"
    assert len(done["message_hash"]) == 32
    with house.db.engine.connect() as connection:
        assert all(b"900800700600" not in leaf.body for leaf in log.read(connection, 0, 1_000))


def test_no_name_is_found_by_hashing_certification_requests(house, phone):
    """All else in one is known from the log: whoever keeps it could try every name there is."""
    with house.db.snapshot() as tx:
        asked = tx.execute(signing_request.select()).all()
    said = {one["request_id"]: one["message_hash"] for one in events(house, "signature.done")}

    signed = [one for one in asked if one.purpose == Purpose.ENROL_CSR]
    assert len(signed) == 2
    for one in signed:
        assert said[one.request_id] != hashlib.sha256(one.message).digest()
        assert said[one.request_id] == hashlib.sha256(one.message + one.signature).digest()


def test_revoking_erases_the_shares_in_the_same_transaction(house, phone):
    session = phone.wire.session()
    ordered = house.signing.acts.order(session, "revoke", {"reason": "unused"})
    message = messages.build(Kind.ACT, ordered.fields)

    phone.machine.sign(Wanted(KeyKind.SIGN, PIN, "271828", ordered.request_id, message))

    assert house.state(phone) == "REVOKED"
    with house.db.snapshot() as tx:
        count = "SELECT COUNT(*) FROM signing_instance"
        assert tx.connection.exec_driver_sql(count).scalar() == 0
    kid = phone.key(KeyKind.SIGN).kid
    request_id = house.ask(kid, Kind.TX, b"x")
    begin = _begin_body(phone, KeyKind.SIGN, PIN, request_id)
    assert phone.wire.deliver("/v1/signing/begin", begin).code == "credential_revoked"


def test_what_a_room_above_raises_in_done_undoes_the_done(house, phone):
    def no(_tx, _signed):
        raise LookupError("the order is gone")

    house.signing.when_done("transfer", no)
    wanted = house.wanted(phone, KeyKind.SIGN)

    with pytest.raises(LookupError):
        phone.machine.sign(wanted)

    assert house.tip(phone, KeyKind.SIGN) == phone.key(KeyKind.SIGN).gen
    assert phone.machine.resume(KeyKind.SIGN).end == "not_completed"


def _without_inflight(phone):
    from dataclasses import replace

    return replace(phone.key(KeyKind.AUTH), inflight=None)


def _begin_body(phone, kind, m, request_id):
    from dojang.crypto import frost, oprf
    from dojang.crypto.encoding import b64u
    from dojang.kernel.entropy import SystemEntropy

    chance = SystemEntropy()
    own = frost.nonces(frost.PHONE, chance.bytes(64), bytes(32))
    blinding = oprf.blind(b"guess", oprf.random_scalar(chance.bytes(64)))
    return {
        "rid": b64u(chance.bytes(12)),
        "kid": b64u(phone.key(kind).kid),
        "m": m,
        "version": 0,
        "gen": phone.key(kind).gen,
        "request_id": request_id,
        "blinded": b64u(blinding.blinded),
        "D1": b64u(own.commitment.hiding),
        "E1": b64u(own.commitment.binding),
    }
