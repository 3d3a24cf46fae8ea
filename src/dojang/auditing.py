"""`dojang log verify` whole: the log's own audit, and what the parts above it have to say."""

from collections.abc import Iterator, Sequence

from dojang.certificates import ours
from dojang.db import Database, Tx
from dojang.transfers.proving import Proving
from dojang.transparency.audit import Audit, Told, audit
from dojang.transparency.keep import Kept
from dojang.transparency.leaves import Fields, Found


def own_roots(database: Database, pinned: Sequence[bytes] = ()) -> list[bytes]:
    """`pinned` (DER), or else the bank's first root by its own rows, and those that they vouch for.

    None in a bank that has no authority yet.
    """
    with database.snapshot() as tx:
        return ours.believed_roots(tx, pinned)


def audited(
    database: Database, kept: Kept, *, told: Told, roots: Sequence[bytes], own_code: str
) -> Audit:
    """Everything, in one snapshot; the heads' stamps and the customers' certificates by `roots`.

    `own_code` is the bank's on the interbank switch: what was signed for it stays here.
    """
    made: list[Proving] = []

    def unsigned(tx: Tx, leaves: Sequence[Fields]) -> Iterator[Found]:
        if not made:
            made.append(Proving(ours.signed_under(tx, roots), own_code))
        return made[0](tx, leaves)

    return audit(database, kept, told=told, roots=roots, unsigned=unsigned)
