"""Where our names lead on this PostgreSQL: a schema before `public` may have others of the same.

By default a schema of the role's own name is before it ("$user", public), whoever made that.
"""

from collections.abc import Iterable
from itertools import takewhile
from typing import Final

from sqlalchemy import Connection

_PATH: Final = "SELECT pg_catalog.current_schemas(false)::pg_catalog.text[]"
_LED: Final = """
SELECT pg_catalog.to_regclass(pg_catalog.quote_ident(name))::pg_catalog.oid AS led
  FROM pg_catalog.unnest(%(tables)s::pg_catalog.text[]) AS names(name)
"""
_LED_TO_CALL: Final = """
SELECT pg_catalog.to_regprocedure(pg_catalog.format('%%I()', name))::pg_catalog.oid AS led
  FROM pg_catalog.unnest(%(functions)s::pg_catalog.text[]) AS names(name)
"""
_FIXED: Final = "SET LOCAL search_path = pg_catalog, public, pg_temp"
_ASTRAY: Final = """
SELECT n.nspname::text AS space, c.relname::text AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = ANY(%(tables)s::oid[]) AND n.nspname <> 'public'
 UNION ALL
SELECT n.nspname::text, p.proname::text
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE p.oid = ANY(%(functions)s::oid[]) AND n.nspname <> 'public' ORDER BY 1, 2
"""


def before_public(connection: Connection) -> list[str]:
    """The schemas of the search path that are looked at before `public`, as they are named."""
    path = connection.exec_driver_sql(_PATH).scalar_one()
    return [name for name in takewhile(lambda one: one != "public", path) if name != "pg_catalog"]


def astray(
    connection: Connection, tables: Iterable[str], functions: Iterable[str]
) -> dict[str, list[str]]:
    """By schema, the names of ours that lead there and not to `public`.

    The rest of the transaction has a search path of its own, so that nobody's table stands in the
    place of a catalogue that is asked.
    """
    asked = {"tables": sorted(tables), "functions": sorted(functions)}
    led = {
        "tables": [one for one in connection.exec_driver_sql(_LED, asked).scalars() if one],
        "functions": [
            one for one in connection.exec_driver_sql(_LED_TO_CALL, asked).scalars() if one
        ],
    }
    connection.exec_driver_sql(_FIXED)
    found: dict[str, list[str]] = {}
    for row in connection.exec_driver_sql(_ASTRAY, led):
        found.setdefault(row.space, []).append(row.name)
    return found
