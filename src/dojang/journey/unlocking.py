"""MISSION A 9 and 10: login by PIN and pattern, tries counted to the lock, secrets changed."""

from dojang.crypto.messages import PATTERN as BY_PATTERN
from dojang.journey.evidence import Told
from dojang.journey.lie import prove, refused, same
from dojang.journey.world import MINYONG, PATTERN, SEOYEON, WRONG_PIN, World
from dojang.phone.customer import Customer

WRONG_PATTERN = "6-7-8-5"
NEW_PIN = "864209"
NEW_PATTERN = "2-4-6-3"


def tries(phone: Customer) -> dict[str, int]:
    """What is left of each secret, as the certificate's screen says."""
    auth = next(key for key in phone.certificate()["keys"] if key["kind"] == "auth")
    return {one["m"]: one["tries_left"] for one in auth["methods"]}


def login_by_pin_and_pattern(world: World) -> str:
    phone = world.phone(MINYONG)
    for secret, method in ((MINYONG.pin, "pin"), (PATTERN, BY_PATTERN)):
        opened = phone.login(secret, method)
        same(opened["session"]["method"], method, "how the session was opened")
        prove(phone.me()["name"], "the session opens the customer's own pages")
    used = phone.certificate()["last_used_at"]
    prove(abs(used - world.clock.now()) < 60_000_000, "a login restarts the year")
    stranger = world.phone(SEOYEON).line
    stranger.token = phone.line.token
    refused("not_signed_in", lambda: stranger.get("/v1/me").must())
    stranger.token = None
    phone.log_out()
    refused("not_signed_in", phone.me)
    return "PIN and pattern open a session bound to this phone; a stolen token opens nothing"


def an_idle_session_ends(world: World) -> str:
    phone = world.phone(MINYONG)
    phone.login(MINYONG.pin)
    world.move_clock(601)
    refused("session_idle", phone.me)
    phone.login(MINYONG.pin)
    return "after 600 s without a request the session is over"


def wrong_entries_are_counted_apart(world: World) -> str:
    """A success with one secret gives the other nothing back (PROTOCOL 3)."""
    phone = world.phone(MINYONG)
    same(refused("wrong_secret", lambda: phone.login(WRONG_PIN))["tries_left"], 4, "PIN tries")
    wrong = refused("wrong_secret", lambda: phone.login(WRONG_PATTERN, BY_PATTERN))
    same(wrong["tries_left"], 4, "pattern tries")
    phone.login(PATTERN, BY_PATTERN)
    same(tries(phone), {"pin": 4, "pattern": 5}, "after a right pattern")
    phone.login(MINYONG.pin)
    same(tries(phone), {"pin": 5, "pattern": 5}, "after a right PIN")
    return "a right pattern restores the pattern's five tries and none of the PIN's"


def wrong_pins_lock_over_a_kill(world: World) -> str:
    phone = world.phone(SEOYEON)
    handset = world.handset(SEOYEON)
    since = handset.mark()
    for left in (4, 3, 2):
        same(refused("wrong_secret", lambda: phone.login(WRONG_PIN))["tries_left"], left, "left")
    handset.received("3번 틀렸", since)

    world.bank.kill()
    world.bank.start()

    phone = world.reopen(SEOYEON)
    same(refused("wrong_secret", lambda: phone.login(WRONG_PIN))["tries_left"], 1, "left")
    same(refused("wrong_secret", lambda: phone.login(WRONG_PIN))["tries_left"], 0, "left")
    refused("credential_locked", lambda: phone.login(SEOYEON.pin))
    refused("credential_locked", lambda: phone.login(PATTERN, BY_PATTERN))
    world.move_clock(86_400)
    refused("credential_locked", lambda: phone.login(SEOYEON.pin))
    handset.received("잠겼", since)
    world.authority.says(world.newest(SEOYEON).certificates, Told("revoked", "certificateHold"))
    return "3 wrong, kill -9, 2 wrong: locked, on hold in CRL and OCSP, and waiting does not help"


def secrets_change_with_the_pin(world: World) -> str:
    phone = world.phone(MINYONG)
    handset = world.handset(MINYONG)
    since = handset.mark()
    phone.login(MINYONG.pin)
    phone.change_secret("pattern", pin=MINYONG.pin, new=NEW_PATTERN)
    phone.change_secret("pin", pin=MINYONG.pin, new=NEW_PIN)
    handset.received("패턴이 바뀌", since)
    handset.received("간편비밀번호가 바뀌", since)
    refused("wrong_secret", lambda: phone.login(MINYONG.pin))
    refused("wrong_secret", lambda: phone.login(PATTERN, BY_PATTERN))
    phone.login(NEW_PATTERN, BY_PATTERN)
    phone.login(NEW_PIN)
    phone.change_secret("pin", pin=NEW_PIN, new=MINYONG.pin)
    phone.change_secret("pattern", pin=MINYONG.pin, new=PATTERN)
    phone.login(MINYONG.pin)
    same(tries(phone), {"pin": 5, "pattern": 5}, "tries after the changes")
    return "new PIN and pattern work, the old ones do not, and back again; SMS about each"
