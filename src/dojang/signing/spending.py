"""When a spent PIN locks: in the transaction that ends an attempt while nothing is left."""

from dojang.certificates.lifecycle import Lifecycle
from dojang.crypto.messages import PIN
from dojang.db import Tx
from dojang.methods import tries
from dojang.signing.model import Key, KeyState


def lock_if_spent(tx: Tx, lifecycle: Lifecycle, key: Key, m: str) -> bool:
    """Called with every WRONG, ABANDONED or expired attempt, so that the last one may still win.

    A pattern never locks: at 0 it is only off. A key that is being enrolled protects nothing yet;
    its enrolment starts over.
    """
    if m != PIN or key.state is not KeyState.ACTIVE:
        return False
    if tries.left(tx, key.credential_id, PIN) > 0:
        return False
    lifecycle.lock(tx, key.credential_id)
    return True
