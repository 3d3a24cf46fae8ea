"""A value that cannot be printed by accident."""

import hmac
from typing import Generic, TypeVar

T = TypeVar("T", bound=str | bytes)


class Secret(Generic[T]):
    """Wraps a password, code or key; shows itself as `Secret(***)` wherever it is formatted."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value: T = value

    def reveal(self) -> T:
        return self._value

    def same_as(self, other: T) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(_bytes(self._value), _bytes(other))

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "Secret(***)"

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not serialised")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
