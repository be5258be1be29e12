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
    POINT = "point"
    ANNOTATE = "annotate"
    DISCUSS = "discuss"
    PRESENT = "present"
    ANSWER = "answer"
    IDENTITY = "identity"
    """To see who the patient is."""


class Action(StrEnum):
    """What can be asked for. ``object.verb``: the same words stand in the audit."""

    CASE_LIST = "case.list"
    CASE_CREATE = "case.create"
    CASE_VIEW = "case.view"
    CASE_EDIT = "case.edit"
    CASE_SHARE = "case.share"
    SLIDE_VIEW = "slide.view"
    SLIDE_IDENTITY = "slide.identity"
    """To see the slide's own label, and what its files say of the patient."""
    SLIDE_EXPORT = "slide.export"
    """To take a copy of it along, without the patient."""
    ANNOTATION_WRITE = "annotation.write"
    THREAD_READ = "thread.read"
    THREAD_WRITE = "thread.write"
    CONSULT_REQUEST = "consult.request"
    CONSULT_VIEW = "consult.view"
    CONSULT_MANAGE = "consult.manage"
    CONSULT_ACCEPT = "consult.accept"
    CONSULT_ANSWER = "consult.answer"
    ROOM_OPEN = "room.open"
    ROOM_JOIN = "room.join"
    ROOM_PRESENT = "room.present"
    ROOM_POINT = "room.point"
    REPORT_PRINT = "report.print"
    PATIENT_VIEW = "patient.view"
    PATIENT_EDIT = "patient.edit"
    LINK_MAKE = "link.make"
    LINK_MANAGE = "link.manage"
    BREAK_GLASS_OPEN = "break-glass.open"
    BREAK_GLASS_REVIEW = "break-glass.review"
    DIRECTORY_MANAGE = "directory.manage"
    SESSION_MANAGE = "session.manage"
    GROUP_MANAGE = "group.manage"
    CREDENTIAL_VERIFY = "credential.verify"
    DELEGATION_GIVE = "delegation.give"
    DELEGATION_MANAGE = "delegation.manage"
    EMERGENCY_ACTIVATE = "emergency.activate"
    ROUTING_MANAGE = "routing.manage"
    """Pools, duty rosters, rules and turnaround of an institution."""
    DUTY_TAKE = "duty.take"
    """One's own duties of a roster, and those that a colleague asks one to take."""
    STATISTICS_VIEW = "statistics.view"
    STATEMENT_VIEW = "statement.view"
    """What an institution and others did for each other; an expert has that of their own readings."""
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


def institution_ref(institution_id: str) -> ObjectRef:
    """An institution, its directory and its overviews."""
    return ObjectRef("institution", institution_id, institution_id)


class Grant(msgspec.Struct, frozen=True):
    """Subject – object – rights – until – because. One row of the grants table."""

    id: str
    subject_kind: str
    """``person``, ``institution``, ``group`` or ``link``."""
    subject_id: str
    object_kind: str
    object_id: str
    rights: frozenset[Right]
    until: datetime | None
    because: str
    """A code: ``consult``, ``room``, ``link``, ``share``, ``break-glass``."""
    because_id: str
    epoch: int
    """Grows at each change of the subject's rights on the object: old capabilities die with it."""
    institution_id: str = ""
    """As whose member a person has it; empty: in whichever institution they act, and by nobody in their stead."""


class Allowed(msgspec.Struct, frozen=True):
    because: str
    because_id: str = ""
    epoch: int = 0
    on_behalf_of: str = ""
    """The absent person whose right it is."""

    def __bool__(self) -> bool:
        return True


class Denied(msgspec.Struct, frozen=True):
    reason: str

    def __bool__(self) -> bool:
        return False


class Rule(msgspec.Struct, frozen=True):
    roles: frozenset[Role]
    """Roles in the owning institution that suffice."""
    rights: frozenset[Right] = frozenset()
    """A grant must carry one of these; none: no grant can give this."""
    needs: Role | None = None
    """The role that the actor must have now, beside the grant."""


CLINICIANS: Final = frozenset({Role.REQUESTER, Role.EXPERT, Role.COORDINATOR, Role.BOARD_CHAIR})
STAFF: Final = CLINICIANS | {Role.TECHNICIAN}
NOBODY: Final[frozenset[Role]] = frozenset()
ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})
REVIEWERS: Final = frozenset({Role.COORDINATOR, Role.ADMINISTRATOR})


def _rights(*rights: Right) -> frozenset[Right]:
    return frozenset(rights)


RULES: Final[dict[Action, Rule]] = {
    Action.CASE_LIST: Rule(STAFF),
    Action.CASE_CREATE: Rule(STAFF),
    Action.CASE_VIEW: Rule(STAFF, _rights(Right.VIEW)),
    Action.CASE_EDIT: Rule(STAFF),
    Action.CASE_SHARE: Rule(CLINICIANS),
    Action.SLIDE_VIEW: Rule(STAFF, _rights(Right.VIEW)),
    # No grant gives these: whoever was sent a slide sees the drawn label, and takes no copy along.
    Action.SLIDE_IDENTITY: Rule(STAFF),
    Action.SLIDE_EXPORT: Rule(CLINICIANS),
    Action.ANNOTATION_WRITE: Rule(CLINICIANS, _rights(Right.ANNOTATE)),
    Action.THREAD_READ: Rule(STAFF, _rights(Right.DISCUSS)),
    Action.THREAD_WRITE: Rule(STAFF, _rights(Right.DISCUSS)),
    Action.CONSULT_REQUEST: Rule(CLINICIANS),
    Action.CONSULT_VIEW: Rule(STAFF, _rights(Right.VIEW)),
    Action.CONSULT_MANAGE: Rule(CLINICIANS),
    # An opinion stands on what its author is when they write and sign it, and not when they were asked.
    Action.CONSULT_ACCEPT: Rule(NOBODY, _rights(Right.VIEW), needs=Role.EXPERT),
    Action.CONSULT_ANSWER: Rule(NOBODY, _rights(Right.ANSWER), needs=Role.EXPERT),
    Action.ROOM_OPEN: Rule(CLINICIANS, _rights(Right.PRESENT)),
    Action.ROOM_JOIN: Rule(STAFF, _rights(Right.VIEW)),
    Action.ROOM_PRESENT: Rule(CLINICIANS, _rights(Right.PRESENT)),
    # Whoever may speak or present in a room may point in it; a guest's link says so by itself.
    Action.ROOM_POINT: Rule(STAFF, _rights(Right.POINT, Right.DISCUSS, Right.PRESENT)),
    # A guest looks and takes nothing along.
    Action.REPORT_PRINT: Rule(STAFF, _rights(Right.DISCUSS, Right.ANSWER)),
    Action.PATIENT_VIEW: Rule(STAFF, _rights(Right.IDENTITY)),
    Action.PATIENT_EDIT: Rule(STAFF),
    Action.LINK_MAKE: Rule(CLINICIANS),
    Action.LINK_MANAGE: Rule(CLINICIANS | ADMINISTRATORS),
    Action.BREAK_GLASS_OPEN: Rule(CLINICIANS),
    Action.BREAK_GLASS_REVIEW: Rule(REVIEWERS),
    Action.DIRECTORY_MANAGE: Rule(ADMINISTRATORS),
    Action.SESSION_MANAGE: Rule(ADMINISTRATORS),
    Action.GROUP_MANAGE: Rule(ADMINISTRATORS),
    Action.CREDENTIAL_VERIFY: Rule(frozenset({Role.COORDINATOR})),
    Action.DELEGATION_GIVE: Rule(STAFF),
    Action.DELEGATION_MANAGE: Rule(REVIEWERS),
    Action.EMERGENCY_ACTIVATE: Rule(ADMINISTRATORS),
    Action.ROUTING_MANAGE: Rule(frozenset({Role.COORDINATOR})),
    Action.DUTY_TAKE: Rule(frozenset({Role.EXPERT})),
    Action.STATISTICS_VIEW: Rule(frozenset({Role.OBSERVER, Role.COORDINATOR})),
    Action.STATEMENT_VIEW: Rule(frozenset({Role.COORDINATOR, Role.EXPERT})),
    Action.AUDIT_READ: Rule(frozenset({Role.AUDITOR})),
    Action.AUDIT_EXTRACT: Rule(frozenset({Role.AUDITOR, Role.COORDINATOR})),
}


PERSONAL: Final = frozenset({"break-glass"})
"""Reasons that somebody answered for themselves: what was given for one passes to no delegate."""


HANDING_ON: Final = frozenset(
    {
        Action.CASE_SHARE,
        Action.LINK_MAKE,
        Action.DELEGATION_GIVE,
        Action.DELEGATION_MANAGE,
        Action.CREDENTIAL_VERIFY,
        Action.DUTY_TAKE,
    }
)
"""What lets others in, or raises them: not for somebody whom a code let in, and no identity provider."""


def by_role(actor: Actor, action: Action) -> bool:
    """Whether a role of this person lets them do it in their own institution."""
    if actor.in_emergency and action in HANDING_ON:
        return False
    # A guest is invited in the name of a person, and leaves with them: nobody invites in another's stead.
    held = actor.own_roles if action is Action.LINK_MAKE else actor.roles
    return bool(held & RULES[action].roles)


def lost(before: Collection[Role], after: Collection[Role]) -> frozenset[Action]:
    """What these roles let one do in their institution, and those that come after them do not."""
    return frozenset(
        action for action, rule in RULES.items() if rule.roles & set(before) and not rule.roles & set(after)
    )


def may(actor: Actor, action: Action, thing: ObjectRef, grants: Iterable[Grant], now: datetime) -> Allowed | Denied:
    """Decide. ``grants`` may be more than those of this actor and object: only the fitting ones count."""
    rule = RULES[action]
    if actor.in_emergency and action in HANDING_ON:
        return Denied("emergency")
    if actor.institution_id and actor.institution_id == thing.institution_id and by_role(actor, action):
        borrowed = {role for role, _ in actor.borrowed}
        lenders = sorted(whose for role, whose in actor.borrowed if role in rule.roles)
        return Allowed(
            "institution", thing.institution_id, 0, lenders[0] if actor.roles & rule.roles <= borrowed else ""
        )
    if not rule.rights:
        return Denied("no-role")
    places = set(thing.places())
    held = subjects(actor)
    denied = Denied("no-grant")
    for grant in grants:
        if (grant.subject_kind, grant.subject_id) not in held or (grant.object_kind, grant.object_id) not in places:
            continue
        # Shared with others: at home the role says what one may, also where home belongs to the group.
        if grant.subject_kind in {"group", "institution"} and actor.institution_id == thing.institution_id:
            continue
        absent = grant.subject_id if grant.subject_kind == "person" and grant.subject_id != actor.person_id else ""
        if absent and (grant.because in PERSONAL or grant.institution_id != actor.institution_id):
            continue
        # Who the patient is was shown to one person.
        if not rule.rights & (grant.rights - {Right.IDENTITY} if absent else grant.rights):
            continue
        if grant.until is not None and grant.until <= now:
            denied = Denied("expired")
            continue
        if rule.needs is not None:
            # Whoever speaks for an institution belongs to it when they speak, and does there what they were asked for.
            if grant.institution_id not in ("", actor.institution_id):
                denied = Denied("other-institution")
                continue
            if rule.needs not in actor.roles:
                return Denied(f"no-{rule.needs}")
        return Allowed(grant.because, grant.because_id, grant.epoch, absent)
    return denied


def subjects(actor: Actor) -> frozenset[tuple[str, str]]:
    """Whose grants count for this actor, as (kind, id). A guest has those of the link, and no others. What is given to a whole
    institution or group is for those who work with cases there; and an observer sees no case, whoever invites them."""
    if actor.link_id:
        return frozenset({("link", actor.link_id)})
    if actor.roles and actor.roles <= {Role.OBSERVER}:
        return frozenset()
    people = [("person", one) for one in {actor.person_id, *actor.stands_for}]
    if not actor.roles & STAFF:
        return frozenset(people)
    return frozenset([*people, ("institution", actor.institution_id), *(("group", one) for one in actor.groups)])
