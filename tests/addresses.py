"""Every address of the service: who it is for, and how it is asked for.

A new address gets its row in TABLE here, by hand; ``town.build`` makes what stands behind the names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import BaseRoute, Route, WebSocketRoute

from telepath.ids import make_id
from tests.builders_attachments import picture

ABSENT = make_id(1_700_000_000_000, b"nowhere-at")
"""An identifier that is well formed, and of nothing."""
Names = Mapping[str, str]
"""Name in braces → identifier."""


@dataclass
class Row:
    """Who an address is for, and how it is asked for. ``{case}`` and the like stand for identifiers, in the body too."""

    needs: str
    """``anybody``; ``person``: who is signed in; ``auditor``; ``administrator``; else the object whose right is needed."""
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    json: bool = False
    file: bytes = b""
    """Sent beside the body, as a browser sends the field ``file``."""
    piece: bytes | None = None
    """The body of a request of tus, of this upload."""
    headers: dict[str, str] = field(default_factory=dict)
    first: str = ""
    """What the same person asks for before."""


TEXT = {"line": "Un mot."}
DRAFT = {"version": "1", "conclusion": "Lymphome.", "description": "Folliculaire."}
MARK = {"operation_id": "an-operation-of-a-test", "shape": {"kind": "point", "x": 5, "y": 5}, "label": ""}
CHECKED = {
    "device": "0123456789abcdef",
    "trials": 12,
    "seen": 11,
    "faintest": 1.1,
    "screen": {"width": 2560, "height": 1440, "ratio": 1.0, "depth": 24, "gamut": "p3"},
}
FIELD = {"view": {"x": 300, "y": 200, "width": 200, "height": 150, "rotation": 0, "flip": False}, "label": ""}
SCREEN = {"width": 1920, "height": 1080}
LEAVE = {"type": "op", "id": "an-operation-of-a-test", "act": {"kind": "close"}}
ASKED = {
    "case": "{case}",
    "question": "Bénin ?",
    "context": "",
    "organ": "lymphoid",
    "urgency": "standard",
    "expert": "{expert}",
}
COLLEAGUE = {"role": "co-reader", "expert": "{expert}"}
SENT_BACK = {"number": "1", "comment": "Précisez le grade."}
GRADED = {"side": "requester", "grade": "minor", "grade-comment": "Grade différent."}
PATIENT = {
    "seen": "",
    "status": "provisional",
    "birth_name": "Essai",
    "given_names": "Zélie",
    "birth_date": "1979-03-01",
    "sex": "f",
}
SHARED = {"share_with": "group:{circle}", "share_may": "look", "share_days": "30"}
EMERGENCY = {
    "institution": "{institution}",
    "number": "26-00417",
    "reason": "Reprise au bloc dans vingt minutes, personne ne répond.",
}
VERDICT = {"verdict": "justified", "note": "Rappelé, c’était urgent."}
FACTS = {"version": "1", "number": "26-00999", "organ": "breast", "title": "Sein", "context": ""}

INVITED = {
    "consult": "{consult}",
    "guest_name": "Ada Invitée",
    "guest_email": "ada@example.org",
    "guest_language": "fr",
    "hours": "24",
}
CODE = "7QK2-M4XD-0101-ZZZZ-ABCD-EFGH-JKMN"
TOKEN = "a-token-that-a-letter-carries".ljust(43, "-")
GUEST = f"ada; telepath-guest={TOKEN}"
"""Whose browser keeps that token, and has no session."""

PLACE = {"name": "CH de Cayenne", "city": "Rémire", "region": "03", "time_zone": "America/Cayenne"}
HOURS = {"days": "1", "opens": "07:30", "closes": "16:00", "closed": "10/06/2026"}
REGISTER = {"authority": "Ordre des médecins", "register_number": "1-23456-78", "country": "BE"}
INVITEE = {"rpps": "99700421110", "given_name": "Gaëlle", "family_name": "Goff", "roles": "requester"}
LETTER = "/invitations/" + "x" * 43
NIGHTS = {
    "person": "{expert}",
    "territory": "32",
    "phone": "03 20 00 00 00",
    "days": "1",
    "begins": "18:00",
    "ends": "08:00",
    "first": "2030-01-01",
    "last": "2030-01-09",
    "every": "1",
}
TIMES = {"amount-frozen": "15", "amount-urgent": "12", "amount-standard": "3", "amount-systematic": "15"} | {
    "unit-frozen": "minutes",
    "unit-urgent": "hours",
    "unit-standard": "working-days",
    "unit-systematic": "days",
}

TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
SENT = {"files": [{"path": "a.svs", "size": 4}], "stain": "HES"}

TABLE = {
    "GET /": Row("person", "/"),
    "POST /worklist/filters": Row("person", "/worklist/filters", {"filter-name": "Urgents", "query": "urgency=urgent"}),
    "POST /worklist/filters/{id}/remove": Row("filter", "/worklist/filters/{filter}/remove"),
    "GET /login": Row("anybody", "/login"),
    "GET /login/start": Row("anybody", "/login/start"),
    "GET /login/step-up": Row("person", "/login/step-up"),
    "GET /login/callback": Row("anybody", "/login/callback?code=x&state=y"),
    "GET /login/institution": Row("anybody", "/login/institution"),
    "POST /login/institution": Row("anybody", "/login/institution", {"institution": "{institution}"}),
    "GET /login/left": Row("anybody", "/login/left"),
    "POST /login/backchannel-logout/{provider}": Row(
        "anybody", "/login/backchannel-logout/psc", {"logout_token": "e30.e30.AA"}
    ),
    "GET /login/phone": Row("anybody", "/login/phone"),
    "POST /login/phone": Row("anybody", "/login/phone", {"number": "99700421003"}),
    "GET /login/phone/over": Row("anybody", "/login/phone/over"),
    "GET /login/phone/{key}": Row("anybody", "/login/phone/of-nobody"),
    "POST /login/phone/{key}/cancel": Row("anybody", "/login/phone/of-nobody/cancel"),
    "GET /login/emergency": Row("anybody", "/login/emergency"),
    "POST /login/emergency": Row("anybody", "/login/emergency", {"number": "99700421003", "code": "7QK2"}),
    "GET /administration/emergency": Row("administrator", "/administration/emergency"),
    "POST /administration/emergency": Row("administrator", "/administration/emergency", {"hours": "2"}),
    "POST /administration/emergency/end": Row("administrator", "/administration/emergency/end"),
    "POST /administration/emergency/codes": Row(
        "administrator", "/administration/emergency/codes", {"person": "{requester}"}
    ),
    "POST /logout": Row("anybody", "/logout"),
    "GET /cases": Row("person", "/cases"),
    "POST /cases": Row("person", "/cases", FACTS),
    "GET /cases/new": Row("person", "/cases/new"),
    "GET /cases/{id}": Row("case", "/cases/{case}"),
    "GET /cases/{id}/edit": Row("case", "/cases/{case}/edit"),
    "POST /cases/{id}/edit": Row("case", "/cases/{case}/edit", FACTS),
    "POST /cases/{id}/specimens": Row("case", "/cases/{case}/specimens", {"label": "B", "description": "B"}),
    "POST /cases/{id}/attachments": Row("case", "/cases/{case}/attachments", {"title": "Scanner"}, file=picture()),
    "GET /attachments/{id}/pages/{page}": Row("attachment", "/attachments/{attachment}/pages/1"),
    "POST /attachments/{id}/remove": Row("attachment", "/attachments/{attachment}/remove"),
    "GET /cases/{id}/uploads": Row("case", "/cases/{case}/uploads"),
    "POST /cases/{id}/uploads": Row("case", "/cases/{case}/uploads", SENT, json=True),
    "GET /uploads/{id}": Row("upload", "/uploads/{upload}"),
    "OPTIONS /uploads/{id}/files": Row("upload", "/uploads/{upload}/files"),
    "POST /uploads/{id}/files": Row(
        "upload",
        "/uploads/{upload}/files",
        piece=b"",
        headers={"Tus-Resumable": "1.0.0", "Upload-Length": "4", "Upload-Metadata": "path YS5zdnM="},
    ),
    "PATCH /uploads/{id}/files/{number}": Row(
        "upload", "/uploads/{upload}/files/1", piece=b"SVS?", headers=TUS | {"Upload-Offset": "0"}
    ),
    "DELETE /uploads/{id}/files/{number}": Row("upload", "/uploads/{upload}/files/1", headers=TUS),
    "POST /uploads/{id}/commit": Row("upload", "/uploads/{upload}/commit"),
    "POST /uploads/{id}/discard": Row("upload", "/uploads/{upload}/discard"),
    "POST /cases/{id}/lines": Row("case", "/cases/{case}/lines", TEXT),
    "POST /cases/{id}/shares": Row("case", "/cases/{case}/shares", SHARED),
    "POST /cases/{id}/shares/{share}/withdraw": Row("case", "/cases/{case}/shares/{share}/withdraw"),
    "POST /cases/{id}/slides/{slide}": Row("case", "/cases/{case}/slides/{slide}", {"stain": "HES", "block": "A2"}),
    "POST /cases/{id}/non-opposition": Row("case", "/cases/{case}/non-opposition", {"non_opposition": "informed"}),
    "GET /cases/{id}/patient": Row("case", "/cases/{case}/patient"),
    "GET /cases/{id}/patient/edit": Row("case", "/cases/{case}/patient/edit"),
    "POST /cases/{id}/patient/edit": Row("case", "/cases/{case}/patient/edit", PATIENT),
    "GET /break-glass": Row("person", "/break-glass"),
    "POST /break-glass": Row("person", "/break-glass", EMERGENCY),
    "POST /break-glass/{id}/end": Row("glass", "/break-glass/{glass}/end"),
    "GET /administration/break-glass": Row("administrator", "/administration/break-glass"),
    "GET /administration/break-glass/{id}": Row("glass", "/administration/break-glass/{glass}"),
    "POST /administration/break-glass/{id}": Row("glass", "/administration/break-glass/{glass}", VERDICT),
    "POST /cases/{id}/slides/{slide}/scale": Row("case", "/cases/{case}/slides/{slide}/scale", {"mpp": "0,25"}),
    "GET /slides/held": Row("person", "/slides/held"),
    "POST /slides/held/{id}/let-in": Row("held", "/slides/held/{held}/let-in", {"number": "26-00999"}),
    "POST /slides/held/{id}/discard": Row("held", "/slides/held/{held}/discard"),
    "GET /slides/{id}": Row("slide", "/slides/{slide}"),
    "POST /slides/{id}/view": Row("slide", "/slides/{slide}/view"),
    "GET /warm": Row("person", "/warm"),
    "POST /slides/{id}/warm": Row("slide", "/slides/{slide}/warm", SCREEN, json=True),
    "GET /slides/{id}/warm/{tiles}": Row("slide", "/slides/{slide}/warm/0-0_0", first="POST /slides/{id}/warm"),
    "GET /slides/{id}/identity": Row("slide", "/slides/{slide}/identity"),
    "GET /slides/{id}/identity/{picture}": Row("slide", "/slides/{slide}/identity/label"),
    "GET /slides/{id}/copy": Row("slide", "/slides/{slide}/copy"),
    "GET /slides/{id}/thumbnail": Row("slide", "/slides/{slide}/thumbnail"),
    "GET /slides/{id}/building": Row("slide", "/slides/{slide}/building"),
    "GET /slides/{id}/colour.lut": Row("slide", "/slides/{slide}/colour.lut"),
    "GET /slides/{id}/annotations": Row("slide", "/slides/{slide}/annotations"),
    "POST /slides/{id}/annotations": Row("slide", "/slides/{slide}/annotations", MARK, json=True),
    "DELETE /slides/{id}/annotations/{annotation}": Row("slide", "/slides/{slide}/annotations/{annotation}"),
    "GET /slides/{id}/regions": Row("slide", "/slides/{slide}/regions"),
    "POST /slides/{id}/regions": Row("slide", "/slides/{slide}/regions", FIELD, json=True),
    "GET /regions/{id}/picture": Row("region", "/regions/{region}/picture"),
    "POST /regions/{id}/remove": Row("region", "/regions/{region}/remove", {"back": "case"}),
    "GET /consults/new": Row("case", "/consults/new?case={case}"),
    "POST /consults/new": Row("case", "/consults/new", ASKED),
    "GET /consults/{id}": Row("consult", "/consults/{consult}"),
    "POST /consults/{id}/accept": Row("consult", "/consults/{consult}/accept"),
    "POST /consults/{id}/decline": Row("consult", "/consults/{consult}/decline", {"decline-reason": "Absent."}),
    "POST /consults/{id}/offers": Row("consult", "/consults/{consult}/offers", {"expert": "{expert}"}),
    "POST /consults/{id}/revoke": Row("consult", "/consults/{consult}/revoke"),
    "POST /consults/{id}/transfer": Row(
        "consult", "/consults/{consult}/transfer", {"transfer-reason": "Hors de mon champ."}
    ),
    "POST /consults/{id}/lines": Row("consult", "/consults/{consult}/lines", TEXT),
    "POST /consults/{id}/draft": Row("consult", "/consults/{consult}/draft", DRAFT),
    "POST /consults/{id}/sign": Row("consult", "/consults/{consult}/sign", DRAFT),
    "POST /consults/{id}/addendum": Row("consult", "/consults/{consult}/addendum", DRAFT),
    "POST /consults/{id}/material": Row(
        "consult", "/consults/{consult}/material", {"material-kind": "recut", "material-text": "Bloc A1."}
    ),
    "POST /consults/{id}/material/answer": Row(
        "consult", "/consults/{consult}/material/answer", {"material-answer": "provided", "answer-text": "Ajouté."}
    ),
    "POST /consults/{id}/material/withdraw": Row("consult", "/consults/{consult}/material/withdraw", {"material": ""}),
    "POST /consults/{id}/adoption": Row(
        "consult", "/consults/{consult}/adoption", {"adoption": "contested", "adoption-reason": "Le Ki67 est élevé."}
    ),
    "POST /consults/{id}/another": Row("consult", "/consults/{consult}/another", {"another-text": "Un autre avis."}),
    "POST /consults/{id}/incidents": Row(
        "consult", "/consults/{consult}/incidents", {"incident-kind": "image", "incident-text": "Flou."}
    ),
    "POST /consults/{id}/outcomes": Row(
        "consult",
        "/consults/{consult}/outcomes",
        {"outcome-kind": "excision", "outcome-verdict": "confirms", "outcome-text": "Confirmé."},
    ),
    "GET /outcomes": Row("person", "/outcomes"),
    "POST /consults/{id}/amendment": Row("consult", "/consults/{consult}/amendment", DRAFT),
    "POST /consults/{id}/commit": Row("consult", "/consults/{consult}/commit", DRAFT),
    "POST /consults/{id}/reveal": Row("consult", "/consults/{consult}/reveal"),
    "POST /consults/{id}/readers": Row("consult", "/consults/{consult}/readers", COLLEAGUE),
    "POST /consults/{id}/readers/dismiss": Row(
        "consult", "/consults/{consult}/readers/dismiss", {"person": "{expert}"}
    ),
    "POST /consults/{id}/countersign": Row("consult", "/consults/{consult}/countersign", {"number": "1"}),
    "POST /consults/{id}/send-back": Row("consult", "/consults/{consult}/send-back", SENT_BACK),
    "POST /consults/{id}/grade": Row("consult", "/consults/{consult}/grade", GRADED),
    "GET /consults/{id}/report.pdf": Row("consult", "/consults/{consult}/report.pdf"),
    "POST /rooms": Row("slide", "/rooms", {"slide": "{slide}"}),
    "GET /rooms/{id}": Row("room", "/rooms/{room}"),
    "GET /rooms/{id}/slide": Row("room", "/rooms/{room}/slide"),
    "GET /rooms/{id}/roll": Row("room", "/rooms/{room}/roll"),
    "GET /rooms/{id}/drawings": Row("room", "/rooms/{room}/drawings?slide={slide}"),
    "GET /rooms/{id}/facts": Row("room", "/rooms/{room}/facts"),
    "POST /rooms/{id}/operations": Row("room", "/rooms/{room}/operations", LEAVE, json=True),
    "WS /rooms/{id}/live": Row("room", "/rooms/{room}/live"),
    "GET /links": Row("person", "/links"),
    "POST /links": Row("consult", "/links", INVITED),
    "GET /links/new": Row("consult", "/links/new?consult={consult}"),
    "POST /links/{id}/letter": Row("link", "/links/{link}/letter"),
    "POST /links/{id}/withdraw": Row("link", "/links/{link}/withdraw"),
    "GET /guest": Row("anybody", "/guest"),
    "POST /guest/leave": Row("anybody", "/guest/leave", {"leave": "1"}),
    "GET /guest/standing": Row("person", "/guest/standing"),
    "GET /guest/enter": Row("anybody", "/guest/enter"),
    "POST /guest/enter": Row("anybody", "/guest/enter", {"digits": "12345678"}),
    "POST /guest/enter/code": Row("anybody", "/guest/enter/code", {"send": "1"}),
    "GET /guest/{token}": Row("anybody", "/guest/a-token"),
    "GET /notices": Row("person", "/notices"),
    "POST /notices": Row("person", "/notices", {"up_to": "1"}),
    "GET /notices/stream": Row("person", "/notices/stream"),
    "GET /notices/preferences": Row("person", "/notices/preferences"),
    "POST /notices/preferences": Row("person", "/notices/preferences", {"wanted": "opinion.signed:mail"}),
    "GET /asked/{token}": Row("anybody", "/asked/{asked}"),
    "GET /administration": Row("administrator", "/administration"),
    "GET /administration/institution": Row("administrator", "/administration/institution"),
    "POST /administration/institution": Row("administrator", "/administration/institution", PLACE),
    "POST /administration/institution/calendar": Row("administrator", "/administration/institution/calendar", HOURS),
    "GET /administration/departments": Row("administrator", "/administration/departments"),
    "POST /administration/departments": Row("administrator", "/administration/departments", {"department": "Frottis"}),
    "POST /administration/departments/{id}": Row(
        "administrator", "/administration/departments/{department}", {"department": "Cytologie"}
    ),
    "POST /administration/departments/{id}/remove": Row(
        "administrator", "/administration/departments/{department}/remove"
    ),
    "GET /administration/members": Row("administrator", "/administration/members"),
    "GET /administration/members/{id}": Row("administrator", "/administration/members/{member}"),
    "POST /administration/members/{id}": Row(
        "administrator", "/administration/members/{member}", {"roles": "technician", "seen": "requester/"}
    ),
    "POST /administration/members/{id}/end": Row("administrator", "/administration/members/{member}/end"),
    "GET /administration/credentials": Row("administrator", "/administration/credentials"),
    "POST /administration/credentials/{id}": Row("administrator", "/administration/credentials/{member}", REGISTER),
    "POST /administration/credentials/{id}/withdraw": Row(
        "administrator", "/administration/credentials/{member}/withdraw"
    ),
    "GET /administration/invitations": Row("administrator", "/administration/invitations"),
    "GET /administration/invitations/new": Row("administrator", "/administration/invitations/new"),
    "POST /administration/invitations/new": Row("administrator", "/administration/invitations/new", INVITEE),
    "POST /administration/invitations/{id}/resend": Row(
        "administrator", "/administration/invitations/{invitation}/resend", {"email": "noe@example.org"}
    ),
    "POST /administration/invitations/{id}/withdraw": Row(
        "administrator", "/administration/invitations/{invitation}/withdraw"
    ),
    "GET /invitations/{token}": Row("anybody", LETTER),
    "GET /invitations/{token}/login": Row("anybody", f"{LETTER}/login"),
    "GET /administration/groups": Row("administrator", "/administration/groups"),
    "POST /administration/groups": Row(
        "administrator", "/administration/groups", {"kind": "gcs", "name": "GCS d’essai"}
    ),
    "POST /administration/groups/{id}/join": Row(
        "group", "/administration/groups/{group}/join", {"number": "899700421003"}
    ),
    "POST /administration/groups/{id}/leave": Row(
        "group", "/administration/groups/{group}/leave", {"kind": "institution", "member": "{institution}"}
    ),
    "POST /administration/groups/{id}/end": Row("group", "/administration/groups/{group}/end"),
    "GET /administration/sessions": Row("administrator", "/administration/sessions"),
    "POST /administration/sessions/end": Row("administrator", "/administration/sessions/end", {"session": "{handle}"}),
    "GET /session": Row("person", "/session"),
    "POST /session/seen": Row("person", "/session/seen"),
    "GET /session/renewed": Row("person", "/session/renewed"),
    "GET /sessions": Row("person", "/sessions"),
    "POST /sessions/end": Row("person", "/sessions/end", {"session": "{handle}"}),
    "GET /absence": Row("person", "/absence"),
    "POST /absence": Row("person", "/absence", {"delegate": "{person}", "first": "2030-01-01", "last": "2030-01-09"}),
    "POST /absence/{id}/end": Row("delegation", "/absence/{delegation}/end"),
    "POST /absence/away/{id}/end": Row("away", "/absence/away/{away}/end"),
    "GET /coordination/board": Row("administrator", "/coordination/board"),
    "GET /coordination": Row("administrator", "/coordination"),
    "POST /coordination/pools": Row("administrator", "/coordination/pools", {"name": "Os", "organs": "bone"}),
    "GET /coordination/pools/{id}": Row("pool", "/coordination/pools/{pool}"),
    "POST /coordination/pools/{id}": Row("pool", "/coordination/pools/{pool}", {"version": "1", "name": "Ganglions"}),
    "POST /coordination/pools/{id}/members": Row("pool", "/coordination/pools/{pool}/members", {"person": "{expert}"}),
    "POST /coordination/pools/{id}/members/remove": Row(
        "pool", "/coordination/pools/{pool}/members/remove", {"person": "{expert}"}
    ),
    "POST /coordination/pools/{id}/end": Row("pool", "/coordination/pools/{pool}/end"),
    "GET /coordination/pools/{id}/duties": Row("pool", "/coordination/pools/{pool}/duties"),
    "POST /coordination/pools/{id}/duties": Row("pool", "/coordination/pools/{pool}/duties", NIGHTS),
    "POST /coordination/duties/{id}/withdraw": Row("duty", "/coordination/duties/{duty}/withdraw"),
    "GET /coordination/rules": Row("administrator", "/coordination/rules"),
    "POST /coordination/rules": Row("administrator", "/coordination/rules", {"effect": "regional-first"}),
    "POST /coordination/rules/{id}/end": Row("rule", "/coordination/rules/{rule}/end"),
    "GET /coordination/turnaround": Row("administrator", "/coordination/turnaround"),
    "POST /coordination/turnaround": Row("administrator", "/coordination/turnaround", TIMES),
    "GET /duties": Row("administrator", "/duties"),
    "POST /duties/{id}/ask": Row("duty", "/duties/{duty}/ask", {"colleague": "{colleague}"}),
    "POST /duties/asked/{id}": Row("swap", "/duties/asked/{swap}", {"answer": "taken", "phone": "03 20 00 00 00"}),
    "GET /statistics": Row("administrator", "/statistics"),
    "GET /statistics/table.csv": Row("administrator", "/statistics/table.csv"),
    "GET /statistics/activity": Row("administrator", "/statistics/activity"),
    "GET /statistics/activity.csv": Row("administrator", "/statistics/activity.csv"),
    "GET /statistics/activity.pdf": Row("administrator", "/statistics/activity.pdf"),
    "GET /audit": Row("auditor", "/audit"),
    "GET /audit/records": Row("auditor", "/audit/records"),
    "GET /audit/slide": Row("auditor", "/audit/slide"),
    "GET /audit/opinion": Row("auditor", "/audit/opinion"),
    "GET /audit/integrity": Row("auditor", "/audit/integrity"),
    "GET /audit/{question}": Row("auditor", "/audit/rights"),
    "GET /audit/mine": Row("person", "/audit/mine"),
    "GET /audit/cases/{id}": Row("case", "/audit/cases/{case}"),
    "GET /audit/extract": Row("case", "/audit/extract?case={case}"),
    "GET /audit/slides/{id}/picture": Row("slide", "/audit/slides/{slide}/picture"),
    "POST /audit/verify": Row("auditor", "/audit/verify"),
    "POST /audit/checkpoint": Row("auditor", "/audit/checkpoint", {"note": "none"}),
    "POST /audit/{question}/csv": Row("auditor", "/audit/rights/csv", {"person": ""}),
    "POST /audit/{question}/zip": Row("auditor", "/audit/rights/zip", {"person": ""}),
    "GET /display-check": Row("person", "/display-check"),
    "POST /display-check": Row("person", "/display-check", CHECKED, json=True),
    "GET /check": Row("anybody", "/check"),
    "GET /check/payload": Row("anybody", "/check/payload?size=16"),
    "WS /check/socket": Row("anybody", "/check/socket"),
    "GET /verify": Row("anybody", "/verify"),
    "POST /verify": Row("anybody", "/verify", {"code": "7K3M-9QWD-2XRT"}),
    "GET /about": Row("anybody", "/about"),
    "GET /language": Row("anybody", "/language?lang=fr"),
    "GET /theme": Row("anybody", "/theme?theme=dark"),
    "GET /health": Row("anybody", "/health"),
    "GET /health/live": Row("anybody", "/health/live"),
}
OBJECTS = sorted(
    name for name, row in TABLE.items() if row.needs not in {"anybody", "person", "auditor", "administrator"}
)
"""The addresses of something that some people may have and others may not."""
SIGNED = {"POST /login/backchannel-logout/{provider}"}
"""What a provider's server sends, from no page: its token is tried in tests/integration/auth/test_backchannel_logout.py."""
CHANGING = sorted(name for name in TABLE if name.split()[0] not in {"GET", "OPTIONS", "WS"} and name not in SIGNED)

"""What a browser's form or script may change something with."""
STREAMS = ("GET /rooms/{id}/facts", "GET /notices/stream", "GET /guest/standing")
"""What does not end by itself."""


def named(route: BaseRoute) -> Iterator[str]:
    """Its names in TABLE: one for each method."""
    if isinstance(route, WebSocketRoute):
        yield f"WS {route.path}"
    else:
        assert isinstance(route, Route)
        yield from (f"{method} {route.path}" for method in sorted((route.methods or set()) - {"HEAD"}))


def filled(body: dict[str, Any], names: Names) -> dict[str, Any]:
    """The body of a row with the identifiers that these names stand for."""
    return {key: value.format_map(names) if isinstance(value, str) else value for key, value in body.items()}
