"""The numbers printed in RFC 9591 E.1 and RFC 9497 A.1.1."""

import pytest
from tests.unit.crypto.support import load, unhex

from dojang.crypto import ed25519, frost, oprf
from dojang.crypto.encoding import point, scalar

FROST = load("rfc9591-ed25519.json")
OPRF = load("rfc9497-ristretto255-sha512-oprf.json")

INPUTS = FROST["inputs"]
PUBLIC = point(unhex(INPUTS["group_public_key"]))
MESSAGE = unhex(INPUTS["message"])
SHARES = {
    share["identifier"]: scalar(unhex(share["participant_share"]))
    for share in INPUTS["participant_shares"]
}
ROUND_ONE = FROST["round_one_outputs"]["outputs"]


def own_nonces(given):
    share = SHARES[given["identifier"]]
    random64 = unhex(given["hiding_nonce_randomness"]) + unhex(given["binding_nonce_randomness"])
    return frost.nonces(given["identifier"], random64, share)


def test_the_nonces_and_commitments_of_rfc_9591():
    for given in ROUND_ONE:
        made = own_nonces(given)

        assert made.hiding.hex() == given["hiding_nonce"]
        assert made.binding.hex() == given["binding_nonce"]
        assert made.commitment.hiding.hex() == given["hiding_nonce_commitment"]
        assert made.commitment.binding.hex() == given["binding_nonce_commitment"]


def test_the_binding_factors_of_rfc_9591():
    commitments = [own_nonces(given).commitment for given in ROUND_ONE]

    inputs = frost.binding_factor_inputs(PUBLIC, MESSAGE, commitments)
    factors = frost.binding_factors(PUBLIC, MESSAGE, commitments)

    for given in ROUND_ONE:
        assert inputs[given["identifier"]].hex() == given["binding_factor_input"]
        assert factors[given["identifier"]].hex() == given["binding_factor"]


def test_the_signature_of_rfc_9591():
    made = [own_nonces(given) for given in ROUND_ONE]
    ceremony = frost.ceremony(PUBLIC, MESSAGE, [own.commitment for own in reversed(made)])

    shares = [frost.sign_share(SHARES[own.commitment.identifier], own, ceremony) for own in made]
    signature = frost.aggregate(ceremony, shares)

    assert [z.hex() for z in shares] == [
        given["sig_share"] for given in FROST["round_two_outputs"]["outputs"]
    ]
    assert signature.hex() == FROST["final_output"]["sig"]
    ed25519.verify(PUBLIC, MESSAGE, signature)


def test_the_secret_of_rfc_9591_is_the_line_at_zero():
    weights = {i: frost.lagrange(i, (1, 3)) for i in (1, 3)}

    parts = [ed25519.scalar_mul(weights[i], SHARES[i]) for i in (1, 3)]

    assert ed25519.scalar_add(*parts).hex() == INPUTS["group_secret_key"]


def test_the_weights_of_phone_and_server_are_two_and_minus_one():
    assert frost.lagrange(frost.PHONE, (1, 2)) == ed25519.TWO
    assert frost.lagrange(frost.SERVER, (1, 2)) == ed25519.scalar_negate(ed25519.ONE)


@pytest.mark.parametrize("given", OPRF["vectors"], ids=["A.1.1.1", "A.1.1.2"])
def test_the_oprf_of_rfc_9497(given):
    pair = oprf.derive_key_pair(unhex(OPRF["seed"]), unhex(OPRF["keyInfo"]))
    blinding = oprf.blind(unhex(given["Input"]), oprf.oprf_scalar(unhex(given["Blind"])))
    evaluated = oprf.evaluate(pair.secret, blinding.blinded)

    assert pair.secret.hex() == OPRF["skSm"]
    assert blinding.blinded.hex() == given["BlindedElement"]
    assert evaluated.hex() == given["EvaluationElement"]
    assert oprf.finalize(blinding, evaluated).hex() == given["Output"]
