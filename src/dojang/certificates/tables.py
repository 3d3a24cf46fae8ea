"""Credentials, their certificates, the authority's own, and what was signed about them."""

from typing import Final

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text

from dojang.certificates.model import LIVING, Kind, Standing, State
from dojang.db.schema import Blob, Int, Str, partial_index, table


def _one_of(column: str, values: type[State] | type[Kind] | type[Standing]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


_LIVING: Final = f"state IN ({', '.join(repr(str(state)) for state in LIVING)})"
IS_LIVING: Final = text(_LIVING)
IS_ENROLLING: Final = text(f"state = '{State.ENROLLING}'")
"""As text, because a planner takes a partial index only where the query says the same literally."""

credential: Final = table(
    "credential",
    Column("id", Str, primary_key=True),
    Column("customer_id", Str, nullable=False, index=True),
    Column("subject_id", Str, nullable=False),
    Column("state", Str, nullable=False),
    Column("assurance", Int),
    Column("opened_at", Int, nullable=False),
    Column("issued_at", Int),
    Column("last_used_at", Int),
    Column("ended_at", Int),
    Column("end_reason", Str),
    Column("dormancy_noticed_days", Int),
    CheckConstraint(_one_of("state", State), name="state"),
    CheckConstraint(f"NOT ({_LIVING}) OR last_used_at IS NOT NULL", name="living_was_issued"),
)

partial_index(
    "uq_credential_living",
    credential.c.customer_id,
    unique=True,
    where=credential.c.state.in_(LIVING),
)

partial_index(
    "ix_credential_dormancy",
    credential.c.dormancy_noticed_days,
    credential.c.last_used_at,
    credential.c.id,
    where=IS_LIVING,
)
partial_index(
    "ix_credential_enrolling",
    credential.c.opened_at,
    credential.c.id,
    where=IS_ENROLLING,
)

certificate: Final = table(
    "certificate",
    Column("serial", Str, primary_key=True),
    Column("credential_id", Str, nullable=False, index=True),
    Column("kind", Str, nullable=False),
    Column("shard", Int, nullable=False, server_default="0"),
    Column("standing", Str, nullable=False),
    Column("not_before", Int, nullable=False),
    Column("tbs_hash", Blob, nullable=False),
    Column("der", Blob),
    Column("changed_at", Int, nullable=False),
    Column("reason", Int),
    CheckConstraint(_one_of("kind", Kind), name="kind"),
    CheckConstraint(_one_of("standing", Standing), name="standing"),
    CheckConstraint("standing = 'prepared' OR der IS NOT NULL OR reason = 5", name="signed"),
)

Index("ix_certificate_standing", certificate.c.standing, certificate.c.changed_at)

authority: Final = table(
    "authority",
    Column("role", Str, primary_key=True),
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("key_label", Str, nullable=False),
    Column("serial", Str, nullable=False),
    Column("not_before", Int, nullable=False),
    Column("not_after", Int, nullable=False),
    Column("der", Blob, nullable=False),
    UniqueConstraint("serial"),
)

status_change: Final = table(
    "status_change",
    Column("one", Int, primary_key=True, autoincrement=False),
    Column("changes", Int, nullable=False),
    CheckConstraint("one = 1", name="single"),
)

status_entry: Final = table(
    "status_entry",
    Column("change", Int, primary_key=True, autoincrement=False),
    Column("serial", Str, primary_key=True),
    Column("shard", Int, nullable=False),
    Column("since", Int, nullable=False),
    Column("reason", Int),
    Column("generation", Int, nullable=False, server_default="1"),
)
"""What became of which certificate with which change, in the order of the commits.

No reason: it is good again. `generation` is that of its issuing CA. Only added to."""

Index("ix_status_entry_shard", status_entry.c.shard, status_entry.c.change, status_entry.c.serial)
Index(
    "ix_status_entry_generation",
    status_entry.c.generation,
    status_entry.c.change,
    status_entry.c.serial,
)

ocsp_answer: Final = table(
    "ocsp_answer",
    Column("cert_id", Blob, primary_key=True),
    Column("serial", Str, nullable=False, index=True),
    Column("this_update", Int, nullable=False),
    Column("next_update", Int, nullable=False, index=True),
    Column("der", Blob, nullable=False),
)
"""Answers that may be given again. A change of status deletes those of its serial numbers."""

crl_chunk: Final = table(
    "crl_chunk",
    Column("scope", Int, primary_key=True, autoincrement=False),
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("change", Int, nullable=False),
    Column("serial", Str, nullable=False),
    Column("bytes_through", Int, nullable=False),
    Column("der", Blob, nullable=False),
)
"""Entries that will never leave the list of a scope, written once and joined. Only added to.

`change` and `serial` name its last entry, `bytes_through` is the length of all up to its end."""

revocation_list: Final = table(
    "revocation_list",
    Column("scope", Int, primary_key=True, autoincrement=False),
    Column("number", Int, primary_key=True, autoincrement=False),
    Column("base", Int, primary_key=True, autoincrement=False),
    Column("changes", Int, nullable=False),
    Column("this_update", Int, nullable=False),
    Column("next_update", Int, nullable=False),
    Column("head", Blob, nullable=False),
    Column("chunks", Int, nullable=False),
    Column("rest", Blob, nullable=False),
    Column("foot", Blob, nullable=False),
)
"""A signed CRL: `head`, the first `chunks` chunks of its scope, `rest`, `foot`.

`base` is 0 for a complete list; for a delta the number of the list that it builds on."""
