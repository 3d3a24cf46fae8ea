"""docs/how/log-events.md says what the code writes."""

from tests.events_doc import PAGE, page


def test_the_page_of_events_is_what_the_code_writes() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.events_doc"
