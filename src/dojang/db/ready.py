"""A database as a serving process takes it: nobody else's, of the right schema, fit for money."""

from sqlalchemy.exc import OperationalError

from dojang.db import conditions
from dojang.db.conditions import UnsafeDatabase
from dojang.db.database import Database
from dojang.db.migrate import NotMigrated, migrate
from dojang.db.sole import InUse, Ownership
from dojang.kernel.clock import Clock
from dojang.kernel.start import CannotStart


class UnusableDatabase(CannotStart):
    """The bank does not start on this database."""


def ready(url: str, clock: Clock, *, production: bool, skew_ms_max: int) -> Database:
    """Open it, own it where it is embedded, migrate where that is allowed, and examine it.

    In production also the role's rights and the server's clock are examined; outside, the clock
    may be one that tests move. Raises UnusableDatabase; what was taken is given back.
    """
    database = Database(url, clock)
    try:
        owned = Ownership.of(database)
        if owned is not None:
            database.at_close(owned.give_up)
        migrate(database)
        conditions.refuse_unsafe(
            database, clock, production=production, skew_ms_max=skew_ms_max if production else None
        )
    except (InUse, NotMigrated, UnsafeDatabase) as refused:
        database.close()
        raise UnusableDatabase(str(refused)) from None
    except OperationalError as error:
        database.close()
        words = " ".join(str(error.orig).split())
        raise UnusableDatabase(f"database: no primary answers ({words})") from None
    return database
