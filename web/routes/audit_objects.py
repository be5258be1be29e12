"""/audit/slide and /audit/opinion: the two questions about one object, which are answered by a picture and by a comparison."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import grants
from telepath.access import Action
from telepath.db import audit_search
from telepath.db.audit_search import Search
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, TileUnreadable
from telepath.slides import catalogue
from telepath.slides.catalogue import Slide
from web import audit_asking, audit_lines, audit_opinions, audit_regions
from web.audit_asking import Asked
from web.audit_questions import OPINION, QUESTIONS, SEEN, SLIDE
from web.pages import language, path_id, render, services, signed_in

PAGE: Final = 50
DRAWN: Final = 1000
"""Records of one slide that the picture shows, the newest."""
PICTURE_BYTES: Final = 4 << 20
BY_CODE: Final = {question.code: question for question in QUESTIONS}


async def slide(request: Request) -> Response:
    """Who saw this slide, and which regions of it."""
    actor, made = signed_in(request), services(request)
    question = BY_CODE[SLIDE]
    fields = audit_asking.asked(request, question, actor, made.db.clock())
    await audit_asking.record(made, actor, SLIDE, fields.given())
    t = made.words(language(request))
    error: Invalid | None = None
    async with made.db.read() as reader:
        places = await audit_asking.places(reader, fields.case) if fields.case else frozenset()
        choice: list[Slide] = []
        shown: Slide | None = None
        for case_id in places:
            choice += [
                one for one in await catalogue.of_case(reader, case_id) if one.institution_id == actor.institution_id
            ]
        if len(choice) == 1:
            shown, places = choice[0], frozenset({choice[0].id})
        elif len(places) == 1 and not choice:
            shown = await _slide(reader, next(iter(places)))
        entries = []
        if places and len(choice) < 2:
            try:
                since = audit_asking.day(fields.since, "since", actor)
                until = audit_asking.day(fields.until, "until", actor, days=1)
                wanted = Search(
                    institution=actor.institution_id, places=places, kinds=SLIDE_KINDS, since=since, until=until
                )
                entries = await audit_search.search(reader, None, wanted, DRAWN)
            except Invalid as wrong:
                error = wrong
        found = audit_regions.viewers(entry.record for entry in entries)
        called = await audit_lines.names(reader, {key for one in found for key in (one.person, one.institution)}, t)
        page = await audit_search.opened(reader, made.db.keys, entries[:PAGE])
        lines = await audit_lines.lines(reader, page, t, actor.institution_id)
    own = shown is not None and shown.institution_id == actor.institution_id
    return render(
        request,
        "audit/slide.html",
        asked=fields,
        taken=fields.of(case=shown.id) if shown is not None else fields,
        error=error,
        choice=choice if len(choice) > 1 else [],
        slide=shown,
        picture=own and shown is not None,
        frame=_frame(shown, found),
        viewers=found,
        called=called,
        runs=audit_lines.runs(lines),
        all_drawn=len(entries) < DRAWN,
        older="/audit/records" + Asked(case=shown.id).query(before=str(entries[PAGE - 1].seq))
        if shown is not None and len(entries) > PAGE
        else "",
    )


SLIDE_KINDS: Final = frozenset(kind for kind in SEEN if kind.startswith("slide."))


async def _slide(reader: Reader, slide_id: str) -> Slide | None:
    try:
        return await catalogue.get(reader, slide_id)
    except NotFound:
        return None


def _frame(shown: Slide | None, viewers: list[audit_regions.Viewer]) -> tuple[int, int]:
    """Width and height of the slide, level-0 px; of one that is no longer there, as far as anybody saw."""
    if shown is not None:
        return shown.width, shown.height
    boxes = [box for one in viewers for box in one.boxes]
    return max((box.x + box.width for box in boxes), default=1), max((box.y + box.height for box in boxes), default=1)


async def picture(request: Request) -> Response:
    """The slide's thumbnail, under the regions. Recorded as a reading of this slide before its first byte."""
    actor, made = signed_in(request), services(request)
    slide_id = path_id(request)
    async with made.db.write(actor) as tx:
        one = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, actor, Action.AUDIT_READ, one.ref)
        await tx.audit("audit.read", one.ref, because=allowed, question=SLIDE)
    try:
        found = await made.storage.read(catalogue.thumbnail_key(one.folder), 0, PICTURE_BYTES)
    except NotFound:
        raise TileUnreadable from None
    return Response(found, headers={"Cache-Control": "no-store"}, media_type="image/jpeg")


async def opinion(request: Request) -> Response:
    """What changed in an opinion: every version of it, held against the log."""
    actor, made = signed_in(request), services(request)
    fields = audit_asking.asked(request, BY_CODE[OPINION], actor, made.db.clock())
    await audit_asking.record(made, actor, OPINION, fields.given())
    t = made.words(language(request))
    async with made.db.read() as reader:
        places = await audit_asking.places(reader, fields.case) if fields.case else frozenset()
        consults = await audit_opinions.of(reader, made.db.keys, places, actor)
        shown = [
            (one, audit_lines.runs(await audit_lines.lines(reader, list(one.entries), t, actor.institution_id)))
            for one in consults
        ]
    return render(request, "audit/opinion.html", asked=fields, consults=shown)


routes: list[BaseRoute] = [
    Route("/audit/slide", slide, methods=["GET"]),
    Route("/audit/opinion", opinion, methods=["GET"]),
    Route("/audit/slides/{id}/picture", picture, methods=["GET"]),
]
