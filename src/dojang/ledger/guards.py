"""History cannot be changed or deleted, not even by a mistake of ours: triggers, per dialect.

A migration runs `statements(dialect)` after it made the tables; `dropped(dialect)` takes the
guards off again, which only a migration that rebuilds a guarded table may do.
"""

from typing import Final

HISTORY: Final = ("transfer", "posting", "log")
_REFUSES: Final = "history is only added to"


def statements(dialect: str) -> list[str]:
    """The DDL that guards the history on "sqlite" or "postgresql". Raises KeyError for others."""
    return _MADE[dialect]


def dropped(dialect: str) -> list[str]:
    """The DDL that takes the guards off."""
    return _DROPPED[dialect]


_SQLITE: Final = [
    f"CREATE TRIGGER guard_{name}_{act.lower()} BEFORE {act} ON {name} "
    f"BEGIN SELECT RAISE(ABORT, '{name}: {_REFUSES}'); END"
    for name in HISTORY
    for act in ("UPDATE", "DELETE")
]

_FUNCTION: Final = (
    "CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '%: {_REFUSES}', TG_TABLE_NAME USING ERRCODE = '23001'; END $$"
)
_POSTGRESQL: Final = [
    _FUNCTION,
    *(
        f'CREATE TRIGGER guard_{name}_rows BEFORE UPDATE OR DELETE ON "{name}" '
        "FOR EACH ROW EXECUTE FUNCTION guard_history()"
        for name in HISTORY
    ),
    *(
        f'CREATE TRIGGER guard_{name}_all BEFORE TRUNCATE ON "{name}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_history()"
        for name in HISTORY
    ),
]

_MADE: Final = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}
_DROPPED: Final = {
    "sqlite": [
        f"DROP TRIGGER guard_{name}_{act}" for name in HISTORY for act in ("update", "delete")
    ],
    "postgresql": ["DROP FUNCTION guard_history() CASCADE"],
}
