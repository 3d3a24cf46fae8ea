"""Canonical JSON (RFC 8785) within the limits that both languages keep exactly.

Values are strings in NFC, integers within +-(2^53 - 1), booleans, null, lists and objects. Floats
are refused: no amount, instant or count of ours is one.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import rfc8785

from dojang.crypto.encoding import BadEncoding

INTEGER_MAX = 2**53 - 1

Json = str | int | bool | None | list["Json"] | Mapping[str, "Json"]


def encode(value: Mapping[str, Json]) -> bytes:
    """The one encoding of `value`; raises `BadEncoding` for what has none here."""
    _check(value)
    try:
        return rfc8785.dumps(dict(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
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


def _check(value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            raise BadEncoding("a string is not NFC")
    elif isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise BadEncoding("an integer is not exact in both languages")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            _check(key)
            _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    else:
        raise BadEncoding("a value has no canonical JSON here")
