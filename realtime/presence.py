"""Who is in the room, over all nodes. Pure: ``now`` is a monotonic clock in seconds.

Each node says every BEAT who is connected to it; what it does not repeat within TTL is forgotten, so the people of a node
that died are gone by then. Cost: nodes × rooms, not people.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from realtime.messages import Member

BEAT: Final = 2.0
TTL: Final = 6.0

COLOURS: Final = ("#3c1ed2", "#ff7800", "#2de187", "#963c00", "#6978ff", "#00964b", "#96e15a", "#1e5a3c")
"""Of avatars and pointers, in the order they are given. No violet, pink or purple: that is what the tissue looks like. Any two
differ by at least ΔE 22 (CIE 1976), to protanopes, deuteranopes and tritanopes too (Machado 2009), and each by 30 from
haematoxylin, eosin, glass and the dark room. Drawn with a white ring and a dark outline, and never without the name."""


class Seat(msgspec.Struct, frozen=True):
    """One connection to the room."""

    stream: int
    person: str
    name: str
    institution: str
    colour: int
    following: bool = True
    whom: str = ""
    """The person they follow; "": whoever presents."""
    width: int = 0
    """Of the window that they show slides in, CSS px; 0: not told."""


class Presence:
    """The union of what the nodes say."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._here: dict[int, Seat] = {}
        self._elsewhere: dict[str, tuple[float, tuple[Seat, ...]]] = {}

    def here(self) -> tuple[Seat, ...]:
        """The seats of this node: what it says to the others."""
        return tuple(self._here.values())

    def sit(self, seat: Seat) -> None:
        """Somebody came to this node, or changed what they do."""
        self._here[seat.stream] = seat

    def leave(self, stream: int) -> None:
        self._here.pop(stream, None)

    def seat(self, stream: int) -> Seat | None:
        return self._here.get(stream)

    def heard(self, node: str, seats: Iterable[Seat], now: float) -> bool:
        """Another node says who is there; nobody: it has nobody left. Whether anything is new."""
        if node == self._node:
            return False
        before = self._elsewhere.get(node, (0.0, ()))[1]
        told = tuple(seats)
        if told:
            self._elsewhere[node] = (now + TTL, told)
        else:
            self._elsewhere.pop(node, None)
        return told != before

    def expire(self, now: float) -> bool:
        """Forget the nodes that fell silent. Whether there were any."""
        silent = [node for node, (until, _) in self._elsewhere.items() if until <= now]
        for node in silent:
            del self._elsewhere[node]
        return bool(silent)

    def seats(self) -> list[Seat]:
        """Every connection, the earliest first."""
        away = (seat for _, seats in self._elsewhere.values() for seat in seats)
        return sorted((*self._here.values(), *away), key=lambda seat: seat.stream)

    def width(self, person: str) -> int:
        """Of the window that they show slides in: as ``members`` has it."""
        away = (seat for _, seats in self._elsewhere.values() for seat in seats)
        told = [
            (seat.stream, seat.width) for seat in (*self._here.values(), *away) if seat.person == person and seat.width
        ]
        return max(told, default=(0, 0))[1]

    def members(self) -> tuple[Member, ...]:
        """Every person once, the earliest first. Two tabs are one avatar: it follows when one of them does, and whom the
        newest of those that follow does."""
        people: dict[str, list[Seat]] = {}
        for seat in self.seats():
            people.setdefault(seat.person, []).append(seat)
        return tuple(
            Member(
                person=person,
                name=seats[0].name,
                institution=seats[0].institution,
                colour=seats[0].colour,
                streams=tuple(seat.stream for seat in seats),
                following=any(seat.following for seat in seats),
                whom=next((seat.whom for seat in reversed(seats) if seat.following), ""),
                width=next((seat.width for seat in reversed(seats) if seat.width), 0),
            )
            for person, seats in people.items()
        )
