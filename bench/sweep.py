# ruff: noqa: S608 - the statements are put together from our own names and numbers
"""The dormancy sweep over ten million certificates of which a month's worth was never told."""

import json
import subprocess
import sys
from collections.abc import Iterator

from sqlalchemy import TextClause, text

from bench.ground import Ground
from dojang import policy
from dojang.certificates.tables import IS_LIVING, certificate, credential
from dojang.db import Database, log, schema
from dojang.kernel.clock import DAY, SystemClock
from dojang.policy.profiles import SEED

PEOPLE = 10_000_000
QUICK_PEOPLE = 100_000
SPREAD_DAYS = 366
"""Last uses lie evenly in the last year and a day: one day ends, thirty days are told."""
STRIDE = 7_368_787
"""A prime: neighbours by id were not used at neighbouring times."""

AT_ONCE = 1_000_000

Figures = dict[str, float]


def measure(ground: Ground, *, quick: bool) -> Figures:
    """`sweep.rows_per_s`: told or ended in a second of one process, SQLite, durable pages.

    `sweep.mb` is all the memory of that process at its peak, `sweep.idle_ms` a sweep with nobody
    due.
    One round: a sweep cannot be repeated, and it is long enough.
    """
    people = QUICK_PEOPLE if quick else PEOPLE
    url = f"sqlite:///{ground.folder}/sleepers.db"
    _filled(url, people)
    said = subprocess.run(
        [sys.executable, "-m", "bench.sweeper", url], check=True, stdout=subprocess.PIPE, text=True
    )
    found = json.loads(said.stdout)
    rows = found["ended"] + found["noticed"]
    return {
        "sweep.certificates": float(people),
        "sweep.rows": float(rows),
        "sweep.rows_per_s": rows / found["seconds"],
        "sweep.page_ms": found["seconds"] * 1_000 / found["pages"],
        "sweep.idle_ms": found["idle_ms"],
        "sweep.mb": found["mb"],
    }


def _filled(url: str, people: int) -> None:
    """Everybody's credential; the two certificates only of those who will be ended.

    The index is made afterwards, which is quicker; what it holds is the same.
    """
    db = Database(url, SystemClock())
    schema.metadata.create_all(db.engine)
    (by_last_use,) = (one for one in credential.indexes if one.name == "ix_credential_dormancy")
    with db.engine.connect() as connection, connection.begin():
        log.start(connection)
        by_last_use.drop(connection)
    with db.transaction() as tx:
        policy.adopt(tx, SEED)
        now = tx.now
    for start in range(0, people, AT_ONCE):
        with db.transaction() as tx:
            tx.execute(_credentials(start, min(start + AT_ONCE, people), people, now))
    with db.transaction() as tx:
        by_last_use.create(tx.connection)
        for statement in _certificates(now, by_last_use.name):
            tx.execute(statement)
    db.close()


def _credentials(start: int, end: int, people: int, now: int) -> TextClause:
    return text(f"""INSERT INTO {credential.name}
        (id, customer_id, subject_id, state, opened_at, issued_at, last_used_at)
        WITH RECURSIVE s(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM s WHERE n + 1 < {end})
        SELECT printf('01900000-0000-7000-8000-%012d', n),
        printf('01900000-0000-7000-9000-%012d', n), printf('S%015d', n), 'ACTIVE', 0, 0,
        {now} - {SPREAD_DAYS * DAY} / {people} * (n * {STRIDE} % {people}) FROM s""")


def _certificates(now: int, index: str) -> Iterator[TextClause]:
    for digit, kind in enumerate(("auth", "sign")):
        yield text(f"""INSERT INTO {certificate.name}
            (serial, credential_id, kind, standing, not_before, tbs_hash, der, changed_at)
            SELECT '{digit}' || substr(replace(id, '-', ''), 2), id, '{kind}', 'issued', 0,
            zeroblob(32), zeroblob(700), 0
            FROM {credential.name} INDEXED BY {index}
            WHERE {IS_LIVING} AND dormancy_noticed_days IS NULL
            AND last_used_at <= {now - (SPREAD_DAYS - 1) * DAY}""")
