"""A joint certificate in the browser: issued, taken along, used, renewed, revoked, refused."""

import base64
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Request, Route, expect
from tests.site.conftest import new_context
from tests.site.joint import PASSWORD, JointApp, unpacked
from tests.site.look import Look
from tests.site.test_shelter import KEPT, files_of

from dojang.demo import Person
from dojang.journey import loopback
from dojang.journey.served import Served

DAY: Final = 86_400
READERS: Final = Path(sys.prefix) / "readers"
PINK: Final = """
import pypinksign, sys
base, name, password = sys.argv[1:]
key = pypinksign.choose_cert(base_path=base, cn=name, pw=password.encode())
assert key.verify(key.sign(b"1"), b"1")
print(int(str(key._rand_num), 2).to_bytes(20, "big").hex())
"""
LATER: Final = "() => { window.now = Date.now; Date.now = () => window.now() + 601_000; }"
NOW: Final = "() => { Date.now = window.now; }"
LEGACY: Final = ("-provider", "legacy", "-provider", "default")


@pytest.fixture
def phone(bank: Served, tmp_path: Path) -> Any:
    """Opens a phone with the joint screens."""

    def open_one(browser: Browser, person: Person) -> JointApp:
        app = JointApp(new_context(browser).new_page(), bank)
        app.folder = tmp_path
        app.issue(person)
        app.log_in(person.pin)
        return app

    return open_one


@pytest.mark.parametrize(
    ("locale", "theme"), [("ko", "light"), pytest.param("en", "dark", marks=pytest.mark.slow)]
)
def test_a_joint_certificate_is_issued_taken_along_used_and_refused_once_revoked(
    browser: Browser, phone: Any, bank: Served, seoyeon: Person, locale: str, theme: str
) -> None:
    app = phone(browser, seoyeon)
    sent: list[Request] = []
    app.page.context.on("request", lambda one: sent.append(one))  # noqa: PLW0108 - playwright marks the handler
    look = Look(app.page, locale, theme)
    app.switch_language(locale)
    number = seoyeon.resident_number

    issue(app, look, seoyeon.pin)
    old, new, file = take_along(app, look)
    assert app.inspect(new, number=number) == []
    look("joint-check")
    assert app.inspect(new, password=PASSWORD + "!") == ["joint_wrong_password"]
    assert app.inspect(new, number=number[:-1] + str((int(number[-1]) + 1) % 10)) == [
        "other_person"
    ]
    look("joint-check-wrong")
    random = pink_reads(new, seoyeon.name)
    assert pink_reads(old, seoyeon.name) == random
    openssl_reads(bank, unpacked(new), file)
    we_read(bank, unpacked(new), number)
    use(app, look, sent, number)
    stays_secret(app, sent, [*pieces(unpacked(new)), random], number)
    revoke(app, look, seoyeon)
    assert app.inspect(new) == ["revoked"]
    app.hand_in("tax", number, file=new)
    expect(app.seen("rp-refusal")).to_have_attribute("data-code", "rp_revoked")
    look("rp-refused")
    app.go("/login")
    app.page.context.close()

    assert look.found == []


def issue(app: JointApp, look: Look, pin: str) -> None:
    app.open_joint()
    look("joint-none")
    app.tap("joint-issue")
    app.at("joint-about-issue")
    look("joint-about")
    app.next()
    app.at("joint-password")
    app.fill("joint-password", "short1'")
    app.next()
    kept = app.seen("joint-rules").locator(".done").all()
    assert [one.get_attribute("data-rule") for one in kept] == ["letter", "digit", "sign"]
    look("joint-password")
    app.choose_joint_password()
    app.at("joint-confirm")
    app.seen("joint-fields").locator("summary").click()
    look("joint-confirm")
    app.sign_act(pin)
    app.at("joint-done-issue")
    look("joint-done")


def take_along(app: JointApp, look: Look) -> tuple[Path, Path, Path]:
    """Both forms of the folder, and PKCS#12."""
    app.open_certificate()
    look("joint-one")
    app.tap("joint-export")
    app.at("joint-export")
    look("joint-export")
    app.tap("back")
    app.at("joint-one")
    return app.take("old"), app.take("zip"), app.take("p12")


def pink_reads(packed: Path, name: str) -> bytes:
    """PyPinkSign finds the folder, opens the key, and signs with it. Returns R."""
    base = unpacked(packed) / "NPKI"
    words = [sys.executable, "-c", PINK, str(base), name, PASSWORD]
    env = {**os.environ, "PYTHONPATH": str(READERS)}

    done = subprocess.run(words, capture_output=True, text=True, env=env, check=True)

    return bytes.fromhex(done.stdout)


def openssl_reads(bank: Served, folder: Path, packed: Path) -> None:
    """The chain with its policy, the key file, and the PKCS#12 file with R in it."""
    own = next(folder.rglob("signCert.der"))
    for name in ("root", "ca"):
        raw = loopback.get(f"{bank.origin}/pki/joint/{name}.crt").raise_for_status().content
        (folder / f"{name}.der").write_bytes(raw)
        openssl(
            "x509", "-inform", "der", "-in", folder / f"{name}.der", "-out", folder / f"{name}.pem"
        )
    openssl("x509", "-inform", "der", "-in", own, "-out", folder / "own.pem")
    chain = ("-CAfile", folder / "root.pem", "-untrusted", folder / "ca.pem", folder / "own.pem")

    strictly = ("verify", "-x509_strict", "-explicit_policy", "-policy")
    assert "OK" in openssl(*strictly, policy_in(folder), *chain)
    assert "error 43" in openssl(*strictly, "1.2.3.4.5", *chain, code=2)
    secret = ("-passin", f"pass:{PASSWORD}")
    key = next(folder.rglob("signPri.key"))
    assert "PRIVATE KEY" in openssl("pkcs8", *LEGACY, "-inform", "der", "-in", key, *secret)
    assert "1.2.410.200004.10.1.1.3" in openssl("pkcs12", "-in", packed, "-nodes", *secret)


def policy_in(folder: Path) -> str:
    text = openssl("x509", "-in", folder / "own.pem", "-noout", "-ext", "certificatePolicies")
    return str(re.findall(r"Policy: ([0-9.]+)", text)[0])


def we_read(bank: Served, folder: Path, number: str) -> None:
    """The bank's own check, which is another program than the browser's, finds nothing either."""
    crl = loopback.get(f"{bank.origin}/pki/joint/ca.crl").raise_for_status().content
    (folder / "crl.der").write_bytes(crl)
    words = [sys.executable, "-m", "dojang.cli", "joint", "check", str(folder)]
    words += ["--password", PASSWORD, "--idn", number, "--policy", policy_in(folder)]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert done.stdout.strip() == "ok", done.stderr


def pieces(folder: Path) -> list[bytes]:
    """Of the private key's numbers, which must be nowhere; however base64 falls on them."""
    key = next(folder.rglob("signPri.key"))
    secret = ("-passin", f"pass:{PASSWORD}")
    plain = folder / "plain.der"
    openssl(
        "pkcs8", *LEGACY, "-inform", "der", "-in", key, *secret, "-outform", "der", "-out", plain
    )
    raw = plain.read_bytes()
    return [raw[at : at + 24] for start in (320, 600, 900) for at in range(start, start + 3)]


def use(app: JointApp, look: Look, sent: list[Request], number: str) -> None:
    """At the tax desk; what was handed in verifies with OpenSSL too."""
    app.go("/rp")
    app.at("rp")
    look("rp")
    app.hand_in("document", "9001011234567")
    expect(app.seen("rp-refusal")).to_have_attribute("data-code", "rp_other_person")
    app.hand_in("tax", number)
    app.at("rp-accepted")
    look("rp-accepted")
    body = [one.post_data_json for one in sent if one.url.endswith("/answer")][-1]
    signed = app.folder / "signed.der"
    signed.write_bytes(base64.urlsafe_b64decode(body["signed"] + "=="))
    trusted = ("-CAfile", app.folder / "chain.pem", "-purpose", "any")
    (app.folder / "chain.pem").write_text(
        "".join(path.read_text("utf-8") for path in sorted(app.folder.glob("zip-*/*.pem")))
    )
    assert openssl("cms", "-verify", "-inform", "der", "-in", signed, *trusted) != ""


def stays_secret(app: JointApp, sent: list[Request], keys: list[bytes], number: str) -> None:
    """Neither password nor key nor number are where they do not belong."""
    spelled = [key.decode("latin-1") for key in keys]
    spelled += [base64.urlsafe_b64encode(key).decode() for key in keys]
    in_browser = [*app.page.evaluate(KEPT), *(one.url for one in sent)]
    on_server = [app.bank.log_text(), *files_of(app)]
    bodies = [one.post_data or "" for one in sent]

    for secret in (PASSWORD, *spelled):
        assert [text[:80] for text in in_browser + on_server + bodies if secret in text] == []
    told = re.compile(rf"(?<!\d){number}(?!\d)")
    assert [text[:80] for text in in_browser + on_server if told.search(text)] == []
    assert [one.url for one in sent if number in (one.post_data or "")] == [
        one.url for one in sent if one.url.endswith("/answer")
    ][-1:], "once, to the relying party that asked for it"


def revoke(app: JointApp, look: Look, person: Person) -> None:
    app.log_in(person.pin, to="/joint")
    app.at("joint")
    look("joint")
    app.tap("joint-row")
    app.at("joint-one")
    app.tap("joint-revoke")
    app.at("joint-reason")
    app.tap("reason-key_compromised")
    look("joint-reason")
    app.next()
    app.at("joint-confirm")
    look("joint-confirm-revoke")
    app.sign_act(person.pin)
    app.at("joint-done-revoke")
    look("joint-done-revoke")
    app.tap("done")
    app.at("joint")
    expect(app.seen("joint-issue")).to_be_visible()


def test_it_is_renewed_from_thirty_days_before_its_end_and_reissued_at_any_time(
    browser: Browser, phone: Any, bank: Served, seoyeon: Person
) -> None:
    app = phone(browser, seoyeon)
    look = Look(app.page, "ko", "light")
    app.open_joint()
    app.tap("joint-issue")
    app.make("issue", seoyeon.pin)
    first = ends(app)
    expect(app.seen("joint-renew")).to_have_count(0)
    app.tap("joint-reissue")
    app.make("reissue", seoyeon.pin)

    assert ends(app) == first, "a reissue keeps the end"

    bank.move_clock(336 * DAY)
    app.log_in(seoyeon.pin, to="/joint")
    app.open_certificate()
    look("joint-one-renewable")
    app.tap("joint-renew")
    app.at("joint-about-renew")
    look("joint-about-renew")
    app.make("renew", seoyeon.pin)

    assert int(ends(app)[:4]) == int(first[:4]) + 1
    app.open_joint()
    states = app.seen("joint-list").locator(".tag.good")
    expect(states).to_have_count(1)
    expect(app.seen("joint-row")).to_have_count(3)
    look("joint-list-three")
    app.page.context.close()
    assert look.found == []


def ends(app: JointApp) -> str:
    """The newest certificate's end, as it is shown."""
    app.open_certificate()
    return app.seen("joint-facts").locator("dd").nth(3).inner_text()


@pytest.mark.parametrize("locale", ["ko", pytest.param("en", marks=pytest.mark.slow)])
def test_a_program_on_a_pc_enrols_with_what_the_screen_shows_once(
    browser: Browser, phone: Any, seoyeon: Person, locale: str, tmp_path: Path
) -> None:
    app = phone(browser, seoyeon)
    app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    look = Look(app.page, locale, "light")
    app.switch_language(locale)
    app.open_joint()
    app.tap("joint-program")
    app.at("joint-about-register")
    look("joint-about-register")
    app.next()
    app.page.route("**/registration", lost, times=1)
    app.sign_act(seoyeon.pin)
    app.refused("offline")
    look("joint-pin")
    app.digits(seoyeon.pin)
    app.refused("joint_registration_shown")

    app.log_in(seoyeon.pin, to="/joint/program")
    app.at("joint-about-register")
    app.next()
    app.sign_act(seoyeon.pin)
    app.at("joint-registration")
    told = {name: shown(app, name) for name in ("reference", "code", "url")}
    copy(app, "code")
    assert app.page.evaluate("navigator.clipboard.readText()") == told["code"]
    app.seen("registration-help").locator("summary").press("Enter")
    look("joint-registration")
    commands = shown(app, "commands")
    assert [name for name, value in told.items() if value not in commands] == []
    secrets = (told["code"], shown(app, "random"))
    for line in commands.splitlines():
        run_as_typed(line, tmp_path)
    ends_and_is_forgotten(app, look, secrets)
    app.tap("joint-registered")
    app.at("joint")
    expect(app.seen("joint-row")).to_have_count(1)
    serial = openssl("x509", "-in", tmp_path / "new.pem", "-noout", "-serial")
    app.open_certificate()
    expect(app.seen("joint-facts")).to_contain_text(str(int(serial.partition("=")[2], 16)))

    app.log_in(seoyeon.pin, to="/joint/program")
    app.at("joint-about-register")
    app.next()
    app.refused("joint_exists")
    app.page.context.close()
    assert look.found == []


def ends_and_is_forgotten(app: JointApp, look: Look, secrets: tuple[str, str]) -> None:
    """After ten minutes neither code nor R are anywhere, however the clock goes on."""
    app.page.evaluate(LATER)
    app.at("joint-registration-over")
    app.page.evaluate(NOW)
    look("joint-registration-over")
    kept = [*app.page.evaluate(KEPT), app.bank.log_text(), *files_of(app), app.page.content()]
    assert [text[:80] for text in kept if any(one in text for one in secrets)] == []


def lost(route: Route) -> None:
    """The bank hears it and answers, and the answer does not arrive."""
    route.fetch()
    route.abort()


def shown(app: JointApp, name: str) -> str:
    return app.seen(f"copied-{name}").inner_text()


def copy(app: JointApp, name: str) -> None:
    """By keyboard, with a button large enough for a thumb, which says what it did."""
    button = app.seen(f"copy-{name}")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    button.press("Enter")
    said = app.page.get_by_role("status").filter(has_text=re.compile("복사했어요|Copied"))
    expect(said).to_be_attached()


def run_as_typed(line: str, folder: Path) -> None:
    done = subprocess.run(
        shlex.split(line), cwd=folder, capture_output=True, timeout=120, check=False,
        env={**os.environ, "no_proxy": "localhost,127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")


def openssl(*words: object, code: int = 0) -> str:
    """What it said, on both channels; `code` is how it has to end."""
    done = subprocess.run(
        ["openssl", *map(str, words)], capture_output=True, timeout=120, check=False
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == code, said
    return said
