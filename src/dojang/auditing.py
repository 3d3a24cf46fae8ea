"""`dojang log verify` whole: the log's own audit, and what the parts above it have to say."""

from collections.abc import Sequence

from dojang.certificates import ours, store_authority
from dojang.certificates.profiles import ROOT
from dojang.db import Database
from dojang.transfers.proving import Proving
from dojang.transparency.audit import Audit, Told, audit
from dojang.transparency.keep import Kept


def own_roots(database: Database) -> list[bytes]:
    """Every root as the database names it; none in a bank that has no authority yet."""
    with database.snapshot() as tx:
        return [one.der for one in store_authority.of_roles(tx, [ROOT.name])]


def audited(database: Database, kept: Kept, *, told: Told, roots: Sequence[bytes]) -> Audit:
    """Everything, in one snapshot; the heads' stamps and the customers' certificates by `roots`."""
    with database.snapshot() as tx:
        signed_by_ca = ours.signed_under(tx, roots)
    return audit(database, kept, told=told, roots=roots, unsigned=Proving(signed_by_ca))
