"""/coordination/rules and /coordination/turnaround: who is asked first or not at all, and within what time."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from auth import groups
from consults import rules, turnaround
from consults.deadlines import MOST, USUAL, Turnaround, Unit, Urgency
from consults.kinds import ConsultKind
from consults.networks import NETWORKS
from consults.routing_rules import Effect, Rule, Target
from consults.rules import Wanted
from telepath import directory, grants
from telepath.access import Action, institution_ref
from telepath.actor import Actor
from telepath.cases.model import ORGANS
from telepath.db.transaction import Reader
from telepath.errors import Conflict, Invalid, NotFound, Refused, TelepathError
from web.errors import by_field, status_of
from web.pages import Form, path_id, read_form, reader, redirect, render, services, signed_in
from web.words import Wording

RULES = "/coordination/rules"
TURNAROUND = "/coordination/turnaround"


async def index(request: Request) -> Response:
    return await _page(request)


async def make(request: Request) -> Response:
    form = await read_form(request)
    try:
        await rules.make(services(request).db, signed_in(request), _wanted(form))
    except NotFound as error:
        if isinstance(error, Refused):
            raise
        return await _page(request, Invalid("error-field-choice", field="scope"), form)
    except (Invalid, Conflict) as wrong:
        return await _page(request, wrong, form)
    return redirect(f"{RULES}?done=rule-made")


async def end(request: Request) -> Response:
    await rules.end(services(request).db, signed_in(request), path_id(request))
    return redirect(f"{RULES}?done=rule-ended")


async def times(request: Request) -> Response:
    return await _times(request)


async def set_times(request: Request) -> Response:
    form = await read_form(request)
    try:
        wanted = {urgency: _time(form, urgency) for urgency in Urgency}
        await turnaround.set_all(services(request).db, signed_in(request), wanted)
    except Invalid as wrong:
        return await _times(request, wrong, form)
    return redirect(f"{TURNAROUND}?done=turnaround-changed")


async def _page(request: Request, error: TelepathError | None = None, form: Form | None = None) -> Response:
    actor, words = signed_in(request), reader(request).words
    async with services(request).db.read() as read:
        await grants.require(read, actor, Action.ROUTING_MANAGE, institution_ref(actor.institution_id))
        kept = await rules.of_institution(read, actor.institution_id)
        led = await rules.led(read, actor.institution_id)
        targets = await _targets(read, actor)
        people = await directory.people(read, _named(kept, Target.PERSON))
        places = await directory.institutions(read, _named(kept, Target.INSTITUTION))
    called = {key: one.name for key, one in people.items()} | {key: one.name for key, one in places.items()}
    called |= {key: name for found in targets.values() for key, name in found}
    names = ("scope", "organ", "kind", "urgency", "effect", "target", "note")
    return render(
        request,
        "coordination/rules.html",
        200 if error is None else status_of(error),
        rules=[(rule, _sentence(rule, called, words), _when(rule, words)) for rule in kept],
        led=led,
        organs=ORGANS,
        kinds=[str(kind) for kind in ConsultKind],
        urgencies=[str(urgency) for urgency in Urgency],
        effects=[str(effect) for effect in Effect],
        targets={str(kind): found for kind, found in targets.items() if found},
        limit=rules.NOTE_LIMIT,
        typed={name: form.line(name, 4 * rules.NOTE_LIMIT) if form else "" for name in names},
        errors=by_field(words, error),
    )


async def _times(request: Request, error: TelepathError | None = None, form: Form | None = None) -> Response:
    actor = signed_in(request)
    async with services(request).db.read() as read:
        await grants.require(read, actor, Action.ROUTING_MANAGE, institution_ref(actor.institution_id))
        now = await turnaround.of_institution(read, actor.institution_id)
    typed = {
        str(urgency): (form.line(f"amount-{urgency}", 10), form.line(f"unit-{urgency}", 20))
        if form
        else (str(now[urgency].amount), str(now[urgency].unit))
        for urgency in Urgency
    }
    return render(
        request,
        "coordination/turnaround.html",
        200 if error is None else status_of(error),
        typed=typed,
        usual={str(urgency): within for urgency, within in USUAL.items()},
        units=[str(unit) for unit in Unit],
        errors=by_field(reader(request).words, error),
    )


async def _targets(read: Reader, actor: Actor) -> dict[Target, list[tuple[str, str]]]:
    """Whom a rule may name: (identifier, as it is called), by kind of thing."""
    experts: dict[str, directory.Expertise] = {}
    for organ in ORGANS:
        for one in await directory.experts(read, organ):
            experts.setdefault(one.person.id, one)
    named = sorted(experts.values(), key=lambda one: (one.person.family_name, one.person.id))
    places = await directory.institutions(read)
    others = (one for one in places.values() if one.id != actor.institution_id and one.disabled_at is None)
    return {
        Target.PERSON: [(one.person.id, f"{one.person.name}, {one.institution.name}") for one in named],
        Target.INSTITUTION: sorted(((one.id, f"{one.name} ({one.city})") for one in others), key=lambda one: one[1]),
        Target.GROUP: [(one.id, one.name) for one in await groups.of_institution(read, actor.institution_id)],
        Target.NETWORK: [(one.code, one.code) for one in NETWORKS],
    }


def _named(kept: Iterable[Rule], kind: Target) -> set[str]:
    return {rule.target_id for rule in kept if rule.target_kind is kind}


def _sentence(rule: Rule, called: dict[str, str], words: Wording) -> str:
    if rule.effect is Effect.REGIONAL_FIRST:
        return words("rules-regional-first")
    return words(f"rules-{rule.effect}", target=called.get(rule.target_id) or words("rules-gone"))


def _when(rule: Rule, words: Wording) -> list[str]:
    """For which requests it counts, in words; none: for all."""
    parts = (("organ", rule.organ), ("kind", rule.kind), ("urgency", rule.urgency))
    return [words(f"{what}-{code}") for what, code in parts if code]


def _wanted(form: Form) -> Wanted:
    """Raises Invalid: a code that is none of ours."""
    kind, _, target = form.line("target", 40).partition(":")
    return Wanted(
        group_id=form.line("scope", 26),
        organ=form.line("organ", 20),
        kind=form.line("kind", 20),
        urgency=form.line("urgency", 20),
        effect=Effect(form.choice("effect", list(Effect))),
        target_kind=Target(kind) if kind in set(Target) else None,
        target_id=target,
        note=form.line("note", 4 * rules.NOTE_LIMIT),
    )


def _time(form: Form, urgency: Urgency) -> Turnaround:
    unit = Unit(form.choice(f"unit-{urgency}", list(Unit)))
    return Turnaround(form.number(f"amount-{urgency}", 1, MOST[unit]), unit)


routes: list[BaseRoute] = [
    Route(RULES, index),
    Route(RULES, make, methods=["POST"]),
    Route(f"{RULES}/{{id}}/end", end, methods=["POST"]),
    Route(TURNAROUND, times),
    Route(TURNAROUND, set_times, methods=["POST"]),
]
