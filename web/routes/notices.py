"""/notices: what the reader was told, as a page and as a stream of server-sent events.

The stream gives, in the person's language:

``after`` in its address is the number of the last notice that the page knew when it was made: what came between the page and
the stream is told too.

event: unread   data: {"unread": 3}                           at the start, and when the number changes
event: notice   data: as Told                                 id: the notice's; ``Last-Event-ID`` resumes after it
event: waiting  data: as of a notice                          at the start: an invitation unanswered, to a room that goes on
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from enum import Enum
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from auth import repository as logins
from auth.sessions import Limits, State, state
from realtime.bus import Bus
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.transaction import Reader
from telepath.errors import Unavailable
from telepath.ids import is_id
from telepath.notices import preferences, store
from telepath.notices.model import Notice
from telepath.notices.preferences import Channel, Choice
from web import live_rooms
from web.middleware import session_limits
from web.pages import language, read_form, redirect, render, services, signed_in
from web.relay import topic
from web.shown import page_shown
from web.words import Wording

HEARTBEAT: Final = 15.0
"""Seconds: a comment keeps proxies from closing a silent stream. Then the session is checked too, and the database asked,
because the bus may lose."""
RETRY: Final = 2000
"""Milliseconds before a browser comes back."""


class Told(msgspec.Struct, frozen=True):
    """The data of an event ``notice``."""

    id: str
    kind: str
    text: str
    about: str
    """The number of the case, and how urgent it is; empty: not known."""
    path: str
    unread: int
    browser: bool
    """Whether the browser itself shows that something came."""
    number: int
    """For the ``after`` of the next stream of the same page."""


async def index(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        seen = await store.last_number(db, actor.person_id)
        notices = await store.latest(db, actor.person_id)
        unread = await store.unread(db, actor.person_id)
    # What leads to no page of its own is read here.
    await page_shown(request, "/")
    return render(request, "notices.html", notices_seen=seen, notices=notices, unread=unread)


async def mark_read(request: Request) -> Response:
    """Only up to what the person saw: what came since stays unread."""
    actor = signed_in(request)
    form = await read_form(request)
    made = services(request)
    await store.mark_read(made.db, actor, form.number("up_to", 1, 2**31 - 1))
    await made.bus.publish(topic(actor.person_id), b"{}")
    return redirect("/notices")


async def stream(request: Request) -> Response:
    actor = signed_in(request)
    made = services(request)
    last = request.headers.get("last-event-id", "")
    limits = session_limits(made.settings)
    t = made.words(language(request))
    after = request.query_params.get("after", "")
    number = int(after) if after.isascii() and after.isdecimal() and len(after) < 10 else None
    events = told(made.db, made.bus, actor, t, limits, made.stopping, last if is_id(last) else "", after=number)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")


async def told(
    db: Database,
    bus: Bus,
    actor: Actor,
    t: Wording,
    limits: Limits,
    stopping: asyncio.Event,
    last_id: str = "",
    heartbeat: float = HEARTBEAT,
    after: int | None = None,
) -> AsyncIterator[bytes]:
    """The stream of one open page. Ends with the session, when the service stops, and when the database does not answer:
    the browser then comes back by itself and misses nothing."""
    async with bus.subscribe(topic(actor.person_id)) as wakes:
        yield f"retry: {RETRY}\n\n".encode()
        last, known = None, -1
        while True:
            try:
                async with db.read() as read:
                    session = await logins.session_by_id(read, actor.session_id)
                    if session is None or state(session, read.now, limits) is not State.LIVING:
                        return
                    waiting: list[Notice] = []
                    if last is None:
                        last = await _start(read, actor.person_id, last_id, after)
                        rooms = [room.path for room in await live_rooms.running(read, actor)]
                        waiting = await store.unread_at(read, actor.person_id, rooms) if rooms else []
                    new = await store.after(read, actor.person_id, last)
                    unread = await store.unread(read, actor.person_id)
                    wants = await preferences.of(read, actor.person_id) if new or waiting else {}
            except Unavailable:
                return
            for notice in waiting:
                if notice.number <= last:
                    yield _event("waiting", _told(notice, unread, t, wants))
            for notice in new:
                yield _event("notice", _told(notice, unread, t, wants), notice.id)
                last = notice.number
            if unread != known:
                yield _event("unread", {"unread": unread})
                known = unread
            if len(new) == store.LISTED:
                continue
            match await woken(wakes, stopping, heartbeat):
                case Next.END:
                    return
                case Next.SILENCE:
                    yield b": still here\n\n"


class Next(Enum):
    """What ended the waiting."""

    WAKE = "wake"
    SILENCE = "silence"
    END = "end"


async def woken(wakes: AsyncIterator[tuple[str, bytes]], stopping: asyncio.Event, seconds: float) -> Next:
    """Wait so many seconds for a wake from the bus. END: the bus closed, or the service stops."""
    wake = asyncio.ensure_future(anext(wakes, None))
    stop = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait({wake, stop}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if stop.done() or (wake.done() and wake.result() is None):
            return Next.END
        return Next.WAKE if wake.done() else Next.SILENCE
    finally:
        wake.cancel()
        stop.cancel()


async def _start(read: Reader, person_id: str, last_id: str, after: int | None) -> int:
    """The number after which the stream goes on: of the last notice that it told, or that the page knew, or of the last there
    is."""
    found = await store.number_of(read, person_id, last_id) if last_id else None
    if found is not None:
        return found
    last = await store.last_number(read, person_id)
    return last if after is None else min(after, last)


def _told(notice: Notice, unread: int, t: Wording, wants: Mapping[Choice, bool]) -> Told:
    text = t("notices-" + notice.kind.replace(".", "-"), by=notice.params["by"])
    urgency = notice.params.get("urgency")
    parts = (notice.params.get("case"), t(f"urgency-{urgency}") if urgency else "")
    return Told(
        id=notice.id,
        kind=notice.kind,
        text=text,
        about=" · ".join(filter(None, parts)),
        path=notice.path,
        unread=unread,
        browser=wants.get((notice.kind, Channel.BROWSER), False),
        number=notice.number,
    )


def _event(name: str, data: object, key: str = "") -> bytes:
    """JSON holds no line end of its own: one ``data`` line is enough."""
    head = f"id: {key}\nevent: {name}\n" if key else f"event: {name}\n"
    return head.encode() + b"data: " + msgspec.json.encode(data) + b"\n\n"


routes: list[BaseRoute] = [
    Route("/notices", index, methods=["GET"]),
    Route("/notices", mark_read, methods=["POST"]),
    Route("/notices/stream", stream, methods=["GET"]),
]
