"""What one follower is still to be sent of a slide, the most wanted first. Pure: ``now`` is a monotonic clock in seconds.

A field wants its quick picture, then its sharp one; when it rests, what may come next, and at last the tiles as the file holds
them where the small coding went out. Another field replaces all of it. Nothing is sent twice."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from itertools import islice
from typing import Final

import msgspec

from realtime import tile_push
from realtime.tile_frames import COLOUR
from realtime.tile_push import Area, Grid, Plan, Screen, SentOfSlide, Tile
from telepath.geometry import View

AHEAD: Final = 64
"""Tiles that are looked ahead for one field."""
LACKING: Final = 2.0
"""Seconds after which a tile that could not be had is asked for again."""


class Step(IntEnum):
    """What a tile is wanted for."""

    COARSE = 0
    SHARP = 1
    AHEAD = 2
    NATIVE = 3


class Stage(IntEnum):
    """How far a field has come."""

    NOTHING = 0
    COARSE = 1
    """Its quick picture was sent."""
    ALL = 2


class TileQueue:
    """One connection's, for one slide."""

    def __init__(self, slide: Sequence[Grid], sent: SentOfSlide, planes: int = 1) -> None:
        """``sent``: what the client has of it already. ``planes``: how many focal planes it has."""
        self.slide = slide
        self._planes = planes
        self.stage = Stage.NOTHING
        self.slow = False
        """The small coding is not made in time: what was not sent in it yet is sent as the file holds it."""
        self._plan: Plan | None = None
        self._plane = 0
        self._channels: Sequence[int] = (COLOUR,)
        self._reduced = False
        self._wanted: dict[Tile, Step] = {}
        self._left = [0] * len(Step)
        """How many tiles were not sent for each step, those that cannot be had among them."""
        self._sent = sent
        self._lacking: dict[Tile, float] = {}

    def aim(self, screen: Screen, field: View, plane: int, now: float, channels: Sequence[int] = (COLOUR,)) -> None:
        """Want what ``field`` needs in this window, in these channels of this plane, and nothing else."""
        plan = self._plan = tile_push.plan(self.slide, screen, field, len(channels))
        self._plane, self._channels, self._reduced = plane, channels, screen.reduced
        self.clear()
        self._lacking = {tile: since for tile, since in self._lacking.items() if now - since < LACKING}
        for area, step in ((plan.coarse, Step.COARSE), (plan.sharp, Step.SHARP)):
            if area is not None:
                self._want(self._ordered(area, plan.view), step)
        self._stage()

    def clear(self) -> None:
        """Want nothing."""
        self._wanted = {}
        self._left = [0] * len(Step)
        self.stage = Stage.NOTHING

    def look_ahead(self, screen: Screen, field: View) -> None:
        """Want some of what may be needed after ``field``: of a slide with planes first those beside this one."""
        found: dict[Tile, None] = {}
        plan = self._plan
        if plan is not None and plan.sharp is not None:
            beside = [plane for plane in (self._plane + 1, self._plane - 1) if 0 <= plane < self._planes]
            for tile in self._ordered(plan.sharp, plan.view):
                found |= dict.fromkeys(tile._replace(plane=plane) for plane in beside)
        for area, view in tile_push.ahead(self.slide, screen, field, len(self._channels)):
            found |= dict.fromkeys(self._ordered(area, view))
        found = dict.fromkeys(tile for tile in found if tile not in self._sent)
        self._want(islice(found, AHEAD), Step.AHEAD)

    def refine(self, screen: Screen, field: View) -> None:
        """Want natively what went out in the small coding, of what the window shows of ``field``."""
        plan = self._plan
        if plan is None or plan.sharp is None or not self._reduced:
            return
        level = tile_push.sharp_level(self.slide, plan.downsample, screen.finest)
        size = {"width": min(field.width, plan.view.width), "height": min(field.height, plan.view.height)}
        field = msgspec.structs.replace(field, **size)
        area = tile_push.area(self.slide, level, tile_push.around(field))
        if area is not None and area.count * len(self._channels) <= tile_push.MOST:
            found = tile_push.ordered(self.slide, area, field, self._plane, channels=self._channels)
            self._want(found, Step.NATIVE)

    def give_up_ahead(self) -> None:
        """Enough was sent for fields that nobody has gone to."""
        self._wanted = {tile: step for tile, step in self._wanted.items() if step is not Step.AHEAD}
        self._left[Step.AHEAD] = 0

    def first(self, most: int) -> list[Tile]:
        """The most wanted ones."""
        return list(islice(self._wanted, most))

    @property
    def needs(self) -> bool:
        """Whether the field needs anything that may still come."""
        return any(step <= Step.SHARP for step in self._wanted.values())

    def step(self, tile: Tile) -> Step | None:
        """What it is wanted for; None: for nothing any more."""
        return self._wanted.get(tile)

    def took(self, tile: Tile, size: int) -> None:
        """It was sent, ``size`` bytes of it."""
        self._sent.add(tile, size)
        self._drop(tile)

    def lacks(self, tile: Tile, now: float) -> None:
        """It cannot be had now; where that was the small coding, the file's own may be, in its place."""
        self._lacking[tile] = now
        if not tile.reduced or tile not in self._wanted:
            self._wanted.pop(tile, None)
            return
        before, self._wanted = self._wanted, {}
        for each, step in before.items():
            if each == tile:
                self._left[step] -= 1
                self._want([tile], step)
            elif each in self._wanted:
                self._left[step] -= 1  # it was wanted for less, later
            else:
                self._wanted[each] = step
        self._stage()

    def _ordered(self, area: Area, view: View) -> list[Tile]:
        return tile_push.ordered(self.slide, area, view, self._plane, reduced=self._reduced, channels=self._channels)

    def _want(self, tiles: Iterable[Tile], step: Step) -> None:
        for each in tiles:
            tile = each._replace(reduced=False) if self.slow or each in self._lacking else each
            if each in self._sent or tile in self._sent or tile in self._wanted:
                continue
            self._left[step] += 1
            if tile not in self._lacking:
                self._wanted[tile] = step

    def _drop(self, tile: Tile) -> None:
        step = self._wanted.pop(tile, None)
        if step is not None:
            self._left[step] -= 1
            self._stage()

    def _stage(self) -> None:
        plan = self._plan
        if plan is None or self._left[Step.COARSE]:
            self.stage = Stage.NOTHING
        elif self._left[Step.SHARP]:
            self.stage = Stage.COARSE if plan.coarse is not None else Stage.NOTHING
        else:
            self.stage = Stage.ALL  # of what is too much to push too: none of it is still to come
