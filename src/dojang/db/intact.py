"""Whether history stands on this PostgreSQL: who the serving role may become, what it may change,
whether the guards are those that `guards` makes, and what else stands between a row and its table.

Everything here is refused in production with its name and its mend.
"""

from typing import Any, Final

from sqlalchemy import Connection

from dojang.db import guards, names, schema
from dojang.db.rights import ONLY_ADDED, SHOWN, quoted

_FEW: Final = "serve as a role of few rights (`dojang database roles`, `dojang migrate --as OWNER`)"
_HELD: Final = (
    "let the owner of the tables have it (`ALTER DATABASE … OWNER TO OWNER`, "
    "`ALTER SCHEMA public OWNER TO OWNER`), then `dojang migrate --as OWNER`"
)
_WOKEN: Final = "REVOKE ALL ON PARAMETER session_replication_role FROM {me}, PUBLIC"
_FOUND: Final = "ALTER ROLE {me} SET search_path = public"
_ANEW: Final = (
    "find out who did it, run `dojang log verify`, then `dojang database guards | psql -U OWNER`"
)

IDLE: Final = (
    """to_jsonb(m) @> '{"admin_option": false, "inherit_option": false, "set_option": false}'"""
)
"""Whether a membership `m` leads nowhere: from PostgreSQL 16 on it may give no rights, no SET ROLE
and no way to grant itself either. Before it a membership has no such columns, and always leads."""

_REACHED: Final = """
WITH RECURSIVE reached(oid, via) AS (
  SELECT r.oid, NULL::name FROM pg_roles r WHERE r.rolname = session_user
  UNION
  SELECT m.roleid, COALESCE(reached.via, granted.rolname)
    FROM reached JOIN pg_auth_members m ON m.member = reached.oid AND NOT {idle}
    JOIN pg_roles granted ON granted.oid = m.roleid)
""".replace("{idle}", f"({IDLE})")
"""The connected role and every one that SET ROLE makes of it, with the membership that led there.
Whether it inherits their rights is no matter."""

_POWERS: Final = """
SELECT session_user::text AS me, r.rolname::text AS name, reached.via::text,
       r.rolsuper, r.rolcreaterole, r.rolreplication, r.rolbypassrls,
       has_schema_privilege(r.oid, 'public', 'CREATE') AS creates,
       EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = 'public' AND (n.nspowner = r.oid
               OR n.nspowner = 'pg_database_owner'::regrole AND r.oid = (
                 SELECT datdba FROM pg_database WHERE datname = current_database()))) AS holds,
       (SELECT string_agg(n.nspname, ', ' ORDER BY n.nspname) FROM pg_namespace n
         WHERE n.nspname = ANY(%(before)s)
           AND (n.nspowner = r.oid OR has_schema_privilege(r.oid, n.oid, 'CREATE'))) AS strays,
       {sleeps} AS sleeps,
       r.rolname IN ('pg_execute_server_program', 'pg_write_server_files') AS files,
       EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
               AND c.relname = ANY(%(ours)s)
               AND c.relkind IN ('r', 'p') AND c.relowner = r.oid)
       OR EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
                  AND p.proname = ANY(%(functions)s) AND p.proowner = r.oid) AS owns
  FROM reached JOIN pg_roles r ON r.oid = reached.oid ORDER BY r.rolname, reached.via
"""
"""Who owns the database is in `pg_database_owner` without a membership that is written down."""
_SETTING: Final = "pg_catalog.has_parameter_privilege(oid, text, text)"
_SLEEPS: Final = (
    "has_parameter_privilege(r.oid, 'session_replication_role', 'SET, ALTER SYSTEM')",
    "false",
)
"""From PostgreSQL 15 on, and before it, when only a superuser could."""
_MAY: Final = """
SELECT DISTINCT c.relname::text AS relation, r.rolname::text AS name, reached.via::text
  FROM reached JOIN pg_roles r ON r.oid = reached.oid
  JOIN pg_class c ON c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(tables)s)
 WHERE (has_table_privilege(r.oid, c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(r.oid, c.oid, 'UPDATE'))
   AND (reached.via IS NULL
        OR NOT (has_table_privilege('public', c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
                OR has_any_column_privilege('public', c.oid, 'UPDATE')))
"""
_FUNCTIONS: Final = """
SELECT p.proname::text AS name, p.prosrc, p.proconfig, p.prosecdef, l.lanname::text AS language
  FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'public'::regnamespace AND p.proname = ANY(%(functions)s)
   AND p.pronargs = 0
"""
_TRIGGERS: Final = """
SELECT t.tgname::text AS name, c.relname::text AS relation, pg_get_triggerdef(t.oid) AS definition,
       t.tgenabled IN ('O', 'A') AS awake, p.pronamespace = 'public'::regnamespace AS ours
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(tables)s)
   AND NOT t.tgisinternal ORDER BY t.tgname, c.relname
"""
_RULES: Final = """
SELECT w.rulename::text AS name, c.relname::text AS relation
  FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(ours)s)
   AND c.relkind IN ('r', 'p') ORDER BY c.relname, w.rulename
"""
_KIN: Final = """
SELECT c.relname::text AS child, cn.nspname::text AS of_child, c.relispartition AS part,
       p.relname::text AS parent, pn.nspname::text AS of_parent
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_namespace cn ON cn.oid = c.relnamespace JOIN pg_namespace pn ON pn.oid = p.relnamespace
 WHERE (cn.nspname = 'public' AND c.relname = ANY(%(tables)s))
    OR (pn.nspname = 'public' AND p.relname = ANY(%(tables)s))
 ORDER BY p.relname, c.relname
"""
"""A child's rows are read in its parent, without its parent's guards; and a right to a parent is
one to its children's rows."""
_TABLES: Final = """
SELECT c.relname::text AS name, c.relkind IN ('r', 'p') AS kept, c.relrowsecurity AS hides
  FROM pg_class c
 WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%(tables)s) ORDER BY c.relname
"""


def refused(connection: Connection) -> list[str]:
    """Everything by which the serving role, or who prepared it, could change history."""
    asked = {
        "tables": sorted(ONLY_ADDED),
        "ours": sorted(_ours()),
        "functions": sorted(guards.FUNCTIONS),
        "before": names.before_public(connection),
    }
    astray = names.astray(connection, asked["ours"], asked["functions"])
    powers = connection.exec_driver_sql(_REACHED + _powers(connection), asked).all()
    mighty = {row.name for row in powers if _held(row)}
    changeable = connection.exec_driver_sql(_REACHED + _MAY, asked).all()
    return [
        *(_power(row) for row in powers if row.name in mighty),
        *_changeable([row for row in changeable if row.name not in mighty], powers[0].me),
        *(_astray(space, found, powers[0].me) for space, found in astray.items()),
        *_guards(connection, asked),
        *_between(connection, asked),
    ]


def _ours() -> set[str]:
    """The names of all our tables; what else is in the schema is none of our business."""
    named = {*schema.metadata.tables}
    assert named >= ONLY_ADDED, "who examines a database has imported the house"
    return named | SHOWN


def _powers(connection: Connection) -> str:
    """The question, in words that this server knows."""
    known = connection.exec_driver_sql(
        "SELECT to_regprocedure(%(name)s) IS NOT NULL", {"name": _SETTING}
    ).scalar_one()
    given, never = _SLEEPS
    return _POWERS.replace("{sleeps}", given if known else never)


def _held(row: Any) -> dict[str, str]:
    """Its powers, each with what ends it for the serving role itself."""
    if row.rolsuper:
        return {"is a superuser": _FEW}
    powers = {
        "may make roles": (row.rolcreaterole, _FEW),
        "may replicate": (row.rolreplication, _FEW),
        "passes row security": (row.rolbypassrls, _FEW),
        "may create in the schema": (row.creates, _FEW),
        "owns the schema public": (row.holds, _HELD),
        f"may create in {row.strays}, looked at before public": (row.strays, _FOUND),
        "owns the tables": (row.owns, _FEW),
        "reaches the server's files": (row.files, _FEW),
        "may put the guards to sleep": (row.sleeps, _WOKEN),
    }
    return {words: mend for words, (has, mend) in powers.items() if has}


def _power(row: Any) -> str:
    powers = _held(row)
    held = ", ".join(powers)
    if row.via is None:
        mends = " and ".join(dict.fromkeys(powers.values())).replace("{me}", _plain(row.me))
        return f"the role {row.me} {held}: {mends}"
    return f"the role {row.me} may become {row.name}, which {held}: REVOKE {row.via} FROM {row.me}"


def _astray(space: str, found: list[str], me: str) -> str:
    mend = _FOUND.replace("{me}", _plain(me))
    return (
        f"{_names(set(found))} lead to the schema {space} and not to public: find out who made "
        f"them there, run `dojang log verify`, then {mend} and drop what is of that name there"
    )


def _changeable(rows: list[Any], me: str) -> list[str]:
    """Rights of its own are given anew by a migration; those of a group end with the membership."""
    lent: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row.via is not None:
            lent.setdefault((row.name, row.via), set()).add(row.relation)
    theirs = set().union(*lent.values())
    own = {row.relation for row in rows if row.via is None} - theirs
    told = [f"{_names(own)} could be changed: run `dojang migrate --as OWNER`"] if own else []
    return told + [
        f"{_names(tables)} could be changed as the role {name}: REVOKE {via} FROM {me}"
        for (name, via), tables in sorted(lent.items())
    ]


def _guards(connection: Connection, asked: dict[str, list[str]]) -> list[str]:
    """Guards that are off, or that are on and not those that were made; triggers of nobody."""
    there = connection.exec_driver_sql(_TRIGGERS, asked).all()
    asleep = {row.name for row in there if row.name in guards.TRIGGERS and not row.awake}
    as_made = {
        row.name for row in there if row.ours and guards.TRIGGERS.get(row.name) == row.definition
    } | {
        row.name
        for row in connection.exec_driver_sql(_FUNCTIONS, asked)
        if _same(row, guards.FUNCTIONS[row.name])
    }
    told = []
    if asleep:
        told.append(f"{_names(asleep)} are off: find out who did it, enable them")
    if other := {*guards.TRIGGERS, *guards.FUNCTIONS} - as_made:
        told.append(f"{_names(other)} are not as this version makes them: {_ANEW}")
    return told + [
        _nobodys("TRIGGER", row.name, row.relation)
        for row in there
        if row.name not in guards.TRIGGERS
    ]


def _same(row: Any, made: guards.Function) -> bool:
    return (row.language, row.prosrc, row.prosecdef) == ("plpgsql", made.body, False) and sorted(
        row.proconfig or ()
    ) == sorted(made.settings)


def _between(connection: Connection, asked: dict[str, list[str]]) -> list[str]:
    """Rules, row security and views: what is written or read is another thing than was asked."""
    told = [
        _nobodys("RULE", row.name, row.relation)
        for row in connection.exec_driver_sql(_RULES, asked)
    ]
    for row in connection.exec_driver_sql(_TABLES, asked):
        if not row.kept:
            told.append(f"{row.name} is no table: find out who did it, put the table back")
        elif row.hides:
            told.append(
                f"{row.name} has row security, which hides rows: find out who did it, "
                f"ALTER TABLE {row.name} DISABLE ROW LEVEL SECURITY"
            )
    return told + [_kin(row) for row in connection.exec_driver_sql(_KIN, asked)]


def _kin(row: Any) -> str:
    child, parent = _of(row.of_child, row.child), _of(row.of_parent, row.parent)
    mend = f"ALTER TABLE {child} NO INHERIT {parent}"
    if row.part:
        mend = f"ALTER TABLE {parent} DETACH PARTITION {child}"
    return (
        f"the table {child} is a part of {parent}, past the guards of history: "
        f"find out who did it, {mend}"
    )


def _of(space: str, name: str) -> str:
    """A table as it is named in a statement, wherever it is."""
    return _plain(name) if space == "public" else f"{_plain(space)}.{_plain(name)}"


def _nobodys(kind: str, name: str, relation: str) -> str:
    mend = f"DROP {kind} {_plain(name)} ON {relation}"
    return f"the {kind.lower()} {name} on {relation} is none of ours: find out who made it, {mend}"


def _plain(name: str) -> str:
    return name if name.isidentifier() and name == name.lower() else quoted(name)


def _names(names: set[str]) -> str:
    return ", ".join(sorted(names))
