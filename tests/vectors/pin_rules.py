"""Write pin_rules.json: which PINs are refused and why. Run: python tests/vectors/pin_rules.py

The sets are built up from their meaning (put three equal digits here, a run there), not by the
rules of `dojang.methods.rules`, which they test, as they test the app's `pinRefusal`.
A PIN in several sets is refused for the first of them, in the order of REASONS.
"""

import json
from collections.abc import Iterator
from pathlib import Path

PATH = Path(__file__).with_suffix(".json")
REASONS = (
    "not_six_digits",
    "three_equal",
    "run_of_four",
    "repeated_pair",
    "repeated_triple",
    "birth_date",
    "phone_digits",
    "same_as_last",
)
OWNERS = (
    {"birth_date": "19900317", "phone": "01048275913", "last": "739205"},
    {"birth_date": "20041231", "phone": "010-9081-7263", "last": None},
    {"birth_date": None, "phone": None, "last": None},
)
SHAPES = (
    "", "1", "12345", "1234567", "12a456", "１２３４５６", "٤٨٢٩١٥", " 48291", "482915\n", "48-915",
)  # fmt: skip
EVERY = {"three_equal": 37, "run_of_four": 7, "repeated_triple": 2, "phone_digits": 3}
ACCEPTED = 400


def placed(block: str) -> Iterator[str]:
    """Every six digits that hold the block somewhere."""
    free = 6 - len(block)
    for at in range(free + 1):
        for number in range(10**free):
            rest = f"{number:0{free}}"
            yield rest[:at] + block + rest[at:]


def forbidden(owner: dict[str, str | None]) -> dict[str, set[str]]:
    digits = range(10)
    runs = ["".join(str((d + s * i) % 10) for i in range(4)) for d in digits for s in (1, -1)]
    birth, phone = owner["birth_date"], (owner["phone"] or "").replace("-", "")
    year, month, day = (birth[:4], birth[4:6], birth[6:]) if birth else ("", "", "")
    short = year[2:]
    forms = {
        short + month + day, short + day + month, month + day + short, day + month + short,
        year + month, month + year,
    }  # fmt: skip
    fours = [phone[at : at + 4] for at in range(len(phone) - 3)]
    return {
        "three_equal": {pin for d in digits for pin in placed(str(d) * 3)},
        "run_of_four": {pin for run in runs for pin in placed(run)},
        "repeated_pair": {f"{n:02}" * 3 for n in range(100)},
        "repeated_triple": {f"{n:03}" * 2 for n in range(1000)},
        "birth_date": forms if birth else set(),
        "phone_digits": {pin for four in fours for pin in placed(four)},
        "same_as_last": {owner["last"]} if owner["last"] else set(),
    }


def group(owner: dict[str, str | None]) -> dict[str, object]:
    known: set[str] = set()
    rejected: dict[str, list[str]] = {"not_six_digits": list(SHAPES)}
    for reason, pins in forbidden(owner).items():
        rejected[reason] = sorted(pins - known)[:: EVERY.get(reason, 1)]
        known |= pins
    candidates = (f"{n * 617 % 1_000_000:06}" for n in range(1, 2_000))
    accepted = [pin for pin in candidates if pin not in known][:ACCEPTED]
    return {"owner": owner, "rejected": rejected, "accepted": accepted}


def vectors() -> str:
    content = {
        "made_by": "tests/vectors/pin_rules.py",
        "what": "PINs that may not be chosen, by the reason told, and PINs that may",
        "groups": [group(owner) for owner in OWNERS],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    PATH.write_text(vectors(), "utf-8")
    print(PATH, PATH.stat().st_size)
