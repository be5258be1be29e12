"""What one reader sees of one consult, read once: what every section of its page is made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from consults import repository, worklist
from consults.completion import reading_of
from consults.kinds import HeldBecause, ReadingRole
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import Consult, Offer, Opinion, Reading
from consults.versions import visible
from telepath import directory, grants
from telepath.access import Action, Allowed, Denied, Grant, ObjectRef, may
from telepath.actor import Actor, Role
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.db.transaction import Reader
from telepath.directory import Person
from telepath.errors import TelepathError
from web.consult_words import place_name
from web.words import Wording

OPEN: Final = (ConsultStatus.ACTIVE, ConsultStatus.ON_HOLD)
UNABLE: Final = (f"no-{Role.EXPERT}", "other-institution")
"""Why somebody who was asked cannot answer now, as they are told."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """What was not done a moment ago, so that the page says so and keeps what was typed."""

    error: TelepathError
    title: str
    """The message that says what was not done."""
    typed: dict[str, str]
    """What the form held."""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One reader before one consult. ``mine``: the reader's own reading, unless it was cancelled; ``opinions``: those this
    reader may see, in order; ``slides``: likewise, of the case. ``people`` and ``places`` (names) are those of the requester,
    of who was asked, who reads and who signed; a section that names others asks ``directory`` itself."""

    request: Request
    db: Reader
    t: Wording
    actor: Actor
    held: Sequence[Grant]
    consult: Consult
    case: Case
    """Whoever was only asked sees nothing of it but its number: ``sees_case``."""
    offers: Sequence[Offer]
    """Oldest first, as ``readings``."""
    readings: Sequence[Reading]
    mine: Reading | None
    unnamed: frozenset[str]
    """Persons whom what they did does not name for this reader yet."""
    opinions: Sequence[Opinion]
    slides: Sequence[cases.SlideCard]
    people: dict[str, Person]
    places: dict[str, str]
    zones: set[str]
    """The time zones of those places."""
    refusal: Refusal | None = None
    signing: bool = False
    """The reader is about to sign, and looks at what would be signed."""

    def can(self, action: Action, thing: ObjectRef | None = None) -> bool:
        """``thing``: the consult itself, if nothing else is said."""
        return bool(self.answer(action, thing))

    def answer(self, action: Action, thing: ObjectRef | None = None) -> Allowed | Denied:
        return may(self.actor, action, thing or self.consult.ref, self.held, self.db.now)

    @property
    def typed(self) -> dict[str, str]:
        return self.refusal.typed if self.refusal else {}

    @property
    def sees_case(self) -> bool:
        return self.can(Action.CASE_VIEW, self.case.ref)

    @property
    def managing(self) -> bool:
        """The requester's side."""
        return self.can(Action.CONSULT_MANAGE)

    @property
    def working(self) -> bool:
        return self.mine is not None

    @property
    def answering(self) -> bool:
        """The reader writes, or has signed and may still add to it."""
        return self.working and self.can(Action.CONSULT_ANSWER)

    @property
    def inside(self) -> bool:
        """One of those who talk about it: not somebody who was asked and has not accepted."""
        return self.managing or self.mine is not None

    @property
    def ended(self) -> bool:
        return self.consult.status not in OPEN

    @property
    def choosing(self) -> bool:
        """Somebody else may be asked."""
        return self.managing and not self.ended and reading_of(self.readings, ReadingRole.EXPERT) is None

    @property
    def standing(self) -> Offer | None:
        """The latest offer that was neither declined nor withdrawn: of the expert who is asked, or reads."""
        last = (OfferStatus.ACCEPTED, OfferStatus.PROPOSED)
        experts = (offer for offer in self.offers if offer.role is ReadingRole.EXPERT)
        # Who handed it over reads it no more.
        asked = [one for one in experts if not (one.status is OfferStatus.ACCEPTED and one.decline_reason)]
        return next((offer for offer in reversed(asked) if offer.status in last), None)

    @property
    def offered(self) -> Offer | None:
        """What waits for an answer of this reader."""
        return next((one for one in self.offers if one.open and one.expert_id == self.actor.person_id), None)

    @property
    def asked_at(self) -> str:
        """The institution where the reader was asked, or reads."""
        return next((one.institution_id for one in (self.mine, self.offered) if one is not None), "")

    @property
    def unable(self) -> str:
        """Why somebody who was asked as an expert cannot answer now: they are none now, or not where they work now. They see
        what they saw, and are told why."""
        if not self.working and self.offered is None:
            return ""
        answer = self.answer(Action.CONSULT_ACCEPT if self.offered else Action.CONSULT_ANSWER)
        return answer.reason if isinstance(answer, Denied) and answer.reason in UNABLE else ""

    @property
    def state(self) -> str:
        """In the words of the worklist of whoever looks: as the expert who was asked or reads, else as the side that asks."""
        if self.consult.status is ConsultStatus.REVOKED:
            return "revoked"
        if self.offered is not None:
            return worklist.of_expert(self.offered.status, None)
        stopped = self.consult.held_because is HeldBecause.MATERIAL
        if stopped and self.working:
            return "awaiting-material"
        if self.mine is not None and self.mine.signed and not self.ended:
            return "awaiting-signature"
        if self.mine is not None:
            return worklist.of_expert(OfferStatus.ACCEPTED, self.mine.status)
        asked = self.standing.status if self.standing else None
        return worklist.of_requester(self.consult.status, asked, self.consult.held_because)


async def sight_of(
    request: Request,
    db: Reader,
    t: Wording,
    actor: Actor,
    consult: Consult,
    *,
    refusal: Refusal | None = None,
    signing: bool = False,
) -> Sight:
    """The caller has asked CONSULT_VIEW."""
    held = await grants.held_by(db, actor)
    case = await cases.get(db, consult.case_id)
    offers = await repository.offers_of(db, consult.id)
    readings = await repository.readings_of(db, consult.id)
    opinions = await repository.opinions_of(db, consult.id)
    living = (one for one in readings if one.status is not ReadingStatus.CANCELLED)
    mine = next((one for one in living if one.expert_id == actor.person_id), None)
    persons = {consult.requester_id, *(one.expert_id for one in offers), *(one.expert_id for one in readings)}
    houses = {consult.institution_id, *(one.institution_id for one in offers)}
    houses |= {one.institution_id for one in readings} | {one.institution_id for one in opinions}
    places = await directory.institutions(db, houses)
    return Sight(
        request=request,
        db=db,
        t=t,
        actor=actor,
        held=held,
        consult=consult,
        case=case,
        offers=offers,
        readings=readings,
        mine=mine,
        unnamed=await repository.unnamed(db, case.id, actor.person_id),
        opinions=visible(consult, readings, opinions, mine),
        slides=[
            slide for slide in await cases.slides(db, case.id) if may(actor, Action.SLIDE_VIEW, slide.ref, held, db.now)
        ],
        people=await directory.people(db, persons | {one.author_id for one in opinions}),
        places={place.id: place_name(place.name, place.city) for place in places.values()},
        zones={place.time_zone for place in places.values()},
        refusal=refusal,
        signing=signing,
    )
