"""Each way by which history could be changed past its guards ends the start, by name and mend."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgresql import APP, OWNER, READER, Cluster, as_role, databases
from typer.testing import CliRunner

import dojang.app  # noqa: F401 - importing the house registers every table
from dojang import cli
from dojang.db import rights, schema
from dojang.db.ready import UnusableDatabase, ready
from dojang.kernel.clock import SystemClock

pytestmark = pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
CLOCK = SystemClock()
LIMITS = "?options=-c%20lock_timeout%3D5s%20-c%20statement_timeout%3D15s"
ANEW = "find out who did it, run `dojang log verify`, then `dojang database guards | psql -U OWNER`"

HOLLOW = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
SETTINGS = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"


def test_an_honest_bank_is_told_nothing(told) -> None:
    assert told() == []


def test_what_is_in_the_schema_and_none_of_ours_is_nobody_s_business(told) -> None:
    rule = "CREATE TABLE theirs (a int); CREATE RULE r AS ON INSERT TO theirs DO INSTEAD NOTHING"

    assert told(rule, f"CREATE TABLE cache (a int); ALTER TABLE cache OWNER TO {APP}") == []


@pytest.mark.parametrize(
    ("table", "column"), [("policy_version", "body"), ("narration", "payee"), ("log", "leaf")]
)
def test_a_right_to_one_column_is_a_right(told, table: str, column: str) -> None:
    granted = f"GRANT UPDATE ({column}) ON {table} TO {APP}"
    mended = rights.grants([table], app=APP, reader=None)

    assert told(granted) == [f"{table} could be changed: run `dojang migrate --as OWNER`"]
    assert told(granted, *mended) == []


def test_a_role_that_may_become_a_superuser_does_not_serve(told) -> None:
    assert told("CREATE ROLE boss SUPERUSER", f"GRANT boss TO {APP}") == [
        f"the role {APP} may become boss, which is a superuser: REVOKE boss FROM {APP}"
    ]


def test_nor_one_that_may_become_it_by_way_of_another(told) -> None:
    made = ("CREATE ROLE boss SUPERUSER", "CREATE ROLE clerks", "GRANT boss TO clerks")

    assert told(*made, f"GRANT clerks TO {APP}") == [
        f"the role {APP} may become boss, which is a superuser: REVOKE clerks FROM {APP}"
    ]


def test_nor_one_that_may_become_the_owner_without_inheriting(told) -> None:
    (said,) = told(f"ALTER ROLE {APP} NOINHERIT", f"GRANT {OWNER} TO {APP}")

    assert said.startswith(f"the role {APP} may become {OWNER}, which ")
    assert "owns the tables" in said
    assert said.endswith(f": REVOKE {OWNER} FROM {APP}")


@pytest.mark.parametrize("inherits", ["INHERIT", "NOINHERIT"])
def test_nor_one_of_a_group_that_may_change_history(told, inherits: str) -> None:
    clerks = ("CREATE ROLE clerks", "GRANT UPDATE (memo) ON narration TO clerks")

    assert told(*clerks, f"GRANT clerks TO {APP}", f"ALTER ROLE {APP} {inherits}") == [
        f"narration could be changed as the role clerks: REVOKE clerks FROM {APP}"
    ]


def test_what_everybody_may_change_is_no_group_s(told) -> None:
    everybody = ("CREATE ROLE watchers", "GRANT DELETE ON posting TO PUBLIC")

    assert told(*everybody, f"GRANT watchers TO {APP}") == [
        "posting could be changed: run `dojang migrate --as OWNER`"
    ]


def test_nor_one_that_may_run_programs_on_the_server(told) -> None:
    assert told(f"GRANT pg_execute_server_program TO {APP}") == [
        (
            f"the role {APP} may become pg_execute_server_program, "
            f"which reaches the server's files: REVOKE pg_execute_server_program FROM {APP}"
        )
    ]


HELD = (
    "let the owner of the tables have it (`ALTER DATABASE … OWNER TO OWNER`, "
    "`ALTER SCHEMA public OWNER TO OWNER`), then `dojang migrate --as OWNER`"
)


def test_who_owns_the_schema_does_not_serve_even_where_it_may_not_create(told) -> None:
    owns = (f"ALTER SCHEMA public OWNER TO {APP}", f"REVOKE CREATE ON SCHEMA public FROM {APP}")
    mended = (
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        *rights.grants([*schema.metadata.tables, "alembic_version"], app=APP, reader=READER),
    )

    assert told(*owns) == [f"the role {APP} owns the schema public: {HELD}"]
    assert told(*owns, *mended) == []


def test_nor_who_owns_it_as_the_owner_of_the_database(told) -> None:
    """`pg_database_owner` has a member that no row of memberships names."""
    gives = f"EXECUTE format('ALTER DATABASE %I OWNER TO {APP}', current_database())"
    owns = (f"DO $$ BEGIN {gives}; END $$", "REVOKE CREATE ON SCHEMA public FROM pg_database_owner")

    assert told(*owns) == [f"the role {APP} owns the schema public: {HELD}"]


def test_nor_who_may_become_the_owner_of_the_schema(told) -> None:
    owns = ("CREATE ROLE clerks", "ALTER SCHEMA public OWNER TO clerks")
    without = "REVOKE CREATE ON SCHEMA public FROM clerks"

    assert told(*owns, without, f"GRANT clerks TO {APP}") == [
        (
            f"the role {APP} may become clerks, which owns the schema public: "
            f"REVOKE clerks FROM {APP}"
        )
    ]


@pytest.mark.parametrize("right", ["SET", "ALTER SYSTEM"])
@pytest.mark.parametrize("whom", [APP, "PUBLIC"])
def test_nor_who_may_put_the_guards_to_sleep(told, right: str, whom: str) -> None:
    granted = f"GRANT {right} ON PARAMETER session_replication_role TO {whom}"
    mend = f"REVOKE ALL ON PARAMETER session_replication_role FROM {APP}, PUBLIC"

    assert told(granted) == [f"the role {APP} may put the guards to sleep: {mend}"]
    assert told(granted, mend) == []


def test_nor_who_may_become_one_that_may(told) -> None:
    clerks = ("CREATE ROLE clerks", f"ALTER ROLE {APP} NOINHERIT", f"GRANT clerks TO {APP}")

    assert told(*clerks, "GRANT SET ON PARAMETER session_replication_role TO clerks") == [
        (
            f"the role {APP} may become clerks, which may put the guards to sleep: "
            f"REVOKE clerks FROM {APP}"
        )
    ]


def test_a_server_that_knows_no_such_right_is_not_asked_for_it(told) -> None:
    """As PostgreSQL 14 is, which has no function of that name."""
    older = "ALTER FUNCTION pg_catalog.has_parameter_privilege(oid, text, text) RENAME TO later"

    assert told(older) == []


def test_a_group_that_only_reads_does_no_harm(told) -> None:
    watchers = ("CREATE ROLE watchers", "GRANT SELECT ON log TO watchers")

    assert told(*watchers, f"GRANT watchers TO {APP}", f"GRANT pg_monitor TO {APP}") == []


@pytest.mark.parametrize(
    ("guard", "statement"),
    [
        ("guard_history", f"CREATE OR REPLACE FUNCTION guard_history() {HOLLOW}"),
        ("guard_postings", f"CREATE OR REPLACE FUNCTION guard_postings() {HOLLOW}"),
        (
            "guard_postings",
            f"CREATE OR REPLACE FUNCTION guard_postings() {HOLLOW.replace('AS', SETTINGS + ' AS')}",
        ),
        ("guard_postings", "ALTER FUNCTION guard_postings() SET search_path = elsewhere"),
        (
            "guard_log_rows",
            (
                "CREATE OR REPLACE TRIGGER guard_log_rows BEFORE DELETE OR UPDATE ON log "
                "FOR EACH ROW WHEN (false) EXECUTE FUNCTION guard_history()"
            ),
        ),
        (
            "guard_log_rows",
            (
                "CREATE OR REPLACE TRIGGER guard_log_rows BEFORE DELETE OR UPDATE OF at ON log "
                "FOR EACH ROW EXECUTE FUNCTION guard_history()"
            ),
        ),
        (
            "guard_transfer_rows",
            (
                f"CREATE FUNCTION elsewhere() {HOLLOW}; "
                "CREATE OR REPLACE TRIGGER guard_transfer_rows BEFORE DELETE OR UPDATE ON transfer "
                "FOR EACH ROW EXECUTE FUNCTION elsewhere()"
            ),
        ),
        ("guard_posting_all", "DROP TRIGGER guard_posting_all ON posting"),
    ],
)
def test_a_guard_that_is_awake_and_idle_is_noticed(told, guard: str, statement: str) -> None:
    assert told(statement) == [f"{guard} are not as this version makes them: {ANEW}"]


def test_what_the_command_prints_puts_the_guards_back(told) -> None:
    attacks = (
        f"CREATE OR REPLACE FUNCTION guard_history() {HOLLOW}",
        "DROP FUNCTION guard_postings() CASCADE",
        "ALTER TABLE log DISABLE TRIGGER guard_log_all",
        f"CREATE FUNCTION elsewhere() {HOLLOW}",
        (
            "CREATE OR REPLACE TRIGGER guard_log_rows BEFORE DELETE OR UPDATE ON log "
            "FOR EACH ROW EXECUTE FUNCTION elsewhere()"
        ),
    )

    printed = CliRunner().invoke(cli.app, ["database", "guards"])
    begin, *anew, commit = printed.stdout.splitlines()

    assert printed.exit_code == 0
    assert (begin, commit) == ("BEGIN;", "COMMIT;")
    assert told(*attacks, f"SET LOCAL ROLE {OWNER}", *anew, "RESET ROLE") == []


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "CREATE RULE gone AS ON INSERT TO log_sth_stamp DO INSTEAD NOTHING",
            (
                "the rule gone on log_sth_stamp is none of ours: "
                "find out who made it, DROP RULE gone ON log_sth_stamp"
            ),
        ),
        (
            "CREATE RULE quiet AS ON UPDATE TO account DO INSTEAD NOTHING",
            (
                "the rule quiet on account is none of ours: "
                "find out who made it, DROP RULE quiet ON account"
            ),
        ),
        (
            (
                "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RETURN NULL; END $$; CREATE TRIGGER lost BEFORE INSERT ON log_sth_stamp "
                "FOR EACH ROW EXECUTE FUNCTION nothing()"
            ),
            (
                "the trigger lost on log_sth_stamp is none of ours: "
                "find out who made it, DROP TRIGGER lost ON log_sth_stamp"
            ),
        ),
        (
            "ALTER TABLE log ENABLE ROW LEVEL SECURITY",
            (
                "log has row security, which hides rows: find out who did it, "
                "ALTER TABLE log DISABLE ROW LEVEL SECURITY"
            ),
        ),
        (
            "ALTER TABLE narration RENAME TO told; CREATE VIEW narration AS SELECT * FROM told",
            "narration is no table: find out who did it, put the table back",
        ),
    ],
)
def test_what_stands_between_a_row_and_its_table_is_noticed(told, statement, says) -> None:
    assert told(statement) == [says]


FOUR = (
    f"GRANT UPDATE (body) ON policy_version TO {APP}",
    f"CREATE ROLE boss SUPERUSER; GRANT boss TO {APP}",
    f"CREATE OR REPLACE FUNCTION guard_history() {HOLLOW}",
    "CREATE RULE gone AS ON INSERT TO safeguard DO INSTEAD NOTHING",
)
NAMED = (
    "policy_version could be changed: run `dojang migrate --as OWNER`",
    f"the role {APP} may become boss, which is a superuser: REVOKE boss FROM {APP}",
    f"guard_history are not as this version makes them: {ANEW}",
    "the rule gone on safeguard is none of ours: ",
)


@pytest.fixture
def attacked(cluster: Cluster, template: str) -> Iterator[str]:
    """The URL of the app, in a database where all four were done."""
    with cluster.fresh_database(template) as made:
        for statement in FOUR:
            cluster.run(statement, name_of(made))
        yield as_role(made, APP) + LIMITS
        cluster.run("DROP ROLE boss")


def name_of(url: str) -> str:
    return url.rsplit("/", 1)[1]


@pytest.fixture
def settings(attacked: str, tmp_path: Path) -> Path:
    """The settings file of a bank in production on that database."""
    file = tmp_path / "bank.toml"
    file.write_text(
        f'database = "{attacked}"\norigin = "https://bank.example"\nrp_id = "bank.example"\n'
        '[vault]\nfile = "v"\npassphrase = { env = "X" }\nsoftware_in_production = true\n'
        '[pki]\npolicy_arc = "1.3.6.1.4.1.99999.1"\njoint_policy_arc = "1.3.6.1.4.1.99999.4"\n'
        "offline_root = true\n"
    )
    return file


def test_neither_serving_nor_the_doctor_passes_over_any(attacked: str, settings: Path) -> None:
    with pytest.raises(UnusableDatabase) as refused:
        ready(attacked, CLOCK, production=True, skew_ms_max=60_000)
    seen = CliRunner().invoke(cli.app, ["doctor", "--config", str(settings)])

    assert [says for says in NAMED if says not in str(refused.value)] == []
    assert seen.exit_code == 1
    assert [says for says in NAMED if says not in " ".join(seen.stderr.split())] == []


def test_nor_does_the_check_in_a_process_of_its_own(settings: Path) -> None:
    """Where nothing but the command has imported the house, it still knows every table."""
    run = "import sys; from dojang.cli import app; app(sys.argv[1:])"
    command = [sys.executable, "-c", run, "database", "check", "--config", str(settings)]

    seen = subprocess.run(command, capture_output=True, text=True, check=False)

    assert seen.returncode == 1
    assert [says for says in NAMED if says not in " ".join(seen.stderr.split())] == []
