"""What this domain writes into the log."""

from dataclasses import dataclass
from typing import ClassVar

from dojang.db import Event


@dataclass(frozen=True, kw_only=True)
class AccountPasswordSet(Event):
    kind: ClassVar[str] = "account_password.set"
    account_id: str


@dataclass(frozen=True, kw_only=True)
class AccountPasswordWrong(Event):
    kind: ClassVar[str] = "account_password.wrong"
    account_id: str
    tries_left: int


@dataclass(frozen=True, kw_only=True)
class AccountPasswordLockedNow(Event):
    kind: ClassVar[str] = "account_password.locked"
    account_id: str


@dataclass(frozen=True, kw_only=True)
class AccountPasswordUnlocked(Event):
    """`reason` is a code, for example `identified_again`."""

    kind: ClassVar[str] = "account_password.unlocked"
    account_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PasskeyAdded(Event):
    kind: ClassVar[str] = "passkey.added"
    credential_id: str
    passkey_id: str


@dataclass(frozen=True, kw_only=True)
class PasskeyRemoved(Event):
    """`reason` is `by_owner`, or `certificate_ended` when the certificate took it along."""

    kind: ClassVar[str] = "passkey.removed"
    credential_id: str
    passkey_id: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class SecondDeviceAdded(Event):
    """subject: the customer, who signed for it. It counts from `effective_at` on."""

    kind: ClassVar[str] = "second_device.added"
    device_id: str
    effective_at: int
    authorization: str


@dataclass(frozen=True, kw_only=True)
class SecondDeviceRemoved(Event):
    """subject: the customer. It no longer stands for a call, at once."""

    kind: ClassVar[str] = "second_device.removed"
    device_id: str


@dataclass(frozen=True, kw_only=True)
class SecondDeviceCounterFell(Event):
    """Rightly signed, and counted no further than before: perhaps a copy. It was refused."""

    kind: ClassVar[str] = "second_device.counter_fell"
    device_id: str
    stored: int
    shown: int


@dataclass(frozen=True, kw_only=True)
class PasskeyCounterFell(Event):
    """A rightly signed assertion counted no further than the one before: perhaps a copy."""

    kind: ClassVar[str] = "passkey.counter_fell"
    credential_id: str
    passkey_id: str
    stored: int
    shown: int
