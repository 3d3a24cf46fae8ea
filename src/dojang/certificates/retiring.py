"""A generation of the issuing CA ends before its time: two of the staff, the root's list, the log.

One asks, which is a leaf and nothing else. Another approves: the list that the root signed is
stored and logged in one transaction, and then every certificate of that generation ends, page by
page, as if two operators had ended each; the worker goes on where a crash cut that off. Customers
are told to issue anew, which they do under the newest generation. So that one cannot be ended.
"""

import hashlib
from dataclasses import dataclass

from cryptography import x509

from dojang.certificates import rootlist, store_authority, store_lists
from dojang.certificates.authority import Authority
from dojang.certificates.certifying import CeremonyNeeded
from dojang.certificates.events import AuthorityRetired, RetirementAsked
from dojang.certificates.profiles import ISSUING, ROOT
from dojang.certificates.rootlist import CaEnd, Ended, NotTheRoots, RootList
from dojang.certificates.roots import Root, Roots
from dojang.certificates.store_authority import AuthorityRow
from dojang.certificates.store_lists import ListRow
from dojang.db import Database, Tx, log
from dojang.kernel import four_eyes
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.four_eyes import NotApproved
from dojang.vault import Vault


@dataclass(frozen=True)
class Asked:
    """Who of the staff wants which generation ended, and why."""

    generation: int
    by: str
    why: CaEnd
    at: Instant


def ask(tx: Tx, generation: int, *, by: str, why: CaEnd) -> None:
    """`by` is an account name of the staff. Raises `NotApproved` where there is nothing to end."""
    _to_end(tx, generation)
    tx.emit(RetirementAsked(subject="", generation=generation, by=by, why=why.value))


def waiting(tx: Tx) -> list[Asked]:
    """What was asked for, has not lapsed and is not done, oldest first."""
    ended = retired(tx)
    leaves = log.of_kind(tx.connection, RetirementAsked.kind, subject="")
    since = four_eyes.open_since(tx.now)
    said = [(leaf.at, leaf.fields()) for leaf in leaves if leaf.at >= since]
    return [
        Asked(one["generation"], one["by"], CaEnd(one["why"]), Instant(at))
        for at, one in said
        if one["generation"] not in ended
    ]


def approve(
    db: Database,
    vault: Vault,
    authority: Authority,
    generation: int,
    *,
    by: str,
    alone: bool = False,
    brought: bytes | None = None,
) -> Asked:
    """Put it on the root's list, as another of the staff asked. Its certificates end after this.

    The list is that of the root above it. `brought` is what an offline root signed (`dojang ca
    ceremony revoke`). `alone`: where there is one account only, in a demo. Raises `NotApproved`,
    `NotTheRoots`, `CeremonyNeeded`, `RootEnded`.
    """
    with db.snapshot() as tx:
        asked, row = _approved(tx, generation, by=by, alone=alone), _to_end(tx, generation)
        now = tx.now
    root = authority.roots().over(x509.load_der_x509_certificate(row.der))
    root.signs_at(now)
    if brought is not None:
        made = rootlist.read(brought, root.der)
    elif authority.plan.offline_root:
        raise CeremonyNeeded("the root is offline: `dojang ca ceremony revoke`, then --list")
    else:
        ended = Ended(int(row.serial, 16), Instant(now - now % SECOND), asked.why)
        with db.snapshot() as tx:
            last = of_root(tx, root)
        made = rootlist.following(vault, authority.plan, last, [ended], now, root=root.number)
    if int(row.serial, 16) not in {one.serial for one in made.ended}:
        raise NotTheRoots(f"it does not name generation {generation}")
    with db.transaction() as tx:
        _to_end(tx, generation)
        publish(tx, made, root)
        tx.emit(
            AuthorityRetired(
                subject="",
                generation=generation,
                serial=row.serial,
                by=asked.by,
                approved_by=by,
                why=asked.why.value,
                root_list=hashlib.sha256(made.der).digest(),
            )
        )
    return asked


def renewed(
    db: Database, vault: Vault, authority: Authority, *, brought: bytes | None = None
) -> bool:
    """Each root's list once more, naming nothing new; False where none is due.

    `brought` is what an offline root signed. A list that names more waits for two of the staff:
    raises `NotTheRoots`. A root past its end signs none: its last one stays.
    """
    if brought is not None:
        root, made = _read(authority, brought)
        return _renewed(db, made, root)
    if authority.plan.offline_root:
        return False
    roots = authority.roots().every
    with db.snapshot() as tx:
        now, lasts = tx.now, [(one, of_root(tx, one)) for one in roots]
    due = [
        (root, last)
        for root, last in lasts
        if last is not None and last.renew_at <= now <= root.not_after
    ]
    for root, last in due:
        made = rootlist.following(vault, authority.plan, last, [], now, root=root.number)
        _renewed(db, made, root)
    return bool(due)


def publish(tx: Tx, made: RootList, root: Root) -> None:
    """Store it as the newest. Raises `NotTheRoots` where it does not follow the last."""
    rootlist.follows(made, of_root(tx, root), tx.now)
    row = ListRow(
        scope=rootlist.scope_of(root.number),
        number=made.number,
        base=0,
        changes=0,
        this_update=made.this_update,
        next_update=made.next_update,
        head=made.der,
        chunks=0,
        rest=b"",
        foot=b"",
    )
    if not store_lists.add(tx, row):
        raise NotTheRoots("another process published one meanwhile")


def current(tx: Tx, root: bytes, number: int = 1) -> RootList | None:
    """The newest list that this root signed; None before the first."""
    row = store_lists.newest(tx, rootlist.scope_of(number))
    return None if row is None else rootlist.read(row.head, root)


def of_root(tx: Tx, root: Root) -> RootList | None:
    """`current`, of a root that is known."""
    return current(tx, root.der, root.number)


def retired(tx: Tx) -> dict[int, Ended]:
    """The generations that the newest list of the root above them names."""
    roots, named = Roots.of(store_authority.of_roles(tx, [ROOT.name])), {}
    for root in roots.every:
        listed = of_root(tx, root)
        named[root.number] = {one.serial: one for one in listed.ended} if listed else {}
    found = {}
    for row in store_authority.of_roles(tx, [ISSUING.name]) if any(named.values()) else ():
        above = roots.over(x509.load_der_x509_certificate(row.der))
        ended = named[above.number].get(int(row.serial, 16))
        if ended is not None:
            found[row.number] = ended
    return found


def _renewed(db: Database, made: RootList, root: Root) -> bool:
    with db.transaction() as tx:
        last = of_root(tx, root)
        if last is None or set(made.ended) != set(last.ended):
            raise NotTheRoots("it names what two of the staff have not ended")
        root.signs_at(tx.now)
        publish(tx, made, root)
    return True


def _read(authority: Authority, brought: bytes) -> tuple[Root, RootList]:
    """Whose list it is. Raises `NotTheRoots`."""
    wrong = NotTheRoots("it is no list")
    for root in authority.roots(anew=True).every:
        try:
            return root, rootlist.read(brought, root.der)
        except NotTheRoots as fault:
            wrong = fault
    raise wrong


def _to_end(tx: Tx, generation: int) -> AuthorityRow:
    rows = store_authority.of_roles(tx, [ISSUING.name])
    found = next((one for one in rows if one.number == generation), None)
    if found is None:
        raise NotApproved(f"the issuing CA has no generation {generation}")
    if found is rows[-1]:
        raise NotApproved("it is the newest, under which customers issue anew: roll over first")
    if generation in retired(tx):
        raise NotApproved("it ended before")
    return found


def _approved(tx: Tx, generation: int, *, by: str, alone: bool) -> Asked:
    asked = [one for one in waiting(tx) if one.generation == generation]
    return four_eyes.of_another(asked, by=by, alone=alone)
