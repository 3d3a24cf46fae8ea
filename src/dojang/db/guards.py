"""What the database itself refuses, whoever asks: triggers, per dialect.

History cannot be changed or deleted, not even by a mistake of ours. And a posting is one of the two
sides of its transfer, as the row of that transfer says: account, version, amount. PostgreSQL looks
at all postings of a statement at once, in the place of foreign keys, and also that both sides are
there: decision 0018.

The migrations make them, in words of their own; a test holds both together. Start-up compares what
PostgreSQL says of them with `FUNCTIONS` and `TRIGGERS` (`intact`).
"""

from typing import Final, NamedTuple

HISTORY: Final = ("transfer", "posting", "log", "log_sth")
_REFUSES: Final = "history is only added to"


class Function(NamedTuple):
    """A function of PL/pgSQL as `pg_proc` keeps it."""

    body: str
    settings: tuple[str, ...] = ()


FUNCTIONS: Final = {
    "guard_history": Function(
        f" BEGIN RAISE EXCEPTION '%: {_REFUSES}', TG_TABLE_NAME USING ERRCODE = '23001'; END "
    ),
    "guard_postings": Function(
        " BEGIN "
        "IF EXISTS (SELECT FROM (SELECT transfer_id, count(*) AS lines,"
        " min(account_id) FILTER (WHERE amount < 0) AS debit,"
        " min(version) FILTER (WHERE amount < 0) AS dv, min(amount) AS taken,"
        " min(account_id) FILTER (WHERE amount > 0) AS credit,"
        " min(version) FILTER (WHERE amount > 0) AS cv, max(amount) AS given"
        " FROM added GROUP BY transfer_id) AS s LEFT JOIN transfer t ON t.id = s.transfer_id "
        "WHERE (s.lines, s.debit, s.dv, s.taken, s.credit, s.cv, s.given)"
        " IS DISTINCT FROM (2, t.debit, t.dv, -t.amount, t.credit, t.cv, t.amount)) "
        "THEN RAISE EXCEPTION 'posting: these are not the two sides of their transfers' "
        "USING ERRCODE = '23514'; END IF; RETURN NULL; END ",
        ("enable_seqscan=off", "enable_hashjoin=off", "enable_mergejoin=off"),
    ),
}
"""`guard_postings` goes by index, whatever the statistics of a young table say: the plan is kept
with the connection."""

TRIGGERS: Final = {
    "guard_posting_fits": (
        "CREATE TRIGGER guard_posting_fits AFTER INSERT ON public.posting "
        "REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION guard_postings()"
    ),
    **{
        f"guard_{name}_rows": (
            f"CREATE TRIGGER guard_{name}_rows BEFORE DELETE OR UPDATE ON public.{name} "
            "FOR EACH ROW EXECUTE FUNCTION guard_history()"
        )
        for name in HISTORY
    },
    **{
        f"guard_{name}_all": (
            f"CREATE TRIGGER guard_{name}_all BEFORE TRUNCATE ON public.{name} "
            "FOR EACH STATEMENT EXECUTE FUNCTION guard_history()"
        )
        for name in HISTORY
    },
}
"""Each in the very words of `pg_get_triggerdef`."""


def statements(dialect: str) -> list[str]:
    """The DDL that guards the history on "sqlite" or "postgresql". Raises KeyError for others."""
    return _MADE[dialect]


def dropped(dialect: str) -> list[str]:
    """The DDL that takes the guards off."""
    return _DROPPED[dialect]


def anew() -> list[str]:
    """The DDL that makes them anew on PostgreSQL, whatever has become of them, as one act."""
    tables = {name: definition.split(" ON ")[1].split()[0] for name, definition in TRIGGERS.items()}
    loose = [f"DROP TRIGGER IF EXISTS {name} ON {table}" for name, table in tables.items()]
    return ["BEGIN", *loose, *_DROPPED["postgresql"], *_MADE["postgresql"], "COMMIT"]


def _function(name: str, made: Function) -> str:
    settings = "".join(f"SET {one.replace('=', ' = ')} " for one in made.settings)
    head = f"CREATE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql {settings}"
    return f"{head}AS $${made.body}$$"


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

_MADE: Final = {
    "sqlite": [*_SQLITE, _FITS_ONE],
    "postgresql": [
        *(_function(name, made) for name, made in FUNCTIONS.items()),
        *TRIGGERS.values(),
    ],
}
_DROPPED: Final = {
    "sqlite": [
        *(f"DROP TRIGGER guard_{name}_{act}" for name in HISTORY for act in ("update", "delete")),
        "DROP TRIGGER guard_posting_fits",
    ],
    "postgresql": [f"DROP FUNCTION IF EXISTS public.{name}() CASCADE" for name in FUNCTIONS],
}
