"""In which activity somebody may work: an institution of theirs, and what the provider says of their practice there.

Pro Santé Connect sends every practice and every place of work, and leaves the choice to the service. An institution that the
provider does not name is offered too, with each practice: who vouches for the place is said, and recorded."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from auth.model import Activity, Chosen, Practice
from auth.permissions import foremost, may_be_expert
from telepath import directory
from telepath.actor import Role
from telepath.db.transaction import Reader
from telepath.directory import Institution, Person
from telepath.identifiers import PSC


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One activity that the person may act in."""

    key: str
    """The institution's id, with a number behind it for every further activity there: the same for as long as the session."""
    institution: Institution
    chosen: Chosen
    roles: frozenset[Role]
    """What the person is there."""
    qualified: bool
    """It lets the person be an expert."""

    @property
    def declared(self) -> bool:
        """The provider vouches for this place of work."""
        return self.chosen.activity != Activity()


class Proven(msgspec.Struct, frozen=True, kw_only=True):
    """Who the options are for, and by what."""

    person: Person
    provider: str
    practices: tuple[Practice, ...]
    emergency: bool = False
    """No provider proved it: nobody is an expert then."""


async def options(reader: Reader, proven: Proven, only_place: str = "") -> list[Option]:
    """What the person may choose from; places that the provider vouches for come first, then by name. None is disabled.
    ``only_place``: the institution for which alone they may act."""
    held = await directory.memberships(reader, proven.person.id)
    places = await directory.institutions(reader, (key for key in held if only_place in {"", key}))
    verified = proven.provider != PSC and await directory.credential(reader, proven.person.id) is not None
    found = [
        Option(
            key=place.id if number == 0 else f"{place.id}.{number}",
            institution=place,
            chosen=chosen,
            roles=held[place.id],
            qualified=not proven.emergency
            and may_be_expert(
                proven.person.subject_name_id,
                chosen.profession,
                chosen.know_how,
                provider=proven.provider,
                verified=verified,
            ),
        )
        for place in places.values()
        if place.disabled_at is None
        for number, chosen in enumerate(at(place.finess, proven.practices))
    ]
    return sorted(found, key=lambda option: (not option.declared, option.institution.name, option.key))


def at(finess: str, practices: Sequence[Practice]) -> list[Chosen]:
    """The different activities at the place of this FINESS (of the site, or of its legal entity), in the provider's order. One
    for each practice where the provider does not name the place; one without a practice where it told none at all."""
    declared = [
        Chosen(profession=practice.profession, know_how=practice.know_how, activity=activity)
        for practice in practices
        for activity in practice.activities
        if finess in {activity.finess, activity.finess_legal}
    ]
    general = [Chosen(profession=practice.profession, know_how=practice.know_how) for practice in practices]
    return list(_different(declared or general or [Chosen()]))


def _different(listed: Iterable[Chosen]) -> Iterator[Chosen]:
    """Without those that a reader could not tell from one before."""
    seen = set()
    for one in listed:
        told = (one.profession, one.know_how, one.activity.mode, one.activity.sector, one.activity.name)
        if told not in seen:
            seen.add(told)
            yield one


def codes(option: Option) -> dict[str, Any]:
    """What the audit keeps of a choice; nothing where the provider said nothing."""
    activity = option.chosen.activity
    told = {
        "profession": option.chosen.profession,
        "know_how": option.chosen.know_how,
        "mode": activity.mode,
        "sector": activity.sector,
        "finess": activity.finess,
    }
    return {name: code for name, code in told.items() if code}


def of_directory(person: Person, practices: Iterable[Practice]) -> tuple[str, str]:
    """Profession and know-how as the directory keeps them: the provider's where it told some."""
    named = foremost(practices)
    return (person.profession, person.know_how) if named is None else (named.profession, named.know_how)
