"""etcd, three Patroni nodes, HAProxy and PgBouncer on loopback, and the end of any of them."""

import contextlib
import json
import os
import shutil
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from ops.ha import configs
from ops.ha.configs import NODES, Ports
from ops.ha.processes import Processes, forget_memory_of, free, own
from ops.ha.tools import need

READY_SECONDS_MAX = 90.0
PATIENCE_SECONDS = 25.0


class NotReady(Exception):
    """The cluster did not come to where it should be in time; the message has its last words."""


class Cluster:
    """Three nodes of which one is primary and another holds every acknowledged commit."""

    def __init__(self, folder: Path, base_port: int) -> None:
        self.folder = folder
        self.ports = Ports(base_port)
        self.processes = Processes(folder)
        self._killed: set[int] = set()

    @classmethod
    @contextmanager
    def started(cls, folder: Path, base_port: int) -> Iterator["Cluster"]:
        """Running and whole; stopped at the end, whatever happened."""
        cluster = cls(folder, base_port)
        if taken := [port for port in cluster.ports.all() if not free(port)]:
            raise NotReady(f"ports are in use: {taken}; choose others with --port")
        own(folder)
        try:
            cluster._start()
            yield cluster
        finally:
            cluster.processes.stop_all()
            forget_memory_of(cluster._killed)

    def _start(self) -> None:
        ports, folder = self.ports, self.folder
        client, peer = f"http://127.0.0.1:{ports.etcd}", f"http://127.0.0.1:{ports.etcd_peer}"
        self.processes.start(
            *("etcd", need("etcd"), "--name", "etcd1", "--data-dir", str(folder / "etcd")),
            *("--listen-client-urls", client, "--advertise-client-urls", client),
            *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
            *("--initial-cluster", f"etcd1={peer}"),
        )
        _until(lambda: not free(ports.etcd), "etcd listens", 15.0, self.told)
        for node in range(len(NODES)):
            self._start_node(node)
            if node == 0:  # the first to come makes the database, the others copy it
                _until(lambda: self.primary() == 0, "a first primary", READY_SECONDS_MAX, self.told)
        self._write("haproxy.cfg", configs.haproxy(ports))
        self.processes.start("haproxy", need("haproxy"), "-db", "-f", str(folder / "haproxy.cfg"))
        self._write("pgbouncer.ini", configs.pgbouncer(ports, folder))
        self._write("userlist.txt", '"dojang_app" ""\n')
        self.processes.start("pgbouncer", need("pgbouncer"), str(folder / "pgbouncer.ini"))
        self.wait_whole()

    def _start_node(self, node: int) -> None:
        own_folder = self.folder / NODES[node]
        own_folder.mkdir(exist_ok=True)
        own(own_folder)
        bin_folder = Path(need("initdb")).parent
        name = f"{NODES[node]}.yml"
        self._write(name, configs.patroni(self.ports, node, self.folder, bin_folder))
        self.processes.start(NODES[node], need("patroni"), str(self.folder / name))

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text, "utf-8")
        own(path)

    def primary(self) -> int | None:
        """The node that Patroni calls primary now."""
        return next((n for n in range(len(NODES)) if self._role(n) == "primary"), None)

    def _role(self, node: int) -> str | None:
        state = self._get(node, "/patroni") or {}
        role = str(state.get("role"))
        running = state.get("state") == "running"
        return {"master": "primary"}.get(role, role) if running else None

    def _get(self, node: int, path: str) -> dict[str, object] | None:
        address = f"http://127.0.0.1:{self.ports.patroni(node)}{path}"
        try:
            with urllib.request.urlopen(address, timeout=2) as answer:
                return dict(json.load(answer))
        except (OSError, ValueError):
            return None

    def wait_whole(self) -> list[str]:
        """Until one leads, two follow and one of them is synchronous; who had to be made anew.

        A primary that died can have written what nobody else has, and then hangs at starting up.
        An operator gives it `patronictl reinit`; here its folder goes and it copies the primary.
        """
        begun, anew = time.monotonic(), []
        while not self._whole():
            waited = time.monotonic() - begun
            if waited > READY_SECONDS_MAX:
                raise NotReady(f"one primary and two standbys were not there\n{self.told()}")
            if waited > PATIENCE_SECONDS and not anew and self.primary() is not None:
                for node in [n for n in range(len(NODES)) if self._role(n) is None]:
                    anew.append(NODES[node])
                    self._make_anew(node)
            time.sleep(0.2)
        return anew

    def _make_anew(self, node: int) -> None:
        self.processes.stop(NODES[node])
        shutil.rmtree(self.folder / NODES[node] / "data")
        self._start_node(node)

    def _whole(self) -> bool:
        roles = sorted(self._role(node) or "" for node in range(len(NODES)))
        return roles == ["primary", "replica", "replica"] and self.synchronous() is not None

    def synchronous(self) -> str | None:
        """The name of the standby that commits wait for."""
        leader = self.primary()
        if leader is None:
            return None
        query = "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'"
        with contextlib.suppress(psycopg.OperationalError), self.admin(leader) as admin:
            row = admin.execute(query).fetchone()
            return None if row is None else str(row[0])
        return None

    def admin(
        self, node: int, database: str = "postgres"
    ) -> "psycopg.Connection[tuple[object, ...]]":
        port = self.ports.postgresql(node)
        address = f"host=127.0.0.1 port={port} user=postgres dbname={database} connect_timeout=2"
        return psycopg.connect(address, autocommit=True)

    def kill_postmaster(self, node: int) -> None:
        """kill -9, by the id in its own folder. Its children see that it is gone and end."""
        os.kill(self._postmaster(node), signal.SIGKILL)

    def kill_machine(self, node: int) -> None:
        """Everything of the node at once, as when its power goes."""
        postmaster = self._postmaster(node)
        self.processes.kill(NODES[node])
        os.kill(postmaster, signal.SIGKILL)

    def _postmaster(self, node: int) -> int:
        pid_file = self.folder / NODES[node] / "data" / "postmaster.pid"
        pid = int(pid_file.read_text().split("\n", 1)[0])
        self._killed.add(pid)
        return pid

    def revive(self, node: int) -> None:
        """Power again: the same folder, and Patroni makes a standby of it."""
        self._start_node(node)

    def told(self) -> str:
        """The last words of every log."""
        words = []
        for log in sorted(self.folder.glob("*.log")):
            last = log.read_text("utf-8", errors="replace").splitlines()[-6:]
            words.append("\n".join([f"--- {log.name}", *last]))
        return "\n".join(words)

    def several_hosts(self, user: str) -> str:
        """The URL that names every server, as an app without a proxy would have it."""
        hosts = "&".join(f"host=127.0.0.1:{self.ports.postgresql(n)}" for n in range(len(NODES)))
        return f"postgresql+psycopg://{user}@/dojang?{hosts}"

    def through_the_proxies(self, user: str) -> str:
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.ports.pgbouncer}/dojang"


def _until(
    holds: Callable[[], bool], what: str, seconds: float, told: Callable[[], str] = str
) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise NotReady(f"not in {seconds:.0f} s: {what}\n{told()}")
        time.sleep(0.2)
