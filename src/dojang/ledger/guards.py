"""What the database itself refuses, whoever asks: triggers, per dialect.

History cannot be changed or deleted, not even by a mistake of ours. And a posting is one of the two
sides of its transfer, as the row of that transfer says: account, version, amount. PostgreSQL looks
at all postings of a statement at once, in the place of foreign keys, and also that both sides are
there: decision 0018.

A migration runs `statements(dialect)` after it made the tables; `dropped(dialect)` takes the
guards off again, which only a migration that rebuilds a guarded table may do.
"""

from typing import Final

HISTORY: Final = ("transfer", "posting", "log", "log_sth")
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

_FITS_ONE: Final = (
    "CREATE TRIGGER guard_posting_fits BEFORE INSERT ON posting WHEN NOT EXISTS "
    "(SELECT 1 FROM transfer t WHERE t.id = NEW.transfer_id AND"
    " ((t.debit, t.dv, -t.amount) = (NEW.account_id, NEW.version, NEW.amount)"
    " OR (t.credit, t.cv, t.amount) = (NEW.account_id, NEW.version, NEW.amount))) "
    "BEGIN SELECT RAISE(ABORT, 'posting: it is no side of its transfer'); END"
)

_FUNCTION: Final = (
    "CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '%: {_REFUSES}', TG_TABLE_NAME USING ERRCODE = '23001'; END $$"
)
_FIT_ALL: Final = (
    "CREATE FUNCTION guard_postings() RETURNS trigger LANGUAGE plpgsql "
    "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$ BEGIN "
    "IF EXISTS (SELECT FROM (SELECT transfer_id, count(*) AS lines,"
    " min(account_id) FILTER (WHERE amount < 0) AS debit,"
    " min(version) FILTER (WHERE amount < 0) AS dv, min(amount) AS taken,"
    " min(account_id) FILTER (WHERE amount > 0) AS credit,"
    " min(version) FILTER (WHERE amount > 0) AS cv, max(amount) AS given"
    " FROM added GROUP BY transfer_id) AS s LEFT JOIN transfer t ON t.id = s.transfer_id "
    "WHERE (s.lines, s.debit, s.dv, s.taken, s.credit, s.cv, s.given)"
    " IS DISTINCT FROM (2, t.debit, t.dv, -t.amount, t.credit, t.cv, t.amount)) "
    "THEN RAISE EXCEPTION 'posting: these are not the two sides of their transfers' "
    "USING ERRCODE = '23514'; END IF; RETURN NULL; END $$"
)
"""By index, whatever the statistics of a young table say: the plan is kept with the connection."""
_LOOKED_AT: Final = (
    "CREATE TRIGGER guard_posting_fits AFTER INSERT ON posting REFERENCING NEW TABLE AS added "
    "FOR EACH STATEMENT EXECUTE FUNCTION guard_postings()"
)
_POSTGRESQL: Final = [
    _FUNCTION,
    _FIT_ALL,
    _LOOKED_AT,
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

_MADE: Final = {"sqlite": [*_SQLITE, _FITS_ONE], "postgresql": _POSTGRESQL}
_DROPPED: Final = {
    "sqlite": [
        *(f"DROP TRIGGER guard_{name}_{act}" for name in HISTORY for act in ("update", "delete")),
        "DROP TRIGGER guard_posting_fits",
    ],
    "postgresql": [
        "DROP FUNCTION guard_history() CASCADE",
        "DROP FUNCTION guard_postings() CASCADE",
    ],
}
