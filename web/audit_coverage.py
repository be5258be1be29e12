"""What each address, message, operation, event, timer and command records, or why it records nothing. Pure.

A test compares each table with the code: what is not in it fails, and so does what is no longer there. Kinds are those of
telepath/audit_catalogue.py. A refusal (``access.refused``) is recorded wherever a right is asked for, or another
site uses somebody's session, and is not named here."""

from typing import Final

Covered = tuple[str, ...] | str
"""The kinds that may be recorded, or in one sentence why none is."""

NO_DATA = "shows nothing of a case, a person or the service"
OWN_LIST = "lists numbers and titles of what one may open; each one that is opened is recorded"
EMPTY_FORM = "an empty form"
LIVE_PAGE = "says only that something is new on a page whose opening was recorded"

ROUTES: Final[dict[str, Covered]] = {
    "GET /": OWN_LIST,
    "GET /login": NO_DATA,
    "GET /login/start": "a login under way is nobody's act yet",
    "GET /login/step-up": "a login under way is nobody's act yet",
    "GET /login/callback": (
        "session.started",
        "session.stepped-up",
        "session.refused",
        "session.step-up-refused",
        "session.ended",
        "directory.changed",
    ),
    "GET /login/institution": "shows one's own activities",
    "POST /login/institution": ("session.activity-chosen",),
    "GET /login/left": NO_DATA,
    "POST /login/backchannel-logout/{provider}": ("session.logout-received", "session.ended"),
    "POST /logout": ("session.ended",),
    "GET /login/phone": NO_DATA,
    "POST /login/phone": ("session.refused",),
    "GET /login/phone/over": NO_DATA,
    "GET /login/phone/{key}": ("session.started", "session.stepped-up", "session.refused", "session.ended"),
    "POST /login/phone/{key}/cancel": ("session.refused",),
    "GET /login/emergency": NO_DATA,
    "POST /login/emergency": ("session.started", "emergency.code-used", "session.refused", "session.ended"),
    "GET /administration/emergency": ("directory.read",),
    "POST /administration/emergency": ("emergency.activated",),
    "POST /administration/emergency/end": ("emergency.ended", "session.ended"),
    "POST /administration/emergency/codes": ("emergency.code-made",),
    "GET /session": "how long one's own session lives",
    "POST /session/seen": "only says when the person was last there",
    "GET /session/renewed": NO_DATA,
    "GET /cases": OWN_LIST,
    "POST /cases": ("case.created",),
    "GET /cases/new": EMPTY_FORM,
    "GET /cases/{id}": ("case.viewed",),
    "GET /cases/{id}/edit": ("case.viewed",),
    "POST /cases/{id}/edit": ("case.changed", "case.viewed"),
    "POST /cases/{id}/specimens": ("case.changed", "case.viewed"),
    "POST /cases/{id}/lines": ("thread.written", "case.viewed"),
    "GET /cases/{id}/patient": ("patient.viewed",),
    "GET /cases/{id}/patient/edit": ("patient.viewed",),
    "POST /cases/{id}/patient/edit": ("patient.changed", "patient.viewed"),
    "GET /slides/{id}": ("slide.viewed",),
    "POST /slides/{id}/view": ("slide.viewed",),
    "GET /slides/{id}/thumbnail": ("case.viewed",),
    "GET /slides/{id}/annotations": ("case.viewed",),
    "POST /slides/{id}/annotations": ("annotation.created",),
    "DELETE /slides/{id}/annotations/{annotation}": ("annotation.deleted",),
    "GET /consults/new": ("case.viewed",),
    "POST /consults/new": ("consult.requested", "right.given", "case.viewed"),
    "GET /consults/{id}": ("consult.viewed",),
    "POST /consults/{id}/accept": ("offer.accepted", "right.given", "right.withdrawn"),
    "POST /consults/{id}/decline": ("offer.declined", "right.withdrawn"),
    "POST /consults/{id}/offers": ("offer.made", "right.given"),
    "POST /consults/{id}/revoke": ("consult.revoked", "right.withdrawn"),
    "POST /consults/{id}/lines": ("thread.written",),
    "POST /consults/{id}/draft": ("opinion.drafted",),
    "POST /consults/{id}/sign": ("opinion.drafted", "opinion.signed", "right.limited"),
    "POST /consults/{id}/addendum": ("opinion.drafted", "opinion.amended"),
    "GET /consults/{id}/report.pdf": ("report.printed",),
    "POST /rooms": ("room.opened", "right.given"),
    "GET /rooms/{id}": ("slide.viewed",),
    "GET /rooms/{id}/slide": ("slide.viewed",),
    "GET /rooms/{id}/facts": ("room.joined", "room.left"),
    "POST /rooms/{id}/operations": ("room.fact", "room.closed", "thread.written", "right.withdrawn"),
    "WS /rooms/{id}/live": ("room.joined", "room.left"),
    "GET /break-glass": "lists institutions, which are public",
    "POST /break-glass": ("break-glass.opened", "break-glass.refused", "right.given"),
    "POST /break-glass/{id}/end": ("break-glass.ended", "right.withdrawn"),
    "GET /administration/break-glass": "lists who opened which of one's own cases; each one that is read is recorded",
    "GET /administration/break-glass/{id}": ("audit.read",),
    "POST /administration/break-glass/{id}": (
        "break-glass.reviewed",
        "break-glass.ended",
        "right.withdrawn",
        "audit.read",
    ),
    "GET /links": ("directory.read",),
    "POST /links": ("link.made", "right.given"),
    "GET /links/new": EMPTY_FORM,
    "POST /links/{id}/letter": ("link.made",),
    "POST /links/{id}/withdraw": ("link.withdrawn", "right.withdrawn", "session.ended"),
    "GET /guest": OWN_LIST,
    "POST /guest/leave": ("session.ended",),
    "GET /guest/enter": NO_DATA,
    "POST /guest/enter": ("link.opened", "link.refused", "session.ended"),
    "POST /guest/enter/code": ("link.refused",),
    "GET /guest/{token}": NO_DATA,
    "GET /notices": "one's own notices: who did what, without a case's content",
    "POST /notices": "marks one's own notices as read",
    "GET /notices/stream": LIVE_PAGE,
    "GET /administration": "names what there is to do",
    "GET /administration/institution": "one's own institution's address and hours",
    "POST /administration/institution": ("directory.changed",),
    "POST /administration/institution/calendar": ("directory.changed",),
    "GET /administration/departments": "names of departments, and how many work there",
    "POST /administration/departments": ("directory.changed",),
    "POST /administration/departments/{id}": ("directory.changed",),
    "POST /administration/departments/{id}/remove": ("directory.changed",),
    "GET /administration/members": ("directory.read",),
    "GET /administration/members/{id}": ("directory.read",),
    "POST /administration/members/{id}": ("directory.changed", "session.ended"),
    "POST /administration/members/{id}/end": ("directory.changed", "session.ended"),
    "GET /administration/credentials": ("directory.read",),
    "POST /administration/credentials/{id}": ("credential.verified",),
    "POST /administration/credentials/{id}/withdraw": ("credential.withdrawn", "session.ended"),
    "GET /administration/invitations": ("directory.read",),
    "GET /administration/invitations/new": EMPTY_FORM,
    "POST /administration/invitations/new": ("directory.changed",),
    "POST /administration/invitations/{id}/resend": ("directory.changed",),
    "POST /administration/invitations/{id}/withdraw": ("directory.changed", "session.ended"),
    "GET /invitations/{token}": "names an institution and roles to whoever holds the letter; the login is recorded",
    "GET /invitations/{token}/login": "a login under way is nobody's act yet",
    "GET /audit": ("audit.read",),
    "GET /audit/records": ("audit.read",),
    "GET /audit/cases/{id}": ("audit.read",),
    "GET /audit/extract": ("audit.extract-made",),
    "GET /audit/integrity": ("audit.read",),
    "GET /audit/mine": ("audit.read",),
    "GET /audit/opinion": ("audit.read",),
    "GET /audit/slide": ("audit.read",),
    "GET /audit/slides/{id}/picture": ("audit.read",),
    "POST /audit/verify": ("audit.verified",),
    "POST /audit/checkpoint": ("audit.read",),
    "GET /audit/{question}": ("audit.read",),
    "POST /audit/{question}/csv": ("audit.exported",),
    "POST /audit/{question}/zip": ("audit.exported",),
    "GET /check": NO_DATA,
    "GET /check/payload": NO_DATA,
    "WS /check/socket": NO_DATA,
    "GET /about": NO_DATA,
    "GET /language": NO_DATA,
    "GET /theme": NO_DATA,
    "GET /health": NO_DATA,
    "GET /health/live": NO_DATA,
    "GET /slides/{id}/tiles/{tile}": ("slide.regions",),
    "GET /static/{path}": NO_DATA,
}
"""Method and path, the tile lane and the built files among them. HEAD of any of them shows nothing."""

MESSAGES: Final[dict[str, Covered]] = {
    "hello": ("room.joined",),
    "op": "what it does is classified by the operation",
    "following": "whether one looks where the presenter looks says nothing of what is seen: tiles are recorded",
    "ping": NO_DATA,
}
"""What a client sends in a room, by its ``type``."""

OPERATIONS: Final[dict[str, Covered]] = {
    "take": ("room.fact",),
    "hand-over": ("room.fact",),
    "ask": ("room.fact",),
    "slide": ("room.fact", "right.given", "right.withdrawn"),
    "say": ("thread.written",),
    "close": ("room.closed", "right.withdrawn", "link.withdrawn"),
}
"""What an operation of a room does, by its ``kind``."""

FRAMES: Final[dict[str, Covered]] = {
    "ViewportFrame": "sixty a second, and no patient data; which regions each person was sent is recorded by the tile lane",
    "PointerFrame": "sixty a second, and no patient data",
    "AckRecord": NO_DATA,
}

EVENTS: Final[dict[str, Covered]] = {
    # In the transaction that emits it: a right or a session ends, a session goes on as another, somebody is erased.
    "grant.revoked": (
        "right.withdrawn",
        "session.activity-chosen",
        "session.ended",
        "session.stepped-up",
        "subject.erased",
    ),
    "break-glass.opened": "recorded by the act that it tells of",
    "consult.accepted": "recorded by the act that it tells of",
    "consult.offered": "recorded by the act that it tells of",
    "consult.revoked": "recorded by the act that it tells of",
    "emergency.activated": "recorded by the act that it tells of",
    "emergency.code-used": "recorded by the act that it tells of",
    "emergency.ended": "recorded by the act that it tells of",
    "offer.declined": "recorded by the act that it tells of",
    "offer.withdrawn": "recorded by the act that it tells of",
    "opinion.amended": "recorded by the act that it tells of",
    "opinion.signed": "recorded by the act that it tells of",
    "room.invited": "recorded by the act that it tells of",
    "thread.written": "recorded by the act that it tells of",
}
"""What the relay hands on."""

TIMERS: Final[dict[str, Covered]] = {
    "deliver": "hands on what was recorded when it was done",
    "expire_links": ("link.expired", "right.withdrawn", "session.ended"),
    "send_mail": "a mail says that there is news, and never of what",
    "seal": ("audit.tree-opened",),
    "end_break_glass": ("break-glass.ended", "right.withdrawn"),
    "end_emergency": ("emergency.ended", "session.ended"),
    "sign": "a signed head is part of the log itself",
    "push": ("audit.anchored",),
    "renew sessions": ("session.ended",),
}
"""What the relay does by itself, and auth/upkeep.py."""

COMMANDS: Final[dict[str, Covered]] = {
    "serve": ("setting.changed", "key.changed", "clock.measured", "audit.gap-found"),
    "demo": "invented people and cases, entered by the same acts as real ones",
    "migrate": "changes the form of the tables, and nothing that is in them",
    "slides add": ("slide.added", "slide.refused", "right.given"),
    "institutions add": ("directory.changed",),
    "institutions list": "names and addresses of institutions, which are public",
    "people add": ("directory.changed",),
    "people list": ("directory.read",),
    "people roles": ("directory.changed", "session.ended"),
    "people expertise": ("directory.changed",),
    "emergency on": ("emergency.activated",),
    "emergency off": ("emergency.ended", "session.ended"),
    "emergency code": ("emergency.code-made",),
    "audit verify": ("audit.verified",),
    "audit export": ("audit.exported",),
    "audit key": "prints what everybody may know",
    "audit retire": ("audit.retired",),
    "erase": ("right.withdrawn", "subject.erased"),
    "erase-again": ("right.withdrawn", "subject.erased"),
    "backup": ("backup.made",),
    "restore": ("audit.tree-opened", "backup.restored", "right.withdrawn", "subject.erased"),
    "check": "looks at the parts of the service, and at nobody's data",
    "keys": "prints chance; a key that is made of it is recorded by the next start",
}
"""What is typed at the command line."""


def kinds(covered: Covered) -> tuple[str, ...]:
    """Those that may be recorded; none where there is a reason."""
    return () if isinstance(covered, str) else covered
