"""Where pages lead somebody by themselves: the menu, the desks of the administration, the first page.

Read out of the rules of access: nobody is led to what would refuse them. What a page gives, it asks for again."""

from typing import Final

import msgspec

from telepath.access import Action, by_role
from telepath.actor import Actor


class Desk(msgspec.Struct, frozen=True):
    """One thing to do in an institution: ``administration-<code>`` and ``administration-<code>-about`` in web/locale."""

    code: str
    path: str
    action: Action
    """What its page asks for."""
    alone: bool = True
    """Whether it makes an administration; else it is also found elsewhere, by people who administer nothing."""


class Place(msgspec.Struct, frozen=True):
    """One entry of the menu: ``nav-<code>`` in web/locale."""

    code: str
    path: str
    actions: frozenset[Action]
    """One of these leads there; none: everybody is led there."""


DESKS: Final = (
    Desk("members", "/administration/members", Action.DIRECTORY_MANAGE),
    Desk("invitations", "/administration/invitations", Action.DIRECTORY_MANAGE),
    Desk("credentials", "/administration/credentials", Action.CREDENTIAL_VERIFY),
    Desk("institution", "/administration/institution", Action.DIRECTORY_MANAGE),
    Desk("departments", "/administration/departments", Action.DIRECTORY_MANAGE),
    Desk("groups", "/administration/groups", Action.GROUP_MANAGE),
    Desk("absence", "/absence", Action.DELEGATION_MANAGE),
    Desk("links", "/links", Action.LINK_MANAGE, alone=False),
    Desk("sessions", "/administration/sessions", Action.SESSION_MANAGE),
    Desk("emergency", "/administration/emergency", Action.EMERGENCY_ACTIVATE),
    Desk("break-glass", "/administration/break-glass", Action.BREAK_GLASS_REVIEW),
)
"""In the order of how often they are needed."""

PLACES: Final = (
    Place("worklist", "/", frozenset({Action.CASE_LIST})),
    Place("cases", "/cases", frozenset({Action.CASE_LIST})),
    Place("coordination", "/coordination", frozenset({Action.ROUTING_MANAGE})),
    Place("duties", "/duties", frozenset({Action.DUTY_TAKE})),
    Place("absence", "/absence", frozenset({Action.DELEGATION_GIVE})),
    Place("statistics", "/statistics", frozenset({Action.STATISTICS_VIEW})),
    Place("notices", "/notices", frozenset()),
    Place("administration", "/administration", frozenset(desk.action for desk in DESKS if desk.alone)),
    Place("audit", "/audit", frozenset({Action.AUDIT_READ})),
)
"""In the order of the menu."""

_FIRST: Final = ("worklist", "audit", "administration", "statistics")
"""Where somebody begins: the first of these that they are led to."""


def offered(actor: Actor | None, action: Action | str) -> bool:
    """Whether a role of this person lets them do it in their own institution."""
    return actor is not None and by_role(actor, Action(action))


def places_of(actor: Actor | None) -> list[Place]:
    """The menu of this person; nothing for whoever is not signed in."""
    if actor is None:
        return []
    return [place for place in PLACES if not place.actions or any(offered(actor, one) for one in place.actions)]


def desks_of(actor: Actor) -> list[Desk]:
    """What this person has to do in their institution; nothing for most."""
    found = [desk for desk in DESKS if offered(actor, desk.action)]
    return found if any(desk.alone for desk in found) else []


def first_of(actor: Actor) -> Place:
    """Where this person begins: with cases, where they work with them."""
    mine = {place.code: place for place in places_of(actor)}
    return next((mine[code] for code in _FIRST if code in mine), PLACES[0])
