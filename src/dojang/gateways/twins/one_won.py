"""The other banks' twin for one won: keeps each deposit as the receiving bank shows it."""

from dataclasses import dataclass
from typing import ClassVar, Final

from dojang.gateways.one_won import Deposit
from dojang.gateways.sms import GatewayDown
from dojang.gateways.twins.id_cards import DOWN
from dojang.gateways.twins.outside import Outside
from dojang.kernel.clock import Instant
from dojang.kernel.phone_numbers import PhoneNumber

SHOWN_MAX: Final = 50
AMOUNT: Final = 1


@dataclass(frozen=True)
class Arrived:
    """A line in the other bank's app. `sender` is the sender's name as it stands there."""

    at: Instant
    bank: str
    account: str
    sender: str


class SimulatedOneWon:
    """Plays `OneWon`, and is the other bank's app that shows the deposits."""

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside) -> None:
        self.outside = outside

    def holder(self, bank: str, account: str) -> str | None:
        name = self._name(bank, account)
        self._fail_if_chosen(name)
        return name

    def send(self, deposit: Deposit) -> None:
        self._fail_if_chosen(self._name(deposit.bank, deposit.account))
        row = (deposit.key, self.outside.now(), deposit.bank, deposit.account, deposit.sender)
        with self.outside.write() as connection:
            connection.execute(
                "INSERT INTO deposit (key, at, bank, account, sender) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO NOTHING",
                row,
            )

    def deposits(self, phone: PhoneNumber) -> list[Arrived]:
        """What arrived lately at accounts of the owner of this number, newest first."""
        with self.outside.read() as connection:
            rows = connection.execute(
                "SELECT d.at, d.bank, d.account, d.sender FROM deposit d"
                " JOIN holder h ON h.bank = d.bank AND h.account = d.account"
                " JOIN subscriber s ON s.name = h.name"
                " WHERE s.phone = ? ORDER BY d.at DESC, d.rowid DESC LIMIT ?",
                (phone, SHOWN_MAX),
            ).fetchall()
        return [Arrived(*row) for row in rows]

    def accounts(self, phone: PhoneNumber) -> list[tuple[str, str]]:
        """(bank, account) of everything the owner of this number holds elsewhere."""
        with self.outside.read() as connection:
            rows = connection.execute(
                "SELECT h.bank, h.account FROM holder h JOIN subscriber s ON s.name = h.name"
                " WHERE s.phone = ? ORDER BY h.bank, h.account LIMIT ?",
                (phone, SHOWN_MAX),
            ).fetchall()
        return [(str(bank), str(account)) for bank, account in rows]

    def _name(self, bank: str, account: str) -> str | None:
        with self.outside.read() as connection:
            row = connection.execute(
                "SELECT name FROM holder WHERE bank = ? AND account = ?", (bank, account)
            ).fetchone()
        return None if row is None else str(row[0])

    def _fail_if_chosen(self, name: str | None) -> None:
        """Raises GatewayDown where a player chose that this person's other bank is down."""
        with self.outside.read() as connection:
            row = connection.execute(
                "SELECT 1 FROM choice c JOIN subscriber s ON s.ci = c.ci"
                " WHERE c.party = 'one_won' AND c.outcome = ? AND s.name = ?",
                (DOWN, name),
            ).fetchone()
        if row is not None:
            raise GatewayDown
