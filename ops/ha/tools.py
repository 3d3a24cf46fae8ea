"""The programs of the experiment, from Debian's packages, none of them started as a service."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = {
    "postgresql": "initdb",
    "patroni": "patroni",
    "etcd-server": "etcd",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
}
FOLDERS = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/sbin")]
_POLICY = Path("/usr/sbin/policy-rc.d")
_NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/dojang-ha.conf")


def program(name: str) -> str | None:
    """Where a program is, None where it is not."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/sbin")]
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    return shutil.which(name)


def need(name: str) -> str:
    found = program(name)
    assert found is not None, f"{name} was looked for before"
    return found


def ready() -> None:
    """Install what is missing, or end with one line that says what to do."""
    missing = [package for package, name in PACKAGES.items() if program(name) is None]
    if not missing:
        return
    wanted = " ".join(missing)
    if shutil.which("apt-get") is None:
        sys.exit(f"./dev ha: needs {wanted}; it knows how to install them on Debian 12 only")
    if os.geteuid() != 0:
        sys.exit(f"./dev ha: not installed: {wanted}; as root: apt-get install {wanted}")
    print(f"· installing {wanted}", file=sys.stderr)
    with _nothing_starts():
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        if "patroni" in missing:
            command.append("python3-etcd")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(command, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
            sys.exit(f"./dev ha: this failed: {' '.join(command)}")


@contextmanager
def _nothing_starts() -> Iterator[None]:
    """No service starts and no cluster is made while packages are installed."""
    made = []
    for path, text in (
        (_POLICY, "#!/bin/sh\nexit 101\n"),
        (_NO_CLUSTER, "create_main_cluster = false\n"),
    ):
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            made.append(path)
    if _POLICY in made:
        _POLICY.chmod(0o755)
    try:
        yield
    finally:
        for path in made:
            path.unlink()
