"""The handset page as a hand drives it: the customer's phone in a second tab."""

from playwright.sync_api import Page, expect

from dojang.journey.served import Served


class Handset:
    def __init__(self, page: Page, bank: Served) -> None:
        self.page = page
        self.bank = bank

    def play(self, phone: str) -> None:
        """Open the page and choose a sample person by the phone number."""
        self.page.goto(self.bank.origin + "/handset")
        self.page.get_by_test_id(f"person-{phone}").click()
        expect(self.page.get_by_test_id("phone")).to_be_visible()

    def newest_code(self) -> str:
        """The code that the newest message's copy button would copy."""
        button = self.page.get_by_test_id("copy-code").first
        button.wait_for()
        return button.get_attribute("data-code") or ""

    def answer(self) -> str:
        """Pick up when it rings; what the call says."""
        self.page.get_by_test_id("answer").click()
        return self.page.get_by_test_id("prompt").inner_text()

    def press(self, digits: str) -> None:
        for digit in digits:
            self.page.get_by_test_id(f"key-{digit}").click()

    def ended(self, heard: str) -> None:
        """The call is over, and this is how the phone says it ended."""
        expect(self.page.get_by_test_id("call-result")).to_have_attribute("data-heard", heard)
