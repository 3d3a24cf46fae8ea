"""Facts about a new root beside the old one: who finds a way to what, how long, what is refused."""

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID
from tests.service.certificates.openssl import Desk, pem
from tests.service.certificates.test_status import ask, auth_of

from dojang.certificates import Authority, checking, path
from dojang.certificates.authority import LOOK_SECONDS
from dojang.certificates.certifying import CeremonyNeeded, RootEnded, Uncertain
from dojang.certificates.checking import Unsound
from dojang.certificates.path import Accepted, Flaw, Valid
from dojang.certificates.profiles import CLIENT_AUTH, Usage, everything_of
from dojang.certificates.rootlist import CaEnd
from dojang.certificates.roots import ROOTS_MAX
from dojang.db import log
from dojang.kernel.clock import DAY, SECOND
from dojang.transparency.issued import cross_check
from dojang.vault import KeyKind
from dojang.vault.software import SoftwareVault

UNDER = "http://localhost:8000/pki"
WHY = CaEnd.KEY_COMPROMISE
LOGS_IN = Accepted(
    policies=frozenset({"1.3.6.1.4.1.32473.1.1"}),
    usage=frozenset({Usage.DIGITAL_SIGNATURE}),
    purpose=CLIENT_AUTH,
    status_of=path.StatusOf.LEAF,
)


@pytest.fixture
def two(house):
    """A customer from before the new root, and one from after: generation to credential."""
    old = house.issue("c1").credential
    house.clock.move(100 * DAY)
    house.authority.roll_over_root()
    return {1: old, 2: house.issue("c2").credential}


def papers(house, tmp_path):
    """Everything that an outsider may download, under the names of the addresses."""
    desk, authority = Desk(tmp_path, house), house.authority
    for root in authority.roots().every:
        desk.write(f"root-{root.number}.pem", pem(root.der))
    for cross in authority.roots().crosses:
        desk.write(f"{cross.of}-with-{cross.by}.pem", pem(cross.der))
    for issuer in authority.issuers():
        desk.write(f"issuing-{issuer.generation}.pem", pem(issuer.der))
    return desk


def verified(house, desk, credential, trusted, *untrusted):
    desk.write("leaf.pem", pem(auth_of(house, credential).der))
    at = str(house.clock.now() // SECOND + 5)
    others = [word for name in untrusted for word in ("-untrusted", f"{name}.pem")]
    return desk.run(
        *("verify", "-x509_strict", "-attime", at, "-trusted", f"{trusted}.pem"),
        *(*others, "leaf.pem"),
    )


WAYS = [
    (1, "root-1", ("issuing-1",)),
    (1, "root-2", ("issuing-1", "1-with-2")),
    (2, "root-2", ("issuing-2",)),
    (2, "root-1", ("issuing-2", "2-with-1")),
]


@pytest.mark.parametrize(("generation", "trusted", "others"), WAYS)
def test_openssl_finds_the_way_from_either_root(house, two, tmp_path, generation, trusted, others):
    desk = papers(house, tmp_path)

    code, said = verified(house, desk, two[generation], trusted, *others)

    assert code == 0, said


@pytest.mark.parametrize(("generation", "trusted", "others"), WAYS[1::2])
def test_without_the_cross_certificate_there_is_no_way(
    house, two, tmp_path, generation, trusted, others
):
    desk = papers(house, tmp_path)

    code, said = verified(house, desk, two[generation], trusted, others[0])

    assert (code, "unable to get" in said) == (2, True), said


@pytest.mark.parametrize("trusted", [1, 2])
@pytest.mark.parametrize("generation", [1, 2])
def test_a_relying_party_that_knows_one_root_takes_the_customers_of_both(
    house, two, generation, trusted
):
    roots, issuer = house.authority.roots(), house.authority.numbered(generation)
    leaf = auth_of(house, two[generation]).der
    chain = [leaf, issuer.der, *(one.der for one in roots.crosses)]
    answers = house.status.about([x509.load_der_x509_certificate(leaf).serial_number])
    anchors = [roots.numbered(trusted).der]

    def judged(chain):
        return path.validate(chain, anchors, house.clock.now(), LOGS_IN, ocsps=answers)

    assert isinstance(judged(chain), Valid), judged(chain)
    if generation != trusted:
        assert judged(chain[:2]).flaw is Flaw.NO_PATH


def test_openssl_takes_the_responders_word_under_either_root(house, two, tmp_path):
    desk = papers(house, tmp_path)
    at = house.clock.now() // SECOND + 5
    for generation, cross in ((1, "1-with-2"), (2, "2-with-1")):
        issuer = house.authority.numbered(generation)
        desk.write("asked.pem", pem(auth_of(house, two[generation]).der))
        serial = int(auth_of(house, two[generation]).serial, 16)
        desk.write("response.der", house.status.ocsp(ask(house, serial, issuer=issuer.der)))
        desk.write("others.pem", pem(issuer.der) + (tmp_path / f"{cross}.pem").read_text())
        for trusted in (1, 2):
            code, said = desk.run(
                *("ocsp", "-issuer", f"issuing-{generation}.pem", "-sha256", "-cert", "asked.pem"),
                *("-respin", "response.der", "-no_nonce", "-attime", str(at)),
                *("-validity_period", "999999999", "-CAfile", f"root-{trusted}.pem"),
                *("-verify_other", "others.pem"),
            )
            assert (code, "Response verify OK" in said) == (0, True), (generation, trusted, said)


def test_each_root_has_its_name_key_and_address_and_the_first_keeps_all_of_its_own(house, two):
    roots = house.authority.roots()
    first, second = roots.every

    assert [one.key_label for one in roots.every] == ["ca-root", "ca-root-2"]
    assert first.der == house.authority.root_der
    assert house.authority.chain_of(house.authority.numbered(1))[1:] == (first.der,)
    assert second.certificate.subject.rfc4514_string().startswith("CN=Dojang Demo Root CA G2,")
    assert places(house.authority.numbered(1).certificate) == [f"{UNDER}/root.crt"]
    assert places(house.authority.numbered(2).certificate) == [
        f"{UNDER}/root/2.crt",
        f"{UNDER}/root/2-with-1.crt",
    ]
    assert [roots.over(one.certificate).number for one in house.authority.issuers()] == [1, 2]


def places(certificate):
    kind = ExtensionOID.AUTHORITY_INFORMATION_ACCESS
    described = certificate.extensions.get_extension_for_oid(kind).value
    issuers = AuthorityInformationAccessOID.CA_ISSUERS
    return [one.access_location.value for one in described if one.access_method == issuers]


def test_a_cross_certificate_is_valid_as_long_as_rfc_4210_says(house, two):
    first, second = house.authority.roots().every
    new_with_old, old_with_new = (
        x509.load_der_x509_certificate(house.authority.cross(*pair).der)
        for pair in ((2, 1), (1, 2))
    )
    spans = [
        (one.not_valid_before_utc, one.not_valid_after_utc)
        for one in (first.certificate, second.certificate, new_with_old, old_with_new)
    ]

    assert spans[3] == spans[0]
    assert spans[2] == (spans[1][0], spans[0][1])
    assert spans[0][0] < spans[1][0] < spans[0][1] < spans[1][1]
    for made in (new_with_old, old_with_new):
        constraints = made.extensions.get_extension_for_class(x509.BasicConstraints).value
        assert (constraints.ca, constraints.path_length) == (True, None)


def test_the_chain_of_the_new_leads_to_the_old_root_and_holds_for_who_trusts_either(house, two):
    authority, now = house.authority, house.clock.now()
    chain = authority.chain_of()

    above = checking.chain(chain, now)

    assert chain == (
        authority.issuer.der,
        authority.root_numbered(2).der,
        authority.cross(2, 1).der,
        authority.root_numbered(1).der,
    )
    roots = [one.certificate for one in authority.roots().every]
    assert list(above.roots) == roots[::-1]


def test_a_chain_with_a_wrong_cross_certificate_does_not_hold(house, two):
    authority, now = house.authority, house.clock.now()
    issuing, new, cross, old = authority.chain_of()
    wrong = {
        "for another root": (issuing, new, authority.cross(1, 2).der, old),
        "did not sign the cross": (issuing, new, authority.cross(2, 1).der, new),
        "not an issuing certificate": (issuing, new, cross),
        "may not issue": (issuing, new, authority.responder().der, old),
    }

    for words, chain in wrong.items():
        with pytest.raises(Unsound, match="for another root" if "may" in words else words):
            checking.chain(chain, now)


def test_who_trusts_the_new_root_alone_takes_what_was_made_before_it(house, two):
    """At that time the new root was not there; its word for the old one reaches back."""
    authority, then = house.authority, house.clock.now() - 90 * DAY
    old = checking.chain(authority.chain_of(authority.numbered(1)), then)
    new, crosses = authority.root_numbered(2), [authority.cross(1, 2).der]

    checking.vouched(old, crosses, new.der, then)

    for given in ([], [authority.cross(2, 1).der], [authority.numbered(1).der]):
        with pytest.raises(Unsound, match="no cross certificate"):
            checking.vouched(old, given, new.der, then)
    with pytest.raises(Unsound, match="not valid at that time"):
        checking.vouched(old, crosses, new.der, authority.root_numbered(1).not_after + DAY)


def test_a_third_root_vouches_for_both_before_it(house, two, tmp_path):
    house.clock.move(100 * DAY)
    house.authority.roll_over_root()
    third = house.issue("c3").credential
    desk = papers(house, tmp_path)

    ways = {
        (1, "root-3"): ("issuing-1", "1-with-3"),
        (2, "root-3"): ("issuing-2", "2-with-3"),
        (3, "root-2"): ("issuing-3", "3-with-2"),
        (3, "root-1"): ("issuing-3", "3-with-2", "2-with-1"),
    }
    for (generation, trusted), others in ways.items():
        code, said = verified(house, desk, {**two, 3: third}[generation], trusted, *others)
        assert code == 0, said
    assert len(checking.chain(house.authority.chain_of(), house.clock.now()).roots) == 3


def test_another_process_takes_the_new_root_within_seconds(house, two, vault_file, entropy):
    vault = SoftwareVault.open(vault_file, b"correct horse", entropy)
    other = Authority(house.db, vault, house.clock, entropy, house.authority.plan)
    assert len(other.roots().every) == 2

    house.authority.roll_over_root()
    before = len(other.roots().every)
    found = other.root_numbered(3).number  # whoever asks for it is not told that there is none
    house.clock.move((LOOK_SECONDS + 1) * SECOND)

    assert (before, found) == (2, 3)
    assert other.chain_of() == house.authority.chain_of()


def test_two_processes_at_once_make_one_root_and_the_log_says_what_became_of_the_other(
    house, vault_file, entropy
):
    vault = SoftwareVault.open(vault_file, b"correct horse", entropy)
    other = Authority(house.db, vault, house.clock, entropy, house.authority.plan)
    posts = []
    other._maker.certify_all = posts.extend
    with pytest.raises(LookupError):
        other.roll_over_root()  # it has everything ready, and is slower
    del other._maker.certify_all
    house.authority.roll_over_root()

    with pytest.raises(Uncertain, match="another process"):
        other._maker.certify_all(posts)

    assert len(house.authority.roots(anew=True).every) == 2
    assert len(house.authority.issuers()) == 2
    found = cross_check(house.db, told=lambda *_: None)
    assert (found.mismatches, found.roots, found.crosses) == ((), 2, 2)


def test_the_newest_root_past_its_end_certifies_no_issuing_key_and_no_root(house):
    house.authority.issuer  # noqa: B018
    house.clock.move(house.authority.root_numbered(1).not_after + SECOND - house.clock.now())

    for roll_over in (house.authority.roll_over_issuing, house.authority.roll_over_root):
        with pytest.raises(RootEnded, match="signs nothing new"):
            roll_over()
    assert len(house.authority.issuers(anew=True)) == 1


def test_an_issuing_certificate_does_not_outlive_its_root(house):
    root = house.authority.root_numbered(1)
    house.clock.move(root.not_after - 400 * DAY - house.clock.now())

    made = house.authority.roll_over_issuing()

    assert made.certificate.not_valid_after_utc == root.certificate.not_valid_after_utc


def test_a_root_whose_key_the_vault_has_not_is_not_followed(house, two, tmp_path, entropy):
    """A vault restored from before the rollover, or another one under the same labels."""
    other = SoftwareVault.open(tmp_path / "other", b"other", entropy)
    house.authority._vault = other

    with pytest.raises(Uncertain, match="the vault lacks ca-root-2"):
        house.authority.roll_over_root()
    other.create("ca-root-2", KeyKind.EC_P384)
    for roll_over in (house.authority.roll_over_root, house.authority.roll_over_issuing):
        with pytest.raises(Uncertain, match="not the one in the database"):
            roll_over()


def test_the_log_announces_and_names_everything_that_a_new_root_brings(house, two):
    with house.db.snapshot() as tx:
        prepared, certified = (
            [leaf.fields()["role"] for leaf in log.of_kind(tx.connection, kind, subject="")]
            for kind in ("authority.prepared", "authority.certified")
        )

    brought = ["root", "root-2-with-1", "root-1-with-2", "issuing"]
    assert [prepared[at : at + 4] for at in range(len(prepared))].count(brought) == 1
    assert [certified[at : at + 4] for at in range(len(certified))].count(brought) == 1


def test_no_responder_speaks_for_a_cross_certificate(house, two):
    """The house's offices are good by OCSP; what stands over the issuing CA is not its to tell."""
    cross = x509.load_der_x509_certificate(house.authority.cross(2, 1).der)

    for by in house.authority.issuers():
        answer = house.status.ocsp(ask(house, cross.serial_number, issuer=by.der))
        told = ocsp.load_der_ocsp_response(answer)
        assert told.certificate_status is ocsp.OCSPCertStatus.UNKNOWN
    assert everything_of(2) == auth_of(house, two[2]).shard // 10_000 * 10_000


def test_the_chain_under_as_many_roots_as_there_may_be_holds_and_there_is_no_further_one(house):
    for _ in range(ROOTS_MAX - 1):
        house.authority.roll_over_root()

    chain = house.authority.chain_of()

    assert len(checking.chain(chain, house.clock.now()).roots) == ROOTS_MAX
    with pytest.raises(CeremonyNeeded, match="no number for another"):
        house.authority.roll_over_root()
