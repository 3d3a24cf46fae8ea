"""Sample pictures say what they stand for, and only to who looks closely enough."""

import io

import pytest
from PIL import Image

from dojang.gateways.faces import FaceAsked, FaceVerdict
from dojang.gateways.id_cards import CardAsked, CardVerdict
from dojang.gateways.one_won import Deposit
from dojang.gateways.sms import GatewayDown
from dojang.gateways.twins import (
    Outside,
    SampleSubscriber,
    SimulatedFaces,
    SimulatedIdCards,
    SimulatedOneWon,
    SimulatedSwitch,
    samples,
)
from dojang.gateways.twins.people import ci_of
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.secret import Secret

NUMBER = Secret("9003171234567")
PHONE = PhoneNumber("01048275913")
MINE = samples.person_of(ci_of(NUMBER))


@pytest.fixture
def outside(tmp_path, clock):
    world = Outside(tmp_path / "handset.db", clock)
    world.subscribe(SampleSubscriber("hanbit", "김민용", NUMBER, PHONE))
    yield world
    world.close()


def smaller(picture: bytes, width: int) -> bytes:
    """Saved again as a small, bad JPEG."""
    with Image.open(io.BytesIO(picture)) as whole:
        size = (width, round(whole.height * width / whole.width))
        out = io.BytesIO()
        whole.convert("RGB").resize(size).save(out, "JPEG", quality=60)
    return out.getvalue()


@pytest.mark.parametrize("outcome", samples.OUTCOMES)
@pytest.mark.parametrize("kind", samples.KINDS)
def test_a_sample_is_read_as_it_was_drawn_also_small_and_bad(kind: str, outcome: str):
    told = samples.Told(kind, outcome, MINE)
    drawn = samples.drawn(told)

    assert samples.read(drawn) == told
    assert samples.read(smaller(drawn, 360)) == told


def test_what_is_no_sample_says_nothing():
    plain = io.BytesIO()
    Image.new("RGB", (720, 454), "grey").save(plain, "PNG")

    assert samples.read(plain.getvalue()) is None


def test_the_issuer_knows_the_card_its_owner_and_what_it_is_not(outside: Outside):
    issuer = SimulatedIdCards(outside)

    def asked(kind: str, outcome: str, person: int) -> CardVerdict:
        drawn = samples.drawn(samples.Told(kind, outcome, person))
        return issuer.check(CardAsked(drawn, "김민용", NUMBER))

    assert asked("id_card", "passed", MINE) is CardVerdict.PASSED
    assert asked("id_card", "lost", MINE) is CardVerdict.LOST
    assert asked("id_card", "passed", MINE ^ 1) is CardVerdict.MISMATCH
    assert asked("face", "passed", MINE) is CardVerdict.BLURRED


def test_a_card_before_the_camera_is_no_living_face(outside: Outside):
    faces = SimulatedFaces(outside)
    card = samples.drawn(samples.Told("id_card", "passed", MINE))

    assert faces.compare(FaceAsked(card, card, NUMBER)) is FaceVerdict.NOT_LIVE


def test_what_a_player_chose_is_answered_until_it_is_taken_back(outside: Outside):
    issuer, card = SimulatedIdCards(outside), samples.drawn(samples.Told("id_card", "copy", MINE))
    asked = CardAsked(card, "김민용", NUMBER)
    outside.choose("id_card", PHONE, "expired")
    chosen = issuer.check(asked)
    outside.choose("id_card", PHONE, "down")
    with pytest.raises(GatewayDown):
        issuer.check(asked)
    outside.choose("id_card", PHONE, None)

    assert (chosen, issuer.check(asked)) == (CardVerdict.EXPIRED, CardVerdict.COPY)


def test_one_won_arrives_once_however_often_it_is_sent(outside: Outside):
    SimulatedSwitch(outside).open_account("901", "90100001111", "김민용")
    other = SimulatedOneWon(outside)
    for _ in range(3):
        other.send(Deposit("k1", "901", "90100001111", "도장은행 4821"))

    assert [one.sender for one in other.deposits(PHONE)] == ["도장은행 4821"]
    assert other.accounts(PHONE) == [("901", "90100001111")]
