"""The joint certificate as a hand drives it: at the bank, and at a relying party."""

import zipfile
from pathlib import Path

from playwright.sync_api import expect
from tests.site.app import App

PASSWORD = "Haneul-Bada.2026"


class JointApp(App):
    """The app at the joint certificate's screens."""

    folder: Path

    def open_joint(self) -> None:
        self.open_menu("/joint")
        self.at("joint")

    def open_certificate(self) -> None:
        """The newest one's screen."""
        self.open_joint()
        self.tap("joint-row")
        self.at("joint-one")

    def choose_joint_password(self, password: str = PASSWORD) -> None:
        self.at("joint-password")
        self.fill("joint-password", password)
        self.fill("joint-password-again", password)
        self.next()

    def make(self, op: str, pin: str) -> None:
        """From the screen that explains to the one that says it is done."""
        self.at(f"joint-about-{op}")
        self.next()
        self.choose_joint_password()
        self.sign_act(pin)
        self.at(f"joint-done-{op}")

    def sign_act(self, pin: str) -> None:
        self.at("joint-confirm")
        self.next()
        self.at("joint-pin")
        self.digits(pin)

    def take(self, form: str) -> Path:
        """Export, from the certificate's screen; the file lies in `folder` afterwards."""
        self.tap("joint-export")
        self.at("joint-export")
        self.tap(f"form-{form}")
        self.tap("joint-understood")
        self.fill("joint-password", PASSWORD)
        with self.page.expect_download() as caught:
            self.next()
        file = self.folder / f"{form}-{caught.value.suggested_filename}"
        caught.value.save_as(file)
        expect(self.seen("joint-exported")).to_be_visible()
        self.tap("back")
        self.at("joint-one")
        return file

    def inspect(self, file: Path, *, password: str = PASSWORD, number: str = "") -> list[str]:
        """What the import check finds wrong with a ZIP."""
        self.open_menu("/joint-check")
        self.at("joint-check")
        self.seen("joint-zip").set_input_files(file)
        expect(self.seen("joint-chosen")).not_to_be_empty()
        self.fill("joint-password", password)
        self.fill("joint-number", number)
        self.next()
        expect(self.seen("joint-result")).to_be_visible()
        found = self.seen("joint-result").locator("[data-finding]").all()
        return [str(one.get_attribute("data-finding")) for one in found]

    def hand_in(self, service: str, number: str, *, file: Path | None = None) -> None:
        """At a relying party: choose, sign what it shows, hand it in."""
        self.go("/rp")
        self.at("rp")
        self.tap(f"service-{service}")
        self.next()
        self.at(f"rp-{service}")
        if file is not None:
            self.seen("rp-load").locator("summary").click()
            self.seen("joint-zip").set_input_files(file)
        self.tap("certificate-0")
        self.fill("joint-password", PASSWORD)
        self.fill("rp-number", number)
        self.next()


def unpacked(file: Path) -> Path:
    """Where a ZIP was unpacked, as another program would; the folder that holds NPKI."""
    folder = file.with_suffix("")
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder)
    return folder
