"""joint certificates"""

import sqlalchemy as sa
from alembic import op


revision = "20261129_joint"
down_revision = "20261122"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "joint_certificate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("current", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "not_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "not_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("spki_hash", sa.LargeBinary(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=True),
        sa.Column("issued_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "changed_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "current IS NULL OR standing = 'issued'", name=op.f("ck_joint_certificate_current")
        ),
        sa.CheckConstraint(
            "kind IN ('person', 'business')", name=op.f("ck_joint_certificate_kind")
        ),
        sa.CheckConstraint(
            "standing <> 'issued' OR der IS NOT NULL", name=op.f("ck_joint_certificate_signed")
        ),
        sa.CheckConstraint(
            "standing IN ('prepared', 'issued', 'revoked')",
            name=op.f("ck_joint_certificate_standing"),
        ),
        sa.CheckConstraint("serial < 2147483648", name=op.f("ck_joint_certificate_serial")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_certificate")),
        sa.UniqueConstraint(
            "customer_id",
            "kind",
            "current",
            name=op.f("uq_joint_certificate_customer_id_kind_current"),
        ),
        sa.UniqueConstraint("serial", name=op.f("uq_joint_certificate_serial")),
        sa.UniqueConstraint("spki_hash", name=op.f("uq_joint_certificate_spki_hash")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_joint_certificate_customer_id"), "joint_certificate", ["customer_id"], unique=False
    )
    op.create_index(
        "ix_joint_certificate_standing",
        "joint_certificate",
        ["standing", "changed_at"],
        unique=False,
    )
    op.create_table(
        "joint_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("common_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("real_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("concerns", sa.Text(), nullable=True),
        sa.Column("spki", sa.LargeBinary(), nullable=True),
        sa.Column("virtual_id", sa.LargeBinary(), nullable=True),
        sa.Column(
            "not_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "not_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "expires_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("certificate_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "op IN ('issue', 'renew', 'reissue', 'revoke', 'register')",
            name=op.f("ck_joint_request_op"),
        ),
        sa.CheckConstraint(
            "op IN ('revoke', 'register') OR (spki IS NOT NULL AND virtual_id IS NOT NULL)",
            name=op.f("ck_joint_request_key"),
        ),
        sa.CheckConstraint(
            "step IN ('waiting', 'signed', 'done', 'over')", name=op.f("ck_joint_request_step")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_request")),
        sqlite_strict=True,
    )
    op.create_index(
        op.f("ix_joint_request_customer_id"), "joint_request", ["customer_id"], unique=False
    )
    op.create_table(
        "joint_authority",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("key_label", sa.Text(), nullable=False),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "not_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "not_after", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("role", "number", name=op.f("pk_joint_authority")),
        sqlite_strict=True,
    )
    op.create_table(
        "joint_counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_joint_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "joint_crl",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("changes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "this_update", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "next_update", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "number", name=op.f("pk_joint_crl")),
        sqlite_strict=True,
    )
