"""Who may do what with which table on PostgreSQL: three roles, and no more than each needs.

owner   makes and changes tables, and erases former customers; `dojang migrate` and `dojang
        customer approve` connect as it, nobody else
app     the serving processes: adds to history, changes what is no history, owns nothing
reader  auditors: history, accounts, policy and certificates; no secret, no personal data

A table that is not named here may be read, added to and changed by the app, not deleted from, and
not seen by the reader. Triggers guard history even from the owner (`db.guards`); these rights
hold where triggers do not: TRUNCATE, disabling a trigger, dropping a table.
"""

from collections.abc import Iterable
from typing import Final

from dojang.db import guards

ONLY_ADDED: Final = frozenset(guards.HISTORY) | frozenset(
    {
        "crl_chunk",
        "log_name",
        "log_opening",
        "log_sth_stamp",
        "narration",
        "policy_version",
        "receipt",
        "receipt_pdf",
        "receipt_seal",
        "revocation_list",
        "status_entry",
    }
)
"""What happened and what was in force. The app reads it and adds to it."""

FORGOTTEN: Final = frozenset(
    {
        "designated_payee",
        "former_phone",
        "log_tile",
        "notification_late",
        "ocsp_answer",
        "opening_image",
        "passkey",
        "passkey_challenge",
        "quota",
        "second_device",
        "second_device_challenge",
        "secret_tries",
        "signing_instance",
        "signing_key",
        "signing_request",
        "signing_session",
        "sms_code",
        "transfer_due",
    }
)
"""What has had its time: the app deletes rows here. A store's `delete()` needs its table named."""

SHOWN: Final = frozenset(
    {
        "account",
        "alembic_version",
        "authority",
        "certificate",
        "crl_chunk",
        "cursor",
        "hold",
        "joint_authority",
        "joint_certificate",
        "joint_crl",
        "limit_profile",
        "log",
        "log_head",
        "log_name",
        "log_sth",
        "log_sth_stamp",
        "log_tile",
        "policy_version",
        "posting",
        "revocation_list",
        "status_change",
        "status_entry",
        "transfer",
    }
)
"""What auditors read."""

_MIGRATIONS: Final = "alembic_version"


def of_app(table: str) -> tuple[str, ...]:
    """The app's rights on a table, in PostgreSQL's words."""
    if table == _MIGRATIONS:
        return ("SELECT",)
    if table in ONLY_ADDED:
        return ("SELECT", "INSERT")
    kept = ("SELECT", "INSERT", "UPDATE")
    return (*kept, "DELETE") if table in FORGOTTEN else kept


def grants(tables: Iterable[str], *, app: str, reader: str | None) -> list[str]:
    """The statements, to be run as the owner of the tables. The same twice changes nothing."""
    names = sorted(tables)
    given = [
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
        *_basis(app),
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted(app)}",
        *(
            f"GRANT {', '.join(of_app(name))} ON public.{quoted(name)} TO {quoted(app)}"
            for name in names
        ),
    ]
    if reader is not None:
        given += _basis(reader)
        given += [
            f"GRANT SELECT ON public.{quoted(name)} TO {quoted(reader)}"
            for name in names
            if name in SHOWN
        ]
    return given


def quoted(name: str) -> str:
    """An identifier as PostgreSQL reads it, whatever it holds (section 4.1.1 of its manual)."""
    if "\0" in name or not name:
        raise ValueError("no name of anything")
    return '"' + name.replace('"', '""') + '"'


def _basis(role: str) -> list[str]:
    name = quoted(role)
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}",
        f"REVOKE ALL ON SCHEMA public FROM {name}",
        f"GRANT USAGE ON SCHEMA public TO {name}",
    ]
