"""/audit/extract: who saw one patient's data, for the patient; /audit/mine: everybody's own trail. Both are recorded."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from telepath import grants
from telepath.access import Action, ObjectRef
from telepath.actor import Actor
from telepath.audit_catalogue import CATALOGUE, family
from telepath.cases import repository as cases
from telepath.db import audit_log, audit_search
from telepath.db.audit_search import Search
from telepath.db.transaction import Reader
from telepath.errors import Invalid, NotFound
from web import audit_asking, audit_extract, audit_lines
from web.audit_asking import Asked
from web.audit_questions import SEEN, Question
from web.pages import language, render, services, signed_in

PAGE: Final = 50
SESSIONS: Final = frozenset(kind for kind in CATALOGUE if family(kind) == "session")
TABS: Final[dict[str, tuple[frozenset[str] | None, str]]] = {
    "": (None, ""),
    "seen": (SEEN, "success"),
    "done": (frozenset(CATALOGUE) - SEEN - SESSIONS, "success"),
    "refused": (None, "refused"),
    "sessions": (SESSIONS, ""),
}
"""Of one's own trail: which kinds, with which outcome. All but the first are chosen by ``?acts=``."""
MINE: Final = Question(code="mine", fields=("acts",))


async def extract(request: Request) -> Response:
    """Who saw what of one case, in plain words, to be printed for the patient."""
    actor, made = signed_in(request), services(request)
    typed = audit_asking.typed(request, "case")
    async with made.db.write(actor) as tx:
        ref = await _asked_case(tx, actor, typed)
        allowed = await grants.require(tx, actor, Action.AUDIT_EXTRACT, ref)
        await tx.audit("audit.extract-made", ref, because=allowed)
    await audit_asking.seal(made)
    t = made.words(language(request))
    async with made.db.read() as reader:
        case = await cases.get(reader, ref.id)
        found = await audit_extract.of_case(reader, case.id, actor.institution_id)
        people = {key for one in found.accesses for key in (one.person, one.institution)}
        called = await audit_lines.names(reader, people, t)
        head = await audit_log.newest_checkpoint(reader)
        now = reader.now
    return render(
        request,
        "audit/extract.html",
        case=case,
        extract=found,
        called=called,
        head=head,
        made_at=now,
        is_auditor=bool(await _may_read(request, actor)),
    )


async def _asked_case(reader: Reader, actor: Actor, typed: str) -> ObjectRef:
    """Raises NotFound: no such case of this institution; what is another's is not told apart from what does not exist."""
    places = await audit_asking.places(reader, typed) if typed else frozenset()
    for place in places:
        case = await cases.get(reader, place)
        if case.institution_id == actor.institution_id or len(places) == 1:
            return case.ref
    raise NotFound


async def _may_read(request: Request, actor: Actor) -> bool:
    async with services(request).db.read() as reader:
        return bool(await grants.decide(reader, actor, Action.AUDIT_READ, audit_asking.institution_of(actor)))


async def mine(request: Request) -> Response:
    """What the reader themselves saw, did and was refused, and their sessions."""
    actor, made = signed_in(request), services(request)
    fields = audit_asking.asked(request, MINE, actor, made.db.clock())
    tab = fields.acts if fields.acts in TABS else ""
    before = audit_asking.before(request)
    async with made.db.write(actor) as tx:
        person = ObjectRef("person", actor.person_id, actor.institution_id)
        await tx.audit(
            "audit.read", person, question=MINE.code, private={"asked": fields.given()} if fields.given() else None
        )
    await audit_asking.seal(made)
    t = made.words(language(request))
    error: Invalid | None = None
    entries: list[audit_search.Entry] = []
    async with made.db.read() as reader:
        try:
            kinds, outcome = TABS[tab]
            wanted = Search(
                person=actor.person_id,
                kinds=kinds,
                outcome=outcome,
                since=audit_asking.day(fields.since, "since", actor),
                until=audit_asking.day(fields.until, "until", actor, days=1),
            )
            entries = await audit_search.search(reader, made.db.keys, wanted, PAGE + 1, before)
        except Invalid as wrong:
            error = wrong
        shown = await audit_lines.lines(reader, entries[:PAGE], t, actor.institution_id)
    asked = Asked(acts=tab, since=fields.since, until=fields.until)
    return render(
        request,
        "audit/mine.html",
        tabs=[(code, "/audit/mine" + asked.of(acts=code).query(), code == tab) for code in TABS],
        asked=asked,
        error=error,
        runs=audit_lines.runs(shown),
        older="/audit/mine" + asked.query(before=str(entries[PAGE - 1].seq)) if len(entries) > PAGE else "",
        newest="/audit/mine" + asked.query() if before is not None else "",
    )


routes: list[BaseRoute] = [
    Route("/audit/extract", extract, methods=["GET"]),
    Route("/audit/mine", mine, methods=["GET"]),
]
