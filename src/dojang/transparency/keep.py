"""The newest head outside of the database, so that a restored backup is noticed at the start.

One small JSON file: the log's name and public key (SPKI, DER), and the last head this process
knows to be published. `dojang log verify` has the key from here: one that lay in the database
could be changed together with it.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from dojang.crypto.encoding import BadEncoding, b64u, unb64u
from dojang.crypto.tree_heads import TreeHead


class BadKeep(Exception):
    """The file is there, and is not what we wrote."""


@dataclass(frozen=True)
class Kept:
    """The log's name and key. `head` is None before the first one was signed."""

    log: str
    key: bytes
    head: TreeHead | None


class Keep:
    """Replaced whole; durable when `write` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Kept | None:
        """None where there is no file. Raises `BadKeep`."""
        try:
            value = json.loads(self.path.read_bytes())
            head = value["head"]
            last = None if head is None else TreeHead.from_json(head)
            return Kept(str(value["log"]), unb64u(value["key"]), last)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadEncoding):
            raise BadKeep(str(self.path)) from None

    def write(self, kept: Kept) -> None:
        head = None if kept.head is None else kept.head.to_json()
        value = {"log": kept.log, "key": b64u(kept.key), "head": head}
        content = json.dumps(value, indent=1).encode()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path)
