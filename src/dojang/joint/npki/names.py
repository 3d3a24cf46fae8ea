"""Distinguished names as the NPKI writes them: one attribute an RDN, root first in DER.

c is a PrintableString, everything else UTF8String, also where ASCII would do. As text a name
stands leaf first, types in lower case, a comma and no space: `cn=…,ou=…,o=…,c=kr`.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from dojang.certificates import der
from dojang.certificates.der import BadDer, Node

COMMON_NAME_CHARS_MAX: Final = 64
"""ub-common-name (X.520)."""
FOLDER_BYTES_MAX: Final = 255

_TYPES: Final = {
    "c": der.oid("2.5.4.6"),
    "o": der.oid("2.5.4.10"),
    "ou": der.oid("2.5.4.11"),
    "cn": der.oid("2.5.4.3"),
}
_WORDS: Final = {oid: word for word, oid in _TYPES.items()}
_UNSAFE: Final = str.maketrans(dict.fromkeys('\\/:*?"<>|', "_"))


@dataclass(frozen=True)
class Name:
    """`parts` from the root on: (type, value)."""

    parts: tuple[tuple[str, str], ...]

    @property
    def common_name(self) -> str:
        """The value of the leaf; "" where there is none."""
        return next((value for word, value in reversed(self.parts) if word == "cn"), "")

    def __str__(self) -> str:
        return ",".join(f"{word}={value}" for word, value in reversed(self.parts))

    @property
    def der(self) -> bytes:
        return der.sequence(*(_rdn(word, value) for word, value in self.parts))


def read(content: bytes) -> Name:
    """A name of exactly this shape. Raises BadDer with what is wrong."""
    parts = []
    for rdn in der.read(content).expect(der.SEQUENCE).children():
        members = rdn.expect(der.SET).children()
        if len(members) != 1:
            raise BadDer("one attribute an RDN")
        parts.append(_attribute(members[0].expect(der.SEQUENCE).children()))
    return Name(tuple(parts))


def folder(name: Name) -> str:
    """What the certificate's folder is called on every file system: NFC, no unsafe character.

    A name that is too long is cut between characters.
    """
    text = unicodedata.normalize("NFC", str(name)).translate(_UNSAFE)
    return text.encode()[:FOLDER_BYTES_MAX].decode(errors="ignore")


def _rdn(word: str, value: str) -> bytes:
    tag = der.PRINTABLE if word == "c" else der.UTF8
    return der.tlv(der.SET, der.sequence(_TYPES[word], der.tlv(tag, value.encode())))


def _attribute(parts: list[Node]) -> tuple[str, str]:
    if len(parts) != 2:
        raise BadDer("a type and a value")
    word = _WORDS.get(parts[0].raw)
    if word is None:
        raise BadDer("an attribute that has no place here")
    parts[1].expect(der.PRINTABLE if word == "c" else der.UTF8)
    try:
        return word, parts[1].value.decode("ascii" if word == "c" else "utf-8")
    except UnicodeDecodeError:
        raise BadDer("not the characters of this string") from None
