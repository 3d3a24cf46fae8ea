"""Canonical JSON (RFC 8785) within the limits that both languages keep exactly.

Values are strings in NFC, integers within +-(2^53 - 1), booleans, null, lists and objects. Floats
are refused: no amount, instant or count of ours is one.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from dojang.crypto.encoding import BadEncoding

INTEGER_MAX = 2**53 - 1

_JSON: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":")
)
"""Escapes of strings as in RFC 8785 3.2.2.2; it is held against another implementation in tests."""

Json = str | int | bool | None | list["Json"] | Mapping[str, "Json"]


def encode(value: Mapping[str, Json]) -> bytes:
    """The one encoding of `value`; raises `BadEncoding` for what has none here."""
    try:
        if _flat(value):
            data = msgspec.json.encode(value, order="sorted")
            if data.isascii() or unicodedata.is_normalized("NFC", data.decode()):
                return data
        return _JSON.encode(_ordered(value)).encode()
    except UnicodeEncodeError:
        raise BadEncoding("no canonical JSON") from None


def decode(data: bytes) -> dict[str, Any]:
    """The object that `data` is the canonical encoding of, else `BadEncoding`."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise BadEncoding("not JSON") from None
    if not isinstance(value, dict) or encode(value) != data:
        raise BadEncoding("not canonical JSON")
    return value


def _flat(value: object) -> bool:
    """Texts and exact integers under ASCII names, which is what an order to sign is.

    Such an object is written in one go. Where the whole is in NFC, each of its texts is.
    """
    if type(value) is not dict:
        return False
    for name, one in value.items():
        if type(name) is not str or not name.isascii():
            return False
        if type(one) is int:
            if abs(one) > INTEGER_MAX:
                return False
        elif type(one) is not str:
            return False
    return True


def _ordered(value: object) -> object:
    """The same, with the members of objects in the order of their UTF-16 (RFC 8785 3.2.3)."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise BadEncoding("an integer is not exact in both languages")
        return value
    if isinstance(value, Mapping):
        return {_text(name): _ordered(value[name]) for name in _names(value)}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    raise BadEncoding("a value has no canonical JSON here")


def _text(value: str) -> str:
    if not (value.isascii() or unicodedata.is_normalized("NFC", value)):
        raise BadEncoding("a string is not NFC")
    return value


def _names(value: Mapping[Any, object]) -> list[str]:
    if not all(isinstance(name, str) for name in value):
        raise BadEncoding("the name of a member is a string")
    plain = all(name.isascii() for name in value)  # then code points stand in the same order
    return sorted(value) if plain else sorted(value, key=lambda name: name.encode("utf-16-be"))
