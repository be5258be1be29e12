"""Sends one follower the tiles of the field that they follow, from the moment when it begins to move: lets them out as the
tile window allows. What goes when is decided by ``tile_queue`` and ``tile_window``; ``tile_fetching`` has it at hand."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from realtime import tile_frames
from realtime.frames import TURN, UNITS_PER_PX, ViewportFrame
from realtime.messages import Kept, Window
from realtime.tile_fetching import Fetching
from realtime.tile_finding import Finding
from realtime.tile_frames import COLOUR, UNREADABLE, CompleteFrame, TileFrame
from realtime.tile_push import Screen, Sent, Tile
from realtime.tile_queue import Stage, Step
from realtime.tile_supply import Source, Supply
from realtime.tile_window import TileWindow
from telepath.geometry import View

REST: Final = 0.25
"""Seconds without a new field after which it rests."""
REFINED: Final = 2.0
"""The same until tiles in the small coding are followed by the file's own: who only passes by must not pay for both."""
COARSE_WITHIN: Final = 0.15
"""Seconds that sharp tiles wait for those of the quick picture, when these must be made."""
AHEAD_SECONDS: Final = 0.25
AHEAD_LEAST: Final = 32 * 1024
AHEAD_MOST: Final = 384 * 1024
"""How much of the link's time, in bytes at least and at most, is given to what nobody has gone to yet."""


class Pusher:
    """One connection's. It is told where to look (``show``, ``look``), asked for the next message (``next``), told that it was
    sent (``left``), and what arrived (``acked``)."""

    def __init__(self, supply: Supply, clock: Callable[[], float], pump: Callable[[], None]) -> None:
        """``pump`` is called when something has come that may be sent."""
        self.window = TileWindow()
        self._paused: asyncio.TimerHandle | None = None
        """Until the link has taken more."""
        self._clock, self._pump = clock, pump
        self._finding = Finding(supply, self._found, self._aim)
        self._shown = Window(1, 1)
        self._slide = ""
        self._sent = Sent()
        self._kept: Kept | None = None
        """What the client has of it, as it said first."""
        self._tiles: Fetching | None = None
        """Of the slide, when its view was found."""
        self._field: ViewportFrame | None = None
        self._across = 0
        self._moved_at = 0.0
        self._told = Stage.NOTHING
        """What the client knows of this field, or need not be told yet; ``quiet``: it was told nothing."""
        self._quiet = True
        self._rest: asyncio.TimerHandle | None = None
        self._rested = 0.0
        """REST or REFINED, when it did."""
        self._ahead = 0
        """Bytes that may still be sent ahead of this field."""

    def show(self, window: Window) -> None:
        """The window is so large, and may be sent so much."""
        self._shown = window
        self._finding.hasten()
        self._learn()
        self._aim()

    @property
    def same(self) -> bool:
        """Whether the window shows fields at the magnification of whom it follows."""
        return self._shown.same

    def look(self, slide: str, field: ViewportFrame | None, across: int = 0) -> None:
        """The room shows this slide, and the client follows this field of it; None: none. ``across``: of the window that the
        field is of, CSS px, where ``same``; 0: nobody knows."""
        if slide != self._slide:
            self._close()
            self._slide, self._kept = slide, None
            self._learn()
        elif field is self._field and across == self._across:
            return
        self._field, self._across = field, across
        self._aim()

    def _learn(self) -> None:
        """What the client has of the slide: once, for it is looked up."""
        kept = self._shown.kept
        if self._kept is None and kept is not None and kept.slide == self._slide:
            self._kept = kept
            self._close()  # and found again, with that known

    def stop(self) -> None:
        """The connection is over."""
        self._field = None
        if self._paused is not None:
            self._paused.cancel()
        self._close()

    @property
    def looking(self) -> bool:
        """Whether the view is being looked for."""
        return self._finding.looking

    def acked(self, received: int, trip: float) -> None:
        """So many messages of the connection have arrived; the last one took ``trip`` seconds, there and back."""
        self.window.acked(received, trip, self._clock())

    def next(self) -> bytes | None:
        """The binary message that may be sent now, when nothing else waits; None: there is none. What it gives is sent."""
        tiles, field = self._tiles, self._field
        if tiles is None or field is None:
            return None
        queue = tiles.queue
        if queue.stage > self._told:
            self._told, self._quiet = queue.stage, False
            return self._complete(field, coarse=queue.stage is Stage.COARSE)
        now = self._clock()
        if not self.window.fits(now):
            self._pause(self.window.paused(now))
            return None
        tile = tiles.first()
        ahead = tile is not None and queue.step(tile) is Step.AHEAD
        if tile is None or self._before(tiles, tile) or (ahead and not self.window.rests()):
            self.window.idle()
            return None
        coding, data = tiles.take(tile)
        if coding != UNREADABLE and not tiles.source.leaves(tile):
            self._close()
            self._finding.later()
            return None
        queue.took(tile, len(data))
        if ahead:
            self._ahead -= len(data)
            if self._ahead <= 0:
                queue.give_up_ahead()
        tiles.ask()
        return tile_frames.encode(
            TileFrame(field.epoch, tile.level, tile.column, tile.row, coding, data, tile.plane, tile.channel)
        )

    def _pause(self, seconds: float) -> None:
        """Try again when the link has taken more of what was sent; 0: what arrives will say when."""
        if seconds and self._paused is None:
            self._paused = asyncio.get_running_loop().call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._paused = None
        self._pump()

    def _before(self, tiles: Fetching, tile: Tile) -> bool:
        """Whether a tile is about to come for which this one must wait."""
        step = tiles.queue.step(tile)
        if step is Step.SHARP and self._clock() - self._moved_at < COARSE_WITHIN:
            return tiles.awaits(Step.COARSE)
        return step in {Step.AHEAD, Step.NATIVE} and tiles.queue.needs

    def left(self, number: int, size: int) -> None:
        """What ``next`` gave has left: ``number`` of the connection's messages, ``size`` bytes."""
        self.window.sent(number, size, self._clock())

    # The field

    def _aim(self) -> None:
        """Want what the field needs, and nothing else."""
        field, now = self._field, self._clock()
        if field is None or not self._shown.push:
            self._unrest()
            if self._tiles is not None:
                self._tiles.stop()
            return
        if self._tiles is None:
            self._finding.begin(self._slide, self._kept)
            return
        queue = self._tiles.queue
        queue.slow = self.window.outruns(asyncio.get_running_loop().time())
        plane, channels = _look(field, self._tiles.source)
        queue.aim(self._screen(), _aimed(field), plane, now, channels)
        # Of a field that needs nothing the client hears when it rests: while it moves each would cost a message.
        self._told, self._quiet = queue.stage, True
        self._moved_at = now
        if self._rested:
            self._unrest()
        self._rested = 0.0
        self._tiles.tidy()
        self._tiles.ask()
        if self._rest is None:
            self._rest = asyncio.get_running_loop().call_later(REST, self._look_whether_it_rests)
        self._pump()

    def _screen(self, *, native: bool = False) -> Screen:
        shown = self._shown
        reduced = shown.reduced and self.window.thin and not native
        return Screen(shown.width, shown.height, shown.ratio, reduced, self._across)

    def _look_whether_it_rests(self) -> None:
        self._rest = None
        if self._field is None or self._tiles is None:
            return
        queue = self._tiles.queue
        rested, due = self._clock() - self._moved_at, REFINED if self._rested else REST
        if rested < due:
            self._look_at_rest_in(due - rested)
            return
        self._rested = due
        if due == REST:
            self._told = Stage.NOTHING if self._quiet else self._told
            self._ahead = min(max(int(AHEAD_SECONDS * self.window.rate), AHEAD_LEAST), AHEAD_MOST)
            queue.look_ahead(self._screen(), _aimed(self._field))
            self._look_at_rest_in(REFINED - rested)
        else:
            queue.give_up_ahead()
            queue.refine(self._screen(native=True), _aimed(self._field))
        self._tiles.tidy()
        self._tiles.ask()
        self._pump()

    def _look_at_rest_in(self, seconds: float) -> None:
        self._rest = asyncio.get_running_loop().call_later(max(seconds, 0.001), self._look_whether_it_rests)

    def _unrest(self) -> None:
        """Nobody looks any more whether it rests."""
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _complete(self, field: ViewportFrame, *, coarse: bool) -> bytes:
        return tile_frames.encode(CompleteFrame(field.stream, field.epoch, field.sequence, coarse))

    # The slide's tiles

    def _found(self, source: Source) -> None:
        self._tiles = Fetching(source, self._sent.of(self._slide, source.kept), self._clock, self._pump, self._made)
        self._aim()

    def _made(self, seconds: float) -> None:
        self.window.made(seconds, asyncio.get_running_loop().time())

    def _close(self) -> None:
        """Nothing more of this slide, until its view is found again."""
        self._finding.stop()
        self._unrest()
        if self._tiles is not None:
            self._tiles.stop()
            self._tiles = None


def _aimed(field: ViewportFrame) -> View:
    """Where the field will be when its animation has run."""
    aim = field.target or field
    return View(
        aim.x / UNITS_PER_PX,
        aim.y / UNITS_PER_PX,
        aim.width / UNITS_PER_PX,
        aim.height / UNITS_PER_PX,
        aim.rotation * 360 / TURN,
        field.flip,
    )


def _look(field: ViewportFrame, source: Source) -> tuple[int, Sequence[int]]:
    """The plane and the channels that a viewer shows of it: where the slide lacks what the frame says, those of a slide that
    was only just opened (web/client/src/link.ts)."""
    plane = field.plane if field.plane < source.planes else source.planes >> 1
    if not source.channels:
        return plane, (COLOUR,)
    shown = [one.number for one in field.channels if one.number < source.channels]
    return plane, shown or range(source.channels)
