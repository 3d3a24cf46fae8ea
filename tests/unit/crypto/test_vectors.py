"""The checked-in vectors are what the script writes today; the TypeScript phone reads them too."""

import importlib.util

import pytest
from tests.unit.crypto.support import VECTORS, load, secret_key, unhex

from dojang.crypto import ed25519, frost
from dojang.crypto.encoding import point, scalar

_spec = importlib.util.spec_from_file_location("vectors_make", VECTORS / "make.py")
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)


@pytest.mark.parametrize("name", make.FILES)
def test_the_script_writes_the_checked_in_bytes(name):
    assert (VECTORS / name).read_text(encoding="utf-8") == make.render(name)


def test_the_shares_of_the_vectors_belong_to_one_key():
    generated = load("dkg.json")
    shares = [scalar(unhex(generated["sides"][side]["share"])) for side in ("phone", "server")]

    public = ed25519.times_base(secret_key(*shares))

    assert secret_key(*shares).hex() == generated["secret_key_for_checking_only"]
    assert public.hex() == generated["public_key"]


def test_every_masked_instance_of_the_vectors_keeps_the_key():
    generated = load("dkg.json")

    for case in load("mask.json")["cases"]:
        shares = [scalar(unhex(case[name])) for name in ("s1_m", "s2_m")]
        assert secret_key(*shares).hex() == generated["secret_key_for_checking_only"]
        assert case["wrong_s1_m"] != case["s1_m"]


def test_the_signatures_of_the_vectors_verify():
    transcript = load("signing.json")

    for one in transcript["ceremonies"]:
        ed25519.verify(*(unhex(one[name]) for name in ("public_key", "message", "signature")))
        factors = {1: one["phone"]["binding_factor"], 2: one["server"]["binding_factor"]}
        commitments = [
            frost.Commitment(1, *(point(unhex(one["phone"][name])) for name in ("D1", "E1"))),
            frost.Commitment(2, *(point(unhex(one["server"][name])) for name in ("D2", "E2"))),
        ]
        both = frost.ceremony(point(unhex(one["public_key"])), unhex(one["message"]), commitments)
        assert {i: factor.hex() for i, factor in both.factors.items()} == factors
    assert transcript["wrong_secret_is_refused_by_verification_only"] is True
