"""Facts about how a bank is put together, and when it is not."""

import msgspec
import pytest
from typer.testing import CliRunner

from dojang import cli, demo
from dojang.app import build
from dojang.config import ConfigError
from dojang.customers import Person
from dojang.house import simulated
from dojang.kernel.clock import HOUR, Instant
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret
from dojang.policy import Factor
from dojang.transfers import store
from dojang.transfers.model import Order, State


@pytest.fixture
def demo_settings(tmp_path):
    folder = tmp_path / "bank"
    folder.mkdir()
    return demo.settings(folder, 8700)


def test_a_bank_does_not_start_with_parties_that_are_only_played(
    demo_settings, tmp_path, clock, entropy
):
    played = simulated(tmp_path / "handset.db", clock)
    in_production = msgspec.structs.replace(demo_settings, demo=False)

    with pytest.raises(ConfigError, match="sms, telecom, ars, switch, id_cards, faces, one_won"):
        build(in_production, clock=clock, entropy=entropy, gateways=played)


def test_a_bank_does_not_start_without_anyone_outside(demo_settings, clock, entropy):
    nobody = msgspec.structs.replace(demo_settings, outside=None)

    with pytest.raises(ConfigError, match="outside"):
        build(nobody, clock=clock, entropy=entropy)


def test_a_bank_is_found_again_as_it_was(demo_settings, clock, entropy):
    first = build(demo_settings, clock=clock, entropy=entropy)
    again = build(demo_settings, clock=clock, entropy=entropy)

    assert again.authority.root_der == first.authority.root_der
    assert again.vault.labels() == first.vault.labels()


def test_a_loss_report_stops_what_is_held_whatever_state_the_certificate_is_in(
    demo_settings, clock, entropy
):
    bank = build(demo_settings, clock=clock, entropy=entropy)
    who = demo.PEOPLE[0]
    person = Person(
        name=who.name,
        resident_number=Secret(who.resident_number),
        phone=PhoneNumber(who.phone),
        carrier=who.carrier,
        ci="ci",
    )
    with bank.db.transaction() as tx:
        customer = bank.customers.add(tx, person, locale="ko")
        store.add(tx, held_order(customer.id, tx.now))
    bank.loss_reports.report(
        name=who.name,
        birth_date=who.birth_date,
        phone=PhoneNumber(who.phone),
        account=None,
        source="127.0.0.1",
    )

    bank.loss_reports.settle()

    with bank.db.snapshot() as tx:
        assert store.by_ids(tx, ["held"])["held"].ended_why == "certificate_stopped"


def held_order(customer_id: str, now: Instant) -> Order:
    """Signed a moment ago by a certificate that is gone, and waiting to be sent."""
    return Order(
        id="held",
        customer_id=customer_id,
        credential_id="gone",
        kid=bytes(16),
        debit="a",
        credit="b",
        from_account="1",
        payee_bank="901",
        payee_account="2",
        payee_holder="나",
        payer="가",
        amount=1,
        fee=0,
        memo="",
        tier="pin",
        needed=(Factor.PIN,),
        policy_version=1,
        nonce=b"",
        origin="",
        created_at=now,
        expires_at=now,
        message=b"",
        request_id="r",
        state=State.PENDING,
        signature=b"s",
        authorised_at=now,
        due_at=Instant(now + HOUR),
    )


def test_the_doctor_says_in_a_line_that_the_database_is_away(tmp_path):
    path = tmp_path / "bank.toml"
    path.write_text(
        """
        database = "postgresql+psycopg://nobody:hidden-word@127.0.0.1:1/bank"
        origin = "https://bank.example"
        rp_id = "bank.example"
        [vault]
        file = "/nowhere/vault.bin"
        passphrase = { env = "DOJANG_VAULT" }
        software_in_production = true
        [pki]
        policy_arc = "1.2.410.999.1"
        joint_policy_arc = "1.2.410.999.4"
        offline_root = true
        """
    )

    said = CliRunner().invoke(cli.app, ["doctor", "--config", str(path)])

    assert said.exit_code == 1
    assert "The database does not answer" in said.output
    assert "hidden-word" not in said.output
