"""A sealed share opens in its own place only."""

import pytest

from dojang.crypto import sealing

KEY, NONCE = b"k" * 32, b"n" * 12
PLACE = {
    "kid": bytes(16),
    "gen": 1,
    "method": "pin",
    "version": 0,
    "purpose": "share",
    "data_key_id": "dk-1",
}
SEALED = sealing.seal(KEY, b"share", sealing.place(**PLACE), nonce12=NONCE)


def test_a_sealed_row_opens_in_its_place():
    assert sealing.unseal(KEY, SEALED, sealing.place(**PLACE)) == b"share"


@pytest.mark.parametrize(
    "moved",
    [
        {"kid": b"x" * 16},
        {"gen": 2},
        {"method": "pattern"},
        {"version": 1},
        {"purpose": "result"},
        {"data_key_id": "dk-2"},
    ],
)
def test_a_row_moved_to_another_place_does_not_open(moved):
    with pytest.raises(sealing.BadSeal):
        sealing.unseal(KEY, SEALED, sealing.place(**(PLACE | moved)))


def test_neighbouring_texts_do_not_run_together():
    one = sealing.place(**(PLACE | {"purpose": "share", "data_key_id": "dk"}))
    other = sealing.place(**(PLACE | {"purpose": "shared", "data_key_id": "k"}))

    assert one != other


@pytest.mark.parametrize("changed", [SEALED[:-1], SEALED[:20], b"", SEALED[:-1] + b"\0"])
def test_changed_bytes_do_not_open(changed):
    with pytest.raises(sealing.BadSeal):
        sealing.unseal(KEY, changed, sealing.place(**PLACE))


def test_another_key_does_not_open():
    with pytest.raises(sealing.BadSeal):
        sealing.unseal(b"x" * 32, SEALED, sealing.place(**PLACE))


def test_keys_and_nonces_have_one_size():
    with pytest.raises(ValueError, match="32"):
        sealing.seal(b"k" * 16, b"share", b"", nonce12=NONCE)
    with pytest.raises(ValueError, match="12"):
        sealing.seal(KEY, b"share", b"", nonce12=b"n")
