"""The server's record: a JSON object a line, and never the words of an exception."""

import json

from dojang.kernel.records import recorder

SECRET = "900101-1234567"


def failed() -> Exception:
    try:
        _fail()
    except ValueError as error:
        return error
    raise AssertionError("it fails")


def _fail() -> None:
    try:
        {}[SECRET]
    except KeyError:
        raise ValueError(SECRET)  # noqa: B904 - what went before is to be recorded too


def test_an_exception_is_recorded_by_kind_and_place_never_by_its_words(capsys):
    recorder().fault("background_fault", failed(), part="jobs")

    said = capsys.readouterr().err
    line = json.loads(said)
    assert (line["event"], line["level"]) == ("background_fault", "error")
    assert (line["part"], line["error"], line["cause"]) == ("jobs", "ValueError", "KeyError")
    assert line["trail"][0].startswith("test_records.py:")
    assert SECRET not in said


def test_a_line_says_what_when_and_how_bad_in_korean_too(capsys):
    recorder().warning("unavailable", part="은행\n다음 줄")

    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "은행" in said
    line = json.loads(said)
    assert (line["event"], line["level"]) == ("unavailable", "warning")
    assert line["timestamp"].endswith("Z")
