"""Pictures over HTTP: none costs more than it may, and none keeps others from being answered."""

import io
from contextlib import ExitStack

import pytest
from PIL import Image
from tests.api.house import House, Raw, send
from tests.api.opening import Opener

from dojang.journey.world import MINYONG
from dojang.opening import images
from dojang.phone.customer import Customer
from dojang.phone.http import Refused
from dojang.phone.opening import HERE
from dojang.web.core import THREADS


@pytest.fixture(scope="module")
def me(house: House, minyong: Customer) -> Opener:
    return Opener(house, MINYONG, minyong)


def test_pictures_that_find_no_place_hold_nobody_up(me: Opener):
    """More of them than there are threads: each is sent away, and other doors answer."""
    me.up_to("check")
    with ExitStack() as taken:
        for _ in range(images.AT_ONCE):
            taken.enter_context(images.place())
        raw = Raw("PUT", f"{HERE}/id-card", b"x", {"content-type": "image/png"})
        answers = [send(me.customer.line, raw) for _ in range(THREADS + 1)]
        other_door = me.opening.resume()

    assert {(one.status, one.code) for one in answers} == {(503, "unavailable")}
    assert other_door["tries"]["id_card"] == 5
    # Nothing was counted: the thirty pictures of the day are left.
    assert me.by_card()["checks"][0]["done"] == "id_card"


def test_a_scan_bomb_is_refused_with_its_figure(me: Opener):
    me.up_to("check")
    picture = io.BytesIO()
    Image.new("L", (4_000, 4_000)).save(picture, "JPEG", progressive=True)
    scan = b"\xff\xda\x00\x08\x01\x01\x00\x01\x3f\x10"
    bomb = picture.getvalue()[:-2] + scan * 2_000 + b"\xff\xd9"

    with pytest.raises(Refused) as refused:
        me.opening.id_card(bomb, "image/jpeg")

    told = refused.value.body
    assert (told["status"], told["code"], told["reason"]) == (400, "image_refused", "scans")
    assert told["scans_max"] == 12
    assert me.opening.resume()["tries"]["id_card"] == 5
