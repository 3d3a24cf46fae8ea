"""The life of a credential, one step a function, each inside the caller's transaction.

A step changes the credential, both certificates, what CRL and OCSP say, and the log together, then
calls the hooks that other rooms registered at build.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from dojang.certificates import events, store
from dojang.certificates.issuing import Issued
from dojang.certificates.model import (
    CRL_WORDS,
    LIVING,
    Credential,
    CredentialId,
    CrlReason,
    EndReason,
    Hold,
    Kind,
    Move,
    Standing,
    State,
    WrongState,
    after,
    crl_reason,
)
from dojang.db import Tx
from dojang.kernel.ids import Ids
from dojang.kernel.problem import NotFound

Hook = Callable[[Tx, CredentialId], None]


@dataclass(frozen=True)
class Activated:
    """The credential that lives now, and the one it took the place of."""

    credential: Credential
    replaced: Credential | None


class Lifecycle:
    """Walks the table in `model`. Hooks are called after the rows have changed."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._on_end: list[Hook] = []
        self._on_stop: list[Hook] = []

    def on_end(self, hook: Hook) -> None:
        """Call this when a credential is REVOKED (erase its keys, drop its passkeys)."""
        self._on_end.append(hook)

    def on_stop(self, hook: Hook) -> None:
        """Call this when it stops working at all: ended, locked or suspended (end its sessions)."""
        self._on_stop.append(hook)

    def open(self, tx: Tx, customer_id: str, *, subject_id: str) -> Credential:
        """A new credential, ENROLLING.

        `subject_id` is the customer's, the same over every reissue; another one than before is our
        error and raises ValueError.
        """
        before = store.of_customer(tx, customer_id)
        if any(earlier.subject_id != subject_id for earlier in before):
            raise ValueError("a customer's subject id never changes")
        opened = Credential(
            id=self._ids.uuid7(),
            customer_id=customer_id,
            subject_id=subject_id,
            state=State.ENROLLING,
            opened_at=tx.now,
            issued_at=None,
            last_used_at=None,
            ended_at=None,
            end_reason=None,
            dormancy_noticed_days=None,
        )
        store.add(tx, opened)
        return opened

    def activate(self, tx: Tx, issued: Issued) -> Activated:
        """The certificates become the credential's; what the customer had before is revoked.

        Raises `WrongState` when the credential is not ENROLLING (it was activated or ended by
        another request), `NotFound` for none.
        """
        siblings = store.siblings_locked(tx, issued.credential_id)
        credential = _must(next((o for o in siblings if o.id == issued.credential_id), None))
        if after(credential.state, Move.ACTIVATE) is None:
            raise WrongState
        replaced = next((one for one in siblings if one.state in LIVING), None)
        if replaced is not None:
            self.revoke(tx, replaced.id, EndReason.REISSUED)
        if not store.activate(tx, credential.id, issued.assurance):
            raise WrongState
        made = [(one.serial, one.tbs_hash, one.der) for one in issued.certificates]
        if not store.issue(tx, credential.id, made):
            raise WrongState
        _emit_issued(tx, credential, issued, replaced)
        alive = replace(credential, state=State.ACTIVE, issued_at=tx.now, last_used_at=tx.now)
        return Activated(alive, replaced)

    def used(self, tx: Tx, credential_id: CredentialId) -> None:
        """A login, signature or transfer happened: the dormancy year starts again."""
        store.used(tx, credential_id)

    def lock(self, tx: Tx, credential_id: CredentialId) -> State:
        """The PIN's tries are spent."""
        was, now = self._move(tx, credential_id, Move.LOCK)
        if was.state is not now:
            self._hold(tx, was)
            tx.emit(
                events.CertificateLocked(
                    subject=was.customer_id,
                    credential_id=was.id,
                    serials=_serials(tx, was.id),
                )
            )
        return now

    def suspend(self, tx: Tx, credential_id: CredentialId, reason: Hold) -> State:
        """A copy was noticed, or a loss reported. Says what it came to: a lock stays a lock."""
        move = Move.COPY if reason is Hold.COPY else Move.LOSS
        was, now = self._move(tx, credential_id, move)
        if was.state is not now:
            self._hold(tx, was)
            tx.emit(
                events.CertificateSuspended(
                    subject=was.customer_id,
                    credential_id=was.id,
                    serials=_serials(tx, was.id),
                    reason=reason.value,
                )
            )
        return now

    def release(self, tx: Tx, credential_id: CredentialId) -> State:
        """End a loss report after the customer identified again; anything else: `WrongState`."""
        was, now = self._move(tx, credential_id, Move.RELEASE)
        store.stand(tx, was.id, Standing.ISSUED, None)
        tx.emit(
            events.CertificateReleased(
                subject=was.customer_id,
                credential_id=was.id,
                serials=_serials(tx, was.id),
                crl_reason="removeFromCRL",
            )
        )
        return now

    def revoke(self, tx: Tx, credential_id: CredentialId, reason: EndReason) -> State:
        """End it. A second time changes nothing."""
        was, now = self._move(tx, credential_id, Move.END, ended=reason)
        if was.state is now:
            return now
        if was.state in LIVING:
            said = crl_reason(was.state, reason)
            store.stand(tx, was.id, Standing.REVOKED, said)
            tx.emit(
                events.CertificateRevoked(
                    subject=was.customer_id,
                    credential_id=was.id,
                    serials=_serials(tx, was.id),
                    reason=reason.value,
                    crl_reason=CRL_WORDS[said],
                )
            )
        _call(self._on_stop, tx, was.id)
        _call(self._on_end, tx, was.id)
        return now

    def abandon(self, tx: Tx, credential_id: CredentialId) -> None:
        """An enrolment that nobody finished. Leaves an issued credential alone."""
        found = store.by_id_locked(tx, credential_id)
        if found is not None and found.state is State.ENROLLING:
            self.revoke(tx, credential_id, EndReason.NOT_ISSUED)

    def _move(
        self, tx: Tx, credential_id: CredentialId, move: Move, ended: EndReason | None = None
    ) -> tuple[Credential, State]:
        was = _must(store.by_id_locked(tx, credential_id))
        now = after(was.state, move)
        if now is None:
            raise WrongState
        if now is not was.state:
            store.change(tx, was.id, now, ended)
        return was, now

    def _hold(self, tx: Tx, was: Credential) -> None:
        store.stand(tx, was.id, Standing.HELD, CrlReason.CERTIFICATE_HOLD)
        _call(self._on_stop, tx, was.id)


def _must(found: Credential | None) -> Credential:
    if found is None:
        raise NotFound
    return found


def _call(hooks: list[Hook], tx: Tx, credential_id: CredentialId) -> None:
    for hook in hooks:
        hook(tx, credential_id)


def _serials(tx: Tx, credential_id: CredentialId) -> list[str]:
    return [one.serial for one in store.certificates_of(tx, credential_id)]


def _emit_issued(
    tx: Tx, credential: Credential, issued: Issued, replaced: Credential | None
) -> None:
    auth, sign = issued.of(Kind.AUTH), issued.of(Kind.SIGN)
    if replaced is None:
        tx.emit(
            events.CertificateIssued(
                subject=credential.customer_id,
                credential_id=credential.id,
                subject_id=credential.subject_id,
                auth_serial=auth.serial,
                auth_fingerprint=hashlib.sha256(auth.der).digest(),
                sign_serial=sign.serial,
                sign_fingerprint=hashlib.sha256(sign.der).digest(),
            )
        )
        return
    tx.emit(
        events.CertificateReissued(
            subject=credential.customer_id,
            credential_id=credential.id,
            replaces=replaced.id,
            subject_id=credential.subject_id,
            auth_serial=auth.serial,
            auth_fingerprint=hashlib.sha256(auth.der).digest(),
            sign_serial=sign.serial,
            sign_fingerprint=hashlib.sha256(sign.der).digest(),
        )
    )
