"""A bank with an offline root, by its commands: two machines and two rooms in one folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from dojang import cli, config
from dojang.app import build
from dojang.kernel.clock import SystemClock
from dojang.kernel.entropy import SystemEntropy

WHO = {"kim": "kim's own words", "lee": "lee's own words", "park": "park's own words"}
LATER = {"choi": "choi's own words", "jung": "jung's own words"}
"""Who holds the roots after the first."""

SETTINGS = """
database = "sqlite:///{folder}/bank.db"
outside = "{folder}/handset.db"
log_head = "{folder}/log-head.json"
demo = true
[vault]
file = "{folder}/bank.vault"
passphrase = {{ file = "{folder}/passphrase" }}
[pki]
offline_root = true
"""


@dataclass
class Rooms:
    """`root(n)` is the folder of a root."""

    folder: Path

    @classmethod
    def of(cls, folder: Path) -> "Rooms":
        """A bank whose database is made, and nothing else."""
        made = cls(folder)
        (folder / "passphrase").write_text("correct horse battery")
        made.settings.write_text(SETTINGS.format(folder=folder))
        CliRunner().invoke(cli.app, ["migrate", "--config", str(made.settings)])
        return made

    def copied(self, folder: Path) -> "Rooms":
        """The same in another folder."""
        shutil.copytree(self.folder, folder)
        made = Rooms(folder)
        made.settings.write_text(SETTINGS.format(folder=folder))
        return made

    @property
    def settings(self) -> Path:
        return self.folder / "bank.toml"

    def root(self, number: int) -> Path:
        return self.folder / f"root-{number}"

    def request(self, generation: int) -> Path:
        return self.folder / f"request-{generation}.pem"

    def issuing(self, generation: int) -> Path:
        return self.folder / f"issuing-{generation}.pem"

    def run(self, *words, typed=()):
        command = ["ca", "ceremony", words[0], "--config", self.settings, *words[1:]]
        typing = "".join(f"{line}\n" for line in typed)
        return CliRunner().invoke(cli.app, [str(word) for word in command], input=typing)

    def founded(self):
        """The first root, and the bank's first generation under it: the bank can serve."""
        named = [word for name in WHO for word in ("--custodian", name)]
        typed = [words for name in sorted(WHO) for words in (WHO[name], WHO[name])]
        must(self.run("root", "--dir", self.root(1), *named, "--threshold", 2, typed=typed))
        must(self.asked(1))
        must(self.signed(1, 1))
        must(self.adopted(1, 1))
        return self

    def asked(self, generation):
        return self.run("request", "--generation", generation, "--out", self.request(generation))

    def signed(self, root, generation, *, who=None):
        named = dict(list((WHO if root == 1 else LATER).items())[:2]) if who is None else who
        present = [word for name in named for word in ("--custodian", name)]
        paths = ("--request", self.request(generation), "--out", self.issuing(generation))
        typed = [named[name] for name in sorted(named)]
        return self.run("sign", "--dir", self.root(root), *paths, *present, typed=typed)

    def new_root(self, number, generation, *more, who=None, pin=(), **folders):
        """The next root, beside the one before it."""
        old = dict(list((WHO if number == 2 else LATER).items())[:2]) if who is None else who
        present = [word for name in old for word in ("--present", name)]
        named = [word for name in LATER for word in ("--custodian", name)]
        typed = [*pin, *(old[name] for name in sorted(old))]
        typed += [words for name in sorted(LATER) for words in (LATER[name], LATER[name])]
        return self.run(
            *("new-root", "--dir", folders.get("new", self.root(number))),
            *("--old-dir", folders.get("old", self.root(number - 1)), *present, *named),
            *("--threshold", 2, "--request", self.request(generation)),
            *("--out", self.issuing(generation), *more),
            typed=typed,
        )

    def adopted(self, root, generation, *, crosses=(), folder=None):
        at = folder or self.root(root)
        return self.run(
            *("adopt", "--root", at / "root.pem", "--issuing", self.issuing(generation)),
            *("--transcript", at / "transcript.json"),
            *(word for name in crosses for word in ("--cross", at / f"{name}.pem")),
        )

    def build(self):
        return build(config.load(self.settings), clock=SystemClock(), entropy=SystemEntropy())


def must(done):
    assert done.exit_code == 0, done.output
    return done
