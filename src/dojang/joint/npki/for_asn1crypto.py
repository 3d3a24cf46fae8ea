"""identifyData told to asn1crypto, which walks other houses' paths (`certificates.path`).

The library reads what is in an otherName only where it knows the type, and stumbles over a context
tag where it does not. Types of one's own are given to it in this very way.
"""

from typing import Any, ClassVar, Final

from asn1crypto import algos, core, x509

IDENTIFY_DATA: Final = "1.2.410.200004.10.1.1"


class _Vid(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [
        ("hash_algorithm", algos.DigestAlgorithm),
        ("virtual_id", core.OctetString, {"explicit": 0}),
    ]


class _Attribute(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [("type", core.ObjectIdentifier), ("value", _Vid)]


class _UserInfo(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Attribute


class _IdentifyData(core.Sequence):  # type: ignore[misc]
    _fields: ClassVar[list[Any]] = [
        ("real_name", core.UTF8String),
        ("user_info", _UserInfo, {"optional": True}),
    ]


def teach() -> None:
    """Once is enough; again does nothing."""
    x509.AnotherName._oid_pair = ("type_id", "value")  # noqa: SLF001 - the library's own way
    x509.AnotherName._oid_specs = {  # noqa: SLF001
        **(x509.AnotherName._oid_specs or {}),  # noqa: SLF001
        IDENTIFY_DATA: _IdentifyData,
    }
