"""Does every credential stand as the log last said, and both its certificates, and the lists?

Customer by customer, with memory of one page. Who revives what was revoked, or suspends what was
not, by editing rows, is named by the index of the leaf that said otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Row

from dojang.certificates.model import CRL_WORDS, CrlReason, Kind, Standing, State
from dojang.certificates.words import GIVEN, follows, state_after
from dojang.db import Tx, log_standings
from dojang.transparency import leaves
from dojang.transparency import standings_store as store

_REASONS: Final = {words: reason for reason, words in CRL_WORDS.items()}
_UNSAID: Final = frozenset({State.ENROLLING, State.REVOKED})
"""Where a credential may stand of which no leaf tells: nothing was ever given out."""
_UNGIVEN: Final = frozenset({Standing.PREPARED, Standing.REVOKED})


class Unlike(NamedTuple):
    """What stands otherwise than its leaf says. `idx` -1: no leaf tells of it at all."""

    idx: int
    serial: str
    """Of a certificate, or the credential's id."""
    says: str


class _Word(NamedTuple):
    """How a credential stands by its last leaf, and what CRL and OCSP say of its certificates."""

    idx: int
    state: State
    standing: Standing
    reason: CrlReason | None
    why: str | None
    """The house's word for its end."""
    serials: frozenset[str]


_STANDINGS: Final = {State.ACTIVE: Standing.ISSUED, State.REVOKED: Standing.REVOKED}


def unlike(tx: Tx) -> Iterator[Unlike]:
    """Everything that stands otherwise than the log says."""
    after = ""
    while customers := store.customers(tx, after=after):
        yield from _page(tx, customers)
        after = customers[-1]


def _page(tx: Tx, customers: Sequence[str]) -> Iterator[Unlike]:
    said: dict[tuple[str, str], _Word] = {}
    yield from _replayed(tx, customers, said)
    for row in store.credentials(tx, customers):
        yield from _credential(row, said.get((row.customer_id, row.id)))
    by_id = {credential_id: word for (_, credential_id), word in said.items()}
    rows = store.certificates(tx, customers)
    listed = store.listed(tx, [row.serial for row in rows])
    for row in rows:
        yield from _certificate(row, by_id.get(row.credential_id), listed)


def _replayed(
    tx: Tx, customers: Sequence[str], said: dict[tuple[str, str], _Word]
) -> Iterator[Unlike]:
    """Puts the last word about each credential into `said`, by its owner and its id.

    Names the words that cannot follow the one before: nothing of ours says them.
    """
    for leaf in log_standings.of_subjects(tx.connection, customers):
        fields = leaves.read(leaf.body)
        if fields is None:
            yield Unlike(leaf.idx, leaf.subject, f"{leaf.kind} of {leaf.subject} cannot be read")
            continue
        key = (leaf.subject, fields["credential_id"])
        before = said.get(key)
        was = State.ENROLLING if before is None else before.state
        if not follows(was, fields):
            says = f"credential {key[1]} was {was.value}; {leaf.kind} cannot follow that"
            yield Unlike(leaf.idx, key[1], says)
        said[key] = _after(leaf.idx, fields, before)


def _after(index: int, leaf: Mapping[str, Any], before: _Word | None) -> _Word:
    state = state_after(leaf)
    if leaf["kind"] in GIVEN:
        serials = frozenset(leaf[f"{kind.value}_serial"] for kind in Kind)
    else:
        serials = frozenset() if before is None else before.serials
    if state is State.REVOKED:
        return _Word(
            index,
            state,
            Standing.REVOKED,
            _REASONS.get(leaf.get("crl_reason", "")),
            leaf.get("reason"),
            serials,
        )
    held = None if state is State.ACTIVE else CrlReason.CERTIFICATE_HOLD
    return _Word(index, state, _STANDINGS.get(state, Standing.HELD), held, None, serials)


def _credential(row: Row[Any], word: _Word | None) -> Iterator[Unlike]:
    if word is None:
        if State(row.state) not in _UNSAID:
            yield Unlike(-1, row.id, f"credential {row.id} is {row.state}, and no leaf says so")
        return
    if (row.state, row.end_reason) != (word.state.value, word.why):
        says = f"credential {row.id} is {row.state}; the log's last word is {word.state.value}"
        yield Unlike(word.idx, row.id, says)


def _certificate(
    row: Row[Any], word: _Word | None, listed: Mapping[str, int | None]
) -> Iterator[Unlike]:
    """The row, and what the lists are made of."""
    if word is None or row.serial not in word.serials:
        if Standing(row.standing) not in _UNGIVEN:
            says = f"certificate {row.serial} is {row.standing}, and no leaf gave it out"
            yield Unlike(-1, row.serial, says)
        return
    reason = None if word.reason is None else int(word.reason)
    if (row.standing, row.reason) != (word.standing.value, reason):
        says = f"certificate {row.serial} is {row.standing}; by the log it is {word.standing.value}"
        yield Unlike(word.idx, row.serial, says)
    if listed.get(row.serial) != reason:
        says = f"certificate {row.serial} is listed otherwise than the log says"
        yield Unlike(word.idx, row.serial, says)
