"""A root that somebody adds to the rows vouches for nobody, unless a root before certified it."""

import pytest
from sqlalchemy import insert, select

from dojang.certificates import Authority, ours, store
from dojang.certificates.tables import authority
from dojang.db import Database
from dojang.db.migrate import migrate
from dojang.kernel.clock import DAY
from dojang.vault.software import SoftwareVault

PASSPHRASE = b"correct horse"


@pytest.fixture
def stranger(house, tmp_path):
    """Rows of somebody's own authority, by role: the same names, other keys."""
    elsewhere = Database(f"sqlite:///{tmp_path}/elsewhere.db", house.clock)
    migrate(elsewhere)
    vault = SoftwareVault.open(tmp_path / "elsewhere", PASSPHRASE, house.entropy)
    made = Authority(elsewhere, vault, house.clock, house.entropy, house.authority.plan)
    made.responder()
    with elsewhere.snapshot() as tx:
        yield {row.role: row._asdict() for row in tx.execute(select(authority)).all()}
    elsewhere.close()


def believed(house, *pinned):
    with house.db.snapshot() as tx:
        return ours.believed_roots(tx, pinned)


def signed(house, certificate, roots=None):
    with house.db.snapshot() as tx:
        under = ours.believed_roots(tx) if roots is None else roots
        return ours.signed_under(tx, under)(certificate)


def of_a_person(house):
    person = house.issue().credential.id
    with house.db.snapshot() as tx:
        (der,) = store.sign_certificates(tx, [person]).values()
    return der


def added(house, *rows):
    """As the serving role may: it adds rows, and changes none."""
    with house.db.transaction() as tx:
        tx.execute(insert(authority), list(rows))


def test_the_bank_s_own_certificates_are_of_its_own_ca(house):
    der = of_a_person(house)

    assert believed(house) == [house.authority.root_der]
    assert signed(house, der)
    assert not signed(house, der[:-1] + bytes((der[-1] ^ 1,)))
    assert not signed(house, b"no certificate")
    assert not signed(house, der, roots=[])


@pytest.mark.parametrize("crossed", [False, True])
def test_a_root_that_nobody_certified_is_not_believed_nor_what_it_signed(house, stranger, crossed):
    root, issuing = stranger["root"], stranger["issuing"]
    added(house, {**root, "number": 2}, {**issuing, "number": 2})
    if crossed:  # by itself, in the name of the first one
        added(house, {**root, "role": "root-2-with-1", "number": 1, "serial": "cross"})

    assert believed(house) == [house.authority.root_der]
    assert not signed(house, stranger["ocsp"]["der"])
    assert signed(house, stranger["ocsp"]["der"], roots=[root["der"]])


def test_rows_that_are_no_certificates_hide_nothing(house):
    row = {"key_label": "x", "not_before": 0, "not_after": 1, "der": b"junk"}
    added(
        house,
        {**row, "role": "root", "number": 2, "serial": "x1"},
        {**row, "role": "root-2-with-1", "number": 1, "serial": "x2"},
        {**row, "role": "issuing", "number": 2, "serial": "x3"},
    )
    with house.db.snapshot() as tx:
        assert ours.believed_roots(tx) == [house.authority.root_der]


def test_the_next_root_is_believed_for_the_one_before_certified_it(house):
    first = house.authority.root_der
    house.clock.move(30 * DAY)
    house.authority.roll_over_root()

    newest, person = house.authority.roots().newest.der, of_a_person(house)

    assert believed(house) == believed(house, first) == [first, newest]
    assert believed(house, newest)[0] == newest
    assert signed(house, person)
    assert signed(house, person, roots=[newest])
    assert not signed(house, person, roots=[first])
