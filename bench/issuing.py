"""What issuing the two certificates of a credential costs, beside bare ECDSA signing.

.venv/bin/python -m bench.issuing
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dojang import policy
from dojang.certificates import Authority, Issuing, KeyProof, Lifecycle, Order, Plan, Status
from dojang.crypto import csr
from dojang.crypto.encoding import Point
from dojang.db import Database, log, schema
from dojang.kernel.clock import Clock, SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.kernel.ids import Ids
from dojang.policy.profiles import SEED
from dojang.vault import Vault
from dojang.vault.software import SoftwareVault


def measure(pairs: int = 100) -> dict[str, float]:
    """Medians of CPU milliseconds for a pair of certificates, step by step, on SQLite.

    `issue.cpu_ms` is everything: verify both requests, write, lint, store the intent durably,
    sign, check, and activate durably with the log. `issue.raw_cpu_ms` is two bare signatures,
    made between the steps, and `issue.vs_raw` how many such pairs all of it costs.
    """
    raw: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        made = house(Path(folder))
        db, issuing, lifecycle = made.db, made.issuing, made.lifecycle
        orders = [order(db, lifecycle, f"c{n}") for n in range(pairs)]
        prepared: list[Any] = []
        issued: list[Any] = []
        raw.append(_raw_ms(pairs))
        prepare = _median_ms(lambda one: prepared.append(issuing.prepare(one)), orders)
        raw.append(_raw_ms(pairs))
        redeem = _median_ms(lambda token: issued.append(issuing.redeem(token)), prepared)

        def activate(certificates: Any) -> None:
            with db.transaction() as tx:
                lifecycle.activate(tx, certificates)

        activation = _median_ms(activate, issued)
        raw.append(_raw_ms(pairs))
        db.close()
    bare = statistics.median(raw)
    total = prepare + redeem + activation
    return {
        "issue.cpu_ms": total,
        "issue.prepare_cpu_ms": prepare,
        "issue.redeem_cpu_ms": redeem,
        "issue.activate_cpu_ms": activation,
        "issue.raw_cpu_ms": bare,
        "issue.vs_raw": total / bare,
        "issue.certificates_per_cpu_s": 2_000 / total,
        "issue.raw_signatures_per_cpu_s": 2_000 / bare,
    }


@dataclass(frozen=True)
class House:
    """A CA with everything it needs; the same again in the same folder."""

    db: Database
    clock: Clock
    vault: Vault
    authority: Authority
    issuing: Issuing
    lifecycle: Lifecycle
    status: Status


def house(folder: Path, url: str = "") -> House:
    """On SQLite in the folder, or on the bank's database at `url`, which has its tables."""
    clock, entropy = SystemClock(), SystemEntropy()
    db = Database(url or f"sqlite:///{folder}/bank.db", clock)
    if db.embedded:
        schema.metadata.create_all(db.engine)
        with db.engine.connect() as connection, connection.begin():
            log.start(connection)
    with db.transaction() as tx:
        if policy.newest(tx) is None:
            policy.adopt(tx, SEED)
    vault = SoftwareVault.open(folder / "keys", b"bench", entropy)
    authority = Authority(db, vault, clock, entropy, Plan(base_url="http://localhost:8000"))
    return House(
        db=db,
        clock=clock,
        vault=vault,
        authority=authority,
        issuing=Issuing(db, vault, authority, clock, entropy),
        lifecycle=Lifecycle(Ids(clock, entropy)),
        status=Status(db, vault, authority),
    )


def order(db: Database, lifecycle: Lifecycle, customer: str) -> Order:
    with db.transaction() as tx:
        opened = lifecycle.open(tx, customer, subject_id=f"S-{customer}")
    return Order(
        credential_id=opened.id,
        subject_id=opened.subject_id,
        name="김도장",
        auth=_proof("김도장", opened.subject_id),
        sign=_proof("김도장", opened.subject_id),
    )


def _proof(name: str, subject_id: str) -> KeyProof:
    key = Ed25519PrivateKey.generate()
    point = Point(key.public_key().public_bytes_raw())
    info = csr.request_info(point, name=name, subject_id=subject_id)
    return KeyProof(point, csr.assemble(info, key.sign(info)))


def _raw_ms(pairs: int) -> float:
    key, message = ec.generate_private_key(ec.SECP256R1()), bytes(560)

    def two(_: int) -> None:
        for _ in range(2):
            key.sign(message, ec.ECDSA(hashes.SHA256()))

    return _median_ms(two, range(pairs))


def _median_ms(act: Callable[[Any], None], items: Iterable[Any]) -> float:
    taken = []
    for item in items:
        begun = time.process_time_ns()
        act(item)
        taken.append(time.process_time_ns() - begun)
    return round(statistics.median(taken) / 1e6, 3)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
