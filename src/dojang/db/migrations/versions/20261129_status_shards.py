"""shards of the revocation lists, answers signed beforehand, the order of changes of status"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_status"
down_revision = "20261129_joint"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("certificate", sa.Column("shard", _INT, nullable=False, server_default="0"))
    _tables()
    empty = "X''" if op.get_bind().dialect.name == "sqlite" else "''::bytea"
    op.execute(
        "INSERT INTO status_entry (change, serial, shard, since, reason) "
        "SELECT 0, serial, 0, changed_at, reason FROM certificate "
        "WHERE standing IN ('held', 'revoked')"
    )
    op.execute(
        "INSERT INTO revocation_list "
        "(scope, number, base, changes, this_update, next_update, head, chunks, rest, foot) "
        f"SELECT 0, number, 0, changes, this_update, next_update, der, 0, {empty}, {empty} FROM crl"
    )
    op.drop_table("crl")


def _tables() -> None:
    op.create_table(
        "status_entry",
        sa.Column("change", _INT, autoincrement=False, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("shard", _INT, nullable=False),
        sa.Column("since", _INT, nullable=False),
        sa.Column("reason", _INT, nullable=True),
        sa.PrimaryKeyConstraint("change", "serial", name=op.f("pk_status_entry")),
        sqlite_strict=True,
    )
    op.create_index("ix_status_entry_shard", "status_entry", ["shard", "change", "serial"])
    op.create_table(
        "ocsp_answer",
        sa.Column("cert_id", sa.LargeBinary(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("this_update", _INT, nullable=False),
        sa.Column("next_update", _INT, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("cert_id", name=op.f("pk_ocsp_answer")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_ocsp_answer_serial"), "ocsp_answer", ["serial"])
    op.create_index(op.f("ix_ocsp_answer_next_update"), "ocsp_answer", ["next_update"])
    op.create_table(
        "crl_chunk",
        sa.Column("scope", _INT, autoincrement=False, nullable=False),
        sa.Column("number", _INT, autoincrement=False, nullable=False),
        sa.Column("change", _INT, nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("bytes_through", _INT, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "number", name=op.f("pk_crl_chunk")),
        sqlite_strict=True,
    )
    op.create_table(
        "revocation_list",
        sa.Column("scope", _INT, autoincrement=False, nullable=False),
        sa.Column("number", _INT, autoincrement=False, nullable=False),
        sa.Column("base", _INT, autoincrement=False, nullable=False),
        sa.Column("changes", _INT, nullable=False),
        sa.Column("this_update", _INT, nullable=False),
        sa.Column("next_update", _INT, nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("chunks", _INT, nullable=False),
        sa.Column("rest", sa.LargeBinary(), nullable=False),
        sa.Column("foot", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "number", "base", name=op.f("pk_revocation_list")),
        sqlite_strict=True,
    )
