# ruff: noqa: S608 - the statements are put together from our own names and numbers
"""Whether a transfer costs more in a large bank: many accounts, or a long history behind it."""

from bench.cluster import Postgres
from bench.crew import Worker, crew
from bench.ground import Ground, peopled
from bench.population import ACCOUNT_ID, CUSTOMER_ID
from bench.rounds import Figures, Rounds, Turn

ROUNDS = 5
SECONDS = 2.5
CALLERS = 64
SMALL = 10_000
LARGE = 1_000_000
FIRST = 1_000
EACH = LARGE // SMALL
"""Transfers that every account has sent, and received, in the long history."""


def measure(ground: Ground) -> Figures:
    """`ledger.growth`: CPU a transfer (Python and PostgreSQL), the largest bank over the smallest.

    The worse of 10^6 accounts and 10^6 leaves (with their transfers, postings and words), each
    over 10^4 accounts with nothing behind them, in alternating rounds.
    """
    postgres = ground.postgres
    urls = {name: postgres.bank(name) for name in ("small", "wide", "long")}
    for name, people in (("small", SMALL), ("wide", LARGE), ("long", SMALL)):
        peopled(urls[name], people)
    _history(postgres)
    rounds = Rounds()
    with (
        crew(urls["small"], "group", SMALL) as [small],
        crew(urls["wide"], "group", LARGE) as [wide],
        crew(urls["long"], "group", SMALL) as [long],
    ):
        workers = {"small": small, "wide": wide, "long": long}
        for worker in workers.values():
            worker.closed(CALLERS, SECONDS)
        rounds.run(ROUNDS, {name: _turn(postgres, one) for name, one in workers.items()})
    for name in urls:
        postgres.do("postgres", f"DROP DATABASE {name} WITH (FORCE)")
    accounts = rounds.ratio("wide.cpu_ms", "small.cpu_ms", lower_is_better=True)
    history = rounds.ratio("long.cpu_ms", "small.cpu_ms", lower_is_better=True)
    return {
        "ledger.growth": max(accounts[0], history[0]),
        "ledger.growth.worst": max(accounts[1], history[1]),
        "ledger.growth_accounts": accounts[0],
        "ledger.growth_history": history[0],
        "ledger.cost_small_ms": rounds.median("small.cpu_ms"),
    }


def _turn(postgres: Postgres, worker: Worker) -> Turn:
    def act() -> Figures:
        before = postgres.cpu_seconds()
        found = worker.closed(CALLERS, SECONDS)
        backend = (postgres.cpu_seconds() - before) * 1_000 / found["count"]
        return {"cpu_ms": found["cpu_ms"] + backend}

    return act


def _history(postgres: Postgres) -> None:
    """A million transfers in `long`: everyone sent 100 and received 100. Its chain is filler."""
    transfer_id = "'00000000-0000-7000-8000-' || lpad(n::text, 12, '0')"
    payer = f"lpad(((n % {SMALL}) + 1)::text, 12, '0')"
    payee = f"lpad(((n + 1) % {SMALL} + 1)::text, 12, '0')"
    rows = f"FROM generate_series(0, {LARGE - 1}) AS n"
    version = f"n / {SMALL} + 1"
    postgres.do(
        "long",
        "SET session_replication_role = replica",
        f"""INSERT INTO transfer (id, kind, subject, req_hash, debit, credit, amount, kst_day,
          status, log_idx, dv, cv, created_at)
          SELECT {transfer_id}, 'transfer', '{CUSTOMER_ID}' || {payer}, sha256(n::text::bytea),
          '{ACCOUNT_ID}' || {payer}, '{ACCOUNT_ID}' || {payee}, 1, 1, 'ok', n + {FIRST},
          {version}, {EACH} + {version}, 0 {rows}""",
        f"""INSERT INTO posting (account_id, version, transfer_id, amount, balance_after)
          SELECT '{ACCOUNT_ID}' || {payer}, {version}, {transfer_id}, -1, 1 {rows}""",
        f"""INSERT INTO posting (account_id, version, transfer_id, amount, balance_after)
          SELECT '{ACCOUNT_ID}' || {payee}, {EACH} + {version}, {transfer_id}, 1, 1 {rows}""",
        f"""INSERT INTO narration (transfer_id, payer, payee, memo)
          SELECT {transfer_id}, '김도장', '이도장', '' {rows}""",
        f"""INSERT INTO log (idx, at, kind, subject, body, leaf, chain)
          SELECT n + {FIRST}, 0, 'transfer.posted', '{CUSTOMER_ID}' || {payer},
          convert_to(repeat('x', 320), 'UTF8'), sha256(n::text::bytea), sha256(n::text::bytea)
          {rows}""",
        f"UPDATE account SET version = {2 * EACH} WHERE customer_id IS NOT NULL",
        f"UPDATE log_head SET size = {LARGE + FIRST}",
        "VACUUM ANALYZE",
    )
