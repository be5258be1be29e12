"""Messages: JSON text, at most 64 KB, validated while it is decoded. Pure.

Unions are told apart by ``type``, and what an operation does by ``kind``. A client's message with an unknown field is
refused; a client ignores fields that it does not know."""

from typing import Annotated, Any, Final

import msgspec

from telepath.geometry import View

PROTOCOL: Final = 3
MAX_BYTES: Final = 64 * 1024
POINTS: Final = 1000
"""Of one drawing."""
ITEMS: Final = 60
"""Of an agenda."""

Identifier = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-z]{26}\Z")]
OrNone = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-z]{26})?\Z")]
"""An identifier, or "" for none."""
OperationId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,40}\Z")]
Epoch = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Count = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
Place = Annotated[float, msgspec.Meta(gt=-(2**23), lt=2**23)]
"""Level-0 px, as far as a frame carries them."""
Pixels = Annotated[int, msgspec.Meta(ge=1, le=16384)]
ScreenPixels = Annotated[int, msgspec.Meta(ge=240, le=16384)]
"""As telepath/slides/warming.py Screen."""


class MessageError(ValueError):
    """The text is not a message of the protocol."""


# What an operation does. ``epoch`` is the one the person saw: when it is no longer true the operation is refused.


class Take(msgspec.Struct, tag_field="kind", tag="take", frozen=True, forbid_unknown_fields=True):
    """I present from now on."""

    epoch: Epoch


class HandOver(msgspec.Struct, tag_field="kind", tag="hand-over", frozen=True, forbid_unknown_fields=True):
    """The presenter gives the presentation to somebody."""

    epoch: Epoch
    to: Identifier


class Ask(msgspec.Struct, tag_field="kind", tag="ask", frozen=True, forbid_unknown_fields=True):
    """May I present?"""


class ChangeSlide(msgspec.Struct, tag_field="kind", tag="slide", frozen=True, forbid_unknown_fields=True):
    """The presenter shows another slide of the same case."""

    epoch: Epoch
    slide: Identifier


class Say(msgspec.Struct, tag_field="kind", tag="say", frozen=True, forbid_unknown_fields=True):
    """A line of the case's thread; ``view`` is of ``slide``, "" for the one that the room shows when it is done."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    view: View | None = None
    slide: OrNone = ""


class CloseRoom(msgspec.Struct, tag_field="kind", tag="close", frozen=True, forbid_unknown_fields=True):
    """The presenter, or who opened the room, ends it for everyone."""


class Gather(msgspec.Struct, tag_field="kind", tag="gather", frozen=True, forbid_unknown_fields=True):
    """The presenter asks everybody to look where they look; each may stay where they are."""

    epoch: Epoch


class Draw(msgspec.Struct, tag_field="kind", tag="draw", frozen=True, forbid_unknown_fields=True):
    """A line on a slide of the room, which stays until it is erased; level-0 px."""

    slide: Identifier
    points: Annotated[tuple[tuple[Place, Place], ...], msgspec.Meta(min_length=2, max_length=POINTS)]
    plane: Annotated[int, msgspec.Meta(ge=0, lt=2**16)] = 0


class Erase(msgspec.Struct, tag_field="kind", tag="erase", frozen=True, forbid_unknown_fields=True):
    """Takes a drawing away: one's own, or for the presenter anybody's. ``drawn``: its fact."""

    drawn: Count


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One point of an agenda. ``slide``: what is shown for it, "" for nothing; ``minutes``: 0, as long as it takes; ``room``:
    where it is spoken of, "" for here. A slide is of this room's case: a point has one or the other."""

    id: OperationId
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    slide: OrNone = ""
    minutes: Annotated[int, msgspec.Meta(ge=0, le=240)] = 0
    room: OrNone = ""

    def __post_init__(self) -> None:
        if self.slide and self.room:
            raise ValueError("a point with a slide and a room")


class SetAgenda(msgspec.Struct, tag_field="kind", tag="agenda", frozen=True, forbid_unknown_fields=True):
    """Who opened the room, or presents, says what is to be spoken of; nothing: the room has no agenda."""

    items: Annotated[tuple[Item, ...], msgspec.Meta(max_length=ITEMS)]


class GoToItem(msgspec.Struct, tag_field="kind", tag="item", frozen=True, forbid_unknown_fields=True):
    """The presenter goes on to a point of the agenda."""

    epoch: Epoch
    item: OperationId


class Onward(msgspec.Struct, tag_field="kind", tag="onward", frozen=True, forbid_unknown_fields=True):
    """Who presents, or opened the room, calls everybody to another room; each may stay."""

    epoch: Epoch
    room: Identifier


Act = Take | HandOver | Ask | ChangeSlide | Say | CloseRoom | Gather | Draw | Erase | SetAgenda | GoToItem | Onward


# From client to server


class Hello(msgspec.Struct, tag="hello", frozen=True, forbid_unknown_fields=True):
    """The first message, within five seconds. ``last_seq`` is the newest fact that the client holds, 0 for none."""

    protocol: int
    last_seq: Count = 0
    epoch: Epoch = 0


class Operation(msgspec.Struct, tag="op", frozen=True, forbid_unknown_fields=True):
    """The client makes ``id``; it may send the same one again until it hears of it: it is done once."""

    id: OperationId
    act: Act


class Following(msgspec.Struct, tag="following", frozen=True, forbid_unknown_fields=True):
    """I follow the presenter, or ``whom``, or I broke away."""

    following: bool
    whom: OrNone = ""
    """A person who does not present; "": whoever presents."""


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What this browser was sent ahead of a slide (telepath/slides/warming.py), all of it: the ``mark`` that came with it, the
    screen in device px that it was chosen for, and how many tiles it is."""

    slide: Identifier
    mark: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")]
    width: ScreenPixels
    height: ScreenPixels
    tiles: Annotated[int, msgspec.Meta(ge=1, lt=2**20)]


class Window(msgspec.Struct, tag="window", frozen=True, forbid_unknown_fields=True):
    """What this client shows a field in: CSS px, and device px for each."""

    width: Pixels
    height: Pixels
    ratio: Annotated[float, msgspec.Meta(ge=0.25, le=8)] = 1.0
    reduced: bool = False
    """It can draw AVIF, and may be sent it."""
    push: bool = False
    """Send it the tiles of the field that it follows."""
    same: bool = False
    """It shows that field at the same magnification, not all of it."""
    kept: Kept | None = None
    """It has these tiles of the slide: they need not be pushed."""


class Ping(msgspec.Struct, tag="ping", frozen=True, forbid_unknown_fields=True):
    """``at`` comes back in the pong, untouched."""

    at: Count


ClientMessage = Hello | Operation | Following | Window | Ping


# From server to client


class Member(msgspec.Struct, frozen=True, omit_defaults=False):
    """A person in the room, with every connection (stream) of theirs. One person is one avatar."""

    person: str
    name: str
    institution: str
    colour: int
    """0 to 7, see presence.COLOURS."""
    streams: tuple[int, ...]
    following: bool
    whom: str = ""
    """Whom they follow, if not whoever presents."""
    width: int = 0
    """Of the window that they show slides in, CSS px; 0: not told."""


class Fact(msgspec.Struct, tag="fact", frozen=True):
    """Something that happened, in the order of ``seq``, without gaps. ``op`` is the operation that caused it."""

    seq: int
    kind: str
    body: dict[str, Any]
    actor: str
    name: str
    at: str
    """RFC 3339, UTC."""
    op: str


def withheld(fact: Fact) -> Fact:
    """That something was said, for whom may not read what: only its place in the order is left."""
    return Fact(fact.seq, "withheld", {}, "", "", fact.at, "")


class Agenda(msgspec.Struct, frozen=True):
    """What is to be spoken of; ``now`` is the point at hand, "" for none, ``since`` when it was gone on to (RFC 3339)."""

    items: tuple[Item, ...]
    now: str = ""
    since: str = ""


class Welcome(msgspec.Struct, tag="welcome", frozen=True, kw_only=True):
    """The room as it is now, and what the client missed."""

    protocol: int = PROTOCOL
    room: str
    you: int
    """The stream number to put in every frame."""
    members: tuple[Member, ...]
    presenter: str
    epoch: int
    slide: str
    seq: int
    mode: str
    """``replay``: ``facts`` follow ``last_seq``. ``reset``: forget the facts held, these are the newest ones."""
    facts: tuple[Fact, ...]
    frames: bytes
    """Base64 of the newest viewport record of the presenter; empty when there is none yet."""
    at: int
    """The server's clock, ms since 1970."""
    every: int = 1000
    """Milliseconds until the first tick."""
    agenda: Agenda | None = None


class Acknowledged(msgspec.Struct, tag="ack", frozen=True):
    """The operation is committed as fact ``seq``. The fact itself comes too, before or after."""

    op: str
    seq: int


class RefusedOperation(msgspec.Struct, tag="refused", frozen=True):
    """The operation was not done and will not be: ``code`` is worded in the locale."""

    op: str
    code: str
    params: dict[str, Any] = {}


class Presence(msgspec.Struct, tag="presence", frozen=True):
    """Everybody in the room: the whole list, at each change."""

    members: tuple[Member, ...]


class Tick(msgspec.Struct, tag="tick", frozen=True):
    """``seq`` is the newest fact; ``linked`` is false while this node cannot hear the others."""

    seq: int
    at: int
    linked: bool
    every: int = 1000
    """Milliseconds until the next one."""


class GoAway(msgspec.Struct, tag="goaway", frozen=True):
    """This node stops: open another socket after so many ms, then let this one go."""

    after_ms: int


class Pong(msgspec.Struct, tag="pong", frozen=True):
    at: int
    server_at: int


ServerMessage = Welcome | Fact | Acknowledged | RefusedOperation | Presence | Tick | GoAway | Pong

_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_encoder = msgspec.json.Encoder()


def decode(text: str | bytes) -> ClientMessage:
    """Raises MessageError: too long, not JSON, or not a message that a client may send."""
    if len(text) > MAX_BYTES:
        raise MessageError("longer than 64 KB")
    try:
        message: ClientMessage = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MessageError(str(error)) from None
    if isinstance(message, Operation) and isinstance(message.act, Say):
        view = message.act.view
        if view is not None and not view.valid():
            raise MessageError("a view that no window can have")
    return message


def encode(message: ServerMessage) -> bytes:
    """UTF-8 JSON."""
    return _encoder.encode(message)
