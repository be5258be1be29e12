"""realtime/tile_window.py: tiles fill the link, and nothing that must be quick waits long behind them."""

import heapq
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from realtime.tile_window import CAP, FLOOR, START, THIN, WIDE, TileWindow

TILE: Final = 14_000


class Link:
    """Bytes go one after the other at ``rate`` a second and arrive ``delay`` s after; each tile is acknowledged when it comes.
    ``buffer``: how long what comes to the link's end would wait, at most, over the time looked at."""

    def __init__(self, rate: float, delay: float, window: TileWindow | None = None, tile: int = TILE) -> None:
        self.rate, self.delay, self.tile = rate, delay, tile
        self.window = window or TileWindow()
        self.window.acked(0, 2 * delay, 0.0)  # the welcome
        self.now = 0.0
        self.arrived = 0
        self.waits: list[tuple[float, float]] = []
        self._free = 0.0
        self._number = 0
        self._coming: list[tuple[float, int, float]] = []

    def run(self, until: float, more: Callable[[], bool] = lambda: True) -> None:
        """Send tiles as the window lets them, until the clock says so; ``more``: whether there is one."""
        while True:
            while more() and self.window.fits(self.now):
                self._number += 1
                self.window.sent(self._number, self.tile, self.now)
                self._free = max(self._free, self.now) + self.tile / self.rate
                heapq.heappush(self._coming, (self._free + 2 * self.delay, self._number, self.now))
            if not more():
                self.window.idle()
            self.waits.append((self.now, max(0.0, self._free - self.now)))
            comes = self._coming[0][0] if self._coming else math.inf
            goes = self.now + self.window.paused(self.now) if more() else math.inf
            if self.now < goes < min(comes, until):
                self.now = goes + 1e-6
                continue
            if comes > until:
                self.now = until
                return
            self.now, number, sent = heapq.heappop(self._coming)
            self.arrived += self.tile
            self.window.acked(number, self.now - sent, self.now)

    def longest(self, since: float = 0.0) -> float:
        """Seconds that a viewport message would have waited behind tiles."""
        return max(wait for at, wait in self.waits if at >= since)


MBIT: Final = 1e6 / 8


@pytest.mark.parametrize(("mbit", "within"), [(10, 0.15), (4, 0.15), (1, 0.35)])
def test_the_link_is_filled_and_a_viewport_message_waits_no_longer_than_it_may(mbit: float, within: float) -> None:
    link = Link(mbit * MBIT, 0.125)
    link.run(10.0)
    assert link.longest() < within
    filled = link.arrived
    link.run(20.0)
    assert link.arrived - filled > 0.9 * 10.0 * link.rate
    assert link.window.rate == pytest.approx(link.rate, rel=0.1)
    assert link.window.trip >= 0.25


@pytest.mark.parametrize(("mbit", "delay"), [(100, 0.005), (10, 0.02), (1, 0.02), (0.2, 0.3)])
def test_other_links_are_filled_too(mbit: float, delay: float) -> None:
    link = Link(mbit * MBIT, delay)
    link.run(20.0)
    arrived = link.arrived
    link.run(40.0)
    assert link.arrived - arrived > 0.8 * 20.0 * link.rate


def test_the_window_doubles_until_the_link_is_known() -> None:
    link = Link(10 * MBIT, 0.125)
    link.run(1.0)
    assert link.window.size > 4 * START
    link.run(3.0)
    assert link.window.known


RECORDED: Final = json.loads(Path(__file__).with_name("tile_window.json").read_text())
"""The beginning of a room over the lines of `bench_sharp`: what was sent (number of the message, bytes), what was acknowledged
(messages, seconds of the trip), when there was nothing to send; each with the second in which it was."""


@pytest.mark.parametrize(("line", "thin", "least"), [("4 Mbit/s", True, 3.5), ("10 Mbit/s", False, 8.0)])
def test_after_a_first_field_or_two_as_they_were_recorded_the_link_is_known_for_what_it_is(
    line: str, thin: bool, least: float
) -> None:
    window = TileWindow()
    called = set()
    for what, *said in RECORDED[line]:
        if what == "sent":
            window.sent(*said)
        elif what == "acked":
            window.acked(*said)
        else:
            window.idle()
        called.add(window.thin)
    assert called == ({False, True} if thin else {False})
    assert window.thin is thin
    assert least * MBIT <= window.rate <= float(line.split()[0]) * MBIT


def test_a_link_that_had_nothing_to_carry_does_not_get_a_whole_window_at_once() -> None:
    link = Link(4 * MBIT, 0.125)
    link.run(5.0)
    link.run(8.0, lambda: False)
    link.run(9.0)
    assert link.longest(since=8.0) < 0.15
    # And neither when acknowledgements were held up, and come together.
    link.delay += 0.1
    link.run(9.1)
    link.delay -= 0.1
    link.run(11.0)
    assert link.longest(since=8.0) < 0.15


def test_a_wide_link_is_not_taken_for_a_thin_one_before_it_is_known() -> None:
    link = Link(50 * MBIT, 0.125)
    for at in range(1, 60):
        link.run(at * 0.05)
        assert not link.window.thin


def test_a_client_that_stops_for_a_moment_is_not_taken_for_a_thin_link() -> None:
    link = Link(50 * MBIT, 0.125)
    link.run(0.6)
    link.delay += 0.2  # its page draws
    link.run(0.7)
    link.delay -= 0.2
    for at in range(8, 60):
        link.run(at / 10)
        assert not link.window.thin


@pytest.mark.parametrize(("mbit", "thin"), [(1, True), (4, True), (10, False)])
def test_a_thin_link_is_called_thin(mbit: float, thin: bool) -> None:
    link = Link(mbit * MBIT, 0.125)
    link.run(5.0)
    assert link.window.thin is thin


def test_a_link_at_the_edge_keeps_what_it_was() -> None:
    between = (THIN + WIDE) / 2
    wide, thin = Link(10 * MBIT, 0.05), Link(4 * MBIT, 0.05)
    for link in (wide, thin):
        link.run(10.0)
        link.rate = between
        link.run(40.0)
    assert (wide.window.thin, thin.window.thin) == (False, True)
    thin.rate = 12 * MBIT
    thin.run(80.0)
    assert not thin.window.thin


def test_having_little_to_send_does_not_lower_the_rate() -> None:
    link = Link(10 * MBIT, 0.125)
    link.run(5.0)
    known = link.window.rate
    for at in range(120):
        left = [True]
        link.run(5.0 + at * 0.5, lambda left=left: bool(left and left.pop()))  # type: ignore[misc]
    assert link.window.rate == known


def test_a_link_that_grows_thinner_is_noticed() -> None:
    link = Link(10 * MBIT, 0.125)
    link.run(5.0)
    link.rate = 1 * MBIT
    link.run(40.0)
    assert link.window.rate < 1.5 * MBIT
    assert link.window.thin


def test_a_small_coding_that_is_made_more_slowly_than_the_link_carries_the_files_own_is_left_alone_for_a_while() -> (
    None
):
    link = Link(4 * MBIT, 0.125)
    link.run(5.0)
    for number in range(8):
        link.window.made(0.01, number)
    assert not link.window.outruns(8.0)
    for number in range(8, 16):
        link.window.made(0.1, number)
    assert link.window.outruns(16.0)
    assert not link.window.outruns(21.0)


def test_one_tile_always_goes_and_never_more_than_the_cap() -> None:
    window = TileWindow()
    assert window.fits(0.0)
    window.sent(1, 10 * CAP, 0.0)
    assert not window.fits(0.0)
    window.acked(1, 0.1, 0.1)
    assert window.under_way == 0
    assert window.size == CAP


def test_the_window_is_never_smaller_than_its_floor() -> None:
    link = Link(0.05 * MBIT, 0.01, tile=4000)
    link.run(20.0)
    assert link.window.size == FLOOR


def test_messages_that_are_no_tiles_only_say_how_long_a_trip_is() -> None:
    window = TileWindow()
    window.acked(7, 0.2, 1.0)
    assert (window.trip, window.rate, window.under_way) == (0.2, 0.0, 0)


def test_what_is_not_asked_for_yet_goes_while_half_of_the_window_is_free() -> None:
    window = TileWindow()
    assert window.rests()
    window.sent(1, START // 2 + 1, 0.0)
    assert not window.rests()
