"""Joint certificates, the requests that led to them, the CA's own certificates, lists, counters."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint

from dojang.db.schema import Blob, Int, Str, partial_index, table
from dojang.joint.model import Kind, Op, Standing, Step


def _one_of(column: str, values: type[Kind] | type[Op] | type[Standing] | type[Step]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


joint_certificate: Final = table(
    "joint_certificate",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False, index=True),
    Column("kind", Str, nullable=False),
    Column("policy", Str, nullable=False),
    Column("standing", Str, nullable=False),
    Column("current", Int),
    Column("serial", Int),
    Column("not_before", Int, nullable=False),
    Column("not_after", Int, nullable=False),
    Column("spki_hash", Blob, nullable=False),
    Column("der", Blob),
    Column("issued_at", Int),
    Column("changed_at", Int, nullable=False),
    Column("reason", Str),
    Column("replaces", Str),
    Column("told_at", Int),
    UniqueConstraint("serial"),
    UniqueConstraint("spki_hash"),
    UniqueConstraint("customer_id", "kind", "current"),
    CheckConstraint(_one_of("kind", Kind), name="kind"),
    CheckConstraint(_one_of("standing", Standing), name="standing"),
    CheckConstraint("current IS NULL OR standing = 'issued'", name="current"),
    CheckConstraint("standing <> 'issued' OR der IS NOT NULL", name="signed"),
    CheckConstraint("serial < 2147483648", name="serial"),
)
"""`current` is 1 for the one certificate of its kind that a customer has, else NULL.
`told_at`: when another CA, whose certificate it is, heard that it is revoked."""

Index("ix_joint_certificate_standing", joint_certificate.c.standing, joint_certificate.c.changed_at)

joint_request: Final = table(
    "joint_request",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False, index=True),
    Column("op", Str, nullable=False),
    Column("step", Str, nullable=False),
    Column("kind", Str, nullable=False),
    Column("common_name_sealed", Blob, nullable=False),
    Column("real_name_sealed", Blob, nullable=False),
    Column("policy", Str, nullable=False),
    Column("concerns", Str),
    Column("spki", Blob),
    Column("virtual_id", Blob),
    Column("enclosed", Blob),
    Column("not_before", Int, nullable=False),
    Column("not_after", Int, nullable=False),
    Column("reason", Str),
    Column("expires_at", Int, nullable=False),
    Column("certificate_id", Str),
    CheckConstraint(_one_of("op", Op), name="op"),
    CheckConstraint(_one_of("step", Step), name="step"),
    CheckConstraint(
        "op IN ('revoke', 'register') OR (spki IS NOT NULL AND virtual_id IS NOT NULL)",
        name="key",
    ),
    Index("ix_joint_request_step", "step", "expires_at"),
)
"""`enclosed`: R as only another CA can read it, until that has issued or the request is over."""

joint_registration: Final = table(
    "joint_registration",
    Column("reference", Str, primary_key=True),
    Column("request_id", Str, nullable=False),
    Column("customer_id", Str, nullable=False, index=True),
    Column("code_sealed", Blob, nullable=False),
    Column("expires_at", Int, nullable=False),
    Column("failures", Int, nullable=False),
    Column("used_at", Int),
    UniqueConstraint("request_id"),
    CheckConstraint("failures >= 0", name="failures"),
)

joint_exchange: Final = table(
    "joint_exchange",
    Column("transaction_id", Blob, primary_key=True),
    Column("reference", Str, nullable=False),
    Column("certificate_id", Str, nullable=False),
    Column("customer_id", Str, nullable=False, index=True),
    Column("confirmed_at", Int),
)
partial_index(
    "ix_joint_exchange_unconfirmed",
    joint_exchange.c.certificate_id,
    where=joint_exchange.c.confirmed_at.is_(None),
)
"""A certificate that CMP sent. `reference` is "" where an old key asked for it."""

joint_authority: Final = table(
    "joint_authority",
    Column("role", Str, primary_key=True),
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("key_label", Str, nullable=False),
    Column("serial", Int, nullable=False),
    Column("not_before", Int, nullable=False),
    Column("not_after", Int, nullable=False),
    Column("der", Blob, nullable=False),
)

joint_counter: Final = table(
    "joint_counter",
    Column("name", Str, primary_key=True),
    Column("value", Int, nullable=False),
)
"""`serial` and `holder` (in common names): the last one given. `changes`: how often status did."""

joint_crl: Final = table(
    "joint_crl",
    Column("issuer", Str, primary_key=True),
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("changes", Int, nullable=False),
    Column("this_update", Int, nullable=False),
    Column("next_update", Int, nullable=False),
    Column("der", Blob, nullable=False),
)
