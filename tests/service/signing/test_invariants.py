"""PROTOCOL 5, one test an invariant. (I2 and the rollback: test_rollback; I4: tests/faults.)"""

import threading

import pytest
from tests.service.signing.looking_inside import phone_share, server_side, whole_key
from tests.signing_house import THE_PATTERN, THE_PIN, House, new_owner, owner

from dojang.crypto import csr, ed25519, frost
from dojang.crypto.encoding import Point, Scalar, b64u, unb64u
from dojang.crypto.messages import PATTERN, PIN, KeyKind
from dojang.db import Database
from dojang.phone.http import NoAnswer, Refused
from dojang.phone.machine import CopiedPhone
from dojang.phone.state import to_json
from dojang.signing import keys

SECRETS = {PIN: THE_PIN, PATTERN: THE_PATTERN}


def vault_of(tmp_path):
    return tmp_path / "vault"


def test_i1_every_instance_of_every_generation_shares_the_same_key(house, phone, tmp_path):
    for _ in range(3):
        server = server_side(house, vault_of(tmp_path))
        for key in phone.store.read().keys.values():
            wholes = {
                whole_key(server, key, m, SECRETS[m], instance)
                for m, held in key.instances.items()
                for instance in held
            }
            assert {ed25519.times_base(whole) for whole in wholes} == {key.pk}
        phone.sign(house, KeyKind.AUTH)
        phone.sign(house, KeyKind.SIGN)


def test_i2_the_same_begin_gets_the_same_nonces_and_another_one_gets_others(house, phone):
    """(kid, gen, m, version, sid, D1, E1, message) fix the pair; a new attempt has a new sid."""
    wanted = house.wanted(phone, KeyKind.SIGN)
    seen = []
    phone.wire.trouble = lambda path, body: seen.append(dict(body)) if "begin" in path else "lost"
    with pytest.raises(NoAnswer):
        phone.machine.sign(wanted)
    body = seen[0]

    again = [phone.wire.deliver("/v1/signing/begin", body).body for _ in range(3)]
    other = phone.wire.deliver("/v1/signing/begin", {**body, "rid": b64u(bytes(12))}).body

    assert again[0] == again[1] == again[2]
    assert (other["D2"], other["E2"]) != (again[0]["D2"], again[0]["E2"])
    assert house.tries_left(phone, PIN) == 3


def test_i3_racing_completes_make_one_done(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN)
    caught = []
    phone.wire.trouble = lambda path, body: caught.append(body) or ("lost" * ("complete" in path))
    with pytest.raises(NoAnswer):
        phone.machine.sign(wanted)
    before = phone.key(KeyKind.SIGN).gen
    answers = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(phone.wire.deliver("/v1/signing/complete", caught[-1]))
        )
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status for answer in answers} == {200}
    assert len({str(answer.body) for answer in answers}) == 1
    assert house.tip(phone, KeyKind.SIGN) == before + 1


def test_i4_a_try_is_committed_before_the_server_evaluates(house, phone, monkeypatch):
    """At the moment of the evaluation another process already sees the try gone."""
    left_at_evaluation = []
    core = house.signing._beginning._core
    answer = core.answer

    def watched(of, blinded):
        left_at_evaluation.append(house.tries_left(phone, PIN))
        return answer(of, blinded)

    monkeypatch.setattr(core, "answer", watched)
    phone.sign(house)

    assert left_at_evaluation == [4]


def test_i5_what_the_server_sends_and_stores_holds_no_share_and_no_z2(house, phone, tmp_path):
    """Every 32-byte value that left, and every blob at rest, against s2, Y1, Y2 and z2."""
    phone.sign(house)
    with pytest.raises(Refused):
        phone.sign(house, secret="000001")
    server = server_side(house, vault_of(tmp_path))
    before = server_side(house, vault_of(tmp_path), "share_before")
    secret_values = set(server.shares.values()) | set(before.shares.values())
    for kind, key in phone.store.read().keys.items():
        s1 = phone_share(server, key, THE_PIN)
        assert kind in KeyKind
        secret_values |= {s1, ed25519.times_base(s1)}
    secret_values |= {ed25519.times_base(Scalar(s)) for s in server.shares.values()}

    sent = b"".join(
        unb64u(value)
        for _path, _body, _status, answer in phone.wire.transcript
        for value in _texts(answer)
        if _is_b64u(value)
    )
    stored = _database_bytes(house)

    for value in secret_values:
        assert bytes(value) not in sent
        assert bytes(value) not in stored
    wrong = [a for p, _b, s, a in phone.wire.transcript if "complete" in p and s == 403]
    assert [set(one) for one in wrong] == [{"code", "tries_left", "rid"}]


def test_i6_the_phone_is_at_the_tip_or_one_behind_with_the_last_done_in_flight(house, phone):
    kind = KeyKind.SIGN
    phone.sign(house)
    assert phone.key(kind).gen == house.tip(phone, kind)

    phone.wire.trouble = lambda path, _body: "answer_lost" if "complete" in path else None
    with pytest.raises(NoAnswer):
        phone.sign(house)

    assert phone.key(kind).gen == house.tip(phone, kind) - 1
    assert phone.key(kind).inflight is not None
    phone.wire.trouble = lambda _path, _body: None
    assert phone.machine.resume(kind).end == "done"
    assert phone.key(kind).gen == house.tip(phone, kind)


@pytest.mark.parametrize("what", ["lost", "answer_lost", "twice"])
@pytest.mark.parametrize("where", ["begin", "complete", "resume"])
def test_i7_an_honest_phone_survives_loss_and_repeats_at_every_step(house, phone, what, where):
    for n in range(3):
        wanted = house.wanted(phone, KeyKind.SIGN, n=n)
        phone.wire.trouble = lambda path, _body: what if where in path else None
        if where == "resume":
            _interrupt(phone, house, n)
        for _ in range(2):
            try:
                phone.machine.sign(wanted)
                break
            except NoAnswer:
                phone.wire.trouble = lambda _path, _body: None
        else:
            pytest.fail("never signed")

    assert house.state(phone) == "ACTIVE"
    assert phone.key(KeyKind.SIGN).gen == house.tip(phone, KeyKind.SIGN)


def test_i7_delayed_and_reordered_messages_never_suspend(house, phone):
    """Everything this phone ever sent arrives again, backwards, after it has moved on."""
    for n in range(3):
        phone.sign(house, n=n)
    old = [(path, body) for path, body, _s, _a in phone.wire.transcript if "/signing/" in path]

    for path, body in reversed(old):
        phone.wire.deliver(path, body)

    phone.sign(house, n=4)
    assert house.state(phone) == "ACTIVE"


def test_i7_a_begin_that_arrives_late_reports_a_risk_once_and_changes_nothing(house, phone):
    held = []

    def hold(path, body):
        if "begin" in path and not held:
            held.append(dict(body))
            return "lost"
        return None

    phone.wire.trouble = hold
    with pytest.raises(NoAnswer):
        phone.sign(house)
    phone.sign(house)

    answers = [
        phone.wire.deliver("/v1/signing/begin", {**held[0], "rid": b64u(bytes([n] * 12))})
        for n in range(3)
    ]

    assert {a.code for a in answers} == {"generation_mismatch"}
    assert house.state(phone) == "ACTIVE"
    assert house.tries_left(phone, PIN) == 5
    assert len(_events(house, "signature.stale")) == 1


def test_i8_after_a_copy_has_signed_the_owner_is_told(house, phone):
    thief = phone.copy()
    thief.sign(house)

    with pytest.raises(CopiedPhone) as told:
        phone.sign(house)

    assert told.value.state == "SUSPENDED_COPY"
    assert house.state(phone) == "SUSPENDED_COPY"
    with pytest.raises(Refused) as refused:
        thief.sign(house)
    assert (refused.value.code, refused.value.body["reason"]) == ("credential_suspended", "copy")
    assert _events(house, "signature.copy_confirmed")


def test_i8_a_copy_that_comes_second_betrays_itself(house, phone):
    thief = phone.copy()
    phone.sign(house)

    with pytest.raises(CopiedPhone):
        thief.sign(house)

    assert house.state(phone) == "SUSPENDED_COPY"


def test_i8_a_copy_with_a_signature_in_flight_is_found_too(house, phone):
    phone.wire.trouble = lambda path, _body: "answer_lost" if "complete" in path else None
    with pytest.raises(NoAnswer):
        phone.sign(house)
    phone.wire.trouble = lambda _path, _body: None
    thief = phone.copy()
    phone.machine.resume(KeyKind.SIGN)
    phone.sign(house, n=2)

    with pytest.raises(CopiedPhone):
        thief.sign(house)


def test_i9_no_two_instances_share_a_sharing(house, phone, tmp_path):
    """Differences between sharings are fresh in every generation: PIN and pattern apart."""
    differences, shares = set(), set()
    for _ in range(3):
        server = server_side(house, vault_of(tmp_path))
        kid = phone.key(KeyKind.AUTH).kid
        pin, pattern = server.shares[(kid, PIN, 0)], server.shares[(kid, PATTERN, 0)]
        differences.add(ed25519.scalar_sub(pin, pattern))
        shares |= {pin, pattern}
        phone.sign(house, KeyKind.AUTH)

    assert len(differences) == 3
    assert len(shares) == 6


def test_i9_the_sign_key_has_no_sharing_under_the_pattern(house, phone, tmp_path):
    kid = phone.key(KeyKind.SIGN).kid
    assert {m for k, m, _v in server_side(house, vault_of(tmp_path)).shares if k == kid} == {PIN}
    assert set(phone.key(KeyKind.SIGN).instances) == {PIN}
    fresh = new_owner(house)
    with pytest.raises(Refused) as refused:
        fresh.enrolling.key(KeyKind.SIGN, {PIN: THE_PIN, PATTERN: THE_PATTERN})
    assert refused.value.code == "wrong_method"


def test_i10_the_phone_stores_exactly_the_record_of_the_protocol(house, phone):
    phone.sign(house)
    stored = to_json(phone.store.read())

    assert set(stored) == {"v", "credential", "device_key", "keys"}
    for key in stored["keys"].values():
        assert set(key) == {"kid", "pk", "certificate", "gen", "instances", "inflight"}
        assert key["inflight"] is None
        for held in key["instances"].values():
            assert [set(one) for one in held] == [{"version", "salt", "o"}]


def test_i11_the_server_gives_back_exactly_the_bytes_that_were_asked_for(house, phone):
    wanted = house.wanted(phone, KeyKind.SIGN, n=9)
    phone.machine.sign(wanted)

    begun = [a for p, _b, s, a in phone.wire.transcript if "begin" in p and s == 200][-1]

    assert unb64u(begun["message"]) == wanted.message


def test_i12_the_certification_request_is_for_the_key_and_verifies(house):
    phone = new_owner(house)
    phone.enrolling.both(THE_PIN, THE_PATTERN)

    with house.db.snapshot() as tx:
        proved = keys.proved(tx, phone.credential_id)

    for kind, one in proved.items():
        assert one.public_key == phone.store.read().enrolling[kind].pk
        csr.verify(csr.assemble(one.cri, one.signature), Point(one.public_key))


def test_a_second_process_over_the_same_database_takes_over_in_mid_ceremony(
    house, phone, db, tmp_path, clock, entropy
):
    second = House.open(
        Database(db.url.render_as_string(False), clock), vault_of(tmp_path), clock, entropy
    )
    wanted = house.wanted(phone, KeyKind.SIGN)

    def switch(path, _body):
        phone.wire.house = second if "complete" in path else house

    phone.wire.trouble = switch
    phone.machine.sign(wanted)

    assert second.tip(phone, KeyKind.SIGN) == phone.key(KeyKind.SIGN).gen
    second.db.close()


def test_a_foreign_device_can_neither_guess_nor_lock_nor_end_an_attempt(house, phone):
    """SECURITY rows 5 and threat 21: a thousand attempts from elsewhere change nothing."""
    phone.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    with pytest.raises(NoAnswer):
        phone.sign(house)
    sid = phone.key(KeyKind.SIGN).inflight.sid
    stranger = owner(house)
    body = next(b for p, b, _s, _a in phone.wire.transcript[::-1] if "begin" in p)

    for n in range(250):
        rid = b64u(n.to_bytes(12, "big"))
        foreign = stranger.wire.deliver("/v1/signing/begin", {**body, "rid": rid})
        assert (foreign.status, foreign.code) == (404, "unknown_key")
        z1 = {"rid": rid, "sid": sid, "z1": "A" * 43}
        assert stranger.wire.deliver("/v1/signing/complete", z1).code == "session_over"
        resumed = stranger.wire.deliver("/v1/signing/resume", {"rid": rid, "sid": sid})
        assert resumed.body["state"] == "not_completed"
        kid = {"rid": rid, "kid": body["kid"], "gen": 0}
        assert stranger.wire.deliver("/v1/signing/confirm-stale", kid).code == "unknown_key"

    assert house.tries_left(phone, PIN) == 4
    assert house.state(phone) == "ACTIVE"
    own = phone.wire.deliver(
        "/v1/signing/complete", {"rid": b64u(bytes(12)), "sid": sid, "z1": "A" * 43}
    )
    assert own.code == "wrong_secret"


def test_the_database_alone_cannot_sign(house, phone, tmp_path):
    """Threat 17: with the database and the vault, without the phone's o, the key is missing."""
    server = server_side(house, vault_of(tmp_path))
    key = phone.key(KeyKind.SIGN)
    s2 = server.shares[(key.kid, PIN, 0)]

    for guess in (s2, ed25519.scalar_negate(s2), ed25519.scalar_mul(ed25519.TWO, s2)):
        assert ed25519.times_base(guess) != key.pk
    assert frost.SERVER == 2


def _interrupt(phone, house, n):
    trouble = phone.wire.trouble
    phone.wire.trouble = lambda path, _body: "answer_lost" if "complete" in path else None
    with pytest.raises(NoAnswer):
        phone.sign(house, n=100 + n)
    phone.wire.trouble = trouble


def _events(house, kind):
    from dojang.db import log

    with house.db.engine.connect() as connection:
        return [leaf for leaf in log.read(connection, 0, 10_000) if leaf.kind == kind]


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _is_b64u(text):
    try:
        unb64u(text)
    except ValueError:
        return False
    return True


def _database_bytes(house):
    from dojang.db.schema import metadata

    found = []
    with house.db.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(table.select()):
                found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    return b"|".join(found)
