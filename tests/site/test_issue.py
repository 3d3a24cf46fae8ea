"""Issue, reissue, revoke: the certificate's life, by hand in a browser."""

from typing import Any

from playwright.sync_api import Locator, expect
from tests.site.app import PATTERN, App
from tests.site.conftest import Opens
from tests.site.handset import Handset

from dojang.demo import Person


def test_an_existing_customer_gets_a_certificate_and_logs_in_with_it(
    app: App, opens: Opens, minyong: Person
):
    handset = Handset(opens().new_page(), app.bank)
    handset.play(minyong.phone)
    app.go("/")
    app.at("home")
    app.open_menu("/issue")
    app.to_terms_agreed()
    app.prove_internet_banking(minyong)
    app.fill("sms-code", handset.newest_code())
    app.next()
    app.show_account_password(minyong)
    app.choose_methods(minyong.pin)
    app.at("issued")

    app.tap("later")
    app.tap("login")
    app.tap("login-pin")
    app.digits(minyong.pin)

    expect(app.seen("certificate-state")).to_have_text("사용 중")
    expect(handset.page.get_by_test_id("message")).to_have_count(2)


def test_somebody_new_enrols_in_internet_banking_on_the_way(app: App, haneul: Person):
    app.go("/issue")
    app.to_terms_agreed()
    app.identify_first_time(haneul)
    app.fill("sms-code", app.read_code(haneul.phone))
    app.next()
    app.enrol_internet_banking(
        haneul.name, login_id="haneul01", password="Gureum-neomeo.9", account="7294"
    )
    app.choose_methods(haneul.pin)
    app.at("issued")

    app.log_in(haneul.pin, to="/accounts")

    assert app.balance() == 0


def test_a_reissue_on_a_new_phone_ends_the_certificate_on_the_old_one(
    app: App, opens: Opens, minyong: Person
):
    app.issue(minyong)
    app.log_in(minyong.pin)
    new = App(opens().new_page(), app.bank)

    new.issue(minyong, pin="718294")

    app.tap("quick-accounts")
    app.at("login")
    app.refused("session_ended")
    app.tap("login-pin")
    app.digits(minyong.pin)
    app.refused("credential_revoked")
    new.log_in("718294", to="/accounts")
    assert new.balance() > 0


def test_a_reissue_in_the_same_browser_replaces_the_certificate(app: App, minyong: Person):
    app.issue(minyong)
    app.log_in(minyong.pin)
    first = shown_certificates(app)

    app.issue(minyong, pin="718294")

    app.log_in("718294")
    second = shown_certificates(app)
    assert second["subject"] == first["subject"]
    assert not second["serials"] & first["serials"]


def test_after_a_revocation_there_is_nothing_left_to_revoke(app: App, minyong: Person):
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.open_menu("/certificate/revoke")
    app.at("revoke-reason")
    app.tap("reason-unused")
    app.next()
    app.at("revoke-pin")

    app.digits(minyong.pin)
    app.at("revoked")
    app.tap("done")

    app.at("home")
    expect(app.seen("certificate-card")).to_have_attribute("data-state", "none")
    app.tap("menu")
    app.at("menu")
    expect(app.seen("menu-certificate-revoke")).to_have_count(0)
    app.receives(minyong.phone, "폐기")


def test_a_changed_pin_replaces_the_old_one(app: App, minyong: Person):
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.open_menu("/methods/pin")
    app.at("change-pin")
    app.digits(minyong.pin)
    app.at("change-pin-new")
    app.digits(minyong.pin)
    expect(app.seen("pin-refused")).to_be_visible()

    app.digits("718294")
    app.at("change-pin-new-again")
    app.digits("718294")
    app.at("pin-changed")

    app.log_in("718294")
    app.tap("logout")
    app.go("/login/pin")
    app.at("login-pin")
    app.digits(minyong.pin)
    app.refused("wrong_secret")


def test_a_changed_pattern_replaces_the_old_one(app: App, minyong: Person):
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.open_menu("/methods/pattern")
    app.at("change-pattern")
    app.digits(minyong.pin)
    app.at("change-pattern-new")
    app.draw((0, 3, 6, 7))
    app.at("change-pattern-new-again")
    app.draw((0, 3, 6, 7))
    app.at("pattern-changed")

    app.go("/login/pattern")
    app.at("login-pattern")
    app.draw(PATTERN)
    app.refused("wrong_secret")

    app.draw((0, 3, 6, 7))
    expect(app.seen("logout")).to_be_visible()


def test_five_wrong_pins_lock_and_a_reissue_opens_again(app: App, minyong: Person):
    app.issue(minyong)
    app.go("/login/pin")
    app.at("login-pin")
    for left in (4, 3, 2, 1):
        app.digits("902847")
        app.refused("wrong_secret")
        expect(app.seen("failure")).to_contain_text(f"{left}번")

    app.digits("902847")
    expect(app.seen("failure")).not_to_contain_text("1번")
    app.digits(minyong.pin)

    app.refused("credential_locked")
    app.issue(minyong, pin="718294")
    app.log_in("718294")


def test_a_loss_is_reported_without_login_and_stops_the_certificate(
    app: App, opens: Opens, minyong: Person
):
    app.issue(minyong)
    stranger = App(opens().new_page(), app.bank)

    stranger.go("/loss")
    stranger.fill("name", minyong.name)
    stranger.next()
    stranger.at("loss-birth")
    stranger.fill("birth", minyong.birth_date)
    stranger.next()
    stranger.at("loss-which")
    stranger.fill("which", minyong.phone)
    stranger.next()
    stranger.at("loss-reported")

    assert len(stranger.seen("loss-receipt").locator("dd").inner_text()) >= 6
    app.go("/login/pin")
    app.digits(minyong.pin)
    app.refused("credential_suspended")


def test_a_fraud_report_on_the_call_stops_the_transfer_and_the_certificate(
    app: App, opens: Opens, minyong: Person
):
    handset = Handset(opens().new_page(), app.bank)
    handset.play(minyong.phone)
    app.issue(minyong)
    app.log_in(minyong.pin)
    app.send_from_first_account()
    app.order(bank="901", account="90112345678901", amount=50_000_001)
    app.next()
    app.digits(minyong.accounts[0].password)
    app.tap("ars-call")

    handset.answer()
    handset.press("9")
    handset.ended("fraud_reported")

    expect(app.page.locator('[data-screen="transfer-posted"]')).to_have_count(0)
    app.go("/login/pin")
    app.digits(minyong.pin)
    app.refused("credential_suspended")


def test_a_reload_in_the_middle_of_an_issue_goes_on_where_it_was(app: App, minyong: Person):
    app.go("/issue")
    app.to_terms_agreed()
    app.prove_internet_banking(minyong)
    app.page.reload()
    app.at("issue-code")
    app.fill("sms-code", app.read_code(minyong.phone))
    app.next()
    app.at("issue-account")

    app.go("/")
    app.tap("resume-issue")
    app.show_account_password(minyong)
    app.at("issue-pin")
    app.page.reload()
    app.choose_methods(minyong.pin)

    app.at("issued")


def shown_certificates(app: App) -> dict[str, Any]:
    """The stable subject id and the serials, as the details screen shows them."""
    app.open_menu("/certificate")
    app.at("certificate")
    subject = app.seen("certificate-facts").locator(".mono")
    expect(subject).to_be_visible()
    assert app.seen("certificate-facts").get_by_text("사용 중").count() == 1
    serials = {card.locator(".mono").first.inner_text() for card in _cards(app)}
    return {"subject": subject.inner_text(), "serials": serials}


def _cards(app: App) -> list[Locator]:
    return app.page.locator("section.card").filter(has=app.page.locator("h2")).all()
