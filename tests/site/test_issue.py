"""Issue, reissue, revoke: the certificate's life, by hand in a browser."""

from playwright.sync_api import expect

from dojang.demo import Person
from dojang.journey.served import Served
from tests.site.app import App
from tests.site.conftest import Opens
from tests.site.handset import Handset


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
