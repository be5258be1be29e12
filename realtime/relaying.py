"""Whose frames reach whom in a room. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from realtime.frames import Frame, ReceiptFrame, Slot, ViewportFrame
from realtime.presence import Seat
from realtime.room import State

LEAP: Final = 2**31
"""A sequence that is further ahead than this is no later frame: the stream would be mute for everything that follows."""
KEPT: Final = 64
"""Fields of other nodes that wait for news: of an epoch, or of who sent them."""


class Relay(msgspec.Struct, frozen=True):
    """Send ``frame`` to everyone but its sender, or to the streams ``to`` alone. ``here``: it came from a client of this node,
    other nodes lack it."""

    frame: Frame
    here: bool
    to: frozenset[int] | None = None


class Behind(msgspec.Struct, frozen=True):
    """Another node knows more than we do: read the ledger."""


Effect = Relay | Behind


class Room:
    """Which frames pass, and to whom. Streams are the room's connections, here and on other nodes.

    viewport           of the presenter: to everyone; of another: to those who follow that person, and to nobody else
    pointer, stroke    to everyone (that the sender may point is asked before)
    receipt            to the person whose stream it answers
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self._people: dict[int, str] = {}
        self._everywhere: dict[int, str] = {}
        self._streams: dict[str, frozenset[int]] = {}
        self._followers: dict[str, frozenset[int]] = {}
        self._last: dict[Slot, tuple[int, int]] = {}
        self._fields: dict[str, ViewportFrame] = {}
        self._kept: dict[Slot, ViewportFrame] = {}

    def join(self, stream: int, person: str) -> None:
        """A connection of this node."""
        self._people[stream] = person

    def leave(self, stream: int) -> None:
        self._people.pop(stream, None)
        for slot in [slot for slot in self._last if slot[0] == stream]:
            del self._last[slot]

    def know(self, seats: Iterable[Seat]) -> Iterator[Effect]:
        """Who is there, over all nodes, and whom they follow."""
        streams: dict[str, set[int]] = {}
        followers: dict[str, set[int]] = {}
        for seat in seats:
            streams.setdefault(seat.person, set()).add(seat.stream)
            if seat.following and seat.whom:
                followers.setdefault(seat.whom, set()).add(seat.stream)
        before = self._followers
        self._everywhere = {stream: person for person, theirs in streams.items() for stream in theirs}
        self._streams = {person: frozenset(theirs) for person, theirs in streams.items()}
        self._followers = {person: frozenset(theirs) for person, theirs in followers.items()}
        self._last = {
            slot: mark for slot, mark in self._last.items() if slot[0] in self._everywhere or slot[0] in self._people
        }
        for person, field in list(self._fields.items()):
            if person == self.state.presenter:
                continue
            if person not in followers:
                # A field that nobody was watching is an old one when somebody does.
                del self._fields[person]
                if field.stream not in self._people:
                    self._last.pop(field.slot, None)  # its node says it again to who follows then
            elif field.stream in self._people:
                # Who follows on another node may know nothing of it, and this one may rest.
                fresh = self._followers[person] - before.get(person, frozenset()) - self._people.keys()
                if fresh:
                    yield Relay(field, True, fresh)
        yield from self._judge_kept()

    def repeat(self) -> Iterator[Effect]:
        """Another node has missed something: what those of this node show who do not present, and are followed elsewhere."""
        for person, field in self._fields.items():
            if person != self.state.presenter and field.stream in self._people:
                away = self._followers.get(person, frozenset()) - self._people.keys()
                if away:
                    yield Relay(field, True, away)

    def field(self, person: str = "") -> ViewportFrame | None:
        """The newest viewport of this epoch: of the presenter, what a late comer is shown at once; or of ``person``, whom
        somebody follows."""
        return self._fields.get(person or self.state.presenter)

    def relay(self, stream: int, frame: Frame) -> Iterator[Effect]:
        """A frame from the client ``stream`` of this node. Forged, of another epoch, old, repeated, far ahead, for nobody:
        nothing happens."""
        if frame.stream != stream or stream not in self._people or frame.epoch != self.state.epoch:
            return
        yield from self._pass(frame, self._people[stream], here=True)

    def hear(self, frame: Frame) -> Iterator[Effect]:
        """A frame that another node let pass. It may know of an epoch, or of who came, before we do: a field is then kept
        until we do."""
        if frame.epoch < self.state.epoch:
            return
        person = self._everywhere.get(frame.stream, "")
        if isinstance(frame, ViewportFrame) and (frame.epoch > self.state.epoch or not person):
            self._keep(frame)
        if frame.epoch > self.state.epoch:
            yield Behind()
        elif person or not isinstance(frame, ViewportFrame):
            yield from self._pass(frame, person, here=False)

    def learn(self, state: State) -> Iterator[Effect]:
        """What the ledger says now. Older news than what is known changes nothing."""
        if state.seq <= self.state.seq:
            return
        moved = state.epoch != self.state.epoch
        self.state = state
        if moved:
            self._fields.clear()
            yield from self._judge_kept()

    def _keep(self, frame: ViewportFrame) -> None:
        self._kept.pop(frame.slot, None)
        self._kept[frame.slot] = frame
        if len(self._kept) > KEPT:  # who waited longest has left, most likely
            del self._kept[next(iter(self._kept))]

    def _judge_kept(self) -> Iterator[Effect]:
        kept, self._kept = self._kept, {}
        for frame in kept.values():
            yield from self.hear(frame)

    def _pass(self, frame: Frame, person: str, *, here: bool) -> Iterator[Effect]:
        before = self._last.get(frame.slot, (-1, -1))
        if (frame.epoch, frame.sequence) <= before or frame.sequence - before[1] > LEAP:
            return
        to = self._audience(frame, person)
        if to is not None and not to:
            return  # not marked: its node says it again to who follows later
        self._last[frame.slot] = (frame.epoch, frame.sequence)
        if isinstance(frame, ViewportFrame):
            self._fields[person] = frame
        yield Relay(frame, here, to)

    def _audience(self, frame: Frame, person: str) -> frozenset[int] | None:
        """The streams that are to see it; None: everyone's."""
        if isinstance(frame, ReceiptFrame):
            return self._streams.get(self._everywhere.get(frame.of, ""), frozenset()) - {frame.stream}
        if isinstance(frame, ViewportFrame) and person != self.state.presenter:
            return self._followers.get(person, frozenset()) - self._streams.get(person, frozenset())
        return None
