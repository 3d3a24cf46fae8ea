"""The bare protocol in one process: the signing core without HTTP, DPoP, database or log.

What `ceremony.cpu_vs_core` divides by: the CPU of the server's two rounds alone.
"""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dojang.crypto import messages
from dojang.crypto.encoding import b64u, unb64u
from dojang.crypto.messages import PIN, KeyKind, Life
from dojang.kernel.entropy import SystemEntropy
from dojang.phone.enrol import KEYS_PATH, Enrolling
from dojang.phone.http import Answer
from dojang.phone.machine import BEGIN, Machine, Wanted
from dojang.phone.state import MemoryStore, new_phone
from dojang.phone.talk import Talk
from dojang.signing.core import KEK_LABEL, Core, DataKeys, InstanceId, Round, prepare_vault
from dojang.vault.software import SoftwareVault

ORIGIN = "http://localhost:8700"
THE_PIN, THE_PATTERN = "135790", "0-1-2-5-8"


class Bare:
    """A bank that is nothing but its core. `spent_ns` is the CPU time of the two rounds."""

    def __init__(self, folder: Path) -> None:
        entropy = SystemEntropy()
        vault = SoftwareVault.open(folder / "keys", b"bench", entropy)
        prepare_vault(vault)
        wrapped = vault.wrap(KEK_LABEL, entropy.bytes(32), b"one")
        self._core = Core(vault, DataKeys(vault, lambda: {"one": wrapped}), entropy)
        self._kid = entropy.bytes(16)
        self._sid = entropy.bytes(16)
        self._pending = b""
        self._public_key = b""
        self._shares: dict[InstanceId, bytes] = {}
        self._gen = 0
        self._round: Round | None = None
        self.message = b""
        self.spent_ns = 0

    def post(self, path: str, body: Mapping[str, Any], /) -> Answer:
        if path == KEYS_PATH:
            return Answer(201, self._offer(body))
        if path.endswith("/shares"):
            return Answer(200, self._exchange(body))
        act = self._begin if path == BEGIN else self._complete
        return Answer(200, {"rid": body["rid"], **act(body)})

    def _offer(self, body: Mapping[str, Any]) -> dict[str, Any]:
        offered = {name.lower(): unb64u(body[name]) for name in ("C0", "C1")}
        made = self._core.offer(
            self._kid, proof=unb64u(body["pok"]), name="김도장", subject_id="BENCH", **offered
        )
        self._pending = made.pending
        return {
            "kid": b64u(self._kid),
            "C0": b64u(made.c0),
            "C1": b64u(made.c1),
            "pok": b64u(made.proof),
            "share": b64u(made.share),
        }

    def _exchange(self, body: Mapping[str, Any]) -> dict[str, Any]:
        from dojang.crypto import csr

        blinded = {m: unb64u(value) for m, value in body["blinded"].items()}
        made = self._core.exchange(
            self._kid, self._pending, share=unb64u(body["share"]), blinded=blinded
        )
        self._public_key = made.public_key
        self._shares = {(m, 0): one.share for m, one in made.instances.items()}
        cri = csr.request_info(made.public_key, name=made.name, subject_id=made.subject_id)
        instances = {
            m: {"delta": b64u(one.delta), "evaluated": b64u(one.evaluated)}
            for m, one in made.instances.items()
        }
        return {"instances": instances, "cri": b64u(cri), "requests": []}

    def _begin(self, body: Mapping[str, Any]) -> dict[str, Any]:
        blinded, d1, e1 = (unb64u(body[name]) for name in ("blinded", "D1", "E1"))
        which = (body["m"], body["version"])
        of = Round(
            self._kid, *which, self._gen, self._sid, d1, e1, self.message, self._shares[which]
        )
        begun = time.process_time_ns()
        self._core.check_begin(blinded=blinded, d1=d1, e1=e1, new=None)
        evaluated, d2, e2 = self._core.answer(of, blinded)
        self.spent_ns += time.process_time_ns() - begun
        self._round = of
        return {
            "sid": b64u(self._sid),
            "evaluated": b64u(evaluated),
            "D2": b64u(d2),
            "E2": b64u(e2),
            "message": b64u(self.message),
            "expires_at": 0,
            "tries_left": 4,
        }

    def _complete(self, body: Mapping[str, Any]) -> dict[str, Any]:
        assert self._round is not None
        z1 = unb64u(body["z1"])
        begun = time.process_time_ns()
        made = self._core.finish(
            self._round, public_key=self._public_key, z1=z1, shares=self._shares, new=None
        )
        self.spent_ns += time.process_time_ns() - begun
        assert made is not None, "the right PIN"
        self._shares = made.shares
        self._gen += 1
        deltas = [
            {"m": m, "version": version, "delta": b64u(delta)}
            for (m, version), delta in made.deltas.items()
        ]
        return {
            "state": "done",
            "signature": b64u(made.signature),
            "gen": self._gen,
            "deltas": deltas,
        }


class BareCeremonies:
    """Ceremonies of one phone with a bare bank."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.bank = Bare(Path(self._folder.name))
        entropy = SystemEntropy()
        self._machine = Machine(
            MemoryStore(new_phone(entropy)), Talk(self.bank.post, entropy), entropy
        )
        Enrolling(self._machine, entropy).key(
            KeyKind.AUTH, {PIN: THE_PIN, messages.PATTERN: THE_PATTERN}
        )
        record = self._machine.store.read()
        self._machine.store.write(replace(record, keys=record.enrolling, enrolling={}))
        self._entropy = entropy

    def close(self) -> None:
        self._folder.cleanup()

    def run(self, count: int) -> tuple[float, float]:
        """(the server's CPU milliseconds a ceremony, ceremonies a second with the phone's work)."""
        self.bank.spent_ns = 0
        begun = time.perf_counter()
        for _ in range(count):
            life = Life(
                kid=self._machine.store.read().keys[KeyKind.AUTH].kid,
                nonce=self._entropy.bytes(16),
                issued_at=1,
                expires_at=2,
            )
            self.bank.message = messages.auth(life, origin=ORIGIN)
            wanted = Wanted(KeyKind.AUTH, PIN, THE_PIN, "one", self.bank.message)
            self._machine.sign(wanted)
        took = time.perf_counter() - begun
        return self.bank.spent_ns / 1e6 / count, count / took
