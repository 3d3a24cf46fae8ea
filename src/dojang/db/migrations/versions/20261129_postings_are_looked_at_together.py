"""postings are looked at together, tree heads are history, rows that move have room"""

from alembic import op

revision = "20261129_postings"
down_revision = "20261129_joint_cmp"
branch_labels = None
depends_on = None


_REFUSES = "log_sth: history is only added to"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER guard_log_sth_{act.lower()} BEFORE {act} ON log_sth "
            f"BEGIN SELECT RAISE(ABORT, '{_REFUSES}'); END"
        )
    op.execute(
        "CREATE TRIGGER guard_posting_fits BEFORE INSERT ON posting WHEN NOT EXISTS "
        "(SELECT 1 FROM transfer t WHERE t.id = NEW.transfer_id AND"
        " ((t.debit, t.dv, -t.amount) = (NEW.account_id, NEW.version, NEW.amount)"
        " OR (t.credit, t.cv, t.amount) = (NEW.account_id, NEW.version, NEW.amount))) "
        "BEGIN SELECT RAISE(ABORT, 'posting: it is no side of its transfer'); END"
    )


def _postgresql() -> None:
    op.drop_constraint("fk_posting_account_id", "posting")
    op.drop_constraint("fk_posting_transfer_id", "posting")
    op.drop_constraint("fk_narration_transfer_id", "narration")
    op.execute(
        "CREATE FUNCTION guard_postings() RETURNS trigger LANGUAGE plpgsql "
        "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$ BEGIN "
        "IF EXISTS (SELECT FROM (SELECT transfer_id, count(*) AS lines,"
        " min(account_id) FILTER (WHERE amount < 0) AS debit,"
        " min(version) FILTER (WHERE amount < 0) AS dv, min(amount) AS taken,"
        " min(account_id) FILTER (WHERE amount > 0) AS credit,"
        " min(version) FILTER (WHERE amount > 0) AS cv, max(amount) AS given"
        " FROM added GROUP BY transfer_id) AS s LEFT JOIN transfer t ON t.id = s.transfer_id "
        "WHERE (s.lines, s.debit, s.dv, s.taken, s.credit, s.cv, s.given)"
        " IS DISTINCT FROM (2, t.debit, t.dv, -t.amount, t.credit, t.cv, t.amount)) "
        "THEN RAISE EXCEPTION 'posting: these are not the two sides of their transfers' "
        "USING ERRCODE = '23514'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER guard_posting_fits AFTER INSERT ON posting REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_postings()"
    )
    op.execute(
        "CREATE TRIGGER guard_log_sth_rows BEFORE UPDATE OR DELETE ON log_sth "
        "FOR EACH ROW EXECUTE FUNCTION guard_history()"
    )
    op.execute(
        "CREATE TRIGGER guard_log_sth_all BEFORE TRUNCATE ON log_sth "
        "FOR EACH STATEMENT EXECUTE FUNCTION guard_history()"
    )
    for table in ("account", "limit_profile"):
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 70)")
