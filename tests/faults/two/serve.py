"""One of them: `python -m tests.faults.two.serve FOLDER PORT ORIGIN`."""

import sys
from pathlib import Path

from dojang import demo, serving


def main(folder: str, port: str, origin: str) -> None:
    """A demo bank that answers on `port` and is, for its customers, at `origin`."""
    bank = demo.make(Path(folder), int(port), origin=origin)
    serving.run(bank, "127.0.0.1", int(port))


if __name__ == "__main__":
    main(*sys.argv[1:])
