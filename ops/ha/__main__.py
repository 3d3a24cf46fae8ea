"""`./dev ha`: kill the primary under load, again and again; print outage and losses.

Everything runs on loopback in a temporary folder and is gone afterwards. Exit 1 when anything
acknowledged was lost or changed, or a transfer found no answer.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from ops.ha import tools
from ops.ha.cluster import Cluster, NotReady
from ops.ha.configs import Ports
from ops.ha.experiment import OWN_SHARE_SECONDS, Result, experiment, say
from ops.ha.processes import free

BASES = range(56_000, 56_400, 40)


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev ha", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often the primary is killed")
    parser.add_argument("--seconds", type=float, default=5.0, help="load before each kill")
    parser.add_argument("--port", type=int, help="the first of 33 ports; else free ones")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    asked = parser.parse_args()
    tools.ready()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dojang-ha-") as folder:
        try:
            with Cluster.started(Path(folder), asked.port or _free_base()) as cluster:
                say(f"three nodes and their proxies are up after {time.monotonic() - begun:.0f} s")
                result = experiment(cluster, asked.rounds, asked.seconds)
        except NotReady as error:
            sys.exit(f"./dev ha: {error}")
    _print(result, as_json=asked.json)
    return 0 if result.books.hold() and result.unresolved == 0 else 1


def _free_base() -> int:
    for base in BASES:
        if all(free(port) for port in Ports(base).all()):
            return base
    sys.exit(f"./dev ha: no 33 free ports between {BASES.start} and {BASES.stop}; see --port")


def _print(result: Result, *, as_json: bool) -> None:
    if as_json:
        met = [one.met for one in result.rounds]
        print(json.dumps({**asdict(result), "books_hold": result.books.hold(), "met": met}))
        return
    apps = list(result.rounds[0].apps_s) if result.rounds else []
    print(f"{'killed':<12}{'node':<6}{'plain client':>14}" + "".join(f"{a:>24}" for a in apps))
    for one in result.rounds:
        figures = "".join(f"{one.apps_s[app]:>22.1f} s" for app in apps)
        print(f"{one.killed:<12}{one.node:<6}{one.plain_s:>12.1f} s{figures}")
    books = result.books
    print(
        f"{result.acknowledged} transfers acknowledged ({result.per_second:.0f}/s over everything),"
        f" {result.retried} of them asked for more than once, {result.unresolved} without an answer"
    )
    print(
        f"lost {books.lost}, told differently {books.different}, not double entry "
        f"{books.not_double_entry}, sum of balances {books.sum_of_balances}, log "
        f"{'whole' if books.log_broken_at is None else f'broken at {books.log_broken_at}'}"
    )
    met = all(one.met for one in result.rounds)
    print(
        f"goal: nothing lost, {'met' if books.hold() else 'MISSED'}; outage at most a plain "
        f"client's + {OWN_SHARE_SECONDS:.0f} s, {'met' if met else 'MISSED'}"
    )


if __name__ == "__main__":
    sys.exit(main())
