"""Rounds in which everyone has a turn, and what is said of them: medians, and the worst round."""

import statistics
from collections.abc import Callable, Mapping

Figures = dict[str, float]
Turn = Callable[[], Mapping[str, float]]
WORST = ".worst"


class Rounds:
    """Figures by name, one a round. Who begins moves on by one each round."""

    def __init__(self) -> None:
        self._seen: dict[str, list[float]] = {}

    def run(self, count: int, turns: Mapping[str, Turn]) -> None:
        """`turns` by name; the figure x of the turn a is kept as `a.x`."""
        names = list(turns)
        for _ in range(count):
            for name in names:
                for figure, value in turns[name]().items():
                    self._seen.setdefault(f"{name}.{figure}", []).append(value)
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
