"""The rules of the room: who presents, whose frames are relayed, what an operation leads to. Pure.

    take, hand-over: epoch + 1
  ┌────────┐   slide: epoch + 1
  │        ▼   ask, say: nothing changes
open ──────────────────────────────▶ closed
             close
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from realtime.frames import Frame, Slot, ViewportFrame
from realtime.messages import Act, Ask, ChangeSlide, CloseRoom, HandOver, Say, Take
from telepath.errors import Conflict, Forbidden, Invalid

OPENED: Final = "opened"
PRESENTER: Final = "presenter"
SLIDE: Final = "slide"
ASKED: Final = "asked"
SAID: Final = "said"
CLOSED: Final = "closed"


class State(msgspec.Struct, frozen=True):
    """What the facts amount to. ``epoch`` grows with each change of presenter or slide; ``seq`` is the newest fact."""

    room: str
    case: str
    consult: str
    institution: str
    slide: str
    opened_by: str
    presenter: str
    epoch: int
    seq: int
    closed: bool


class Step(msgspec.Struct, frozen=True):
    """The fact that an operation leads to, and the state after it."""

    kind: str
    body: dict[str, Any]
    state: State


def decide(state: State, person: str, act: Act) -> Step:
    """What ``act`` of ``person`` leads to; whether their rights allow it is asked elsewhere.

    Raises Invalid: the room is closed, or there is nothing to change; Conflict: decided on an older epoch than the present
    one; Forbidden: this is the presenter's to do."""
    if state.closed:
        raise Invalid("error-room-closed")
    if isinstance(act, Take | HandOver | ChangeSlide) and act.epoch != state.epoch:
        raise Conflict("error-room-epoch")
    if isinstance(act, HandOver | ChangeSlide) and person != state.presenter:
        raise Forbidden("error-room-not-presenter")
    match act:
        case Take():
            return _present(state, person)
        case HandOver(to=to):
            return _present(state, to)
        case ChangeSlide(slide=slide):
            if slide == state.slide:
                raise Invalid("error-room-same-slide")
            after = msgspec.structs.replace(state, slide=slide, epoch=state.epoch + 1, seq=state.seq + 1)
            return Step(SLIDE, {"slide": slide, "epoch": after.epoch}, after)
        case CloseRoom():
            if person not in {state.presenter, state.opened_by}:
                raise Forbidden("error-room-not-presenter")
            return Step(CLOSED, {}, msgspec.structs.replace(state, closed=True, seq=state.seq + 1))
        case Ask():
            if person == state.presenter:
                raise Invalid("error-room-already-presenter")
            return Step(ASKED, {}, msgspec.structs.replace(state, seq=state.seq + 1))
        case Say(text=text, view=view):
            body = {"text": text, "view": msgspec.to_builtins(view), "slide": state.slide}
            return Step(SAID, body, msgspec.structs.replace(state, seq=state.seq + 1))


def _present(state: State, person: str) -> Step:
    if person == state.presenter:
        raise Invalid("error-room-already-presenter")
    after = msgspec.structs.replace(state, presenter=person, epoch=state.epoch + 1, seq=state.seq + 1)
    return Step(PRESENTER, {"presenter": person, "epoch": after.epoch, "before": state.presenter}, after)


class Relay(msgspec.Struct, frozen=True):
    """Send ``frame`` to everyone but its sender. ``here``: it came from a client of this node, other nodes lack it."""

    frame: Frame
    here: bool


class Behind(msgspec.Struct, frozen=True):
    """Another node knows more than we do: read the ledger."""


Effect = Relay | Behind


class Room:
    """Which frames pass. Streams are the room's connections, here and on other nodes."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._people: dict[int, str] = {}
        self._last: dict[Slot, tuple[int, int]] = {}
        self._field: ViewportFrame | None = None
        self._ahead: ViewportFrame | None = None

    def join(self, stream: int, person: str) -> None:
        """A connection of this node."""
        self._people[stream] = person

    def leave(self, stream: int) -> None:
        self._people.pop(stream, None)
        for slot in [slot for slot in self._last if slot[0] == stream]:
            del self._last[slot]

    def field(self) -> ViewportFrame | None:
        """The presenter's newest viewport of this epoch: what a late comer is shown at once."""
        return self._field

    def relay(self, stream: int, frame: Frame) -> Iterator[Effect]:
        """A frame from the client ``stream`` of this node. Forged, old, repeated: nothing happens."""
        if frame.stream != stream or stream not in self._people or frame.epoch != self.state.epoch:
            return
        if isinstance(frame, ViewportFrame) and self._people[stream] != self.state.presenter:
            return
        yield from self._pass(frame, here=True)

    def hear(self, frame: Frame) -> Iterator[Effect]:
        """A frame that another node let pass. It may know of an epoch before we do: its field is then kept for it."""
        if frame.epoch > self.state.epoch:
            if isinstance(frame, ViewportFrame):
                self._ahead = frame
            yield Behind()
        elif frame.epoch == self.state.epoch:
            yield from self._pass(frame, here=False)

    def learn(self, state: State) -> Iterator[Effect]:
        """What the ledger says now. Older news than what is known changes nothing."""
        if state.seq <= self.state.seq:
            return
        moved = state.epoch != self.state.epoch
        self.state = state
        if not moved:
            return
        self._field = None
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            yield from self.hear(ahead)

    def _pass(self, frame: Frame, *, here: bool) -> Iterator[Effect]:
        mark = (frame.epoch, frame.sequence)
        if mark <= self._last.get(frame.slot, (-1, -1)):
            return
        self._last[frame.slot] = mark
        if isinstance(frame, ViewportFrame):
            self._field = frame
        yield Relay(frame, here)
