"""Who may do what: the one decision of the service. Pure.

A right comes from a role in the institution that owns the object, or from a grant (telepath/grants.py) on the object or on
something that contains it. Nothing else gives a right: an identifier or an address never does.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from telepath.actor import Actor, Role


class Right(StrEnum):
    """What a grant can give."""

    VIEW = "view"
    ANNOTATE = "annotate"
    DISCUSS = "discuss"
    PRESENT = "present"
    ANSWER = "answer"
    MANAGE = "manage"


class Action(StrEnum):
    """What can be asked for. ``object.verb``: the same words stand in the audit."""

    CASE_LIST = "case.list"
    CASE_CREATE = "case.create"
    CASE_VIEW = "case.view"
    CASE_EDIT = "case.edit"
    SLIDE_VIEW = "slide.view"
    ANNOTATION_WRITE = "annotation.write"
    THREAD_READ = "thread.read"
    THREAD_WRITE = "thread.write"
    CONSULT_REQUEST = "consult.request"
    CONSULT_VIEW = "consult.view"
    CONSULT_MANAGE = "consult.manage"
    CONSULT_ANSWER = "consult.answer"
    ROOM_OPEN = "room.open"
    ROOM_JOIN = "room.join"
    ROOM_PRESENT = "room.present"
    AUDIT_READ = "audit.read"
    AUDIT_EXTRACT = "audit.extract"


class ObjectRef(msgspec.Struct, frozen=True):
    """A thing one may ask for.

    ``within`` names, as (kind, id), what else a grant on opens it; ``case_id`` is only for the audit. A slide, a consult or a
    room is of a case, but no grant on the case opens it: each is given by itself."""

    kind: str
    id: str
    institution_id: str
    within: tuple[tuple[str, str], ...] = ()
    case_id: str = ""

    def places(self) -> tuple[tuple[str, str], ...]:
        """The object itself and all that contains it."""
        return ((self.kind, self.id), *self.within)


class Grant(msgspec.Struct, frozen=True):
    """Subject – object – rights – until – because. One row of the grants table."""

    id: str
    subject_kind: str
    """``person`` or ``institution``."""
    subject_id: str
    object_kind: str
    object_id: str
    rights: frozenset[Right]
    until: datetime | None
    because: str
    """A code: ``consult``, ``room``, ``link``, ``break-glass``."""
    because_id: str
    epoch: int
    """Grows at each change of the subject's rights on the object: old capabilities die with it."""


class Allowed(msgspec.Struct, frozen=True):
    because: str
    because_id: str = ""
    epoch: int = 0

    def __bool__(self) -> bool:
        return True


class Denied(msgspec.Struct, frozen=True):
    reason: str

    def __bool__(self) -> bool:
        return False


class Rule(msgspec.Struct, frozen=True):
    roles: frozenset[Role]
    """Roles in the owning institution that suffice."""
    right: Right | None
    """The right that a grant must carry; None: no grant can give this."""


STAFF: Final = frozenset({Role.REQUESTER, Role.EXPERT, Role.COORDINATOR})
NOBODY: Final[frozenset[Role]] = frozenset()

RULES: Final[dict[Action, Rule]] = {
    Action.CASE_LIST: Rule(STAFF, None),
    Action.CASE_CREATE: Rule(STAFF, None),
    Action.CASE_VIEW: Rule(STAFF, Right.VIEW),
    Action.CASE_EDIT: Rule(STAFF, None),
    Action.SLIDE_VIEW: Rule(STAFF, Right.VIEW),
    Action.ANNOTATION_WRITE: Rule(STAFF, Right.ANNOTATE),
    Action.THREAD_READ: Rule(STAFF, Right.DISCUSS),
    Action.THREAD_WRITE: Rule(STAFF, Right.DISCUSS),
    Action.CONSULT_REQUEST: Rule(STAFF, None),
    Action.CONSULT_VIEW: Rule(STAFF, Right.VIEW),
    Action.CONSULT_MANAGE: Rule(STAFF, None),
    Action.CONSULT_ANSWER: Rule(NOBODY, Right.ANSWER),
    Action.ROOM_OPEN: Rule(STAFF, Right.PRESENT),
    Action.ROOM_JOIN: Rule(STAFF, Right.VIEW),
    Action.ROOM_PRESENT: Rule(STAFF, Right.PRESENT),
    Action.AUDIT_READ: Rule(frozenset({Role.AUDITOR}), None),
    Action.AUDIT_EXTRACT: Rule(frozenset({Role.AUDITOR, Role.COORDINATOR}), None),
}


def lost(before: Collection[Role], after: Collection[Role]) -> frozenset[Action]:
    """What these roles let one do in their institution, and those that come after them do not."""
    return frozenset(
        action for action, rule in RULES.items() if rule.roles & set(before) and not rule.roles & set(after)
    )


def may(actor: Actor, action: Action, thing: ObjectRef, grants: Iterable[Grant], now: datetime) -> Allowed | Denied:
    """Decide. ``grants`` may be more than those of this actor and object: only the fitting ones count."""
    rule = RULES[action]
    if actor.institution_id == thing.institution_id and actor.roles & rule.roles:
        return Allowed("institution", thing.institution_id)
    if rule.right is None:
        return Denied("no-role")
    places = set(thing.places())
    subjects = {("person", actor.person_id), ("institution", actor.institution_id)}
    expired = False
    for grant in grants:
        if (grant.subject_kind, grant.subject_id) not in subjects or (grant.object_kind, grant.object_id) not in places:
            continue
        if rule.right not in grant.rights:
            continue
        if grant.until is not None and grant.until <= now:
            expired = True
            continue
        return Allowed(grant.because, grant.because_id, grant.epoch)
    return Denied("expired" if expired else "no-grant")
