"""pgbench beside us: TPC-B-like, and the statements of one of our transfers without any Python.

The same-work scripts lock, read and write what `Ledger` does for one transfer, one transaction
each, on the same tables: the payer's limits, both accounts in order, the id, then outcome, two
postings, words and leaf. Reading the policy and building the leaf's CBOR are spared them.
"""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.postgresql import program

from bench.cluster import Postgres
from bench.population import ACCOUNT_ID, CUSTOMER_ID

CLIENTS = 16
SCALE = 20

_BEGIN = f"""\\set payer random(1, :people - 1)
\\set away random(1, :people - 1)
\\set payee CASE WHEN :hot = 1 THEN :people ELSE (:payer + :away - 1) % :people + 1 END
BEGIN;
SELECT lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000000)::bigint), 16, '0') || '-'
  || lpad(to_hex(:client_id::int), 4, '0') || '-'
  || lpad(to_hex((random() * 36028797018963968)::bigint), 14, '0') AS id,
  '{ACCOUNT_ID}' || lpad(:payer::text, 12, '0') AS debit,
  '{ACCOUNT_ID}' || lpad(:payee::text, 12, '0') AS credit,
  customer_id AS customer, used AS used
  FROM limit_profile WHERE customer_id = '{CUSTOMER_ID}' || lpad(:payer::text, 12, '0')
  FOR NO KEY UPDATE \\gset
SELECT id, customer_id, currency, posted, held, floor, version, status FROM account
  WHERE id IN (:debit, :credit) ORDER BY id FOR NO KEY UPDATE;
SELECT t.*, p.balance_after FROM transfer t
  LEFT JOIN posting p ON p.account_id = t.debit AND p.version = t.dv WHERE t.id = :id;
UPDATE account SET posted = posted - 1, version = version + 1 WHERE id = :debit
  RETURNING version AS dv, posted AS left \\gset
UPDATE account SET posted = posted + 1, version = version + 1 WHERE id = :credit
  RETURNING version AS cv, posted AS had \\gset
UPDATE limit_profile SET used_day = 20000, used = used + 1, version = version + 1
  WHERE customer_id = :customer;
"""  # noqa: S608 - our own constants
_NO_CHAIN = "SELECT nextval('bench_idx') AS size, ''::bytea AS head \\gset\n"
_CHAIN = "SELECT size, head FROM log_head WHERE one = 1 FOR UPDATE \\gset\n"
_WRITE = """INSERT INTO transfer
  (id, kind, subject, req_hash, debit, credit, amount, kst_day, status, log_idx, dv, cv, created_at)
  VALUES (:id, 'transfer', :customer, sha256(:id::text::bytea), :debit, :credit, 1, 20000, 'ok',
  :size::bigint, :dv::bigint, :cv::bigint, 0);
INSERT INTO posting (account_id, version, transfer_id, amount, balance_after) VALUES
  (:debit, :dv::bigint, :id, -1, :left::bigint), (:credit, :cv::bigint, :id, 1, :had::bigint);
INSERT INTO narration (transfer_id, payer, payee, memo) VALUES (:id, '김도장', '이도장', '');
WITH said AS (SELECT convert_to('kind transfer.posted at 1800000000000000 ' || :size::text
  || ' subject ' || :customer::text || ' transfer_id ' || :id::text || ' debit ' || :debit::text
  || ' credit ' || :credit::text || ' credited ' || :customer::text || ' amount 1 kst_day 20000 '
  || 'authorization evidence ', 'UTF8') AS body),
  hashed AS (SELECT body, sha256(decode('00', 'hex') || body) AS leaf FROM said)
INSERT INTO log (idx, at, kind, subject, body, leaf, chain)
  SELECT :size::bigint, 0, 'transfer.posted', :customer, body, leaf,
  sha256(:head::bytea || leaf) FROM hashed RETURNING chain AS chain \\gset
"""
_MOVE_HEAD = "UPDATE log_head SET size = size + 1, head = :chain::bytea WHERE one = 1;\n"
SAME_WORK = _BEGIN + _NO_CHAIN + _WRITE + "COMMIT;\n"
SAME_WORK_CHAIN = _BEGIN + _CHAIN + _WRITE + _MOVE_HEAD + "COMMIT;\n"
FIRST_IDX = 10**12
"""Leaves without a chain are numbered far above those with one."""


@dataclass(frozen=True)
class Ran:
    """Transactions a second, and the mean of one in milliseconds."""

    tps: float
    mean_ms: float


class Pgbench:
    """Runs against two databases of the cluster: its own tables, and a bank's."""

    def __init__(self, postgres: Postgres, folder: Path, *, people: int) -> None:
        self._postgres = postgres
        self._people = people
        self._files = {}
        for name, text in (("same", SAME_WORK), ("chain", SAME_WORK_CHAIN)):
            self._files[name] = folder / f"{name}.sql"
            self._files[name].write_text(text)

    def prepare(self, bank: str) -> None:
        """Fill its own tables in `tpcb`; `bank` is the database that the scripts run on."""
        self._bank = bank
        self._postgres.do(bank, f"CREATE SEQUENCE bench_idx CACHE 1 START {FIRST_IDX}")
        self._postgres.do("postgres", "CREATE DATABASE tpcb")
        self._postgres.assert_durable("tpcb")
        self._run("tpcb", "-i", "-I", "dtGvp", "-s", str(SCALE), "-q")

    def tpcb(self, seconds: float, clients: int = CLIENTS) -> Ran:
        return self._measured("tpcb", "-b", "tpcb-like", seconds=seconds, clients=clients)

    def same_work(
        self, seconds: float, *, chain: bool, hot: bool = False, clients: int = CLIENTS
    ) -> Ran:
        given = ["-D", f"people={self._people}", "-D", f"hot={int(hot)}"]
        script = ["-f", str(self._files["chain" if chain else "same"])]
        return self._measured(self._bank, *given, *script, seconds=seconds, clients=clients)

    def _measured(self, database: str, *arguments: str, seconds: float, clients: int) -> Ran:
        size = ["-n", "-M", "prepared", "-c", str(clients), "-j", "2", "-T", str(round(seconds))]
        said = self._run(database, *size, *arguments)
        tps = re.search(r"tps = ([\d.]+)", said)
        mean = re.search(r"latency average = ([\d.]+)", said)
        failed = re.search(r"number of failed transactions: (\d+)", said)
        assert tps is not None, said
        assert mean is not None, said
        assert failed is None or failed[1] == "0", said
        return Ran(float(tps[1]), float(mean[1]))

    def _run(self, database: str, *arguments: str) -> str:
        address = ["-h", "127.0.0.1", "-p", str(self._postgres.port), "-U", "dojang"]
        ran = subprocess.run(
            [program("pgbench"), *address, *arguments, database],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0, f"pgbench: {ran.stderr[-2_000:]}"
        return ran.stdout
