"""MISSION A 5 and 6: money by tier, each boundary on both sides, the call, the limits."""

from typing import Any, Final

from cryptography import x509

from dojang.crypto.encoding import unb64u
from dojang.journey.evidence import signed_by
from dojang.journey.lie import prove, refused, same
from dojang.journey.world import MINYONG, SEOYEON, World
from dojang.phone.ordering import Order

OWN_BANK: Final = "990"
OTHER_BANK: Final = "901"
OTHER_ACCOUNT: Final = "90112345678901"
PASSWORD: Final = MINYONG.accounts[0].password
MAIN: Final = MINYONG.accounts[0].name
DAY_SECONDS: Final = 86_400
PER_DAY: Final = 500_000_000
CALL_SECONDS: Final = 120
FACTORS: Final = {
    2_000_000: ["pin"],
    2_000_001: ["account_password", "pin"],
    50_000_000: ["account_password", "pin"],
    50_000_001: ["account_password", "ars", "pin"],
    500_000_000: ["account_password", "ars", "pin"],
}


def order_for(world: World, amount: int, memo: str = "") -> Order:
    """An order of 김민용 to an account at another bank, its holder looked up first."""
    phone = world.phone(MINYONG)
    payee = phone.payee(OTHER_BANK, OTHER_ACCOUNT)
    own = phone.account(MAIN)
    return Order(
        from_account=own["number"],
        payee_bank=payee["bank"],
        payee_account=payee["account"],
        payee_holder=payee["holder"],
        amount=amount,
        memo=memo,
    )


def to_seoyeon(world: World, amount: int) -> Order:
    """An order of 김민용 to 이서연 at the same bank."""
    phone = world.phone(SEOYEON)
    phone.login(SEOYEON.pin)
    number = phone.accounts()[0]["number"]
    payer = world.phone(MINYONG)
    payee = payer.payee(OWN_BANK, number)
    return Order(payer.account(MAIN)["number"], OWN_BANK, number, payee["holder"], amount, "선물")


def send(world: World, order: Order) -> dict[str, Any]:
    """Send with every factor that the bank asks for, and hold the bank to what it says of it."""
    phone = world.phone(MINYONG)
    handset = world.handset(MINYONG)
    since = handset.mark()
    before = phone.account(MAIN)["balance"]
    used = phone.limits()["used_today"]

    done = phone.transfer(order, MINYONG.pin, account_password=PASSWORD, call=handset.key_number)

    same(done["state"], "posted", "the order's state")
    same(done["needed"], FACTORS.get(order.amount, done["needed"]), "the factors of this amount")
    same(done["done"], done["needed"], "the factors that were shown")
    same(phone.account(MAIN)["balance"], before - order.amount - done["fee"], "the balance")
    same(phone.limits()["used_today"], used + order.amount, "what was used of today's limit")
    same(world.books.times_posted(done["id"]), 1, "how often money moved")
    check_receipt(world, done)
    handset.received(f"{order.amount:,}", since)
    return done


def check_receipt(world: World, done: dict[str, Any]) -> None:
    """The receipt verifies with the certificate that was issued, without the bank."""
    receipt = done["outcome"]["receipt"]
    payload, signature = unb64u(receipt["payload"]), unb64u(receipt["signature"])
    certificate = x509.load_der_x509_certificate(unb64u(receipt["certificate"]))
    mine = world.newest(MINYONG).certificates["sign"]
    same(certificate, mine, "the certificate in the receipt")
    prove(signed_by(mine, payload, signature), "the receipt's signature")
    prove(payload.startswith(b"DOJANG-TX-v1\0"), "the receipt's payload")
    prove(done["payee_holder"].encode() in payload, "the holder stands in what was signed")
    prove(not signed_by(mine, payload + b" ", signature), "a changed payload verifies")


def the_limits_are_explained(world: World) -> str:
    phone = world.phone(MINYONG)
    phone.login(MINYONG.pin)
    limits = phone.limits()
    same(limits["per_transfer"], 500_000_000, "per transfer")
    same(limits["left_today"], PER_DAY, "left today")
    same([t["up_to"] for t in limits["tiers"]], [2_000_000, 50_000_000, 500_000_000], "tiers")
    refused("payee_not_found", lambda: phone.payee(OTHER_BANK, "90100000000000"))
    return "how much now and why: 3 tiers, 500,000,000 a transfer and a day, nothing used"


def up_to_two_million(world: World) -> str:
    world.orders["first"] = (order := order_for(world, 2_000_000, "월세"), send(world, order))
    return "2,000,000: PIN alone; balance, statement, limit, ledger, receipt and SMS agree"


def one_won_more(world: World) -> str:
    phone = world.phone(MINYONG)
    order = order_for(world, 2_000_001)
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    same(answer["needed"], FACTORS[2_000_001], "what 2,000,001 needs")
    missing = refused("factors_missing", lambda: phone.sign_order(order, answer, MINYONG.pin))
    same(missing["needed"], ["account_password"], "what is missing")
    wrong = refused(
        "wrong_account_password", lambda: phone.show_account_password(transfer_id, "1739")
    )
    same(wrong["tries_left"], 4, "account password tries")
    phone.cancel(transfer_id)
    same(world.books.times_posted(transfer_id), 0, "how often money moved")
    send(world, order_for(world, 2_000_001))
    return "2,000,001: refused without the account password, wrong one counted, sent with it"


def fifty_million(world: World) -> str:
    send(world, to_seoyeon(world, 50_000_000))
    return "50,000,000 to a customer of the same bank: account password and PIN"


def one_won_more_needs_a_call(world: World) -> str:
    phone, handset = world.phone(MINYONG), world.handset(MINYONG)
    order = to_seoyeon(world, 50_000_001)
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    phone.show_account_password(transfer_id, PASSWORD)
    missing = refused("factors_missing", lambda: phone.sign_order(order, answer, MINYONG.pin))
    same(missing["needed"], ["ars"], "what is missing")
    number = phone.ask_for_call(transfer_id)["ars"]["number"]
    prove(len(number) == 2 and "9" not in number, "the number on the screen")
    prove("50,000,001" in handset.ringing()["prompt"], "the call speaks the amount")
    wrong = f"{(int(number) + 1) % 89:02d}".replace("9", "8")
    heard = handset.key(wrong if wrong != number else "11")
    same((heard["heard"], heard["tries_left"]), ("wrong", 2), "a wrong number on the call")
    same(handset.key(number)["heard"], "passed", "the right number on the call")
    phone.sign_order(order, answer, MINYONG.pin)
    done = phone.settled(transfer_id)
    same((done["state"], done["done"]), ("posted", FACTORS[50_000_001]), "the order")
    return "50,000,001: no call, no signature; one wrong number counted, the right one passes"


def the_same_id_has_one_outcome(world: World) -> str:
    phone = world.phone(MINYONG)
    order, done = world.orders["first"]
    before = phone.account(MAIN)["balance"]
    again = phone.place(done["id"], order)
    same(again["outcome"], done["outcome"], "the outcome of the same id")
    changed = Order(**{**order.__dict__, "amount": order.amount + 1})
    refused("id_mismatch", lambda: phone.place(done["id"], changed))
    signed = refused("request_already_signed", lambda: phone.sign_order(order, again, MINYONG.pin))
    prove(signed["rid"], "the refusal names its request")
    same(phone.account(MAIN)["balance"], before, "the balance")
    same(world.books.times_posted(done["id"]), 1, "how often money moved")
    other = world.phone(SEOYEON)
    refused("not_found", lambda: other.outcome(done["id"]))
    return "same id, same outcome; changed under the same id refused; nobody else sees it"


def the_day_has_a_limit(world: World) -> str:
    phone = world.phone(MINYONG)
    phone.login(MINYONG.pin)
    send(world, order_for(world, 1_999_999))
    over = refused("over_per_transfer_limit", lambda: send(world, order_for(world, 500_000_001)))
    same(over["limit"], 500_000_000, "the limit that was met")
    limits = phone.limits()
    left = limits["left_today"]
    same(left, PER_DAY - limits["used_today"], "left today")
    over = refused("over_daily_limit", lambda: send(world, order_for(world, 500_000_000)))
    same(over["left_today"], left, "what is left, as the refusal says")

    world.move_clock(DAY_SECONDS)
    phone.login(MINYONG.pin)
    same(phone.limits()["left_today"], PER_DAY, "a new Seoul day")
    send(world, order_for(world, 500_000_000))
    refused("over_daily_limit", lambda: send(world, order_for(world, 1)))
    return "500,000,001 refused; 500,000,000 refused today, sent tomorrow; then not one won more"


def limits_go_down_freely(world: World) -> str:
    world.move_clock(DAY_SECONDS)
    phone, handset = world.phone(MINYONG), world.handset(MINYONG)
    since = handset.mark()
    phone.login(MINYONG.pin)
    phone.change_limits(per_transfer=1_000_000, per_day=3_000_000, pin=MINYONG.pin)
    handset.received("한도", since)
    over = refused("over_per_transfer_limit", lambda: send(world, order_for(world, 1_000_001)))
    same(over["limit"], 1_000_000, "the own limit")
    send(world, order_for(world, 1_000_000))
    same(phone.limits()["left_today"], 2_000_000, "left of the own day limit")
    refused(
        "raise_needs_identity",
        lambda: phone.change_limits(per_transfer=2_000_000, per_day=3_000_000, pin=MINYONG.pin),
    )
    return "own limits hold at once, with an SMS; raising them is refused"


def the_statement_adds_up(world: World) -> str:
    sums = []
    for person in (MINYONG, SEOYEON):
        phone = world.phone(person)
        phone.login(person.pin)
        for account in phone.accounts():
            lines = phone.statement(account["id"])
            same(sum(one["amount"] for one in lines), account["balance"], "the sum of the lines")
            same([one["version"] for one in lines], list(range(len(lines), 0, -1)), "the order")
            running = 0
            for line in reversed(lines):
                running += line["amount"]
                same(line["balance_after"], running, "a running balance")
            sums.append(len(lines))
    postings = world.books.balance_sheet()
    world.books.open_orders()
    return f"{sum(sums)} lines on {len(sums)} accounts add up; all {postings} postings to 0"


def a_call_has_three_tries_and_two_minutes(world: World) -> str:
    phone, handset = world.phone(MINYONG), world.handset(MINYONG)
    phone.login(MINYONG.pin)
    guessed, order = _called(world)
    number = phone.outcome(guessed)["ars"]["number"]
    for left in (2, 1, 0):
        heard = handset.key("11" if number != "11" else "22")
        same((heard["heard"], heard["tries_left"]), ("wrong", left), "a wrong number on the call")
    same(phone.outcome(guessed)["state"], "cancelled", "the order after three wrong numbers")
    refused("order_over", lambda: phone.sign_order(order, phone.outcome(guessed), MINYONG.pin))

    missed, order = _called(world)
    world.move_clock(CALL_SECONDS)
    answer = phone.outcome(missed)
    same(answer["ars"]["state"], "expired", "a call that nobody answered")
    refused("factors_missing", lambda: phone.sign_order(order, answer, MINYONG.pin))
    for transfer_id in (guessed, missed):
        same(world.books.times_posted(transfer_id), 0, "how often money moved")
    return "three wrong numbers end the order; a call rings 120 s; neither lets anybody sign"


def _called(world: World) -> tuple[str, Order]:
    """An order of the highest tier whose call rings."""
    phone = world.phone(MINYONG)
    order = order_for(world, 50_000_001)
    transfer_id = phone.new_transfer(order)
    phone.place(transfer_id, order)
    phone.show_account_password(transfer_id, PASSWORD)
    phone.ask_for_call(transfer_id)
    return transfer_id, order


def nine_reports_fraud(world: World) -> str:
    """이서연 now has more than the tier's boundary; someone tells her to key a number."""
    phone, handset = world.phone(SEOYEON), world.handset(SEOYEON)
    phone.login(SEOYEON.pin)
    own = phone.accounts()[0]
    payee = phone.payee(OTHER_BANK, OTHER_ACCOUNT)
    phone.act("safeguards", {"delay_hours": 3}, SEOYEON.pin)
    small = Order(own["number"], OTHER_BANK, OTHER_ACCOUNT, payee["holder"], 31_415, "")
    same(phone.transfer(small, SEOYEON.pin)["state"], "pending", "an order that waits")
    order = Order(own["number"], OTHER_BANK, OTHER_ACCOUNT, payee["holder"], 60_000_000, "급한 돈")
    transfer_id = phone.new_transfer(order)
    answer = phone.place(transfer_id, order)
    phone.show_account_password(transfer_id, SEOYEON.accounts[0].password)
    phone.ask_for_call(transfer_id)
    since = handset.mark()
    same(handset.key("9")["heard"], "fraud_reported", "9 on the call")
    handset.received("31,415원을 보내지 않았습니다", since)
    try_again = [
        lambda: phone.sign_order(order, answer, SEOYEON.pin),
        lambda: phone.login(SEOYEON.pin),
    ]
    for act in try_again:
        refused("credential_suspended", act)
    same(world.books.times_posted(transfer_id), 0, "how often money moved")
    return (
        "9 on the call: the order and one that waited are dead, certificate frozen, no money moved"
    )
