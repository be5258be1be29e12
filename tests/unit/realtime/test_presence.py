"""realtime/presence.py: who is there, over all nodes."""

import math

import msgspec

from realtime.presence import COLOURS, TTL, Presence, Seat


def seat(stream: int, person: str, colour: int = 0, following: bool = True) -> Seat:
    return Seat(stream, person, f"Dr {person}", "CHU", colour, following)


def test_the_room_is_the_union_of_its_nodes() -> None:
    here = Presence("a")
    here.sit(seat(2, "zoe"))
    assert here.heard("b", [seat(1, "paul", 1)], now=0.0)
    assert [(member.person, member.streams) for member in here.members()] == [("paul", (1,)), ("zoe", (2,))]


def test_a_person_with_two_tabs_is_one_member_wherever_the_tabs_are() -> None:
    here = Presence("a")
    here.sit(seat(1, "zoe", 3, following=False))
    here.heard("b", [seat(4, "zoe", 3)], now=0.0)
    (zoe,) = here.members()
    assert (zoe.streams, zoe.colour, zoe.following) == ((1, 4), 3, True)


def test_the_people_of_a_silent_node_vanish_after_its_time() -> None:
    here = Presence("a")
    here.heard("b", [seat(1, "paul")], now=0.0)
    assert not here.expire(TTL - 0.1)
    assert here.expire(TTL)
    assert here.members() == ()


def test_each_word_of_a_node_keeps_its_people() -> None:
    here = Presence("a")
    here.heard("b", [seat(1, "paul")], now=0.0)
    assert not here.heard("b", [seat(1, "paul")], now=4.0)
    assert not here.expire(TTL + 1)


def test_a_node_that_says_nobody_is_there_has_left_at_once() -> None:
    here = Presence("a")
    here.heard("b", [seat(1, "paul")], now=0.0)
    assert here.heard("b", [], now=0.1)
    assert here.members() == ()


def test_a_nodes_own_echo_is_not_another_node() -> None:
    here = Presence("a")
    here.sit(seat(1, "zoe"))
    assert not here.heard("a", [seat(9, "ghost")], now=0.0)
    assert len(here.members()) == 1


def test_breaking_away_is_seen() -> None:
    here = Presence("a")
    here.sit(seat(1, "zoe"))
    here.sit(seat(1, "zoe", following=False))
    assert [member.following for member in here.members()] == [False]
    here.leave(1)
    assert here.members() == ()


def test_whom_somebody_follows_is_what_the_newest_of_their_following_windows_says() -> None:
    here = Presence("a")
    here.sit(Seat(1, "zoe", "Dr zoe", "CHU", 0, True, "paul"))
    here.sit(Seat(2, "zoe", "Dr zoe", "CHU", 0, True, "lea"))
    here.sit(Seat(3, "zoe", "Dr zoe", "CHU", 0, False, "max"))
    assert [(member.following, member.whom) for member in here.members()] == [(True, "lea")]


# Machado, Oliveira, Fernandes 2009, severity 1.0, on linear RGB.
VISIONS = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanope": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranope": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanope": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TISSUE = ("#f0c8dc", "#e196be", "#965aa0", "#f5f0f5", "#10141a")
"""Pale eosin, eosin, haematoxylin, glass, the dark room."""


def lab(colour: str, vision: str) -> tuple[float, float, float]:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    r, g, b = (min(1.0, max(0.0, sum(m * v for m, v in zip(row, linear, strict=True)))) for row in VISIONS[vision])
    xyz = (
        0.4124 * r + 0.3576 * g + 0.1805 * b,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        0.0193 * r + 0.1192 * g + 0.9505 * b,
    )
    white = (0.95047, 1.0, 1.08883)
    f = [(v / w) ** (1 / 3) if v / w > 0.008856 else 7.787 * v / w + 16 / 116 for v, w in zip(xyz, white, strict=True)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def apart(one: str, other: str) -> float:
    """The smallest CIE 1976 difference over all visions."""
    return min(math.dist(lab(one, vision), lab(other, vision)) for vision in VISIONS)


def test_colours_differ_for_every_eye_and_from_the_tissue() -> None:
    assert len(set(COLOURS)) == 8
    for number, one in enumerate(COLOURS):
        assert all(apart(one, other) > 22 for other in COLOURS[:number])
        assert all(apart(one, stain) > 30 for stain in TISSUE)


def test_how_wide_somebody_sees_slides_is_what_the_newest_window_that_said_so_says() -> None:
    here = Presence("a")
    here.sit(seat(1, "zoe"))
    assert [member.width for member in here.members()] == [0]
    here.sit(msgspec.structs.replace(seat(1, "zoe"), width=1440))
    here.heard("b", [msgspec.structs.replace(seat(4, "zoe"), width=390), seat(5, "zoe")], now=0.0)
    assert [member.width for member in here.members()] == [390]
    assert (here.width("zoe"), here.width("nobody")) == (390, 0)
