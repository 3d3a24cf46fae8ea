"""Rounds in which everyone has a turn, and what is said of them: medians, and the worst round."""

import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping

Figures = dict[str, float]
Turn = Callable[[], Mapping[str, float]]
WORST = ".worst"


class Rounds:
    """Figures by name, one a round. Who begins moves on by one each round."""

    def __init__(self, title: str = "") -> None:
        """With a title, each round is told on standard error as it begins."""
        self._title = title
        self._seen: dict[str, list[float]] = {}

    def run(self, count: int, turns: Mapping[str, Turn], *, slices: int = 1) -> None:
        """`turns` by name; the figure x of the turn a is kept as `a.x`.

        With several slices everyone has so many short turns in a round, and the round's figure is
        their mean: the machine's speed changes within a second.
        """
        names = list(turns)
        for number in range(1, count + 1):
            if self._title:
                print(f"· {self._title}: round {number} of {count}", file=sys.stderr)
            found: defaultdict[str, list[float]] = defaultdict(list)
            for name in names * slices:
                for figure, value in turns[name]().items():
                    found[f"{name}.{figure}"].append(value)
            for figure, values in found.items():
                self._seen.setdefault(figure, []).append(statistics.fmean(values))
            names = [*names[1:], names[0]]

    def seen(self, turn: str) -> bool:
        """Whether this turn was taken."""
        return f"{turn}.tps" in self._seen

    def median(self, name: str) -> float:
        return statistics.median(self._seen[name])

    def ratio(self, above: str, below: str, *, lower_is_better: bool = False) -> tuple[float, ...]:
        """(median of the per-round ratios, the worst of them)."""
        pairs = zip(self._seen[above], self._seen[below], strict=True)
        ratios = [one / other for one, other in pairs]
        return statistics.median(ratios), max(ratios) if lower_is_better else min(ratios)


def with_worst(name: str, found: tuple[float, ...]) -> Figures:
    return {name: found[0], name + WORST: found[1]}
