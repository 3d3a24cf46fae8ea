"""Facts about the lists of several roots: each is about what its root certified, and no other."""

import pytest
from cryptography import x509
from tests.service.certificates.openssl import pem
from tests.service.certificates.test_roots import papers, two
from tests.service.certificates.test_status import auth_of

from dojang.certificates import jobs, retiring, rootlist
from dojang.certificates.certifying import RootEnded
from dojang.certificates.rootlist import CaEnd, NotTheRoots
from dojang.kernel.clock import DAY, SECOND

__all__ = ["two"]
WHY = CaEnd.KEY_COMPROMISE


def ask_and_approve(house, generation, **brought):
    with house.db.transaction() as tx:
        retiring.ask(tx, generation, by="kim.ca", why=WHY)
    return retiring.approve(
        house.db, house.vault, house.authority, generation, by="lee.ca", **brought
    )


def ended(house, generation):
    ask_and_approve(house, generation)
    return jobs.end_issued_by(house.db, house.lifecycle, generation)


def listed(house, number):
    with house.db.snapshot() as tx:
        return retiring.of_root(tx, house.authority.root_numbered(number))


def test_a_generation_ends_by_the_list_of_its_own_root(house, two):
    house.authority.roll_over_issuing()
    serials = [one.certificate.serial_number for one in house.authority.issuers()]

    ended(house, 2)
    before = listed(house, 1)
    ended(house, 1)

    assert before is None
    assert [[one.serial for one in listed(house, number).ended] for number in (1, 2)] == [
        [serials[0]],
        [serials[1]],
    ]
    for number in (1, 2):
        root = house.authority.root_numbered(number)
        assert x509.load_der_x509_crl(listed(house, number).der).issuer == root.certificate.subject
    with house.db.snapshot() as tx:
        assert set(retiring.retired(tx)) == {1, 2}


def test_a_list_of_the_other_root_ends_nothing(house, two):
    """Root 2 may not end what root 1 certified, whoever holds its key."""
    serial = house.authority.numbered(1).certificate.serial_number
    now = house.clock.now()
    one = rootlist.Ended(serial, now - now % SECOND, WHY)
    forged = rootlist.following(house.vault, house.authority.plan, None, [one], now, root=2)

    with pytest.raises(NotTheRoots, match="another issuer"):
        ask_and_approve(house, 1, brought=forged.der)
    with house.db.transaction() as tx:
        retiring.publish(tx, forged, house.authority.root_numbered(2))
        assert retiring.retired(tx) == {}


def test_every_roots_list_is_signed_again_before_it_ends(house, two):
    house.authority.roll_over_issuing()
    for generation in (1, 2):
        ended(house, generation)
    house.clock.move(rootlist.DAYS // 2 * DAY)

    assert retiring.renewed(house.db, house.vault, house.authority)

    assert [listed(house, number).number for number in (1, 2)] == [2, 2]
    assert not retiring.renewed(house.db, house.vault, house.authority)


def test_a_root_past_its_end_signs_nothing_new_and_its_list_stays(house, two):
    house.authority.roll_over_issuing()
    for generation in (1, 2):
        ended(house, generation)
    first = house.authority.root_numbered(1)
    last = listed(house, 1)
    house.clock.move(first.not_after + SECOND - house.clock.now())

    renewed = retiring.renewed(house.db, house.vault, house.authority)

    assert renewed
    assert (listed(house, 1), listed(house, 2).number) == (last, 2)
    again = rootlist.following(
        house.vault, house.authority.plan, last, [], house.clock.now(), root=1
    )
    with pytest.raises(RootEnded, match="root 1 ended"):
        retiring.renewed(house.db, house.vault, house.authority, brought=again.der)
    assert len(house.authority.chain_of()) == 2  # nobody trusts the old one any more


def test_openssl_checks_every_list_on_the_way_of_a_reader_of_the_old_root(house, two, tmp_path):
    """The issuing CA's own list, and both roots' lists about the CAs."""
    house.authority.roll_over_issuing()
    for number in (1, 2):
        ended(house, number)
    desk = papers(house, tmp_path)
    desk.write("g3.crl", house.status.crl(3))
    third = house.issue("c3").credential
    lists = [word for name in ("r1.crl", "r2.crl", "g3.crl") for word in ("-CRLfile", name)]
    for number in (1, 2):
        with house.db.snapshot() as tx:
            made = retiring.of_root(tx, house.authority.root_numbered(number))
        desk.write(f"r{number}.crl", made.der)
    desk.write("leaf.pem", pem(auth_of(house, third).der))
    at = str(house.clock.now() // SECOND + 5)
    common = ("verify", "-x509_strict", "-attime", at, "-crl_check_all", "-trusted", "root-1.pem")
    others = ("-untrusted", "2-with-1.pem", "-untrusted")

    good = desk.run(*common, *lists, *others, "issuing-3.pem", "leaf.pem")
    revoked = desk.run(*common, *lists, *others[:2], "issuing-2.pem")

    assert good[0] == 0, good[1]
    assert (revoked[0], "revoked" in revoked[1]) == (2, True), revoked[1]


def test_a_root_past_its_end_ends_no_generation(house, two):
    """Nothing under it is valid any more; no list of that day could be believed."""
    first = house.authority.root_numbered(1)
    house.clock.move(first.not_after + SECOND - house.clock.now())

    with pytest.raises(RootEnded, match="root 1 ended"):
        ask_and_approve(house, 1)
    assert listed(house, 1) is None
