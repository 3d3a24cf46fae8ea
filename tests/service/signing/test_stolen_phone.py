"""SECURITY row 3, threat 1, I10: a thief with everything the phone ever stored and sent.

The thief has: three dumps of the storage (three generations), the certificates' keys, every
request and answer of every ceremony, and all signatures. Missing: the OPRF key. So for each PIN
there is a well-formed share, and every equation the thief can write down either holds for all
PINs or needs the OPRF output of that PIN. With the bank's database and vault too, it is over.
"""

import contextlib
import hashlib
from dataclasses import replace
from typing import NamedTuple

import pytest
from tests.service.signing.looking_inside import ONE, server_side
from tests.signing_house import THE_PIN

from dojang.crypto import ed25519, frost, oprf, sharing
from dojang.crypto.encoding import Point, Scalar, b64u, point, scalar, unb64u
from dojang.crypto.messages import PIN, KeyKind
from dojang.phone.http import NoAnswer, Refused

once = pytest.mark.parametrize("owner_url", ["sqlite"], indirect=True)
"""A search among what was stolen asks no database: it is searched once, not once a database."""
PINS = 10_000
THE_PLACE = 271_828 - 265_000
"""Where the right PIN stands among the searched ones."""


class Round(NamedTuple):
    """One ceremony as the wire showed it, with what follows from it alone."""

    gen: int
    blinded: bytes
    evaluated: bytes
    y1: Point
    """The phone's public share: z1*B = D1 + rho*E1 + lambda*c*Y1 can be solved for it."""
    deltas: dict


class Loot(NamedTuple):
    """All that is stolen."""

    kid: bytes
    pk: bytes
    salt: bytes
    dumps: dict
    rounds: list


@pytest.fixture
def loot(house, phone):
    dumps = {}
    for n in range(3):
        key = phone.key(KeyKind.SIGN)
        dumps[key.gen] = key.instance(PIN).o
        phone.sign(house, n=n)
    key = phone.key(KeyKind.SIGN)
    dumps[key.gen] = key.instance(PIN).o
    rounds = _rounds(phone, key)
    return Loot(key.kid, key.pk, key.instance(PIN).salt, dumps, rounds)


def _rounds(phone, key):
    begun, found = {}, []
    for path, body, status, answer in phone.wire.transcript:
        if status != 200 or "/signing/" not in path:
            continue
        if path.endswith("begin") and body["kid"] == b64u(key.kid):
            begun[answer["sid"]] = (body, answer)
        if path.endswith("complete") and body["sid"] in begun:
            asked, given = begun[body["sid"]]
            found.append(_round(key, asked, given, body, answer))
    return found


def _round(key, asked, given, sent, answer):
    ours = frost.Commitment(1, point(unb64u(asked["D1"])), point(unb64u(asked["E1"])))
    theirs = frost.Commitment(2, point(unb64u(given["D2"])), point(unb64u(given["E2"])))
    of = frost.ceremony(point(key.pk), unb64u(given["message"]), (ours, theirs))
    z1 = scalar(unb64u(sent["z1"]))
    weight = ed25519.scalar_mul(ed25519.TWO, of.challenge)
    known = ed25519.total([ours.hiding, ed25519.times(of.factors[1], ours.binding)])
    negative = ed25519.times(ed25519.scalar_negate(ed25519.ONE), known)
    left = ed25519.total([ed25519.times_base(z1), negative])
    return Round(
        gen=asked["gen"],
        blinded=unb64u(asked["blinded"]),
        evaluated=unb64u(given["evaluated"]),
        y1=ed25519.times(ed25519.scalar_invert(weight), left),
        deltas={(d["m"], d["version"]): unb64u(d["delta"]) for d in answer["deltas"]},
    )


def candidates():
    return [f"{number:06d}" for number in range(265_000, 265_000 + PINS)]


def outputs_without_the_key(loot, pin):
    """Every OPRF output a thief can make up for a PIN from what is at hand, without the key.

    Each evaluated element of the transcripts taken as if it were this PIN's own; the input's
    element itself (the key taken as 1); and plain hashes of all that is public.
    """
    instance = sharing.Instance(loot.kid, PIN, 0)
    data = sharing.oprf_input(instance, loot.salt, pin.encode())
    blinding = oprf.blind(data, ONE)
    yield oprf.finalize(blinding, blinding.blinded)
    for one in loot.rounds:
        yield oprf.finalize(blinding, oprf.element(one.evaluated))
        yield oprf.finalize(blinding, oprf.element(one.blinded))
    yield hashlib.sha512(data).digest()


def fits(loot, pin, y):
    """The one equation that could tell: is the candidate share the one behind a known Y1?

    The other dumps add nothing: their o differ by deltas that the transcripts show.
    """
    last = loot.rounds[-1]
    h = sharing.mask(loot.salt, pin.encode(), y)
    return ed25519.times_base(sharing.reveal(loot.dumps[last.gen], h)) == last.y1


def test_the_thief_really_knows_the_phones_public_shares(house, phone, loot, tmp_path):
    """The search below is not blind: were the mask known, the right share would be recognised."""
    server = server_side(house, tmp_path / "vault")
    h = server.h(loot.kid, PIN, 0, loot.salt, THE_PIN)

    matches = [
        ed25519.times_base(sharing.reveal(loot.dumps[one.gen], h)) == one.y1
        for one in loot.rounds
        if one.gen in loot.dumps
    ]

    assert matches == [True] * 3


@once
@pytest.mark.slow
def test_no_pin_stands_out_among_ten_thousand(loot):
    """A real search with every output a thief can make up; the right PIN is among the searched."""
    hits = [
        pin
        for pin in candidates()
        for y in outputs_without_the_key(loot, pin)
        if fits(loot, pin, y)
    ]

    assert THE_PIN in candidates()
    assert hits == []


@once
@pytest.mark.slow
def test_for_each_of_a_million_pins_the_stored_bytes_are_a_whole_phone(loot):
    """Whatever the OPRF would say, o + h is a scalar, and the equations over the dumps hold.

    Between generations o moves by a delta of the transcript: the same for all PINs, so that
    candidate shares of two dumps differ by exactly what every candidate's do. Nothing is left
    that one PIN satisfies and another does not.
    """
    gens = sorted(loot.dumps)
    moves = {one.gen: Scalar(one.deltas[(PIN, 0)]) for one in loot.rounds}
    for gen in gens[:-1]:
        assert sharing.shift_phone(loot.dumps[gen], moves[gen]) == loot.dumps[gen + 1]
    o = loot.dumps[gens[-1]]
    seed = hashlib.sha512(b"some OPRF key that the thief does not know")
    low, high = 0, 0
    for number in range(1_000_000):
        unknown = seed.copy()
        unknown.update(number.to_bytes(4, "big"))
        share = sharing.reveal(o, ed25519.wide_scalar(unknown.digest()))
        scalar(share)
        low, high = low + (share[0] < 128), high + (share[0] >= 128)

    assert abs(low - high) < 5_000  # five standard deviations of a fair coin


def test_with_the_database_and_the_vault_too_the_pin_is_found(house, loot, tmp_path):
    """What the protocol does not claim: phone and bank stolen together (docs/how/protocol.md)."""
    server = server_side(house, tmp_path / "vault")
    last = max(one.gen for one in loot.rounds)
    y1 = next(one.y1 for one in loot.rounds if one.gen == last)

    found = [
        pin
        for pin in candidates()[THE_PLACE - 500 : THE_PLACE + 500]
        if ed25519.times_base(
            sharing.reveal(loot.dumps[last], server.h(loot.kid, PIN, 0, loot.salt, pin))
        )
        == y1
    ]

    assert found == [THE_PIN]


def test_an_online_guess_costs_a_counted_try_even_if_it_is_never_completed(house, phone, loot):
    """The thief stops after S1 and tests the evaluated guess offline: five such, and no more."""
    thief = phone.copy()
    thief.wire.trouble = lambda path, _body: "lost" if "complete" in path else None
    for n in range(8):
        with contextlib.suppress(NoAnswer, Refused):
            thief.sign(house, secret=f"{n:06d}")
        record = thief.store.read()
        key = replace(record.keys[KeyKind.SIGN], inflight=None)
        thief.store.write(record.with_key(KeyKind.SIGN, key))
    evaluated = sum(
        "begin" in path and status == 200 for path, _b, status, _a in thief.wire.transcript
    )

    assert evaluated == 5
    assert house.tries_left(phone, PIN) == 0
