"""Facts about what a bank takes of a new root: each paper is looked at, whoever signed it."""

from dataclasses import replace

import pytest
from cryptography import x509
from tests.service.certificates.test_roots import two

from dojang.certificates import ceremony, checking, newroot, succession
from dojang.certificates.ceremony import Refused, Transcript, fingerprint
from dojang.certificates.certifying import Span, root_key, root_signer, signed, spki_of
from dojang.certificates.checking import Unsound
from dojang.certificates.newroot import Brought
from dojang.certificates.roots import Root
from dojang.kernel.clock import DAY
from dojang.vault import KeyKind, ensure
from dojang.vault.software import SoftwareVault

__all__ = ["two"]


@pytest.fixture
def make(house):
    """What the custodians would bring, by the right keys, with one certificate otherwise."""

    def made(role="", span=lambda post: post.span, number=2):
        house.clock.move(DAY)
        authority, vault, plan = house.authority, house.vault, house.authority.plan
        for label, kind in ((root_key(number), KeyKind.EC_P384), ("ca-issuing-2", KeyKind.EC_P256)):
            ensure(vault, label, kind)
        posts = succession.posts(
            plan,
            authority.roots(),
            previous=root_signer(vault, plan, 1),
            new=root_signer(vault, plan, number),
            root_spki=spki_of(vault, root_key(number)),
            issuing_spki=spki_of(vault, "ca-issuing-2"),
            generation=2,
            now=house.clock.now(),
        )
        ders = {}
        for post in posts:
            wanted = replace(post, span=span(post)) if post.role == role else post
            draft = wanted.drafted(plan, house.entropy)
            ders[post.role] = signed(vault, post.signer_label, draft)
        root, issuing = ders.pop("root"), ders.pop("issuing")
        return Brought(root, ders, issuing)

    return made


def judged(house, brought, transcript=None):
    told = [brought.root, *brought.crosses.values(), brought.issuing]
    steps = tuple({"what": "told", "certificate": fingerprint(der)} for der in told)
    newroot.verified(
        brought,
        house.authority.roots(),
        transcript or Transcript(steps),
        house.authority.plan,
        house.clock.now(),
    )


def test_what_was_made_as_it_should_is_taken(house, make):
    judged(house, make())


@pytest.mark.parametrize(
    ("role", "span"),
    [
        ("root-2-with-1", lambda post: Span(post.span.start, post.span.end + DAY)),
        ("root-2-with-1", lambda post: Span(post.span.start - 10 * DAY, post.span.end)),
        ("root-1-with-2", lambda post: Span(post.span.start, post.span.end + DAY)),
        ("root-1-with-2", lambda post: Span(post.span.start - DAY, post.span.end)),
    ],
)
def test_a_cross_certificate_that_outlasts_a_root_is_not_taken(house, make, role, span):
    with pytest.raises(Refused, match="valid longer than a root"):
        judged(house, make(role, span))


def test_a_root_that_does_not_follow_the_last_is_not_taken(house, make):
    brought = make(number=3)

    with pytest.raises(Refused, match="followed by another than root 3"):
        judged(house, brought)
    root = ceremony.root_of(brought.root, house.authority.plan)
    with pytest.raises(Refused, match="no root 2"), house.db.transaction() as tx:
        ceremony.adopt(
            tx, root, brought.issuing, Transcript(()), generation=2, crosses=brought.crosses
        )


def test_a_transcript_that_tells_of_less_is_not_taken(house, make):
    brought = make()
    told = [brought.root, brought.crosses["root-2-with-1"], brought.issuing]
    steps = tuple({"what": "told", "certificate": fingerprint(der)} for der in told)

    with pytest.raises(Refused, match="does not tell of the cross certificates"):
        judged(house, brought, Transcript(steps))


def test_a_ca_of_the_roots_name_and_another_key_is_of_no_root_of_ours(
    house, two, tmp_path, entropy
):
    forger = SoftwareVault.open(tmp_path / "forger", b"forger", entropy)
    forger.create("ca-root", KeyKind.EC_P384)
    plan, roots = house.authority.plan, house.authority.roots()
    request = ceremony.request(house.vault, plan, 1)
    theirs = ceremony.found_root(
        SoftwareVault.open(tmp_path / "other", b"other", entropy),
        plan, now=house.clock.now(), entropy=entropy,
    )  # fmt: skip
    root = replace(Root.read(theirs, 1, "ca-root"), der=theirs)
    with pytest.raises(Refused, match="for another key"):
        ceremony.certify(forger, root, request, plan, now=house.clock.now(), entropy=entropy)

    vault = SoftwareVault.open(tmp_path / "other", b"other", entropy)
    made = ceremony.certify(vault, root, request, plan, now=house.clock.now(), entropy=entropy)

    assert roots.over(house.authority.numbered(1).certificate).number == 1
    with pytest.raises(LookupError, match="this name and key"):
        roots.over(x509.load_der_x509_certificate(made))


def test_a_chain_ends_in_roots_that_signed_themselves(house, two):
    """Old with new has the old root's name and key, and is no root."""
    authority = house.authority
    issuing, new, cross, _ = authority.chain_of()

    with pytest.raises(Unsound, match="did not sign itself"):
        checking.chain((issuing, new, cross, authority.cross(1, 2).der), house.clock.now())
