"""Facts about the heads' time-stamps: each signed head gets one, and what is touched is named."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from tests.service.certificates.conftest import House, house, vault_file  # noqa: F401 - fixtures
from tests.service.transparency.conftest import NAME

from dojang.crypto import tree_heads
from dojang.crypto.tree_heads import TreeHead
from dojang.db import Database
from dojang.kernel.clock import HOUR, SECOND, Instant, MovableClock
from dojang.timestamps import TimeNotAvailable, TimeStamps
from dojang.timestamps.model import BadToken
from dojang.transparency import Keep, Transparency, stamping, store
from dojang.transparency.audit import Audit, audit
from dojang.transparency.stamping import HeadStamps

Write = Callable[[int], None]
Tamper = Callable[..., None]


class Signing:
    """The tree and its stamps, as the background task of one process works on them."""

    def __init__(self, house: House, keep: Keep) -> None:  # noqa: F811 - the fixture's class
        self.db: Database = house.db  # type: ignore[assignment]
        self.tree = Transparency(self.db, house.vault, house.clock, name=NAME, keep=keep)  # type: ignore[arg-type]
        self.authority = TimeStamps(self.db, house.vault, house.clock, house.authority)  # type: ignore[arg-type]
        self.stamps = self.process()
        self.keep = keep
        self.roots = [house.authority.chain_of()[1]]

    def process(self) -> HeadStamps:
        return HeadStamps(self.db, self.authority, name=NAME, key=self.tree.key)

    def head(self) -> TreeHead:
        """A new head, signed and stamped."""
        signed = self.tree.publish()
        assert signed is not None
        self.stamps.catch_up()
        return signed

    def check(self, head: TreeHead) -> Instant:
        return stamping.check(self.tree.stamp(head.size), head, self.tree.key, self.roots).at

    def audited(self) -> Audit:
        kept = self.keep.read()
        assert kept is not None
        return audit(self.db, kept, told=lambda *_: None, roots=self.roots)


@pytest.fixture
def signing(house: House, keep: Keep, write: Write) -> Signing:  # noqa: F811 - the fixture
    made = Signing(house, keep)
    made.authority.open()
    write(3)
    return made


def test_each_signed_head_is_stamped_with_the_time_of_its_signing(
    signing: Signing, write: Write, clock: MovableClock
) -> None:
    for _ in range(3):
        clock.move(SECOND)
        head = signing.head()
        assert abs(signing.check(head) - clock.now()) <= SECOND
        write(2)

    seen = signing.audited()

    assert seen.findings == []
    assert (seen.heads, seen.stamps) == (3, 3)


def test_what_is_stamped_once_stays_so(signing: Signing) -> None:
    head = signing.head()
    first = signing.tree.stamp(head.size)

    again = signing.process().catch_up()
    with signing.db.transaction() as tx:
        second = store.add_stamp(tx, head.size, b"another")

    assert (again, second) == (0, False)
    assert signing.tree.stamp(head.size) == first


def test_a_head_waits_for_a_clock_that_is_behind_and_is_signed_all_the_same(
    signing: Signing, write: Write, clock: MovableClock
) -> None:
    signing.head()
    clock.move(-HOUR)
    write(1)
    later = signing.tree.publish()
    assert later is not None
    with pytest.raises(TimeNotAvailable):
        signing.stamps.catch_up()
    with pytest.raises(LookupError):
        signing.tree.stamp(later.size)

    clock.move(2 * HOUR)
    signing.stamps.catch_up()

    assert signing.check(later) == clock.now()
    assert signing.audited().stamped_late_us >= HOUR - SECOND


def test_of_the_heads_before_there_were_stamps_only_the_newest_gets_one(
    signing: Signing, write: Write
) -> None:
    old = signing.tree.publish()
    write(1)
    new = signing.head()

    assert old is not None
    with pytest.raises(LookupError):
        signing.tree.stamp(old.size)
    assert signing.check(new)
    assert (signing.audited().heads, signing.audited().stamps) == (2, 1)


def test_a_stamp_is_of_its_head_under_its_root_and_no_byte_of_it_is_free(
    signing: Signing,
    write: Write,
    house: House,  # noqa: F811 - the fixture
) -> None:
    head = signing.head()
    write(1)
    other = signing.head()
    token, key = signing.tree.stamp(head.size), signing.tree.key
    changed = [
        (token, other, signing.roots),
        (token, replace(head, at=head.at + 1), signing.roots),
        (token[:-1] + bytes((token[-1] ^ 1,)), head, signing.roots),
        (b"", head, signing.roots),
        (token, head, [house.authority.chain_of()[0]]),
        (token, head, [b"no certificate"]),
        (token, head, []),
    ]

    assert stamping.check(token, head, key, [house.authority.chain_of()[0], *signing.roots])
    for one, of, roots in changed:
        with pytest.raises(BadToken):
            stamping.check(one, of, key, roots)


def test_stamps_hold_over_a_new_key_of_the_root(
    signing: Signing,
    write: Write,
    house: House,  # noqa: F811 - the fixture
) -> None:
    before = signing.head()
    house.authority.roll_over_root()
    house.authority.roll_over_issuing()
    write(1)
    after = signing.head()
    old, new = signing.roots[0], house.authority.chain_of()[1]

    assert old != new
    for head, root, other in ((before, old, new), (after, new, old)):
        token = signing.tree.stamp(head.size)
        assert stamping.check(token, head, signing.tree.key, [other, root])
        with pytest.raises(BadToken, match="no CA that the root certified"):
            stamping.check(token, head, signing.tree.key, [other])
    signing.roots = [old, new]
    assert signing.audited().findings == []


def test_a_stamp_from_before_its_head_says_so(signing: Signing, clock: MovableClock) -> None:
    """Who signs a head for tomorrow is told by the stamp of today."""
    head = replace(signing.head(), at=clock.now() + 2 * SECOND)
    token = signing.authority.token(stamping.digest(head, signing.tree.key))

    with pytest.raises(BadToken, match="older than the head"):
        stamping.check(token, head, signing.tree.key, signing.roots)


def test_the_audit_names_a_touched_stamp_and_one_of_no_head(
    signing: Signing, write: Write, tampering: Tamper
) -> None:
    first = signing.head()
    write(1)
    second = signing.head()
    other = signing.tree.stamp(second.size)
    tampering("UPDATE log_sth_stamp SET token = :t WHERE size = :s", t=other, s=first.size)
    tampering("INSERT INTO log_sth_stamp (size, token) VALUES (:s, :t)", t=other, s=9_999)

    found = [(one.index, one.about) for one in signing.audited().findings]

    assert found == [(first.size - 1, "stamp"), (9_998, "stamp")]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_verifies_a_stamp_on_the_note_it_is_over(
    signing: Signing,
    tmp_path: Path,
    clock: MovableClock,
    house: House,  # noqa: F811 - the fixture
) -> None:
    """As docs/how/transparency.md tells an auditor to do it."""
    head = signing.head()
    (tmp_path / "note").write_bytes(tree_heads.note(head, signing.tree.key))
    (tmp_path / "stamp").write_bytes(signing.tree.stamp(head.size))
    for name, der in zip(("issuing", "root"), house.authority.chain_of(), strict=False):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (tmp_path / f"{name}.pem").write_bytes(pem)
    words = "openssl ts -verify -data note -in stamp -token_in -CAfile root.pem"
    words += f" -untrusted issuing.pem -attime {clock.now() // SECOND + 2}"

    said = subprocess.run(words.split(), cwd=tmp_path, capture_output=True, check=False)

    assert said.returncode == 0, said.stderr
