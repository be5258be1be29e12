"""/notices/preferences: of what one wants to hear by mail and in the browser."""

from collections.abc import Mapping
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath.errors import Invalid
from telepath.notices import preferences
from telepath.notices.model import KINDS
from telepath.notices.preferences import ALWAYS, Channel, Choice
from web.pages import read_form, reader, redirect, render, services, signed_in
from web.words import Wording

GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "answering": (
        "consult.offered",
        "consult.ringing",
        "reading.invited",
        "consult.resumed",
        "consult.revoked",
        "offer.expired",
        "offer.withdrawn",
        "opinion.awaits",
        "opinion.countersigned",
        "opinion.returned",
        "opinion.released",
        "reading.accepted",
        "reading.declined",
        "reader.lacking",
        "opinion.adopted",
        "opinion.contested",
        "outcome.recorded",
    ),
    "asking": (
        "consult.accepted",
        "offer.declined",
        "offer.passed-on",
        "consult.transferred",
        "consult.another-proposed",
        "consult.suspended",
        "opinion.signed",
        "opinion.amended",
        "opinion.graded",
    ),
    "talking": ("thread.written", "room.invited"),
    "watching": ("consult.alarm", "consult.late", "consult.unanswered", "consult.unheard"),
    "duties": (
        "pool.joined",
        "pool.left",
        "duty.given",
        "duty.withdrawn",
        "swap.asked",
        "swap.taken",
        "swap.declined",
        "swap.withdrawn",
        "absence.said",
        "delegation.given",
    ),
    "institution": (
        "invitation.accepted",
        "credential.awaited",
        "break-glass.opened",
        "emergency.activated",
        "emergency.code-used",
        "emergency.ended",
    ),
}
"""Every kind, by what brings it about, in the order of the page."""


class Line(msgspec.Struct, frozen=True):
    """One kind: its sentence, and what is wanted. ``fixed``: told so whatever is chosen."""

    kind: str
    text: str
    fixed: bool
    wanted: Mapping[str, bool]


async def page(request: Request) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as db:
        chosen = await preferences.of(db, actor.person_id)
    t = reader(request).words
    groups = [(name, [_line(t, kind, chosen) for kind in kinds]) for name, kinds in GROUPS.items()]
    return render(request, "notice_preferences.html", groups=groups, channels=[channel.value for channel in Channel])


async def choose(request: Request) -> Response:
    actor = signed_in(request)
    form = await read_form(request)
    ticked = form.values("wanted", len(KINDS) * len(Channel))
    await preferences.choose(services(request).db, actor, [_choice(one) for one in ticked])
    return redirect("/notices/preferences?done=notices-chosen")


def _choice(text: str) -> Choice:
    kind, _, channel = text.partition(":")
    if channel not in set(Channel):
        raise Invalid("error-field-choice", field="wanted")
    return kind, Channel(channel)


def _line(t: Wording, kind: str, chosen: Mapping[Choice, bool]) -> Line:
    text = t(f"notices-{kind.replace('.', '-')}", by=t("preferences-somebody"))
    wanted = {channel.value: chosen[kind, channel] for channel in Channel}
    return Line(kind, text[:1].upper() + text[1:], kind in ALWAYS, wanted)


routes: list[BaseRoute] = [
    Route("/notices/preferences", page, methods=["GET"]),
    Route("/notices/preferences", choose, methods=["POST"]),
]
