"""The rules of the room: who presents, and what an operation leads to. Pure.

    take, hand-over: epoch + 1
  ┌────────┐   slide, and item where it shows another slide: epoch + 1
  │        ▼   ask, say, gather, draw, erase, agenda, onward: the epoch stays
open ──────────────────────────────▶ closed
             close

    hand-over, slide, gather, item    who presents
    agenda, onward, close             who presents, or opened the room
    erase                             who drew it, or presents
    take, ask, say, draw              whoever may (realtime/operations.py asks)
"""

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from realtime.messages import (
    Act,
    Ask,
    ChangeSlide,
    CloseRoom,
    Draw,
    Erase,
    Gather,
    GoToItem,
    HandOver,
    Item,
    Onward,
    Say,
    SetAgenda,
    Take,
)
from telepath.cases.wording import plain
from telepath.errors import Conflict, Forbidden, Invalid

OPENED: Final = "opened"
PRESENTER: Final = "presenter"
SLIDE: Final = "slide"
ASKED: Final = "asked"
SAID: Final = "said"
CLOSED: Final = "closed"
GATHERED: Final = "gathered"
DRAWN: Final = "drawn"
ERASED: Final = "erased"
AGENDA: Final = "agenda"
ITEM: Final = "item"
ONWARD: Final = "onward"

WITHHELD: Final = frozenset({SAID, AGENDA, ONWARD})
"""What somebody typed, and where they go: not told to who may not read what is said in the room."""
DRAWINGS: Final = 2000
"""That stand in one room at the same time."""
LABEL_LIMIT: Final = 120


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
    agenda: tuple[Item, ...] = ()
    item: str = ""
    """Of the agenda, the one at hand; "" for none."""
    since: str = ""
    """When it was gone on to, RFC 3339, UTC."""
    drawings: int = 0
    """How many stand, on all slides."""


class Step(msgspec.Struct, frozen=True):
    """The fact that an operation leads to, and the state after it."""

    kind: str
    body: dict[str, Any]
    state: State


def decide(state: State, person: str, act: Act, drawer: str = "") -> Step:
    """What ``act`` of ``person`` leads to; whether their rights allow it is asked elsewhere. ``drawer``: who made the drawing
    that ``act`` erases; "": it is not there, or was erased.

    Raises Invalid: the room is closed, a limit is reached, or there is nothing to change; TooLarge: a label; Conflict: decided
    on an older epoch than the present one; Forbidden: this is somebody else's to do."""
    if state.closed:
        raise Invalid("error-room-closed")
    if isinstance(act, Take | HandOver | ChangeSlide | Gather | GoToItem | Onward) and act.epoch != state.epoch:
        raise Conflict("error-room-epoch")
    if isinstance(act, HandOver | ChangeSlide | Gather | GoToItem) and person != state.presenter:
        raise Forbidden("error-room-not-presenter")
    match act:
        case Take():
            return _present(state, person)
        case HandOver(to=to):
            return _present(state, to)
        case ChangeSlide(slide=slide):
            if slide == state.slide:
                raise Invalid("error-room-same-slide")
            after = _after(state, slide=slide, epoch=state.epoch + 1)
            return Step(SLIDE, {"slide": slide, "epoch": after.epoch}, after)
        case CloseRoom():
            if person not in {state.presenter, state.opened_by}:
                raise Forbidden("error-room-not-presenter")
            return Step(CLOSED, {}, _after(state, closed=True))
        case Ask():
            if person == state.presenter:
                raise Invalid("error-room-already-presenter")
            return Step(ASKED, {}, _after(state))
        case Say(text=text, view=view, slide=slide):
            of = (view is not None and slide) or state.slide
            return Step(SAID, {"text": text, "view": msgspec.to_builtins(view), "slide": of}, _after(state))
        case Gather():
            return Step(GATHERED, {"epoch": state.epoch}, _after(state))
        case Draw(slide=slide, plane=plane, points=points):
            if state.drawings >= DRAWINGS:
                raise Invalid("error-room-drawings", limit=DRAWINGS)
            # A hundredth of a pixel: finer than any screen shows, and half as long to write.
            body = {"slide": slide, "plane": plane, "points": [[round(x, 2), round(y, 2)] for x, y in points]}
            return Step(DRAWN, body, _after(state, drawings=state.drawings + 1))
        case Erase(drawn=drawn):
            if not drawer:
                raise Invalid("error-room-no-drawing")
            if person not in {drawer, state.presenter}:
                raise Forbidden("error-room-not-drawer")
            return Step(ERASED, {"drawn": drawn}, _after(state, drawings=max(0, state.drawings - 1)))
        case SetAgenda(items=items):
            return _plan(state, person, items)
        case GoToItem(item=item):
            return _go_on(state, item)
        case Onward(room=room):
            if person not in {state.presenter, state.opened_by}:
                raise Forbidden("error-room-not-presenter")
            if room == state.room:
                raise Invalid("error-room-same-room")
            return _onward(state, room)


def _after(state: State, **changed: Any) -> State:
    return msgspec.structs.replace(state, seq=state.seq + 1, **changed)


def _present(state: State, person: str) -> Step:
    if person == state.presenter:
        raise Invalid("error-room-already-presenter")
    after = _after(state, presenter=person, epoch=state.epoch + 1)
    return Step(PRESENTER, {"presenter": person, "epoch": after.epoch, "before": state.presenter}, after)


def _plan(state: State, person: str, items: Iterable[Item]) -> Step:
    if person not in {state.presenter, state.opened_by}:
        raise Forbidden("error-room-agenda-whose")
    written = tuple(
        msgspec.structs.replace(item, label=plain(item.label, field="item", limit=LABEL_LIMIT, required=True))
        for item in items
    )
    ids = {item.id for item in written}
    if len(ids) < len(written):
        raise Invalid("error-room-agenda-twice")
    after = _after(state, agenda=written, item=state.item if state.item in ids else "")
    return Step(AGENDA, {"items": msgspec.to_builtins(written)}, after)


def _go_on(state: State, key: str) -> Step:
    item = next((one for one in state.agenda if one.id == key), None)
    if item is None:
        raise Invalid("error-room-no-item")
    if item.room not in ("", state.room):
        return _onward(state, item.room, key)
    moves = item.slide not in ("", state.slide)
    if key == state.item and not moves:
        raise Invalid("error-room-same-item")
    after = _after(state, item=key, **({"slide": item.slide, "epoch": state.epoch + 1} if moves else {}))
    return Step(ITEM, {"item": key, "slide": item.slide, "epoch": after.epoch, "before": state.item}, after)


def _onward(state: State, room: str, item: str = "") -> Step:
    """The room itself stays as it is, for whoever stays; ``item``: the point at hand from now on, "" for the one before."""
    body = {"room": room, "item": item, "before": state.item}
    return Step(ONWARD, body, _after(state, item=item or state.item))
