"""The app as a witness: what was issued in my name with its proof, and a bank that rewrites."""

import json

import cbor2
from playwright.sync_api import expect
from tests.attacks import insider
from tests.site.app import App
from tests.site.look import Look

from dojang.crypto import tree_heads
from dojang.crypto.encoding import unb64u
from dojang.crypto.tree_heads import TreeHead
from dojang.db import Database, log
from dojang.demo import Person
from dojang.journey.served import Served
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy
from dojang.transparency import Keep, Transparency
from dojang.vault.software import SoftwareVault


def test_the_app_proves_what_was_issued_and_stops_where_history_was_rewritten(
    app: App, bank: Served, minyong: Person
) -> None:
    app.issue(minyong)
    look = Look(app.page, "ko", "light")

    app.log_in(minyong.pin, to="/certificate/log")

    app.at("certificate-log")
    expect(app.seen("ever-issued").locator("[data-here]")).to_have_count(1)
    expect(app.seen("ever-issued")).to_contain_text("증명 확인됨")
    expect(app.seen("log-head")).to_contain_text("건")
    look("certificate-log")
    app.switch_language("en")
    expect(app.seen("ever-issued")).to_contain_text("proof checked")
    look.locale = "en"
    look("certificate-log")
    app.switch_language("ko")
    look.locale = "ko"

    bank.stop()
    rewritten(bank)
    bank.start()
    app.go("/login/pin")
    app.digits(minyong.pin)

    app.at("rewritten")
    expect(app.seen("history-rewritten")).to_be_visible()
    look("rewritten")
    assert look.found == []
    with app.page.expect_download() as saving:
        app.tap("save-evidence")
    evidence = json.loads(saving.value.path().read_text("utf-8"))
    heads = [TreeHead.from_json(evidence[name]) for name in ("kept", "shown")]
    assert heads[0].root != heads[1].root
    for head in heads:
        tree_heads.verify(head, unb64u(evidence["key"]))
    app.go("/accounts")
    app.at("login")


def rewritten(bank: Served) -> None:
    """Another body in an old leaf, and everything over it made and signed anew by the bank."""
    db = Database(f"sqlite:///{bank.folder / 'bank.db'}", SystemClock())
    passphrase = (bank.folder / "vault.passphrase").read_text("utf-8").strip().encode()
    vault = SoftwareVault.open(bank.folder / "vault.bin", passphrase, SystemEntropy())
    keep = Keep(bank.folder / "log-head.json")
    kept = keep.read()
    assert kept is not None
    with db.snapshot() as tx:
        victim = log.read(tx.connection, 3, 1)[0]
    insider.unguard(db)
    forged = cbor2.dumps({**victim.fields(), "at": victim.at - 1}, canonical=True)
    insider.rewrite(db, 3, forged)
    insider.forget_what_was_signed(db, keep)
    Transparency(db, vault, SystemClock(), name=kept.log, keep=keep).publish()
    db.close()
