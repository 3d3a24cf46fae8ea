"""A database restored from a copy: no nonce answers two challenges, nothing is recovered (I2)."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from tests.service.signing.looking_inside import server_side
from tests.signing_house import House

from dojang.crypto import ed25519, frost
from dojang.crypto.encoding import Point, unb64u
from dojang.crypto.messages import PIN, KeyKind
from dojang.db import Database, log
from dojang.phone.http import NoAnswer, Refused

ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture
def file(db, tmp_path):
    if not db.embedded:
        pytest.skip("a file is copied back")
    return tmp_path / "bank.db"


def saved(file, name):
    """A consistent copy of the database file, taken while the bank runs."""
    copy = file.with_name(name)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def restored(house, file, copy, tmp_path):
    """The bank stops, the copy is put back, the bank starts."""
    house.db.close()
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, file)
    db = Database(f"sqlite:///{file}", house.clock)
    return House.open(db, tmp_path / "vault", house.clock, house.entropy)


def held_round(house, phone, message_n):
    """A round whose z1 was computed but not delivered: (begin, its answer, complete)."""
    wanted = house.wanted(phone, KeyKind.SIGN, n=message_n)
    phone.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    sent = []
    deliver = phone.wire.trouble
    phone.wire.trouble = lambda path, body: sent.append((path, dict(body))) or deliver(path, body)
    with pytest.raises(NoAnswer):
        phone.machine.sign(wanted)
    phone.wire.trouble = lambda _path, _body: None
    return wanted, dict(sent)


def test_three_answers_after_rollbacks_recover_nothing(house, phone, file, tmp_path):
    """The attack: make the server answer three challenges with one nonce pair, solve for s2.

    The attacker even knows the PIN and the phone's o, and copies the database back at will. Each
    answer of the server has its own (D2, E2): three equations, seven unknowns.
    """
    phone.store.write(_without_inflight(phone))
    copy = saved(file, "copy.db")
    rounds = []
    for n in (1, 2, 3):
        house = restored(house, file, copy, tmp_path)
        thief = phone.copy(house)
        wanted = house.wanted(thief, KeyKind.SIGN, n=n)
        signature = thief.machine.sign(wanted).signature
        begun = [a for p, _b, s, a in thief.wire.transcript if "begin" in p and s == 200][-1]
        body = [b for p, b, s, _a in thief.wire.transcript if "begin" in p and s == 200][-1]
        done = [b for p, b, s, _a in thief.wire.transcript if "complete" in p and s == 200][-1]
        rounds.append((wanted.message, body, begun, done, signature))

    pairs = {(begun["D2"], begun["E2"]) for _m, _b, begun, _d, _s in rounds}
    assert len(pairs) == 3
    server = server_side(house, tmp_path / "vault", "share_before")
    s2 = server.shares[(phone.key(KeyKind.SIGN).kid, PIN, 0)]
    assert _solved_as_if_one_nonce(phone, rounds) != s2
    house.db.close()


def test_the_same_round_replayed_after_a_rollback_gives_the_same_signature(
    house, phone, file, tmp_path
):
    """One pair, one challenge: a second answer to it tells nothing that the first did not."""
    _wanted, sent = held_round(house, phone, 1)
    copy = saved(file, "copy.db")
    signatures = set()
    for _ in range(3):
        house = restored(house, file, copy, tmp_path)
        phone.wire.house = house
        answer = phone.wire.deliver("/v1/signing/complete", sent["/v1/signing/complete"])
        signatures.add(answer.body["signature"])

    assert len(signatures) == 1
    house.db.close()


def test_another_message_in_a_rolled_back_row_gets_other_nonces(house, phone, file, tmp_path):
    """Whoever can write the database swaps the message under an open session: no reuse either."""
    wanted, sent = held_round(house, phone, 1)
    first = phone.wire.deliver("/v1/signing/begin", sent["/v1/signing/begin"]).body
    with house.db.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(
            "UPDATE signing_request SET message = ? WHERE request_id = ?",
            (wanted.message.replace(b"10001", b"99999"), wanted.request_id),
        )

    second = phone.wire.deliver("/v1/signing/begin", sent["/v1/signing/begin"]).body

    assert first["sid"] == second["sid"]
    assert {first["D2"], first["E2"]}.isdisjoint({second["D2"], second["E2"]})


def test_a_phone_ahead_of_a_restored_database_is_told_and_an_alarm_is_raised_once(
    house, phone, file, tmp_path
):
    copy = saved(file, "copy.db")
    phone.sign(house)
    house = restored(house, file, copy, tmp_path)
    phone.wire.house = house

    for _ in range(2):
        with pytest.raises(Refused) as refused:
            phone.sign(house)
        assert refused.value.code == "server_behind"

    with house.db.engine.connect() as connection:
        kinds = [leaf.kind for leaf in log.read(connection, 0, 1_000)]
    assert kinds.count("signature.server_behind") == 1
    assert house.state(phone) == "ACTIVE"
    assert house.tries_left(phone, PIN) == 5
    house.db.close()


def test_a_phone_whose_open_attempt_was_rolled_away_goes_on(house, phone, file, tmp_path):
    copy = saved(file, "copy.db")
    held_round(house, phone, 1)
    house = restored(house, file, copy, tmp_path)
    phone.wire.house = house

    phone.sign(house)

    assert phone.key(KeyKind.SIGN).gen == house.tip(phone, KeyKind.SIGN)
    house.db.close()


def _without_inflight(phone):
    record = phone.store.read()
    return record.with_key(KeyKind.SIGN, replace(record.keys[KeyKind.SIGN], inflight=None))


def _solved_as_if_one_nonce(phone, rounds):
    """z2 = d + e*rho + lambda*c*s2, thrice: the solution if d and e were the same each time."""
    rows = []
    for message, body, begun, done, signature in rounds:
        commitments = (
            frost.Commitment(1, Point(unb64u(body["D1"])), Point(unb64u(body["E1"]))),
            frost.Commitment(2, Point(unb64u(begun["D2"])), Point(unb64u(begun["E2"]))),
        )
        of = frost.ceremony(Point(phone.key(KeyKind.SIGN).pk), message, commitments)
        z2 = ed25519.scalar_sub(signature[32:], unb64u(done["z1"]))
        number = lambda scalar: int.from_bytes(scalar, "little")  # noqa: E731
        rows.append((number(of.factors[2]), -number(of.challenge) % ORDER, number(z2)))
    (r1, c1, z1), (r2, c2, z2), (r3, c3, z3) = rows
    # Eliminate d, then e; what is left is s2.
    a1, b1, y1 = r1 - r2, c1 - c2, z1 - z2
    a2, b2, y2 = r1 - r3, c1 - c3, z1 - z3
    s = (y1 * a2 - y2 * a1) * pow(b1 * a2 - b2 * a1, -1, ORDER) % ORDER
    return s.to_bytes(32, "little")
