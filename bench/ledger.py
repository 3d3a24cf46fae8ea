"""The group committer in-process beside pgbench on the same cluster, in alternating rounds."""

from collections.abc import Mapping

from bench import growth
from bench.cluster import Postgres, made_bank
from bench.crew import Worker, crew, together
from bench.ground import PEOPLE, Ground, peopled
from bench.pgbench import Pgbench
from bench.rounds import Figures, Rounds, Turn, with_worst

ROUNDS, QUICK_ROUNDS = 5, 1
RATE = 300
CROWD = 256
MANY = 64


def measure(ground: Ground, *, quick: bool) -> Figures:
    """The figures of `ledger.*` and `pgbench.*`. Raises cluster.Missing without PostgreSQL."""
    postgres, pgbench = ground.postgres, ground.pgbench
    seconds = 0.5 if quick else 3.0
    rounds = Rounds()
    before = postgres.deadlocks()
    with crew(ground.ledger_url, "group", PEOPLE, size=1 if quick else 2) as ours:
        for worker in ours:
            worker.closed(MANY, seconds)
        turns = _pgbench(pgbench, max(1.0, seconds), quick=quick)
        turns |= _group(postgres, ours, seconds, quick=quick)
        rounds.run(QUICK_ROUNDS if quick else ROUNDS, turns)
        deadlocks = postgres.deadlocks() - before
        figures = _throughput(rounds)
        with crew(postgres.url("peer"), "rows", PEOPLE) as [rows]:
            figures |= _open_loop(ours[0], rows, quick=quick)
            if not quick:
                figures |= _rows(rows, seconds)
    figures |= _sqlite(ground, quick=quick)
    if not quick:
        figures |= growth.measure(ground)
    return figures | {"ledger.deadlocks": float(deadlocks)}


def _pgbench(pgbench: Pgbench, seconds: float, *, quick: bool) -> dict[str, Turn]:
    def turn(act, **how) -> Turn:
        return lambda: {"tps": act(seconds, **how).tps}

    turns = {
        "tpcb": turn(pgbench.tpcb),
        "same_hot": turn(pgbench.same_work, chain=False, hot=True),
        "chain": turn(pgbench.same_work, chain=True),
    }
    return turns if quick else turns | {"same": turn(pgbench.same_work, chain=False)}


def _group(
    postgres: Postgres, ours: list[Worker], seconds: float, *, quick: bool
) -> dict[str, Turn]:
    """Callers of one process, and of two with a committer each."""

    def turn(workers: list[Worker], callers: int, *, hot: bool = False) -> Turn:
        def act() -> Mapping[str, float]:
            before = postgres.cpu_seconds()
            found = together(workers, callers, seconds, hot=hot)
            backend = (postgres.cpu_seconds() - before) * 1_000 / found["count"]
            return {**found, "pg_cpu_ms": backend}

        return act

    one = ours[:1]
    turns = {
        "64": turn(one, MANY),
        "64_hot": turn(one, MANY, hot=True),
    }
    if not quick:
        turns |= {
            "256": turn(one, CROWD),
            "two_256": turn(ours, CROWD),
            "16": turn(one, 16),
            "256_hot": turn(one, CROWD, hot=True),
            "two_256_hot": turn(ours, CROWD, hot=True),
        }
    return turns


def _throughput(rounds: Rounds) -> Figures:
    figures: Figures = {}
    for ratio, above, below in (
        ("ledger.group_chain_vs_pgbench", "64", "chain"),
        ("ledger.group_vs_tpcb", "64", "tpcb"),
        ("ledger.hot_vs_uniform", "64_hot", "64"),
        ("ledger.hot_vs_pgbench_hot", "64_hot", "same_hot"),
        ("ledger.two_processes_vs_one", "two_256", "256"),
    ):
        if rounds.seen(above) and rounds.seen(below):
            figures |= with_worst(ratio, rounds.ratio(above + ".tps", below + ".tps"))
    for name in filter(rounds.seen, ("tpcb", "same", "same_hot", "chain")):
        figures[f"pgbench.{name}_tps"] = rounds.median(name + ".tps")
    names = ("16", "64", "64_hot", "256", "256_hot", "two_256", "two_256_hot")
    for name in filter(rounds.seen, names):
        figures[f"ledger.group_{name}_tps"] = rounds.median(name + ".tps")
        figures[f"ledger.group_{name}_p99_ms"] = rounds.median(name + ".p99")
    figures["ledger.python_cpu_ms"] = rounds.median("64.cpu_ms")
    figures["ledger.postgresql_cpu_ms"] = rounds.median("64.pg_cpu_ms")
    return figures


def _open_loop(ours: Worker, rows: Worker, *, quick: bool) -> Figures:
    """Latency from the moment a transfer was due, beside a transaction a transfer."""
    seconds = 1.0 if quick else 5.0
    rounds = Rounds()
    turns: dict[str, Turn] = {
        "group": lambda: ours.open(RATE, seconds),
        "rows": lambda: rows.open(RATE, seconds),
    }
    if not quick:
        turns["hot"] = lambda: ours.open(RATE, seconds, hot=True)
    rounds.run(1 if quick else ROUNDS, turns)
    compared = rounds.ratio("group.p99", "rows.p99", lower_is_better=True)
    figures = {
        "ledger.open_loop_300_p50_ms": rounds.median("group.p50"),
        "ledger.open_loop_300_p99_ms": rounds.median("group.p99"),
        "ledger.rows_open_loop_300_p50_ms": rounds.median("rows.p50"),
        "ledger.rows_open_loop_300_p99_ms": rounds.median("rows.p99"),
        **with_worst("ledger.open_loop_vs_rows", compared),
    }
    if not quick:
        figures["ledger.open_loop_300_hot_p99_ms"] = rounds.median("hot.p99")
    return figures


def _rows(rows: Worker, seconds: float) -> Figures:
    """Throughput of the row-locking peer, uniform and HOT, without a chain."""
    rounds = Rounds()
    uniform, hot = (lambda: rows.closed(16, seconds)), (lambda: rows.closed(16, seconds, hot=True))
    rounds.run(ROUNDS, {"rows": uniform, "rows_hot": hot})
    return {f"ledger.{name}_tps": rounds.median(f"{name}.tps") for name in ("rows", "rows_hot")}


def _sqlite(ground: Ground, *, quick: bool) -> Figures:
    """One caller, whose every transfer is a durable transaction, beside sixty-four."""
    seconds = 0.3 if quick else 3.0
    url = f"sqlite:///{ground.folder}/ledger.db"
    made_bank(url)
    peopled(url, PEOPLE)
    rounds = Rounds()
    with crew(url, "group", PEOPLE) as [worker]:
        worker.closed(MANY, seconds)
        turns: dict[str, Turn] = {
            "single": lambda: worker.closed(1, seconds),
            "group": lambda: worker.closed(MANY, seconds),
        }
        rounds.run(QUICK_ROUNDS if quick else ROUNDS, turns)
    return {
        **with_worst("ledger.sqlite_group_vs_single", rounds.ratio("group.tps", "single.tps")),
        "ledger.sqlite_single_tps": rounds.median("single.tps"),
        "ledger.sqlite_group_tps": rounds.median("group.tps"),
    }
