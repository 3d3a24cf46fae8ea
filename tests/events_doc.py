"""Write docs/how/log-events.md from the event classes. Run: python -m tests.events_doc

A test compares the file with what this would write, so the page cannot fall behind the code.
"""

import dataclasses
import importlib
import inspect
from pathlib import Path

from dojang.db import Event

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "how" / "log-events.md"
BESIDE_EVENTS = ("dojang.policy.service",)
"""Modules with events whose name is not `events`."""

HEAD = """# What the log says

Every leaf is deterministic CBOR (RFC 8949 section 4.2) of one map:
`kind`, `idx`, `at` and `subject` stand in every leaf, the other fields are those of its kind.
`at` is the instant of the transaction in microseconds since 1970 UTC,
so are all fields whose names end in `_at`, `until` or `not_after`; `kst_day` is YYYYMMDD of Seoul,
amounts are won, `gen`, `tip`, `tries_left` and `left` are counts,
`idx` the leaf's place from 0,
`subject` the id of the customer it concerns, or empty.
Fields are ids, figures and codes: never a name, a number of a person, or a secret.
A field of type Personal holds a salted commitment, 32 bytes that say nothing
once the salt is erased ([transparency.md](transparency.md)).

This page is written by `python -m tests.events_doc` from the event classes.

"""


def every_event() -> list[type[Event]]:
    """All event classes of the house, by kind."""
    for found in sorted((ROOT / "src" / "dojang").glob("*/events.py")):
        importlib.import_module(f"dojang.{found.parent.name}.events")
    for name in BESIDE_EVENTS:
        importlib.import_module(name)
    ours = [e for e in _below(Event) if e.__module__.startswith("dojang.") and "kind" in vars(e)]
    return sorted(set(ours), key=lambda event: event.kind)


def page() -> str:
    """The whole document."""
    rows = ["| kind | fields | when |", "|---|---|---|"]
    rows += [f"| `{e.kind}` | {_fields(e)} | {_when(e)} |" for e in every_event()]
    return HEAD + "\n".join(rows) + "\n"


def _below(base: type[Event]) -> list[type[Event]]:
    return [base, *(e for child in base.__subclasses__() for e in _below(child))]


def _fields(event: type[Event]) -> str:
    own = [f for f in dataclasses.fields(event) if f.name != "subject"]
    told = ", ".join(f"`{f.name}` {_type(f.type)}" for f in own)
    return told or "none"


def _type(written: object) -> str:
    name = written.__name__ if isinstance(written, type) else str(written)
    return name.replace("|", "or")


def _when(event: type[Event]) -> str:
    """The first sentence of the docstring, where it has one of its own."""
    text = event.__doc__ or ""
    if text.startswith(f"{event.__name__}("):  # what `dataclass` makes up
        return ""
    return " ".join(inspect.cleandoc(text).split()).replace("|", "or")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    print(PAGE)
