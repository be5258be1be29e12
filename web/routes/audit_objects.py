"""/audit/slide and /audit/opinion: the two questions about one object, which are answered by a picture and by a comparison."""

from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import grants
from telepath.access import Action
from telepath.actor import Actor
from telepath.db import audit_search
from telepath.db.audit_search import Entry, Search
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound, TileUnreadable
from telepath.slides import catalogue
from telepath.slides.catalogue import Slide
from web import audit_asking, audit_lines, audit_opinions, audit_regions
from web.audit_questions import OPINION, QUESTIONS, SLIDE
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
    error: Invalid | None = None
    wanted: Search | None = None
    if fields.case:
        try:
            async with made.db.read() as reader:
                wanted = await audit_asking.search(reader, fields, question, actor)
        except Invalid as wrong:
            error = wrong
    things = await audit_asking.about(made, actor, wanted) if wanted else ()
    await audit_asking.record(made, actor, SLIDE, fields.given(), things)
    t = made.words(language(request))
    async with made.db.read() as reader:
        entries = await audit_search.search(reader, None, wanted, DRAWN) if wanted else []
        slides = await _slides(reader, wanted, entries, actor) if wanted else {}
        if len(slides) > 1:
            entries = []
        found = audit_regions.viewers(entry.record for entry in entries)
        called = await audit_lines.names(reader, {key for one in found for key in (one.person, one.institution)}, t)
        page = await audit_search.opened(reader, made.db.keys, entries[:PAGE])
        lines = await audit_lines.lines(reader, page, t, actor.institution_id)
    slide_id, shown = next(iter(slides.items())) if len(slides) == 1 else (fields.case, None)
    taken = fields.of(case=slide_id)
    return render(
        request,
        "audit/slide.html",
        asked=fields,
        taken=taken,
        error=error,
        choice=slides if len(slides) > 1 else {},
        slide=shown,
        picture=shown is not None and shown.institution_id == actor.institution_id,
        frame=_frame(shown, found),
        viewers=found,
        called=called,
        runs=audit_lines.runs(lines),
        all_drawn=len(entries) < DRAWN,
        older="/audit/records" + taken.query(before=str(entries[PAGE - 1].seq)) if len(entries) > PAGE else "",
    )


async def _slides(reader: Reader, wanted: Search, entries: Iterable[Entry], actor: Actor) -> dict[str, Slide | None]:
    """What ``wanted`` may be about: the slides that ``entries`` name, and those of one's own cases that nobody has seen. None:
    it is no longer there."""
    cases = await catalogue.of_cases(reader, wanted.places or ())
    own = [one.id for slides in cases.values() for one in slides if one.institution_id == actor.institution_id]
    ids = dict.fromkeys([*own, *sorted({entry.record.object_id for entry in entries})])
    there = await catalogue.by_id(reader, ids)
    return {key: there[key] if key in there and there[key].folder else None for key in ids}


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
    await audit_asking.require(made, actor)
    await audit_asking.seal(made)
    t = made.words(language(request))
    async with made.db.read() as reader:
        places = await audit_asking.places(reader, fields.case) if fields.case else frozenset()
        consults = await audit_opinions.of(reader, made.db.keys, places, actor)
        shown = [
            (one, audit_lines.runs(await audit_lines.lines(reader, list(one.entries), t, actor.institution_id)))
            for one in consults
        ]
    await audit_asking.record(made, actor, OPINION, fields.given(), [one.consult.ref for one in consults])
    return render(request, "audit/opinion.html", asked=fields, consults=shown)


routes: list[BaseRoute] = [
    Route("/audit/slide", slide, methods=["GET"]),
    Route("/audit/opinion", opinion, methods=["GET"]),
    Route("/audit/slides/{id}/picture", picture, methods=["GET"]),
]
