"""Glands and vessels of the generated slide: tubes, where the plane of section meets them. Lengths in px."""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from telepath.slides.synthetic_cells import Floats


class Tube(NamedTuple):
    """A gland or a vessel that the plane of section meets: a disc drawn out along ``angle``."""

    x: float
    y: float
    radius: float
    half_length: float
    angle: float
    wall: float
    seed: int

    @property
    def reach(self) -> float:
        return self.radius * 1.25 + self.half_length + 20


class Crowd:
    """Tubes that do not touch each other."""

    CELL: Final = 1200

    def __init__(self) -> None:
        self.tubes: list[Tube] = []
        self._places: dict[tuple[int, int], list[Tube]] = {}

    def add_if_free(self, tube: Tube, gap: float) -> None:
        column, row = int(tube.x // self.CELL), int(tube.y // self.CELL)
        for dx in (-1, 0, 1):
            for dy in (-1, 0, 1):
                for other in self._places.get((column + dx, row + dy), ()):
                    if meet(tube, other, gap):
                        return
        self.tubes.append(tube)
        self._places.setdefault((column, row), []).append(tube)


def spine(tube: Tube) -> Iterator[tuple[float, float]]:
    """Points along the middle of a tube, at most a radius apart."""
    steps = math.ceil(tube.half_length / max(tube.radius, 1))
    cos, sin = math.cos(tube.angle), math.sin(tube.angle)
    for step in range(-steps, steps + 1):
        at = tube.half_length * step / steps if steps else 0.0
        yield tube.x + at * cos, tube.y + at * sin


def crossing(tube: Tube, top: float, bottom: float) -> tuple[float, float]:
    """The leftmost and rightmost x that the middle of a tube has between two heights."""
    across, down = tube.half_length * math.cos(tube.angle), tube.half_length * math.sin(tube.angle)
    ends = -1.0, 1.0
    if abs(down) > 1:
        ends = max(-1.0, min(1.0, (top - tube.y) / down)), max(-1.0, min(1.0, (bottom - tube.y) / down))
    one, other = (tube.x + end * across for end in ends)
    return min(one, other), max(one, other)


def meet(one: Tube, other: Tube, gap: float) -> bool:
    if math.hypot(one.x - other.x, one.y - other.y) > one.reach + other.reach + gap:
        return False
    limit = (one.radius + other.radius) * 1.03 + gap
    theirs = list(spine(other))
    return any(math.hypot(x - u, y - v) < limit for x, y in spine(one) for u, v in theirs)


def near(tubes: list[Tube], tube: Tube) -> list[Tube]:
    return [one for one in tubes if abs(one.x - tube.x) < 1500 and abs(one.y - tube.y) < 1500]


def near_square(tubes: list[Tube], x: int, y: int, size: int) -> list[Tube]:
    return [
        tube
        for tube in tubes
        if x - tube.reach - 60 < tube.x < x + size + tube.reach + 60
        and y - tube.reach - 60 < tube.y < y + size + tube.reach + 60
    ]


def ripple(tube: Tube, theta: Floats) -> Floats:
    """How far the outline stands from the middle, 1 on average: no gland is a circle."""
    a, b, c = tube.seed % 628 / 100, tube.seed // 628 % 628 / 100, tube.seed // 394384 % 628 / 100
    wave = 0.06 * np.sin(2 * theta + a) + 0.05 * np.sin(3 * theta + b) + 0.028 * np.sin(5 * theta + c)
    return np.asarray(1 + wave, np.float32)


def on_outline(tube: Tube, place: float) -> tuple[float, float, float]:
    """Where one is after ``place`` px along the outline: the point of the spine it belongs to, and the angle from there."""
    half = np.pi * tube.radius
    straight = 2 * tube.half_length
    if place < half:
        return tube.half_length, 0.0, place / tube.radius - np.pi / 2
    if place < half + straight:
        return tube.half_length - (place - half), 0.0, np.pi / 2
    if place < 2 * half + straight:
        return -tube.half_length, 0.0, (place - half - straight) / tube.radius + np.pi / 2
    return -tube.half_length + (place - 2 * half - straight), 0.0, -np.pi / 2
