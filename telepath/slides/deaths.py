"""Which tiles, and which slides, have cost workers of late: they are not asked for again at once. Pure.

A tile that ended two workers is unreadable for a while, and the rest of its slide goes on. A slide whose tiles have cost many
workers, or much of their time, rests as a whole, longer each time: one hostile slide cannot eat the pool.
"""

from collections import OrderedDict
from typing import Final, TypeVar

TILE_DEATHS: Final = 2
TILE_RESTS: Final = 600.0
"""Seconds."""
WITHIN: Final = 60.0
LIMIT: Final = 30.0
"""Of the costs of a slide within so many seconds; a death costs 1, and the seconds of work that went with it."""
SLIDE_RESTS: Final = 60.0
LONGEST_REST: Final = 3600.0
KEPT: Final = 4096
"""Tiles, and slides, that are remembered."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Deaths:
    """``now`` is always of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._tiles: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        """How often it ended a worker, and until when that counts."""
        self._costs: OrderedDict[str, list[tuple[float, float]]] = OrderedDict()
        self._rests: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Until when a slide rests, and for how long."""

    def refused(self, slide: str, tile: str, now: float) -> bool:
        """Whether this tile is not to be tried now."""
        times, until = self._tiles.get((slide, tile), (0, now))
        return (times >= TILE_DEATHS and until > now) or self.rests(slide, now)

    def rests(self, slide: str, now: float) -> bool:
        """Whether nothing of this slide is to be tried now."""
        return self._rests.get(slide, (now, 0.0))[0] > now

    def count(self, slide: str, tile: str, seconds: float, now: float) -> bool:
        """This tile ended a worker, which had worked at it for ``seconds``. Returns whether the slide rests from now on."""
        times, until = self._tiles.get((slide, tile), (0, now))
        _remember(self._tiles, (slide, tile), (times + 1 if until > now else 1, now + TILE_RESTS))
        costs = [one for one in self._costs.get(slide, []) if now - one[0] < WITHIN]
        costs.append((now, 1 + seconds))
        _remember(self._costs, slide, costs)
        if sum(cost for _, cost in costs) < LIMIT:
            return False
        rest = min(LONGEST_REST, max(SLIDE_RESTS, 2 * self._rests.get(slide, (0.0, 0.0))[1]))
        _remember(self._rests, slide, (now + rest, rest))
        del self._costs[slide]
        return True


def _remember(kept: "OrderedDict[_Key, _Value]", key: _Key, value: _Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > KEPT:
        kept.popitem(last=False)
