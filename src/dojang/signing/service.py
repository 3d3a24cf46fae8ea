"""The room's door: everything other rooms ask of signing, made once in `app.build`."""

from dojang.certificates.lifecycle import Lifecycle
from dojang.certificates.model import State
from dojang.customers.sessions import Sessions
from dojang.db import Database
from dojang.kernel.clock import DAY, HOUR, Instant
from dojang.kernel.entropy import Entropy
from dojang.kernel.ids import Ids
from dojang.signing import keys, keys_store
from dojang.signing.acts import Acts
from dojang.signing.beginning import Beginning
from dojang.signing.changes import Changes
from dojang.signing.completing import Completing
from dojang.signing.core import KEK_LABEL, Core, DataKeys, prepare_vault
from dojang.signing.enrolling import Enrolling
from dojang.signing.hooks import BeforeBegin, Hooks, WhenDone
from dojang.signing.login import Login
from dojang.signing.model import Begin, Begun, Done, Ended, Purpose, Wrong
from dojang.signing.requests import Requests
from dojang.signing.revoking import Revoking
from dojang.vault import Vault

DATA_KEY_BYTES = 32
SESSIONS_SWEPT_MAX = 500
ENDED_KEPT = DAY
FORGOTTEN_EVERY = HOUR
"""It reads a session of every key there is: the last one of each stays."""
"""So long a phone that was away can still be told how an attempt ended."""


class Signing:
    """Split-key ceremonies and what hangs on them.

    `begin_key`, `answer_shares`, `begin`, `complete`, `resume`, `confirm_stale` open their own
    transactions. `requests` and the module `keys` work on the caller's. `login`, `acts` and
    `changes` are the ceremonies' own customers.
    """

    def __init__(
        self,
        db: Database,
        vault: Vault,
        *,
        ids: Ids,
        entropy: Entropy,
        lifecycle: Lifecycle,
        sessions: Sessions,
        origin: str,
    ) -> None:
        self._db = db
        self._forgot_at = Instant(0)
        core = _core(db, vault, ids, entropy)
        hooks = Hooks()
        self._hooks = hooks
        self.requests = Requests(ids)
        self.changes = Changes(db, ids, entropy, sessions)
        self.acts = Acts(db, ids, entropy, origin)
        self.login = Login(db, ids, entropy, sessions, origin)
        self._enrolling = Enrolling(db, core, ids, entropy)
        self._beginning = Beginning(db, core, entropy, lifecycle, hooks)
        self._completing = Completing(db, core, lifecycle, hooks, self.changes)
        self.begin_key = self._enrolling.begin_key
        self.answer_shares = self._enrolling.answer_shares
        self._register(lifecycle)

    def begin(self, jkt: str, asked: Begin) -> Begun:
        return self._beginning.begin(jkt, asked)

    def complete(self, jkt: str, sid: bytes, z1: bytes) -> Done | Wrong:
        return self._completing.complete(jkt, sid, z1)

    def resume(self, jkt: str, sid: bytes) -> Ended:
        return self._completing.resume(jkt, sid)

    def confirm_stale(self, jkt: str, kid: bytes, gen: int) -> State:
        return self._completing.confirm_stale(jkt, kid, gen)

    def when_done(self, purpose: str, act: WhenDone) -> None:
        self._hooks.when_done(purpose, act)

    def before_begin(self, purpose: str, act: BeforeBegin) -> None:
        self._hooks.before_begin(purpose, act)

    def sweep(self) -> int:
        """The room's jobs: attempts, keys and changes whose time is over. Returns how many."""
        ended = self._completing.sweep(SESSIONS_SWEPT_MAX)
        with self._db.transaction() as tx:
            ended += keys_store.drop_unsigned(tx, tx.now - ENDED_KEPT)
            if abs(tx.now - self._forgot_at) >= FORGOTTEN_EVERY:
                ended += keys_store.forget_sessions(tx, tx.now - ENDED_KEPT)
                self._forgot_at = tx.now
        return ended + self._enrolling.sweep() + self.changes.sweep()

    def _register(self, lifecycle: Lifecycle) -> None:
        lifecycle.on_end(keys.erase)
        revoking = Revoking(lifecycle)
        self.acts.register("revoke", revoking.prepare)
        self.acts.register("method_change", self.changes.prepare_act)
        self.when_done("act:revoke", revoking.revoke)
        self.when_done(Purpose.LOGIN, self.login.grant)
        self.before_begin(Purpose.METHOD_CHANGE, self.changes.check)
        self.before_begin(Purpose.CHANGE_PROOF, self.changes.check)


def _core(db: Database, vault: Vault, ids: Ids, entropy: Entropy) -> Core:
    """The core with its data keys; the first one is made here, wrapped before it is stored."""
    prepare_vault(vault)

    def load() -> dict[str, bytes]:
        with db.snapshot() as tx:
            return keys_store.data_keys(tx)

    if not load():
        key_id = ids.uuid7()
        wrapped = vault.wrap(KEK_LABEL, entropy.bytes(DATA_KEY_BYTES), key_id.encode())
        with db.transaction() as tx:
            if not keys_store.data_keys(tx):
                keys_store.add_data_key(tx, key_id, wrapped)
    return Core(vault, DataKeys(vault, load), entropy)
