"""Our CA as the bench measures it, each in a process of its own.

python -m bench.ca.ours serve FOLDER PEOPLE URL  the port for status traffic; no URL: on SQLite
python -m bench.ca.ours fill FOLDER ENTRIES      a database with so many revocations, not yet folded
python -m bench.ca.ours list FOLDER FILE         one revocation more, then the list of everything
python -m bench.ca.ours ahead FOLDER ANSWERS     so many answers signed ahead, stored and not stored
"""

import json
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import insert

from bench.issuing import house, order
from dojang.certificates import profiles, store, store_status
from dojang.certificates.ahead import PAGE as PAGE_AHEAD
from dojang.certificates.model import CrlReason, Kind
from dojang.certificates.store_status import Changed
from dojang.certificates.tables import certificate
from dojang.kernel.clock import SECOND, Instant
from dojang.kernel.records import recorder
from dojang.timestamps import TimeStamps
from dojang.web.statusport import Listener

SHARDS = 8
PAGE = 10_000
MESSAGE_BYTES = 200
"""As many as an answer has that are signed."""


def serve(folder: Path, people: int, url: str) -> None:
    """Issues to so many people, opens the port, tells where, and waits for its input to end."""
    made = house(folder, url)
    issued = []
    for number in range(people):
        prepared = made.issuing.prepare(order(made.db, made.lifecycle, f"c{number}"))
        with made.db.transaction() as tx:
            issued.append(made.lifecycle.activate(tx, made.issuing.redeem(prepared)))
    with made.db.snapshot() as tx:
        serials = [
            one.serial
            for done in issued
            for one in store.certificates_of(tx, done.credential.id)
            if one.kind is Kind.SIGN
        ]
    stamps = TimeStamps(made.db, made.vault, made.clock, made.authority)
    stamps.open()
    bank = SimpleNamespace(
        db=made.db,
        clock=made.clock,
        status=made.status,
        time_stamps=stamps,
        joint=None,
        log=recorder(),
    )
    port = Listener(bank, "127.0.0.1", 0)  # type: ignore[arg-type]
    port.start()
    (folder / "issuing.der").write_bytes(made.authority.issuer.der)
    (folder / "root.der").write_bytes(made.authority.root_der)
    told: dict[str, Any] = {"port": port.port, "serials": serials}
    print(json.dumps(told), flush=True)
    sys.stdin.read()
    port.stop()


def fill(folder: Path, entries: int) -> dict[str, float]:
    """Revocations as the sweep of a sleeping bank leaves them: many to a change."""
    made = house(folder)
    for first in range(0, entries, PAGE):
        serials = range(first + 1, min(first + PAGE, entries) + 1)
        changed = [Changed(profiles.serial_text(_spread(n)), 1 + n % SHARDS) for n in serials]
        with made.db.transaction() as tx:
            store_status.record(tx, changed, CrlReason.CESSATION_OF_OPERATION)
    begun = time.perf_counter()
    made.status.lists.complete()
    fold_s = time.perf_counter() - begun
    made.db.close()
    return {"fold_s": fold_s}


def listed(folder: Path, file: Path) -> dict[str, float]:
    """What a list costs when one entry is new; `mb` its peak, Python included."""
    made = house(folder)
    with made.db.transaction() as tx:
        one = Changed(profiles.serial_text(_spread(time.time_ns())), 1)
        store_status.record(tx, [one], CrlReason.CESSATION_OF_OPERATION)
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew: not the vault's Argon2
    begun, cpu = time.perf_counter(), time.process_time()
    with file.open("wb") as out:
        for part in made.status.lists.parts(made.status.lists.complete()):
            out.write(part)
    took = {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - cpu}
    mb = _peak_mb()
    made.db.close()
    return {**took, "mb": mb}


def ahead(folder: Path, answers: int) -> dict[str, float]:
    """CPU seconds for a million answers, as measured over these; and for bare signatures."""
    made = house(folder)
    rows = [
        {
            "serial": profiles.serial_text(_spread(number)),
            "credential_id": "bench",
            "kind": "sign",
            "standing": "issued",
            "shard": 1,
            "not_before": 0,
            "tbs_hash": b"",
            "der": b"",
            "changed_at": 0,
        }
        for number in range(1, answers // 2 + 1)
    ]
    with made.db.transaction() as tx:
        tx.execute(insert(certificate), rows)
        stands = store_status.known(tx, after="", page=len(rows))
        now = Instant(tx.now - tx.now % SECOND)
    key, bare = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
    signing = storing = raw = 0.0
    for at in range(0, len(stands), PAGE_AHEAD):
        begun = time.process_time()
        signed = made.status.made_ahead(stands[at : at + PAGE_AHEAD], now, 600)
        between = time.process_time()
        for row, _ in signed:
            key.sign(row.der[:MESSAGE_BYTES], bare)
        stored = time.process_time()
        with made.db.transaction() as tx:
            store_status.keep(tx, signed)
        signing += between - begun
        raw += stored - between
        storing += time.process_time() - stored
    per_million = 1_000_000 / answers
    made.db.close()
    return {
        "sign_s": signing * per_million,
        "store_s": storing * per_million,
        "raw_s": raw * per_million,
    }


def _peak_mb() -> float:
    """The largest resident set since `clear_refs` (proc(5)), everything of the process counted."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError("no peak in /proc")


def _spread(number: int) -> int:
    """A serial number of full length; the same for the same number."""
    return (number * 0x9E3779B97F4A7C15F39CC0605CEDC835) % (1 << 127) | 1 << 126


if __name__ == "__main__":
    threading.stack_size(256 * 1024)
    act, where, more = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if act == "serve":
        serve(where, int(more), "".join(sys.argv[4:]))
    elif act == "fill":
        print(json.dumps(fill(where, int(more))))
    elif act == "list":
        print(json.dumps(listed(where, Path(more))))
    else:
        print(json.dumps(ahead(where, int(more))))
