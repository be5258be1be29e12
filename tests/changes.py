"""The story of changes: each address that changes something, in an order in which each is possible, and the record it leaves.

A new address that changes something gets its step in STORY."""

from dataclasses import dataclass, field

from tests.addresses import ASKED, CODE, DRAFT, FACTS, GUEST


@dataclass
class Step:
    """One act of the story: who does it, and the kind of the audit record that it leaves."""

    route: str
    who: str
    leaves: str
    of: dict[str, str] = field(default_factory=dict)
    """Which of the names stands for the one in TABLE."""
    body: dict[str, str] | None = None
    """Another one than in TABLE."""
    gives: str = ""
    """The name that the identifier in the answer's Location gets."""
    times: int = 1
    """How many such records: who is invited is entered, becomes a member, and is invited."""


CASE, CONSULT, THIRD = (
    {kind: f"{which} {kind}"} for which, kind in (("new", "case"), ("new", "consult"), ("third", "consult"))
)
UPLOAD = {"upload": "new upload"}
BLIND = ASKED | {"blind": "1"}
STORY = [
    Step("POST /cases", "zoe", "case.created", body=FACTS | {"number": "26-00500"}, gives="new case"),
    Step("POST /cases/{id}/edit", "zoe", "case.changed", CASE, FACTS | {"organ": "lymphoid"}),
    Step("POST /cases/{id}/specimens", "zoe", "case.changed", CASE),
    Step("POST /cases/{id}/attachments", "zoe", "attachment.added", CASE),
    Step("POST /attachments/{id}/remove", "zoe", "attachment.deleted"),
    Step("POST /cases/{id}/uploads", "zoe", "", CASE, gives="new upload"),
    Step("POST /uploads/{id}/files", "zoe", "", UPLOAD),
    Step("PATCH /uploads/{id}/files/{number}", "zoe", "", UPLOAD),
    Step("DELETE /uploads/{id}/files/{number}", "zoe", "", UPLOAD),
    Step("PATCH /uploads/{id}/files/{number}", "zoe", "", UPLOAD),
    Step("POST /uploads/{id}/commit", "zoe", "", UPLOAD),
    Step("POST /uploads/{id}/discard", "zoe", ""),
    Step("POST /cases/{id}/lines", "zoe", "thread.written", CASE),
    Step("POST /cases/{id}/non-opposition", "zoe", "case.changed", CASE),
    Step("POST /cases/{id}/slides/{slide}", "zoe", "slide.changed"),
    Step("POST /cases/{id}/slides/{slide}/scale", "zoe", "slide.scale-entered"),
    Step("POST /cases/{id}/patient/edit", "zoe", "patient.changed", CASE),
    Step("POST /cases/{id}/shares", "zoe", "case.shared", CASE),
    Step("POST /cases/{id}/shares/{share}/withdraw", "zoe", "case.unshared"),
    Step("POST /administration/break-glass/{id}", "adele", "break-glass.reviewed"),
    Step("POST /break-glass/{id}/end", "remi", "break-glass.ended"),
    Step("POST /break-glass", "max", "break-glass.opened"),
    Step("POST /slides/held/{id}/let-in", "zoe", "slide.added"),
    Step("POST /slides/held/{id}/discard", "zoe", "slide.discarded", {"held": "other held"}),
    Step("POST /slides/{id}/view", "zoe", ""),
    Step("POST /slides/{id}/warm", "zoe", "slide.warmed", {"slide": "other"}),
    Step("POST /slides/{id}/annotations", "zoe", "annotation.created"),
    Step("DELETE /slides/{id}/annotations/{annotation}", "zoe", "annotation.deleted"),
    Step("POST /slides/{id}/regions", "zoe", "region.pinned"),
    Step("POST /regions/{id}/remove", "zoe", "region.removed"),
    Step("POST /consults/new", "zoe", "consult.requested", body=BLIND, gives="new consult"),
    Step("POST /consults/{id}/decline", "paul", "offer.declined", CONSULT),
    Step("POST /consults/{id}/offers", "zoe", "offer.made", CONSULT | {"expert": "second"}),
    Step("POST /consults/{id}/accept", "remi", "offer.accepted", CONSULT),
    Step("POST /consults/{id}/lines", "remi", "thread.written", CONSULT),
    Step("POST /consults/{id}/material", "remi", "consult.suspended", CONSULT),
    Step("POST /consults/{id}/material/answer", "zoe", "consult.resumed", CONSULT),
    Step("POST /consults/{id}/material", "remi", "consult.suspended", CONSULT),
    Step("POST /consults/{id}/material/withdraw", "remi", "consult.resumed", CONSULT),
    Step("POST /consults/{id}/incidents", "remi", "consult.incident-noted", CONSULT),
    Step("POST /consults/{id}/draft", "remi", "opinion.drafted", CONSULT),
    Step("POST /consults/{id}/readers", "remi", "offer.made", CONSULT),
    Step("POST /consults/{id}/readers/dismiss", "remi", "offer.withdrawn", CONSULT),
    Step("POST /consults/{id}/readers", "remi", "offer.made", CONSULT),
    Step("POST /consults/{id}/accept", "paul", "offer.accepted", CONSULT),
    Step("POST /consults/{id}/commit", "remi", "opinion.committed", CONSULT, DRAFT | {"version": "2"}),
    Step("POST /consults/{id}/sign", "remi", "opinion.signed", CONSULT, {"version": "4"}),
    Step("POST /consults/{id}/send-back", "paul", "opinion.returned", CONSULT),
    Step("POST /consults/{id}/amendment", "remi", "opinion.drafted", CONSULT, DRAFT | {"version": "5"}),
    Step("POST /consults/{id}/amendment", "remi", "opinion.amended", CONSULT, {"version": "6"}),
    Step("POST /consults/{id}/countersign", "paul", "opinion.countersigned", CONSULT, {"number": "2"}),
    Step("POST /consults/{id}/grade", "zoe", "opinion.graded", CONSULT),
    Step("POST /consults/{id}/adoption", "zoe", "opinion.contested", CONSULT),
    Step("POST /consults/{id}/another", "remi", "thread.written", CONSULT),
    Step("POST /consults/{id}/outcomes", "zoe", "consult.outcome-recorded", CONSULT),
    Step("POST /consults/{id}/addendum", "remi", "opinion.drafted", CONSULT, DRAFT | {"version": "7"}),
    Step("POST /consults/{id}/addendum", "remi", "opinion.amended", CONSULT, {"version": "8"}),
    Step("POST /consults/new", "zoe", "consult.requested", body=BLIND, gives="third consult"),
    Step("POST /consults/{id}/accept", "paul", "offer.accepted", THIRD),
    Step("POST /consults/{id}/reveal", "paul", "opinion.revealed", THIRD),
    Step("POST /verify", "zoe", "report.checked"),
    Step("POST /consults/{id}/transfer", "paul", "consult.transferred", THIRD),
    Step("POST /consults/{id}/revoke", "zoe", "consult.revoked", THIRD),
    Step("POST /rooms/{id}/operations", "zoe", "room.closed"),  # while it lasts, nobody opens another one
    Step("POST /rooms", "zoe", "room.opened"),
    Step("POST /links", "zoe", "link.made"),
    Step("POST /guest/enter", GUEST, "link.opened"),
    Step("POST /guest/enter/code", GUEST, ""),
    Step("POST /guest/leave", "gina", "session.ended"),
    Step("POST /links/{id}/letter", "zoe", "link.made"),
    Step("POST /links/{id}/withdraw", "zoe", "link.withdrawn"),
    Step("POST /login/phone", "zoe", "", body={"number": "99700421011"}),
    Step("POST /login/phone/{key}/cancel", "zoe", ""),
    Step("POST /login/emergency", "", "emergency.code-used", body={"number": "{identifier}", "code": CODE}),
    Step("POST /administration/institution", "adele", "directory.changed"),
    Step("POST /administration/institution/calendar", "adele", "directory.changed"),
    Step("POST /administration/departments", "adele", "directory.changed"),
    Step("POST /administration/departments/{id}", "adele", "directory.changed"),
    Step("POST /administration/departments/{id}/remove", "adele", "directory.changed"),
    Step("POST /administration/members/{id}", "adele", "directory.changed"),
    Step("POST /administration/credentials/{id}", "cora", "credential.verified"),
    Step("POST /administration/credentials/{id}/withdraw", "cora", "credential.withdrawn"),
    Step("POST /administration/members/{id}/end", "adele", "directory.changed"),
    Step("POST /administration/invitations/new", "adele", "directory.changed", times=3),
    Step("POST /administration/invitations/{id}/resend", "adele", "directory.changed"),
    Step("POST /administration/invitations/{id}/withdraw", "adele", "directory.changed", times=2),
    Step("POST /administration/emergency", "adele", "emergency.activated"),
    Step("POST /administration/emergency/codes", "adele", "emergency.code-made"),
    Step("POST /administration/emergency/end", "adele", "emergency.ended"),
    Step("POST /administration/groups", "adele", "directory.changed", body={"kind": "gcs", "name": "Autre"}, times=2),
    Step("POST /administration/groups/{id}/join", "adele", "directory.changed", body={"number": "{finess}"}),
    Step(
        "POST /administration/groups/{id}/leave",
        "adele",
        "directory.changed",
        body={"kind": "institution", "member": "{far}"},
    ),
    Step("POST /administration/groups/{id}/end", "adele", "directory.changed"),
    Step("POST /coordination/pools", "cora", "routing.changed"),
    Step("POST /coordination/pools/{id}", "cora", "routing.changed"),
    Step("POST /duties/{id}/ask", "paul", "routing.changed"),
    Step("POST /duties/asked/{id}", "remi", "routing.changed"),
    Step("POST /coordination/pools/{id}/duties", "cora", "routing.changed"),
    Step("POST /coordination/duties/{id}/withdraw", "cora", "routing.changed"),
    Step("POST /coordination/pools/{id}/members/remove", "cora", "routing.changed"),
    Step("POST /coordination/pools/{id}/members", "cora", "routing.changed"),
    Step("POST /coordination/pools/{id}/end", "cora", "routing.changed"),
    Step("POST /coordination/rules", "cora", "routing.changed"),
    Step("POST /coordination/rules/{id}/end", "cora", "routing.changed"),
    Step("POST /coordination/turnaround", "cora", "routing.changed"),
    Step("POST /absence/away/{id}/end", "lea", "routing.changed"),
    Step("POST /absence/{id}/end", "lea", "delegation.ended"),
    Step("POST /absence", "zoe", "delegation.given"),
    Step("POST /session/seen", "zoe", ""),
    Step("POST /notices", "zoe", ""),
    Step("POST /notices/preferences", "zoe", ""),
    Step("POST /display-check", "zoe", "display.checked"),
    Step("POST /worklist/filters", "zoe", ""),
    Step("POST /worklist/filters/{id}/remove", "zoe", ""),
    Step("POST /audit/verify", "rosa", "audit.verified"),
    Step("POST /audit/checkpoint", "rosa", "audit.read"),
    Step("POST /audit/{question}/csv", "rosa", "audit.exported"),
    Step("POST /audit/{question}/zip", "rosa", "audit.exported"),
    Step("POST /administration/sessions/end", "adele", "session.ended", body={"session": "{lea}"}),
    Step("POST /login/institution", "zoe", "session.activity-chosen"),
    Step("POST /sessions/end", "rosa", "session.ended", body={"session": "{rosa}"}),
    Step("POST /logout", "cora", "session.ended"),
]
"""In order. ``leaves`` is empty where a record would say nothing: renewing a view that was audited, one's own notices and
filters."""
