"""The database: one transaction a use case, and the hash-chained log inside it."""

from dojang.db.database import Database, Tx
from dojang.db.log import Event

__all__ = ["Database", "Event", "Tx"]
