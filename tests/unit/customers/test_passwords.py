"""Which internet-banking passwords may be chosen."""

import pytest

from dojang.customers.passwords import COMMON, password_refusal


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("Haneul-2026!", None),
        ("Nabi.flies.7", None),
        ("Ojakgyo=1212", None),
        ("한글도되는비밀번호1!", None),
        ("Ab1!", "too_short"),
        ("Ab1!" * 17, "too_long"),
        ("abcdefghijk", "letters_digits_signs"),
        ("abcdefgh123", "letters_digits_signs"),
        ("1234567890!", "letters_digits_signs"),
        ("xminyong85-!", "contains_login_id"),
        ("xMinYong85-!", "contains_login_id"),
        ("Haneul1111-!", "repeats"),
        ("Password123!", "common"),
        ("P@ssw0rd123!", "common"),
        ("!2026qwerty!", "common"),
        ("iloveyou2026!", "common"),
    ],
)
def test_a_password_everyone_would_try_is_refused(password, reason):
    assert password_refusal(password, login_id="minyong85") == reason


def test_every_common_word_dressed_up_is_refused():
    assert len(COMMON) >= 100
    for word in COMMON:
        dressed = f"{word.capitalize()}2026!#".ljust(10, "7")
        if len(dressed) >= 10 and not any(dressed.count(c * 4) for c in "a7"):
            assert password_refusal(dressed, login_id="someone_else") == "common", word
