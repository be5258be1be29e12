"""A record of the audit as a FHIR R4 AuditEvent. Pure.

Profiles: IHE ITI Basic Audit Log Patterns (BALP) 1.1: Create, Read, Update, Delete and their Patient… forms, and
PrivacyDisclosure.Source, for what succeeded. A refusal or a failure is an AuditEvent without a profile, as BALP wants it. Other
types of event are DICOM's (PS3.16 CID 400 and 401). Nobody's name is in it, and no address or national identifier but those
that the caller opened from the vault."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from telepath.actor import Role
from telepath.audit import SYSTEM_ID, AuditRecord
from telepath.audit_catalogue import CATALOGUE, family

Json = dict[str, Any]

PROFILE: Final = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
EVENT_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTION: Final = "http://hl7.org/fhir/restful-interaction"
LIFECYCLE: Final = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
PARTICIPATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
PROVENANCE: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ROLE_CLASS: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleClass"
REASON: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ENTITY_TYPE: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
OBJECT_ROLE: Final = "http://terminology.hl7.org/CodeSystem/object-role"
SOURCE_TYPE: Final = "http://terminology.hl7.org/CodeSystem/security-source-type"
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
PRACTITIONER: Final = "urn:oid:1.2.250.1.71.4.2.1"
"""The French national identifier of a practitioner, as Pro Santé Connect's SubjectNameID has it."""
OWN: Final = "urn:telepath:"
"""Before the names of our own identifiers and codes."""

INTERACTIONS: Final = {"C": "create", "R": "read", "U": "update", "D": "delete"}
DISCLOSED: Final = frozenset({"case.exported", "slide.downloaded", "report.printed", "report.sent"})
"""What leaves the service with data of a patient in it."""

LOGIN, LOGOUT = (110122, "Login"), (110123, "Logout")
ALERT: Final = (110113, "Security Alert")
AUDIT_USED: Final = (110101, "Audit Log Used")
_TYPES: Final[dict[str, tuple[tuple[int, str], tuple[int, str] | None]]] = {
    "session": ((110114, "User Authentication"), LOGIN),
    "session.ended": ((110114, "User Authentication"), LOGOUT),
    "session.logout-received": ((110114, "User Authentication"), LOGOUT),
    "access": (ALERT, (110132, "Use of Restricted Function")),
    "break-glass": (ALERT, (110132, "Use of Restricted Function")),
    "break-glass.opened": (ALERT, (110127, "Emergency Override Started")),
    "break-glass.ended": (ALERT, (110138, "Emergency Override Stopped")),
    "emergency.activated": (ALERT, (110127, "Emergency Override Started")),
    "emergency.ended": (ALERT, (110138, "Emergency Override Stopped")),
    "directory": (ALERT, (110136, "Security Roles Changed")),
    "credential": (ALERT, (110137, "User Security Attributes Changed")),
    "delegation": (ALERT, (110136, "Security Roles Changed")),
    "right": (ALERT, (110135, "Object Security Attributes Changed")),
    "gateway": (ALERT, (110126, "Node Authentication")),
    "setting": (ALERT, (110129, "Security Configuration")),
    "key": (ALERT, (110129, "Security Configuration")),
    "audit": (AUDIT_USED, None),
    "audit.tree-opened": (ALERT, (110134, "Audit Recording Started")),
    "audit.gap-found": (ALERT, (110133, "Audit Recording Stopped")),
    "backup.made": ((110106, "Export"), None),
    "backup.restored": ((110107, "Import"), None),
    "statistics.exported": ((110106, "Export"), None),
}
"""DICOM type and subtype of a kind, or of its family. What is not here is an interaction with an object (C, R, U, D), or
else an activity of the application."""


def audit_event(record: AuditRecord, seq: int, origin: str, opened: Mapping[str, Any] | None = None) -> Json:
    """``origin``: the tree that holds the record, at ``seq``. ``opened``: what the vault gave of ``actor_private``; None or
    empty: not asked, or erased."""
    action = CATALOGUE.get(record.kind, "E")
    profile = _profile(record, action)
    server = _server(origin)
    event: Json = {"resourceType": "AuditEvent", "id": record.id}
    if profile:
        event["meta"] = {"profile": [PROFILE + profile]}
    event |= _what_happened(record, action, profile)
    event["recorded"] = record.at.isoformat(timespec="milliseconds")
    event["outcome"] = _outcome(record)
    if isinstance(reason := record.detail.get("reason"), str):
        event["outcomeDesc"] = reason
    event["purposeOfEvent"] = [_concept(REASON, _purpose(record))]
    event["agent"] = _agents(record, action, profile, server, opened or {})
    event["source"] = {
        "site": server["who"]["identifier"]["value"],
        "observer": server["who"],
        "type": [_coding(SOURCE_TYPE, "4", "Application Server")],
    }
    event["entity"] = list(_entities(record, seq, origin))
    return event


def _profile(record: AuditRecord, action: str) -> str:
    """The last part of the profile's name; empty: none."""
    if record.outcome != "success":
        return ""
    if record.kind in DISCLOSED:
        return "PrivacyDisclosure.Source" if record.case_id else ""
    if _dicom(record.kind) or action not in INTERACTIONS:
        return ""
    return ("Patient" if record.case_id else "") + INTERACTIONS[action].capitalize()


def _dicom(kind: str) -> tuple[tuple[int, str], tuple[int, str] | None] | None:
    return _TYPES.get(kind) or _TYPES.get(family(kind))


def _what_happened(record: AuditRecord, action: str, profile: str) -> Json:
    dicom = _dicom(record.kind)
    own = _coding(OWN + "audit-kind", record.kind)
    if record.kind in DISCLOSED:
        kind = _coding(DCM, "110106", "Export")
        subtypes = [_coding(LIFECYCLE, "disclose", "Disclose Record Lifecycle Event"), own]
    elif dicom:
        kind = _coding(DCM, str(dicom[0][0]), dicom[0][1])
        subtypes = ([_coding(DCM, str(dicom[1][0]), dicom[1][1])] if dicom[1] else []) + [own]
    elif action in INTERACTIONS:
        kind = _coding(EVENT_TYPE, "rest", "Restful Operation")
        done = _coding(INTERACTION, INTERACTIONS[action], INTERACTIONS[action])
        # BALP allows a delete this one subtype alone.
        subtypes = [done] if action == "D" else [done, own]
    else:
        kind = _coding(DCM, "110100", "Application Activity")
        subtypes = [own]
    return {"type": kind, "subtype": subtypes, "action": action}


def _outcome(record: AuditRecord) -> str:
    """DICOM PS3.15 A.5: 0 success; 4 minor failure, one may try again; 8 serious failure, it was not done."""
    if record.outcome == "success":
        return "0"
    return "4" if family(record.kind) == "session" else "8"


def _purpose(record: AuditRecord) -> str:
    """A code of v3-ActReason."""
    about = family(record.kind)
    if about == "break-glass" or record.because == "break-glass":
        return "BTG"
    if about == "emergency" or record.because == "emergency":
        return "ETREAT"
    if record.kind == "audit.extract-made":
        return "PATRQT"
    if record.actor == SYSTEM_ID or about in {"audit", "backup", "clock", "key", "setting"}:
        return "HSYSADMIN"
    if record.roles and not {Role.REQUESTER, Role.EXPERT, Role.COORDINATOR} & set(record.roles):
        return "HOPERAT"
    return "TREAT"


def _server(origin: str) -> Json:
    site = origin.partition("/")[0]
    return {
        "who": {"identifier": {"system": OWN + "service", "value": site}},
        "requestor": False,
        "network": {"address": site, "type": "1"},
    }


def _agents(record: AuditRecord, action: str, profile: str, server: Json, opened: Mapping[str, Any]) -> list[Json]:
    own = record.actor == SYSTEM_ID
    client = _client(record, server, opened) | {"requestor": own}
    # BALP: who reads is the destination, who writes the source; what deletes is an application, and its server the custodian.
    if profile.endswith("Delete"):
        client["type"] = _concept(DCM, "110150", "Application")
        server = server | {"type": _concept(PROVENANCE, "custodian", "Custodian")}
    elif action == "R":
        client["type"] = _concept(DCM, "110152", "Destination Role ID")
        server = server | {"type": _concept(DCM, "110153", "Source Role ID")}
    else:
        client["type"] = _concept(DCM, "110153", "Source Role ID")
        server = server | {"type": _concept(DCM, "110152", "Destination Role ID")}
    agents = [client, server]
    if not own:
        agents.append(_user(record, action, profile, opened))
    if record.institution and not own:
        who = {"identifier": {"system": OWN + "institution", "value": record.institution}}
        agents.append({"type": _concept(ROLE_CLASS, "PROV", "healthcare provider"), "who": who, "requestor": False})
    return agents


def _client(record: AuditRecord, server: Json, opened: Mapping[str, Any]) -> Json:
    """The browser that asked, or the service itself. Its address is in the vault."""
    if record.actor == SYSTEM_ID:
        return {"who": server["who"], "network": server["network"]}
    who: Json = {"identifier": {"system": OWN + "session", "value": record.session}}
    if not record.session:
        who = _masked("unknown")
    elif opened.get("device"):
        who["display"] = opened["device"]
    address = opened.get("address")
    return {"who": who, "network": {"address": address, "type": "2"} if address else _masked("masked")}


def _user(record: AuditRecord, action: str, profile: str, opened: Mapping[str, Any]) -> Json:
    identifier = {"system": OWN + "person", "value": record.actor}
    if opened.get("subject_name_id"):
        identifier = {"system": PRACTITIONER, "value": opened["subject_name_id"]}
    agent: Json = {
        "type": _concept(PARTICIPATION, *(("IRCP", "information recipient") if action == "R" else ("AUT", "author"))),
        "who": {"identifier": identifier} if identifier["value"] else _masked("unknown"),
        "requestor": True,
        "purposeOfUse": [_concept(REASON, _purpose(record))],
    }
    if record.roles:
        agent["role"] = [_concept(OWN + "role", role) for role in record.roles]
    if record.because and not profile.endswith("Delete"):
        agent["policy"] = [":".join(part for part in (OWN + "because", record.because, record.because_id) if part)]
    return agent


def _entities(record: AuditRecord, seq: int, origin: str) -> list[Json]:
    """The object, the patient when it is somebody's, and the sealed record itself with what it says besides."""
    report = family(record.kind) in {"opinion", "report"}
    what = {"system": OWN + (record.object_kind or family(record.kind)), "value": record.object_id or record.kind}
    data: Json = {
        "what": {"identifier": what},
        "type": _coding(ENTITY_TYPE, "2", "System Object"),
        "role": _coding(OBJECT_ROLE, *(("3", "Report") if report else ("4", "Domain Resource"))),
    }
    sealed: Json = {
        "what": {"identifier": {"system": OWN + "audit:" + origin, "value": str(seq)}},
        "type": _coding(ENTITY_TYPE, "4", "Other"),
    }
    if said := {"acr": record.acr, "owner": record.owner} | record.detail:
        detail = [{"type": name, "valueString": _text(value)} for name, value in sorted(said.items()) if _text(value)]
        sealed |= {"detail": detail} if detail else {}
    patient: Json = {
        "what": {"type": "Patient", "identifier": {"system": OWN + "case", "value": record.case_id}},
        "type": _coding(ENTITY_TYPE, "1", "Person"),
        "role": _coding(OBJECT_ROLE, "1", "Patient"),
    }
    return [data, patient, sealed] if record.case_id else [data, sealed]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _masked(why: str) -> Json:
    """What FHIR writes where something must stand that is not told."""
    return {"extension": [{"url": ABSENT, "valueCode": why}]}


def _coding(system: str, code: str, display: str = "") -> Json:
    return {"system": system, "code": code} | ({"display": display} if display else {})


def _concept(system: str, code: str, display: str = "") -> Json:
    return {"coding": [_coding(system, code, display)]}
