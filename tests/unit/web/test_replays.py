"""What a process remembers of the proofs it has seen."""

import sys

import pytest

from dojang.crypto.dpop import Proof
from dojang.web import proofs
from dojang.web.proofs import Replays

FULL = proofs.JTI_PAGE
PAGE = 25
KEPT = 3 * PAGE


def proof(number: int, jkt: str = "a key") -> Proof:
    return Proof(jkt=jkt, jti=f"jti-{number}", nonce="n", iat=0)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "JTI_PAGE", PAGE)


@pytest.mark.parametrize("since", [0, 1, KEPT - 1])
def test_a_proof_among_the_last_is_refused_again(since: int) -> None:
    for before in range(KEPT):
        replays = Replays()
        seen = [replays.first_time(proof(number)) for number in range(before + 1 + since)]

        assert all(seen)
        assert not replays.first_time(proof(before))


def test_what_is_long_past_is_forgotten() -> None:
    replays = Replays()
    for number in range(proofs.JTI_PAGES * PAGE + 1):
        replays.first_time(proof(number))

    assert replays.first_time(proof(0))


def test_a_full_page_takes_half_a_megabyte() -> None:
    page: set[int] = set()
    for number in range(FULL):
        page.add(number)

    assert sys.getsizeof(page) < 600_000


def test_the_same_jti_of_another_key_is_another_proof() -> None:
    replays = Replays()

    assert replays.first_time(proof(1))
    assert replays.first_time(proof(1, jkt="another key"))
