"""I4 and SECURITY threat 2: many processes, many channels, one budget."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.signing_house import House, owner

from dojang.crypto import frost, messages, oprf
from dojang.crypto.encoding import b64u
from dojang.crypto.messages import PIN, KeyKind, Kind
from dojang.kernel.entropy import SystemEntropy

ROOT = Path(__file__).parents[3]
GUESSES = 100


def channel(house, phone, n):
    """A login, a transfer, or an act: three ways to be asked for the PIN."""
    if n % 3 == 0:
        return KeyKind.AUTH, house.wanted(phone, KeyKind.AUTH).request_id
    if n % 3 == 1:
        return KeyKind.SIGN, house.wanted(phone, KeyKind.SIGN, n=n).request_id
    ordered = house.signing.acts.order(phone.wire.session(), "revoke", {"reason": "other"})
    assert messages.build(Kind.ACT, ordered.fields)
    return KeyKind.SIGN, ordered.request_id


def begin_body(phone, kind, request_id, chance):
    own = frost.nonces(frost.PHONE, chance.bytes(64), bytes(32))
    blinding = oprf.blind(chance.bytes(16), oprf.random_scalar(chance.bytes(64)))
    return {
        "rid": b64u(chance.bytes(12)),
        "kid": b64u(phone.key(kind).kid),
        "m": PIN,
        "version": 0,
        "gen": phone.key(kind).gen,
        "request_id": request_id,
        "blinded": b64u(blinding.blinded),
        "D1": b64u(own.commitment.hiding),
        "E1": b64u(own.commitment.binding),
    }


def test_a_hundred_guesses_on_two_processes_and_three_channels_are_evaluated_five_times(
    db, db_url, tmp_path, clock, entropy
):
    house = House.open(db, tmp_path / "vault", clock, entropy)
    phone = owner(house)
    chance = SystemEntropy()
    bodies = [begin_body(phone, *channel(house, phone, n), chance) for n in range(GUESSES)]
    gun = tmp_path / "gun"
    runs = [_process(tmp_path, n, db_url, clock, phone, gun, bodies[n::2]) for n in range(2)]

    gun.touch()
    answers = [json.loads(run.communicate(timeout=120)[0]) for run in runs]

    counted = Counter(code for answer in answers for one in answer for code in one)
    assert counted["evaluated"] == 5
    assert counted["credential_locked"] == GUESSES - 5
    assert house.tries_left(phone, PIN) == 0
    clock.move(121_000_000)
    house.signing.sweep()
    assert house.state(phone) == "LOCKED"


def _process(tmp_path, number, db_url, clock, phone, gun, bodies):
    job = tmp_path / f"job{number}.json"
    job.write_text(
        json.dumps(
            {
                "now": clock.now(),
                "database": db_url,
                "vault": str(tmp_path / "vault"),
                "jkt": phone.wire.jkt,
                "gun": str(gun),
                "bodies": bodies,
            }
        )
    )
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.signing.guesser", str(job)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )
