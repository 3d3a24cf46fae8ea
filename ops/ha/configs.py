"""The files of deploy/ for three servers on one machine: only names and addresses are changed."""

from dataclasses import dataclass
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
NODES = ("db1", "db2", "db3")


@dataclass(frozen=True)
class Ports:
    """Where everything listens on 127.0.0.1, counted from one base."""

    base: int

    def postgresql(self, node: int) -> int:
        return self.base + 1 + node

    def patroni(self, node: int) -> int:
        return self.base + 11 + node

    @property
    def etcd(self) -> int:
        return self.base + 21

    @property
    def etcd_peer(self) -> int:
        return self.base + 22

    @property
    def haproxy(self) -> int:
        return self.base + 31

    @property
    def pgbouncer(self) -> int:
        return self.base + 32

    def all(self) -> list[int]:
        own = [
            port
            for node in range(len(NODES))
            for port in (self.postgresql(node), self.patroni(node))
        ]
        return [*own, self.etcd, self.etcd_peer, self.haproxy, self.pgbouncer]


def patroni(ports: Ports, node: int, folder: Path, bin_folder: Path) -> str:
    """deploy/patroni/patroni.yml as server `node`, without TLS and without a watchdog."""
    text = (DEPLOY / "patroni" / "patroni.yml").read_text("utf-8")
    own = folder / NODES[node]
    text = _replaced(
        text,
        {
            "name: db1": f"name: {NODES[node]}",
            "10.0.0.11:2379,10.0.0.12:2379,10.0.0.13:2379": f"127.0.0.1:{ports.etcd}",
            "10.0.0.11:8008": f"127.0.0.1:{ports.patroni(node)}",
            "10.0.0.11:5432": f"127.0.0.1:{ports.postgresql(node)}",
            "/var/lib/postgresql/15/dojang": str(own / "data"),
            "/usr/lib/postgresql/15/bin": str(bin_folder),
            "unix_socket_directories: /var/run/postgresql": f"unix_socket_directories: {own}\n"
            "    dynamic_shared_memory_type: mmap",
            "mode: required": "mode: 'off'",
        },
    )
    lines = [line for line in text.splitlines() if not _of_tls(line)]
    at = next(n for n, line in enumerate(lines) if line.startswith("  pg_hba:"))
    rest = next(n for n, line in enumerate(lines) if n > at and not line.startswith("    - "))
    trusted = ["    - local all all trust", "    - host all all 127.0.0.1/32 trust"]
    trusted.append("    - host replication all 127.0.0.1/32 trust")
    return "\n".join([*lines[: at + 1], *trusted, *lines[rest:], ""])


def haproxy(ports: Ports) -> str:
    text = (DEPLOY / "haproxy" / "haproxy.cfg").read_text("utf-8")
    changes = {"127.0.0.1:5000": f"127.0.0.1:{ports.haproxy}"}
    for node, name in enumerate(NODES):
        old = f"server {name} 10.0.0.1{node + 1}:5432 check port 8008"
        new = f"server {name} 127.0.0.1:{ports.postgresql(node)} check port {ports.patroni(node)}"
        changes[old] = new
    return _replaced(text, changes)


def pgbouncer(ports: Ports, folder: Path) -> str:
    text = (DEPLOY / "pgbouncer" / "pgbouncer.ini").read_text("utf-8")
    text = _replaced(
        text,
        {
            "port=5000": f"port={ports.haproxy}",
            "listen_port = 6432": f"listen_port = {ports.pgbouncer}",
            "/etc/pgbouncer/userlist.txt": str(folder / "userlist.txt"),
        },
    )
    return (
        "\n".join(line for line in text.splitlines() if not line.startswith("server_tls_")) + "\n"
    )


def _of_tls(line: str) -> bool:
    return line.strip().startswith(("ssl", "ssl:", "ssl_"))


def _replaced(text: str, changes: dict[str, str]) -> str:
    """Every change must find its words: a file of deploy/ that moved on is noticed here."""
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"deploy/ no longer says {old!r}")
        text = text.replace(old, new)
    return text
