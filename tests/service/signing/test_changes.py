"""A new PIN or pattern: granted with the PIN, proved by each key, switched over at once."""

import pytest
from tests.service.signing.looking_inside import server_side, whole_key
from tests.signing_house import THE_PATTERN, THE_PIN

from dojang.crypto import ed25519
from dojang.crypto.messages import PATTERN, PIN, KeyKind
from dojang.db import log
from dojang.kernel.clock import MINUTE
from dojang.phone.http import NoAnswer, Refused

NEW_PIN = "141421"
NEW_PATTERN = "6-7-8-4-0"


def versions(phone, kind, m):
    return [one.version for one in phone.key(kind).instances[m]]


def test_a_changed_pin_works_for_both_keys_and_the_old_one_no_more(house, phone):
    phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)

    phone.sign(house, KeyKind.SIGN, secret=NEW_PIN)
    phone.sign(house, KeyKind.AUTH, secret=NEW_PIN)
    phone.sign(house, KeyKind.AUTH, m=PATTERN, secret=THE_PATTERN)
    with pytest.raises(Refused) as refused:
        phone.sign(house, secret=THE_PIN)
    assert refused.value.code == "wrong_secret"
    assert versions(phone, KeyKind.SIGN, PIN) == versions(phone, KeyKind.AUTH, PIN) == [1]
    assert phone.store.read().change is None
    with house.db.engine.connect() as connection:
        kinds = [leaf.kind for leaf in log.read(connection, 0, 1_000)]
    assert kinds.count("method.changed") == 1


def test_the_new_instance_shares_the_same_key(house, phone, tmp_path):
    phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)

    server = server_side(house, tmp_path / "vault")

    for key in phone.store.read().keys.values():
        whole = whole_key(server, key, PIN, NEW_PIN, key.instance(PIN))
        assert ed25519.times_base(whole) == key.pk


def test_a_wrong_pin_changes_nothing_and_costs_a_try(house, phone):
    with pytest.raises(Refused) as refused:
        phone.changing.change(PIN, pin="000000", new=NEW_PIN)

    assert refused.value.code == "wrong_secret"
    assert house.tries_left(phone, PIN) == 4
    phone.sign(house)


def test_a_spent_pattern_is_registered_again_with_the_pin(house, phone):
    for _ in range(5):
        with pytest.raises(Refused):
            phone.sign(house, KeyKind.AUTH, m=PATTERN, secret="0-1-2-3")

    phone.changing.change(PATTERN, pin=THE_PIN, new=NEW_PATTERN)

    phone.sign(house, KeyKind.AUTH, m=PATTERN, secret=NEW_PATTERN)
    assert versions(phone, KeyKind.AUTH, PATTERN) == [1]
    assert house.tries_left(phone, PATTERN) == 5


def test_until_every_key_has_proved_the_old_pin_still_works(house, phone):
    proofs = []

    def second_proof_is_lost(path, _body):
        if path.endswith("/proofs"):
            proofs.append(path)
        return "lost" if len(proofs) > 1 else None

    phone.wire.trouble = second_proof_is_lost
    with pytest.raises(NoAnswer):
        phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)
    phone.wire.trouble = lambda _path, _body: None

    phone.sign(house, KeyKind.SIGN, secret=THE_PIN)
    phone.sign(house, KeyKind.AUTH, secret=THE_PIN)
    assert versions(phone, KeyKind.SIGN, PIN) == [0, 1]

    phone.changing.prove(NEW_PIN)
    phone.sign(house, KeyKind.SIGN, secret=NEW_PIN)
    assert versions(phone, KeyKind.AUTH, PIN) == [1]


def test_an_unfinished_change_is_dropped_after_its_time(house, phone, clock):
    phone.wire.trouble = lambda path, _body: "lost" if path.endswith("/proofs") else None
    with pytest.raises(NoAnswer):
        phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)
    phone.wire.trouble = lambda _path, _body: None

    clock.move(11 * MINUTE)
    house.signing.sweep()
    phone.sign(house, KeyKind.SIGN)
    phone.sign(house, KeyKind.AUTH)

    assert versions(phone, KeyKind.SIGN, PIN) == versions(phone, KeyKind.AUTH, PIN) == [0]
    phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)
    assert versions(phone, KeyKind.SIGN, PIN) == [2]


@pytest.mark.parametrize("step", range(1, 13))
@pytest.mark.parametrize("what", ["lost", "answer_lost"])
def test_a_change_interrupted_at_any_step_leaves_one_pin_that_works(house, phone, step, what):
    count = 0

    def trouble(_path, _body):
        nonlocal count
        count += 1
        return what if count == step else None

    phone.wire.trouble = trouble
    try:
        phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)
    except NoAnswer:
        phone.wire.trouble = lambda _path, _body: None
        _go_on(phone)
    phone.wire.trouble = lambda _path, _body: None

    works = NEW_PIN if phone.store.read().change is None and _new(phone) else THE_PIN
    phone.sign(house, KeyKind.SIGN, secret=works)
    phone.sign(house, KeyKind.AUTH, secret=works)
    assert house.state(phone) == "ACTIVE"


def test_a_new_instance_is_granted_once(house, phone):
    """A second act for the same key of the same change is refused before a try is taken."""
    session = phone.wire.session()
    started = house.signing.changes.start(session, PATTERN)
    ((kid, version),) = started.versions
    from dojang.crypto.encoding import b64u

    asked = {
        "kid": b64u(kid),
        "m": PATTERN,
        "version": version,
        "change_id": started.change_id,
    }
    first = house.signing.acts.order(session, "method_change", dict(asked))
    second = house.signing.acts.order(session, "method_change", dict(asked))
    _sign_act(phone, first)

    with pytest.raises(Refused) as refused:
        _sign_act(phone, second)

    assert refused.value.code == "unknown_change"
    assert house.tries_left(phone, PIN) == 5


def test_the_new_secret_signs_nothing_but_its_proof_before_the_switch(house, phone):
    phone.wire.trouble = lambda path, _body: "lost" if path.endswith("/proofs") else None
    with pytest.raises(NoAnswer):
        phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)
    phone.wire.trouble = lambda _path, _body: None
    wanted = house.wanted(phone, KeyKind.SIGN, secret=NEW_PIN)
    from dataclasses import replace

    with pytest.raises(Refused) as refused:
        phone.machine.sign(replace(wanted, version=1))

    assert refused.value.code == "wrong_method"
    assert house.tries_left(phone, PIN) == 5


def _new(phone):
    return versions(phone, KeyKind.SIGN, PIN) == [1]


def _go_on(phone):
    for kind in KeyKind:
        phone.machine.resume(kind)
    phone.changing.prove(NEW_PIN)


def _sign_act(phone, ordered):
    from dojang.crypto import messages
    from dojang.crypto.messages import Kind
    from dojang.phone.machine import Wanted

    message = messages.build(Kind.ACT, ordered.fields)
    kid = phone.key(KeyKind.AUTH).kid
    opening = phone.machine.unlock(kid, PATTERN, ordered.fields["version"], bytes(32), NEW_PATTERN)
    return phone.machine.sign(
        Wanted(
            KeyKind.AUTH,
            PIN,
            THE_PIN,
            ordered.request_id,
            message,
            blinded_new=opening.blinding.blinded,
        )
    )


def test_a_changed_pin_ends_every_session_but_the_one_it_was_changed_in(house, phone):
    own, other = _session(house, phone), _session(house, phone)
    phone.wire.session_id = own

    phone.changing.change(PIN, pin=THE_PIN, new=NEW_PIN)

    with house.db.snapshot() as tx:
        alive = [one.id for one in house.sessions.of_customer(tx, phone.wire.customer_id)]
    assert own in alive
    assert other not in alive


def _session(house, phone):
    request_id = house.ids.uuid7()
    with house.db.transaction() as tx:
        house.sessions.grant(
            tx,
            request_id=request_id,
            customer_id=phone.wire.customer_id,
            credential_id=phone.credential_id,
            jkt=phone.wire.jkt,
            method=PIN,
        )
    return house.sessions.claim(request_id, phone.wire.jkt).session.id
