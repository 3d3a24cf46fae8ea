"""The twins: what they remember, and that they refuse like the parties they play."""

import base64
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from dojang.gateways import twins
from dojang.gateways.ars import Call, Heard
from dojang.gateways.sms import Sms
from dojang.gateways.telecom import Claim
from dojang.gateways.twins import (
    Outside,
    RecordedSms,
    SampleSubscriber,
    SimulatedArs,
    SimulatedSwitch,
    SimulatedTelecom,
)
from dojang.gateways.twins.telecom import CARRIERS
from dojang.kernel.clock import SECOND, Instant, MovableClock
from dojang.kernel.phone_numbers import PhoneNumber
from dojang.kernel.problem import NotFound
from dojang.kernel.secret import Secret

ROOT = Path(__file__).parents[3]
PHONE, OTHER = PhoneNumber("01048275913"), PhoneNumber("01011112222")
NUMBER = "9003171234567"


@pytest.fixture
def outside(tmp_path: Path, clock: MovableClock) -> Iterator[Outside]:
    world = Outside(tmp_path / "handset.db", clock)
    yield world
    world.close()


def claim(**changed: str) -> Claim:
    said = {"carrier": "hanbit", "name": "김민용", "number": NUMBER, "phone": PHONE, **changed}
    return Claim(said["carrier"], said["name"], Secret(said["number"]), PhoneNumber(said["phone"]))


def person(**changed: object) -> SampleSubscriber:
    return SampleSubscriber(
        **{
            "carrier": "hanbit",
            "name": "김민용",
            "resident_number": Secret(NUMBER),
            "phone": PHONE,
            **changed,
        }
    )


def call(clock: MovableClock, name: str = "call-1") -> Call:
    return Call(name, PHONE, "도장은행입니다.", "ko", Instant(clock.now() + 120 * SECOND))


def test_every_twin_says_that_it_is_one() -> None:
    parties = [RecordedSms, SimulatedArs, SimulatedSwitch, SimulatedTelecom]

    assert all(party.twin for party in parties)
    assert {p.__name__ for p in parties} <= set(twins.__all__)


def test_a_known_key_is_dropped(outside: Outside) -> None:
    centre = RecordedSms(outside)
    centre.send(Sms("log:1", PHONE, "하나"))
    centre.send(Sms("log:1", PHONE, "다시"))
    centre.send(Sms("log:2", PHONE, "둘"))
    centre.send(Sms("log:3", OTHER, "남의 것"))

    assert [m.text for m in centre.inbox(PHONE)] == ["하나", "둘"]


def test_messages_and_calls_outlive_a_restart(tmp_path: Path, clock: MovableClock) -> None:
    first = Outside(tmp_path / "handset.db", clock)
    RecordedSms(first).send(Sms("log:1", PHONE, "하나"))
    SimulatedArs(first).place(call(clock))
    first.close()

    again = Outside(tmp_path / "handset.db", clock)
    assert [m.text for m in RecordedSms(again).inbox(PHONE)] == ["하나"]
    assert [c.state for c in SimulatedArs(again).calls(PHONE)] == ["ringing"]
    again.close()


def test_two_processes_share_one_world(tmp_path: Path, outside: Outside) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from dojang.gateways.sms import Sms\n"
        "from dojang.gateways.twins import Outside, RecordedSms\n"
        "from dojang.kernel.clock import MovableClock\n"
        "centre = RecordedSms(Outside(Path(sys.argv[1]), MovableClock()))\n"
        "[centre.send(Sms(f'log:{n}', '01048275913', 'there')) for n in range(20)]\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "handset.db")],
        env={"PYTHONPATH": f"{ROOT}/src", "PATH": ""},
    )
    for n in range(40):
        RecordedSms(outside).send(Sms(f"log:{n}", PHONE, "here"))

    assert other.wait(timeout=120) == 0
    assert len(RecordedSms(outside).inbox(PHONE)) == 40


def test_only_the_four_exact_details_are_a_subscriber(outside: Outside) -> None:
    telecom = SimulatedTelecom(outside)
    outside.subscribe(person())

    assert telecom.subscriber(claim()) is not None
    assert telecom.subscriber(claim(name=unicodedata.normalize("NFD", "김민용"))) is not None
    for wrong in (
        {"carrier": "duru"},
        {"name": "김민영"},
        {"number": "9003171234568"},
        {"phone": OTHER},
    ):
        assert telecom.subscriber(claim(**wrong)) is None


def test_a_person_has_one_ci_whatever_the_phone_and_a_di_for_each_service(
    outside: Outside,
) -> None:
    outside.subscribe(person())
    outside.subscribe(person(phone=OTHER, carrier="nuri"))
    here, there = SimulatedTelecom(outside), SimulatedTelecom(outside, service="another")
    one, two = here.subscriber(claim()), here.subscriber(claim(phone=OTHER, carrier="nuri"))
    elsewhere = there.subscriber(claim())

    assert one
    assert two
    assert elsewhere
    assert one.ci == two.ci == elsewhere.ci
    assert one.di == two.di != elsewhere.di
    assert len(one.ci) == 88
    assert len(base64.b64decode(one.ci, validate=True)) == 64
    assert len(one.di) == 64


def test_a_changed_sim_is_told(outside: Outside, clock: MovableClock) -> None:
    telecom = SimulatedTelecom(outside)
    outside.subscribe(person(sim_changed_at=Instant(clock.now() - 5 * SECOND)))
    before = telecom.subscriber(claim())
    outside.change_sim(PHONE)
    after = telecom.subscriber(claim())

    assert before
    assert after
    assert before.sim_changed_at == clock.now() - 5 * SECOND
    assert after.sim_changed_at == clock.now()
    with pytest.raises(LookupError):
        outside.change_sim(OTHER)


def test_no_resident_number_stands_in_the_twins_file(outside: Outside, tmp_path: Path) -> None:
    outside.subscribe(person())
    outside.close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.glob("handset.db*"))

    assert "김민용".encode() in on_disk
    assert NUMBER.encode() not in on_disk


def test_the_carriers_are_named_in_both_languages() -> None:
    assert len({c.code for c in CARRIERS}) == len(CARRIERS) >= 4
    assert any("알뜰폰" in c.name_ko for c in CARRIERS)
    assert all(c.name_en.isascii() for c in CARRIERS)


def test_digits_keyed_on_an_answered_call_reach_the_bank(
    outside: Outside, clock: MovableClock
) -> None:
    phone, heard = SimulatedArs(outside), []

    def door(call_id: str, digits: str) -> Heard:
        heard.append((call_id, digits))
        return Heard("passed", 3) if digits == "27" else Heard("wrong", 2)

    phone.connect(door)
    phone.place(call(clock))
    phone.place(call(clock))
    phone.answer("call-1")

    assert phone.key("call-1", "11") == Heard("wrong", 2)
    assert phone.key("call-1", "27") == Heard("passed", 3)
    assert phone.key("call-1", "27") == Heard("over", 0)
    assert heard == [("call-1", "11"), ("call-1", "27")]
    assert [c.state for c in phone.calls(PHONE)] == ["over"]


@pytest.mark.parametrize("last", [Heard("wrong", 0), Heard("fraud_reported", 3), Heard("over", 0)])
def test_the_call_ends_when_the_bank_has_heard_enough(
    outside: Outside, clock: MovableClock, last: Heard
) -> None:
    phone = SimulatedArs(outside)
    phone.connect(lambda _call, _digits: last)
    phone.place(call(clock))
    phone.answer("call-1")
    phone.key("call-1", "9")

    assert [c.state for c in phone.calls(PHONE)] == ["over"]


def test_nothing_is_heard_on_a_call_nobody_answered_or_that_rang_out(
    outside: Outside, clock: MovableClock
) -> None:
    phone, heard = SimulatedArs(outside), []
    phone.connect(lambda call_id, _digits: heard.append(call_id) or Heard("passed", 3))
    phone.place(call(clock))
    unanswered = phone.key("call-1", "27")
    phone.answer("call-1")
    clock.move(120 * SECOND)

    assert unanswered == phone.key("call-1", "27") == Heard("over", 0)
    assert heard == []
    with pytest.raises(NotFound):
        phone.answer("call-1")
    with pytest.raises(NotFound):
        phone.key("call-2", "27")


def test_a_call_hung_up_by_either_side_is_over(outside: Outside, clock: MovableClock) -> None:
    phone = SimulatedArs(outside)
    phone.place(call(clock))
    phone.hang_up("call-1")
    phone.hang_up("never made")

    assert [c.state for c in phone.calls(PHONE)] == ["over"]


def test_the_switch_knows_its_banks_and_their_holders(outside: Outside) -> None:
    switch = SimulatedSwitch(outside)
    switch.open_account("901", "90100000000001", "조아라")

    assert len(switch.banks()) >= 4
    assert all(len(b.code) == 3 and b.code.isdigit() for b in switch.banks())
    assert switch.holder("901", "90100000000001") == "조아라"
    assert switch.holder("902", "90100000000001") is None
    assert switch.holder("901", "00000000000000") is None
    with pytest.raises(ValueError, match="no such bank"):
        switch.open_account("999", "1", "조아라")


def test_a_write_that_fails_leaves_nothing(outside: Outside) -> None:
    def broken() -> None:
        with outside.write() as connection:
            connection.execute("INSERT INTO holder VALUES ('901', '1', '조아라')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert SimulatedSwitch(outside).holder("901", "1") is None
