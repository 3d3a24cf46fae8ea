"""The terms a customer agrees to: documents in files, versions, and the gate before an issue.

A document is `terms/CODE.vN.LOCALE.md`: a heading that is its title, then its text. A new version
is a new file; old ones stay, because people agreed to them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Final

from dojang.customers import store
from dojang.customers.events import TermsAgreed
from dojang.customers.problems import TermsNotAgreed, TermsOutdated
from dojang.db.database import Tx
from dojang.kernel.clock import Instant

REQUIRED: Final = {
    "service": True,
    "personal_information": True,
    "unique_identifier": True,
    "telecom_identity": True,
    "marketing": False,
}
"""Every code in the order in which it is shown, and whether an issue needs it."""

_FILE: Final = re.compile(r"([a-z_]+)\.v(\d+)\.(ko|en)\.md")


@dataclass(frozen=True)
class Words:
    ko: str
    en: str


@dataclass(frozen=True)
class Document:
    """One version of one document."""

    code: str
    version: int
    required: bool
    title: Words
    text: Words


@dataclass(frozen=True)
class Agreed:
    """What someone agreed to: the code and the version they were shown."""

    code: str
    version: int


class Terms:
    """The documents in force: the newest version of each code."""

    def __init__(self, documents: tuple[Document, ...]) -> None:
        self._documents = {document.code: document for document in documents}

    @classmethod
    def shipped(cls) -> "Terms":
        """The documents of an issue. Raises ValueError where one is missing."""
        return cls.read("dojang.customers", REQUIRED)

    @classmethod
    def read(cls, package: str, required: Mapping[str, bool]) -> "Terms":
        """The files in the package's folder `terms`. Raises ValueError where one is missing."""
        found: dict[tuple[str, int], dict[str, str]] = {}
        for entry in (resources.files(package) / "terms").iterdir():
            named = _FILE.fullmatch(entry.name)
            if named is not None:
                code, version, locale = named[1], int(named[2]), named[3]
                found.setdefault((code, version), {})[locale] = entry.read_text("utf-8")
        return cls(tuple(_newest(code, needed, found) for code, needed in required.items()))

    def all(self) -> tuple[Document, ...]:
        return tuple(self._documents.values())

    def demand(self, agreed: list[Agreed]) -> None:
        """Raises TermsOutdated for a version that is not the present one, else TermsNotAgreed."""
        present = {Agreed(d.code, d.version) for d in self._documents.values()}
        if not present.issuperset(agreed):
            raise TermsOutdated
        needed = {Agreed(d.code, d.version) for d in self._documents.values() if d.required}
        if not needed.issubset(agreed):
            raise TermsNotAgreed


def remember(
    tx: Tx, *, customer_id: str, enrolment_id: str, agreed: list[Agreed], agreed_at: Instant
) -> None:
    """Keep what was agreed, in which version and when, with the journey it was agreed for."""
    rows = [
        {
            "customer_id": customer_id,
            "enrolment_id": enrolment_id,
            "code": one.code,
            "version": one.version,
            "agreed_at": agreed_at,
        }
        for one in agreed
    ]
    store.add_consents(tx, rows)
    names = sorted(f"{one.code}.v{one.version}" for one in agreed)
    tx.emit(TermsAgreed(subject=customer_id, agreed=names))


def _newest(code: str, required: bool, found: dict[tuple[str, int], dict[str, str]]) -> Document:  # noqa: FBT001
    version = max((v for c, v in found if c == code), default=0)
    texts = found.get((code, version), {})
    if set(texts) != {"ko", "en"}:
        raise ValueError(f"terms {code} v{version} are not there in both languages")
    ko, en = _split(texts["ko"]), _split(texts["en"])
    return Document(
        code=code,
        version=version,
        required=required,
        title=Words(ko[0], en[0]),
        text=Words(ko[1], en[1]),
    )


def _split(text: str) -> tuple[str, str]:
    """(title, text) of a file that begins with a heading."""
    heading, _, rest = text.partition("\n")
    if not heading.startswith("# "):
        raise ValueError("terms begin with a heading")
    return heading[2:].strip(), rest.strip()
