"""A value that cannot be printed by accident."""

import hmac
from typing import Generic, TypeVar

T = TypeVar("T", str, bytes)


class Secret(Generic[T]):
    """Wraps a password, code or key; shows itself as `Secret(***)` wherever it is formatted."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self) -> T:
        return self._value

    def same_as(self, other: T) -> bool:
        """Compare in constant time."""
        mine = self._value.encode() if isinstance(self._value, str) else self._value
        theirs = other.encode() if isinstance(other, str) else other
        return hmac.compare_digest(mine, theirs)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "Secret(***)"

    def __reduce__(self) -> tuple[type, tuple[str]]:
        raise TypeError("a secret is not serialised")
