"""Facts about the shares that open a vault which nobody may open alone."""

import pytest

from dojang.kernel.entropy import SystemEntropy
from dojang.vault import VaultLocked, keyfile, shares
from dojang.vault.shares import CannotOpen

SECRET = bytes(range(32))
WHO = {"kim": b"kim's own words", "lee": b"lee's own words", "park": b"park's own words"}


@pytest.fixture(scope="module")
def dealt():
    return shares.deal(SECRET, WHO, threshold=2, entropy=SystemEntropy())


@pytest.fixture(scope="module")
def opened(dealt):
    return {name: shares.open_share(dealt[name], WHO[name]) for name in WHO}


def test_two_of_three_give_the_secret_and_one_does_not(opened):
    assert shares.gathered([opened["lee"], opened["park"]]) == SECRET
    for too_few in ([], [opened["kim"]], [opened["kim"], opened["kim"]]):
        with pytest.raises(CannotOpen):
            shares.gathered(too_few)


def test_a_share_opens_only_by_its_own_custodian(dealt):
    with pytest.raises(VaultLocked, match="passphrase"):
        shares.open_share(dealt["kim"], WHO["lee"])


def test_a_vault_is_no_share(dealt):
    lock = keyfile.new_lock(b"x", bytes(16))

    with pytest.raises(VaultLocked, match="not a custodian's share"):
        shares.open_share(keyfile.seal(lock, {}, bytes(12)), b"x")


def test_shares_of_two_ceremonies_are_not_mixed(opened):
    other = shares.deal(SECRET, WHO, threshold=2, entropy=SystemEntropy())

    with pytest.raises(CannotOpen, match="different ceremonies"):
        shares.gathered([opened["kim"], shares.open_share(other["lee"], WHO["lee"])])


@pytest.mark.parametrize("threshold", [0, 1, 4])
def test_no_ceremony_lets_one_custodian_do_it_alone(threshold):
    with pytest.raises(ValueError, match="at least two"):
        shares.deal(SECRET, WHO, threshold=threshold, entropy=SystemEntropy())


def test_nothing_of_a_share_is_printed(opened):
    shown = repr(opened["kim"])

    assert opened["kim"].value.hex() not in shown
    assert str(opened["kim"].value) not in shown
