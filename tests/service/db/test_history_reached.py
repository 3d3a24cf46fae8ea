"""A name of ours leads to our table, and into a table of history leads no other way."""

from collections.abc import Callable, Iterator

import pytest
from tests.postgresql import APP, Cluster, as_role, databases

from dojang.db import Database, intact
from dojang.kernel.clock import SystemClock

pytestmark = pytest.mark.skipif("postgresql" not in databases(), reason="for PostgreSQL")
CLOCK = SystemClock()
HOLLOW = "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN COALESCE(NEW, OLD); END $$"
FOUND = f"ALTER ROLE {APP} SET search_path = public"


def astray(names: str, space: str) -> str:
    return (
        f"{names} lead to the schema {space} and not to public: find out who made them there, "
        f"run `dojang log verify`, then {FOUND} and drop what is of that name there"
    )


def made(space: str, *things: str) -> tuple[str, ...]:
    return (f"CREATE SCHEMA {space}", f"GRANT USAGE ON SCHEMA {space} TO {APP}", *things)


@pytest.mark.parametrize("table", ["log", "transfer", "account", "alembic_version"])
def test_a_table_of_our_name_in_the_role_s_own_schema_is_noticed(told, table: str) -> None:
    shadow = made(APP, f"CREATE TABLE {APP}.{table} (LIKE public.{table})")

    assert told(*shadow) == [astray(table, APP)]


def test_so_is_one_in_any_schema_that_is_looked_at_before(told) -> None:
    shadow = made("elsewhere", "CREATE VIEW elsewhere.log AS SELECT * FROM public.log")

    assert told(*shadow) == []
    assert told(*shadow, "SET LOCAL search_path = public, elsewhere") == []
    assert told(*shadow, "SET LOCAL search_path = elsewhere, public") == [
        astray("log", "elsewhere")
    ]


def test_so_is_a_guard_s_function(told) -> None:
    shadow = made(APP, f"CREATE FUNCTION {APP}.guard_history() {HOLLOW}")

    assert told(*shadow) == [astray("guard_history", APP)]


def test_no_table_stands_in_the_place_of_a_catalogue_that_is_asked(told) -> None:
    boss = ("CREATE ROLE boss SUPERUSER", f"GRANT boss TO {APP}")
    hidden = "CREATE TABLE elsewhere.pg_auth_members (LIKE pg_catalog.pg_auth_members)"
    shadow = made("elsewhere", hidden, f"GRANT SELECT ON elsewhere.pg_auth_members TO {APP}")

    assert told(*boss, *shadow, "SET LOCAL search_path = elsewhere, pg_catalog, public") == [
        f"the role {APP} may become boss, which is a superuser: REVOKE boss FROM {APP}"
    ]


def test_a_schema_before_ours_is_not_the_app_s_to_fill(told) -> None:
    says = f"the role {APP} may create in {APP}, looked at before public: {FOUND}"
    own = f"CREATE SCHEMA {APP} AUTHORIZATION {APP}"

    assert told(own) == [says]
    assert told(own, f"REVOKE CREATE ON SCHEMA {APP} FROM {APP}") == [says]
    assert told(*made(APP, f"GRANT CREATE ON SCHEMA {APP} TO {APP}")) == [says]
    assert told(own, "SET LOCAL search_path = public") == []


def test_a_schema_before_ours_with_nothing_of_ours_does_no_harm(told) -> None:
    assert told(*made(APP, f"CREATE TABLE {APP}.cache (a int)")) == []


def test_what_is_said_of_a_name_that_leads_astray_mends_it(cluster: Cluster, template) -> None:
    with cluster.fresh_database(template) as url:
        database = url.rsplit("/", 1)[1]
        cluster.run(f"CREATE SCHEMA {APP} AUTHORIZATION {APP}", database)
        as_app(url, f"CREATE TABLE {APP}.log (LIKE public.log)")

        before = as_app(url)
        cluster.run(FOUND.replace(APP, f"{APP} IN DATABASE {database}"), database)

        assert [line for line in before if line == astray("log", APP)] != []
        assert as_app(url) == []


def as_app(url: str, *statements: str) -> list[str]:
    """What an examination says to a connection of the app's own, after what it has done."""
    app = Database(as_role(url, APP), CLOCK)
    with app.engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()
        said = intact.refused(connection)
        connection.rollback()
    app.close()
    return said


@pytest.mark.parametrize("space", ["", "elsewhere."])
def test_a_child_of_history_is_refused(told, space: str) -> None:
    child = f"CREATE TABLE {space}evil () INHERITS (log); GRANT ALL ON {space}evil TO {APP}"
    mend = f"ALTER TABLE {space}evil NO INHERIT log"

    assert told(*made("elsewhere"), child) == [
        (
            f"the table {space}evil is a part of log, past the guards of history: "
            f"find out who did it, {mend}"
        )
    ]
    assert told(*made("elsewhere"), child, mend) == []


def test_and_so_is_a_parent_whose_rights_reach_into_it(told) -> None:
    parent = f"CREATE TABLE told (LIKE narration); GRANT DELETE ON told TO {APP}"

    assert told(parent, "ALTER TABLE narration INHERIT told") == [
        (
            "the table narration is a part of told, past the guards of history: "
            "find out who did it, ALTER TABLE narration NO INHERIT told"
        )
    ]


def test_and_so_is_a_table_of_which_it_is_a_partition(told) -> None:
    whole = "CREATE TABLE whole (LIKE narration) PARTITION BY HASH (memo)"
    mend = "ALTER TABLE whole DETACH PARTITION narration"
    part = "ALTER TABLE whole ATTACH PARTITION narration FOR VALUES WITH (MODULUS 1, REMAINDER 0)"

    assert told(whole, part) == [
        (
            "the table narration is a part of whole, past the guards of history: "
            f"find out who did it, {mend}"
        )
    ]
    assert told(whole, part, mend) == []


def test_families_of_others_do_no_harm(told) -> None:
    assert told("CREATE TABLE theirs (a int); CREATE TABLE heirs () INHERITS (theirs)") == []


ROW = "false AS admin_option, false AS inherit_option, false AS set_option"


@pytest.fixture
def idle(cluster: Cluster) -> Iterator[Callable[[str], bool]]:
    """What the server says of a membership with these columns."""
    server = Database(f"postgresql+psycopg://dojang@127.0.0.1:{cluster.port}/postgres", CLOCK)

    def said(columns: str) -> bool:
        asked = "SELECT idle FROM (SELECT columns) AS m"
        asked = asked.replace("idle", intact.IDLE).replace("columns", columns)
        with server.engine.connect() as connection:
            return bool(connection.exec_driver_sql(asked).scalar_one())

    yield said
    server.close()


def test_a_membership_that_gives_nothing_leads_nowhere(idle) -> None:
    assert idle(ROW)


@pytest.mark.parametrize("given", ["admin_option", "inherit_option", "set_option"])
def test_one_that_gives_anything_leads_somewhere(idle, given: str) -> None:
    assert not idle(ROW.replace(f"false AS {given}", f"true AS {given}"))


def test_and_so_does_every_one_before_it_could_give_nothing(idle) -> None:
    """PostgreSQL 15 has but the first of the three columns."""
    assert not idle("false AS admin_option")


def test_and_one_that_gives_something_leads_on_this_server(told) -> None:
    lent = told("CREATE ROLE boss SUPERUSER", f"GRANT boss TO {APP} WITH ADMIN OPTION")

    assert lent == [f"the role {APP} may become boss, which is a superuser: REVOKE boss FROM {APP}"]
