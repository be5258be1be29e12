"""The page put together: its sections in order, in three places."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from consults import reading, repository
from telepath import grants
from telepath.access import Action
from telepath.errors import Conflict, TelepathError
from telepath.notices import store
from web.consult_page import (
    adoption,
    asking,
    attachments,
    chain,
    choosing,
    concordance,
    countersigning,
    editor,
    facts,
    first_diagnosis,
    history,
    incidents,
    material,
    needs,
    offer,
    opinions,
    outcomes,
    question,
    readers,
    regions,
    signing,
    slides,
    state,
    thread,
    transfer,
)
from web.consult_page.sight import Refusal, Sight, sight_of
from web.errors import by_field, status_of
from web.pages import path_id, reader, render, services, signed_in
from web.shown import page_shown

Section = Callable[[Sight], Awaitable[Mapping[str, Any] | None]]
"""What a partial shows as ``part``; None: nothing, for this reader now."""

TOP: Final[Mapping[str, Section]] = {
    "state": state.context,
    "offer": offer.context,
    "asking": asking.context,
    "material": material.context,
}
MAIN: Final[Mapping[str, Section]] = {
    "signing": signing.context,
    "question": question.context,
    "first_diagnosis": first_diagnosis.context,
    "opinions": opinions.context,
    "countersigning": countersigning.context,
    "adoption": adoption.context,
    "concordance": concordance.context,
    "outcomes": outcomes.context,
    "chain": chain.context,
    "regions": regions.context,
    "attachments": attachments.context,
    "editor": editor.context,
    "needs": needs.context,
    "transfer": transfer.context,
    "choosing": choosing.context,
}
SIDE: Final[Mapping[str, Section]] = {
    "facts": facts.context,
    "slides": slides.context,
    "readers": readers.context,
    "thread": thread.context,
    "incidents": incidents.context,
    "history": history.context,
}
"""Name → section, in the order of the page: the name is that of its module here and of templates/consults/_<name>.html."""


def _places(sight: Sight) -> tuple[Mapping[str, Section], ...]:
    """The asking side reads the answer first; while there is none, what it writes to the expert takes that room."""
    if sight.managing and sight.opinions:
        answer = {name: MAIN[name] for name in ("opinions", "adoption")}
        return TOP, {**answer, **MAIN}, SIDE
    if sight.managing:
        beside = {name: section for name, section in SIDE.items() if name != "thread"}
        return TOP, {**MAIN, "thread": thread.context}, beside
    return TOP, MAIN, SIDE


async def consult_page(
    request: Request,
    *,
    error: TelepathError | None = None,
    refused: str = "",
    typed: Mapping[str, str] | None = None,
    signing: bool = False,
) -> Response:
    """What this reader may see and do. ``refused``: the message that says what was not done; ``typed``: what its form
    held; ``signing``: about to sign."""
    actor = signed_in(request)
    db = services(request).db
    consult_id = path_id(request)
    async with db.read() as read:
        consult = await repository.get(read, consult_id)
        allowed = await grants.require(read, actor, Action.CONSULT_VIEW, consult.ref)
        notices_seen = await store.last_number(read, actor.person_id)
    await reading.record_view(db, actor, consult, allowed, opened="hx-request" not in request.headers)
    await page_shown(request, f"/consults/{consult.id}")
    t = reader(request).words
    refusal = Refusal(error=error, title=refused, typed=dict(typed or {})) if error is not None else None
    async with db.read() as read:
        sight = await sight_of(request, read, t, actor, consult, refusal=refusal, signing=signing)
        columns = [[(name, await section(sight)) for name, section in place.items()] for place in _places(sight)]
    return render(
        request,
        "consults/consult.html",
        200 if error is None else status_of(error),
        notices_seen=notices_seen,
        sight=sight,
        consult=consult,
        people=sight.people,
        places=sight.places,
        typed=sight.typed,
        conflict=isinstance(error, Conflict),
        errors=by_field(t, error),
        columns=columns,
    )
