"""MISSION A 8: an account opened at a distance, with two independent checks, as a limited one."""

from typing import Any

from dojang.journey import loopback
from dojang.journey.lie import refused, same
from dojang.journey.world import HANEUL, World
from dojang.phone.opening import Opening

PASSWORD = "7391"  # noqa: S105 - invented, for the journey


def an_account_is_opened_remotely(world: World) -> str:
    phone = world.phone(HANEUL)
    phone.login(HANEUL.pin)
    opening = Opening(phone.line)
    opening.open_account()
    same(refused("wrong_step", lambda: opening.password(PASSWORD))["step"], "phone", "the step")
    opening.phone()
    opening.sms_code(world.handset(HANEUL).code())
    glare = refused("id_card_refused", lambda: opening.id_card(_sample(world, "glare")))
    same((glare["reason"], glare["tries_left"]), ("glare", 4), "why the card was refused")
    opening.id_card(_sample(world, "passed"))
    again = Opening(world.reopen(HANEUL).line)
    world.phone(HANEUL).login(HANEUL.pin)
    same(again.resume()["asked"], ["face", "one_won"], "what is asked after the app was killed")
    _by_one_won(world, again)
    again.purpose()
    since = world.handset(HANEUL).mark()
    account = again.password(PASSWORD)["account"]
    world.handset(HANEUL).received("새 계좌", since)
    caps = {one["id"]: one["day_cap"] for one in world.phone(HANEUL).accounts()}
    same(caps.pop(account["id"]), 1_000_000, "what a limited account may send a day")
    same(list(caps.values()), [0], "what the account may send that a phone alone opened")
    same(refused("limited_account_held", again.open_account)["limited_max"], 1, "limited accounts")
    leaf = world.books.events("opening.done")[-1]
    same(leaf["checks"], ["id_card", "one_won"], "how the log says it was identified")
    return "card and 1 won after the phone; glare refused; resumed after a kill; 1,000,000 a day"


def _by_one_won(world: World, opening: Opening) -> None:
    bank, account = HANEUL.elsewhere or ("", "")
    refused("other_account_not_yours", lambda: opening.one_won("901", "90112345678901"))
    opening.one_won(bank, account)
    digits = str(_deposits(world)[0]["sender"])[-4:]
    wrong = f"{(int(digits) + 1) % 10_000:04}"
    same(refused("wrong_one_won", lambda: opening.one_won_code(wrong))["tries_left"], 2, "tries")
    opening.one_won_code(digits)


def _sample(world: World, outcome: str) -> bytes:
    address = f"{world.bank.origin}/_handset/samples/id_card/{outcome}.png"
    answer = loopback.get(address, params={"phone": HANEUL.phone})
    return answer.raise_for_status().content


def _deposits(world: World) -> list[dict[str, Any]]:
    address = f"{world.bank.origin}/_handset/deposits"
    answer = loopback.get(address, params={"phone": HANEUL.phone}).raise_for_status()
    found: list[dict[str, Any]] = answer.json()["deposits"]
    return found
