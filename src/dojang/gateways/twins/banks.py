"""The interbank switch's twin: invented banks and the people who hold accounts there."""

from typing import ClassVar, Final

from dojang.gateways.banks import OtherBank
from dojang.gateways.twins.outside import Outside

BANKS: Final = (
    OtherBank("901", "가람은행", "Garam Bank"),
    OtherBank("902", "나래은행", "Narae Bank"),
    OtherBank("903", "다솔은행", "Dasol Bank"),
    OtherBank("904", "마루은행", "Maru Bank"),
    OtherBank("905", "새별저축은행", "Saebyeol Savings Bank"),
)
HOLDERS: Final = (
    ("901", "90112345678901", "오세린"),
    ("901", "90155500012345", "문도윤"),
    ("902", "90201234567890", "유하은"),
    ("902", "90288800099900", "나래상사"),
    ("903", "90311122233344", "남시우"),
    ("904", "90440050060070", "강지안"),
    ("904", "90477788899900", "한마루"),
    ("905", "90512121212121", "윤새별"),
)
"""Invented; the codes are none of the real switch's."""


class SimulatedSwitch:
    """Plays `InterbankSwitch`."""

    twin: ClassVar[bool] = True

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        with outside.write() as connection:
            connection.executemany("INSERT OR IGNORE INTO holder VALUES (?, ?, ?)", HOLDERS)

    def banks(self) -> tuple[OtherBank, ...]:
        return BANKS

    def holder(self, bank: str, account: str) -> str | None:
        with self._outside.read() as connection:
            row = connection.execute(
                "SELECT name FROM holder WHERE bank = ? AND account = ?", (bank, account)
            ).fetchone()
        return None if row is None else str(row[0])

    def open_account(self, bank: str, account: str, name: str) -> None:
        """Let someone hold an account there. Raises ValueError for an unknown bank."""
        if bank not in {known.code for known in BANKS}:
            raise ValueError("no such bank")
        with self._outside.write() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO holder VALUES (?, ?, ?)", (bank, account, name)
            )
