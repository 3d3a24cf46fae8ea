"""A new account, an unlocked password, a released report, a statement as a file: by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.pdf_text import pages
from tests.site.app import App
from tests.site.conftest import Opens, new_context
from tests.site.handset import Handset
from tests.site.look import Look

from dojang.demo import Person
from dojang.journey import loopback
from dojang.journey.served import Served

PASSWORD = "7391"


class Opener(App):
    """The app with samples at hand."""

    person: Person
    folder: Path

    def sample(self, kind: str, outcome: str = "passed") -> Path:
        address = f"{self.bank.origin}/_handset/samples/{kind}/{outcome}.png"
        found = loopback.get(address, params={"phone": self.person.phone}).raise_for_status()
        file = self.folder / f"{kind}-{outcome}.png"
        file.write_bytes(found.content)
        return file

    def type_code(self, look: Look | None = None) -> None:
        self.at("opening-phone")
        before = len(self.bank.messages(self.person.phone))
        self.next()
        self.at("opening-code")
        if look is not None:
            look("opening-code")
        self.fill("sms-code", self.read_code(self.person.phone, after=before))
        self.next()

    def show(self, kind: str, outcome: str = "passed") -> None:
        self.seen("choose-picture").set_input_files(self.sample(kind, outcome))
        expect(self.seen("preview")).to_be_visible()
        self.next()

    def choose_password(self) -> None:
        self.at("opening-password")
        self.digits(PASSWORD)
        self.at("opening-password-again")
        self.digits(PASSWORD)


@pytest.fixture(scope="module")
def phone(browser: Browser, shared_bank: Served, seoyeon: Person) -> Iterator[BrowserContext]:
    """A phone with Seoyeon's certificate on it."""
    context = new_context(browser)
    App(context.new_page(), shared_bank).issue(seoyeon)
    yield context
    context.close()


@pytest.fixture
def hers(
    phone: BrowserContext, shared_bank: Served, seoyeon: Person, tmp_path: Path
) -> Iterator[Opener]:
    page = phone.new_page()
    app = Opener(page, shared_bank)
    app.person, app.folder = seoyeon, tmp_path
    yield app
    page.close()


def opener(opens: Opens, bank: Served, person: Person, folder: Path, **more: str) -> Opener:
    app = Opener(opens(**more).new_page(), bank)
    app.person, app.folder = person, folder
    return app


@pytest.mark.parametrize(
    ("locale", "theme"),
    [("ko", "light"), pytest.param("en", "dark", marks=pytest.mark.slow)],
)
def test_an_account_is_opened_with_a_card_and_one_won(
    opens: Opens, bank: Served, minyong: Person, tmp_path: Path, locale: str, theme: str
):
    app = opener(opens, bank, minyong, tmp_path, locale=locale)
    look = Look(app.page, locale, theme)
    handset_page = opens(locale=locale).new_page()
    handset = Handset(handset_page, bank)
    app.issue(minyong)
    app.log_in(minyong.pin, to="/accounts")
    app.at("accounts")
    app.tap("open-account")
    app.at("opening-start")
    app.tap("read-deposit")
    app.at("opening-term")
    look("opening-term")
    app.tap("back")
    app.at("opening-start")
    app.next()
    app.refused("terms_not_agreed")
    for code in ("deposit", "limited_account", "remote_identity"):
        app.seen(f"agree-{code}").check()
    expect(app.seen("failure")).to_have_count(0)
    look("opening-start")
    app.next()
    app.at("opening-phone")
    look("opening-phone")
    app.type_code()
    app.at("opening-id-card")
    look("opening-id-card")
    words = {}
    for name, content in (("note.txt", b"no picture"), ("half.jpg", b"\xff\xd8\xff\xe0")):
        (tmp_path / name).write_bytes(content)
        app.seen("choose-picture").set_input_files(tmp_path / name)
        app.refused("image_refused")
        words[name] = app.seen("failure").inner_text()
        look(f"opening-id-card-{name.partition('.')[2]}")
    assert words["note.txt"] != words["half.jpg"]
    app.show("id_card", "glare")
    app.refused("id_card_refused")
    look("opening-id-card-refused")
    app.seen("choose-picture").set_input_files(app.sample("id_card"))
    expect(app.seen("preview")).to_be_visible()
    look("opening-id-card-chosen")
    app.next()
    app.at("opening-which")
    look("opening-which")
    reloaded(app, minyong)
    app.tap("check-one_won")
    app.next()
    app.at("opening-one-won")
    bank_code, account = minyong.elsewhere or ("", "")
    app.tap(f"bank-{bank_code}")
    app.fill("other-account", account)
    look("opening-one-won")
    app.next()
    app.at("opening-one-won-code")
    look("opening-one-won-code")
    handset.play(minyong.phone)
    told = handset_page.get_by_test_id("deposit-text").first.inner_text()
    looking_at_handset = Look(handset_page, locale, theme)
    looking_at_handset("handset-one-won")
    app.fill("one-won-code", told[-4:])
    app.next()
    answer_questions(app, look)
    app.at("opening-password")
    look("opening-password")
    app.choose_password()
    app.at("opening-done-account")
    look("opening-done")
    app.tap("done")
    app.at("accounts")
    look("accounts-limited")
    expect(app.page.locator("[data-testid^=account-]")).to_have_count(3)
    found = look.found + looking_at_handset.found
    assert found == [], "\n".join(found)


def reloaded(app: Opener, person: Person) -> None:
    """After a reload and a new login it goes on where it was."""
    app.log_in(person.pin, to="/opening")
    app.at("opening-which")


def answer_questions(app: Opener, look: Look) -> None:
    app.at("opening-purpose")
    app.tap("purpose-living")
    look("opening-purpose")
    app.next()
    app.at("opening-funds")
    app.tap("funds-salary")
    app.next()
    app.at("opening-questions")
    app.tap("asked-no")
    app.tap("tax-no")
    look("opening-questions")
    app.next()


def test_a_face_opens_an_account_too_and_who_was_asked_to_gets_none(hers: Opener):
    app = hers
    app.log_in(app.person.pin, to="/opening")
    app.at("opening-start")
    for code in ("deposit", "limited_account", "remote_identity"):
        app.seen(f"agree-{code}").check()
    app.next()
    app.type_code()
    app.at("opening-id-card")
    app.show("id_card")
    app.at("opening-which")
    app.tap("check-face")
    app.next()
    app.at("opening-face")
    app.show("face", "too_dark")
    app.refused("face_refused")
    app.show("face")
    app.at("opening-purpose")
    app.tap("purpose-living")
    app.next()
    app.tap("funds-salary")
    app.next()
    app.tap("asked-yes")
    app.tap("tax-no")
    app.next()

    app.refused("opening_stopped")


CARD_REFUSALS = {
    "glare": "빛이 반사되어",
    "expired": "기한이 지난",
    "mismatch": "일치하지 않아요",
    "copy": "화면이나 사본",
}


def to_the_card(app: Opener) -> None:
    app.log_in(app.person.pin, to="/opening")
    app.at("opening-start")
    for code in ("deposit", "limited_account", "remote_identity"):
        app.seen(f"agree-{code}").check()
    app.next()
    app.type_code()
    app.at("opening-id-card")


def test_each_refused_card_says_why_first_and_the_last_one_ends_it(
    opens: Opens, bank: Served, seoyeon: Person, tmp_path: Path
):
    """Nothing is locked by a refused picture, so no word of a lock is said."""
    app = opener(opens, bank, seoyeon, tmp_path)
    app.issue(seoyeon)
    to_the_card(app)
    for left, (outcome, why) in zip((4, 3, 2, 1), CARD_REFUSALS.items(), strict=True):
        app.show("id_card", outcome)
        app.refused("id_card_refused")
        said = app.seen("failure").locator("p").nth(1)
        expect(said).to_contain_text(why)
        expect(said).to_contain_text(f"{left}번 더 시도할 수 있어요")
        assert said.inner_text().index(why) < said.inner_text().index("다른 신분증")
        expect(app.seen("failure")).not_to_contain_text("잠겨요")

    app.show("id_card", "lost")

    app.at("opening-start")
    app.refused("opening_failed")


def test_what_was_begun_is_given_up_on_any_of_its_screens(
    opens: Opens, bank: Served, seoyeon: Person, tmp_path: Path
):
    """At a second press; before it, another identification only led back to the first."""
    app = opener(opens, bank, seoyeon, tmp_path)
    look = Look(app.page, "ko", "light")
    app.issue(seoyeon)
    to_the_card(app)
    app.open_menu("/unlock")
    app.at("opening-id-card")

    app.tap("give-up")
    expect(app.page.get_by_text("처음부터 다시 해요")).to_be_visible()
    look("opening-give-up")
    app.tap("give-up")

    app.at("home")
    app.open_menu("/unlock")
    app.at("unlock-start")
    assert look.found == [], "\n".join(look.found)


def test_a_loss_report_is_released_from_its_own_phone(
    opens: Opens, shared_bank: Served, minyong: Person, tmp_path: Path
):
    app = opener(opens, shared_bank, minyong, tmp_path)
    look = Look(app.page, "ko", "light")
    app.issue(minyong)
    body = {"name": minyong.name, "birth_date": minyong.birth_date, "phone": minyong.phone}
    loopback.post(f"{shared_bank.origin}/v1/loss-reports", json=body).raise_for_status()
    app.receives(minyong.phone, "사고신고")
    app.go("/release")
    app.at("release-start")
    look("release-start")
    app.next()
    app.type_code(look)
    app.at("opening-id-card")
    app.show("id_card")
    app.at("opening-account")
    look("opening-account")
    app.page.locator("[data-testid^=account-]").first.check()
    app.next()
    app.at("opening-account-password")
    look("opening-account-password")
    app.digits(minyong.accounts[0].password)
    app.at("opening-done-release_loss")

    app.log_in(minyong.pin)
    assert look.found == [], "\n".join(look.found)


def test_a_statement_is_searched_and_taken_along(hers: Opener):
    app = hers
    look = Look(app.page, "ko", "light")
    app.log_in(app.person.pin, to="/accounts")
    app.tap("statement")
    app.at("statement")
    expect(app.seen("entries").get_by_role("listitem")).to_have_count(1)
    app.seen("find").locator("summary").click()
    app.fill("find-text", "없는 말")
    app.tap("find-go")
    expect(app.seen("entries")).to_have_count(0)
    look("statement-find")
    expect(app.seen("find-extract")).to_contain_text("일부 거래만")
    with app.page.expect_download() as nothing:
        app.tap("download-pdf")
    app.tap("find-reset")
    expect(app.seen("find-extract")).to_be_empty()
    expect(app.seen("entries").get_by_role("listitem")).to_have_count(1)
    with app.page.expect_download() as csv:
        app.tap("download-csv")
    with app.page.expect_download() as pdf:
        app.tap("download-pdf")

    assert nothing.value.suggested_filename == "statement-extract.pdf"
    assert "“없는 말”" in pages(nothing.value.path().read_bytes())[0]
    assert pdf.value.suggested_filename == "statement.pdf"
    assert "이 기간의 모든 거래" in pages(pdf.value.path().read_bytes())[0]
    assert csv.value.path().read_bytes().startswith(b"\xef\xbb\xbf")
    assert "48000000" in csv.value.path().read_text("utf-8")
    assert pdf.value.path().read_bytes().startswith(b"%PDF-")
    assert look.found == [], "\n".join(look.found)
