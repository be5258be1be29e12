"""telepath/audit_event.py: every kind of record is an AuditEvent that keeps the rules of FHIR R4 and of its BALP profile."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from telepath.audit import AuditRecord
from telepath.audit_catalogue import CATALOGUE
from telepath.audit_event import DISCLOSED, PROFILE, audit_event

ORIGIN = "audit.example.org/audit/2026"
OPENED = {"subject_name_id": "899700000001", "address": "192.0.2.7", "device": "Firefox"}
PATIENT = {"outcome": "success", "case_id": "k" * 26}
CASES: dict[str, dict[str, Any]] = {
    "of a patient": PATIENT,
    "of nobody": {"case_id": ""},
    "refused": {"case_id": "k" * 26, "outcome": "refused", "detail": {"reason": "no-grant"}},
    "failed": {"case_id": "", "outcome": "failure"},
    "by the service": {"actor": "system", "institution": "system", "case_id": "k" * 26},
    "by nobody known": {"actor": "", "institution": "", "session": "", "case_id": ""},
    "of nothing": {"object_kind": "", "object_id": "", "case_id": ""},
}


def record(kind: str, **given: Any) -> AuditRecord:
    fields: dict[str, Any] = {
        "id": "01J" + "A" * 23,
        "at": datetime(2026, 3, 11, 12, 0, 0, 123456, tzinfo=UTC),
        "kind": kind,
        "actor": "z" * 26,
        "institution": "l" * 26,
        "roles": ("expert",),
        "acr": "eidas2",
        "session": "s" * 16,
        "object_kind": "slide",
        "object_id": "s" * 26,
        "owner": "c" * 26,
        "because": "consult",
        "because_id": "q" * 26,
        "detail": {"number": 3, "levels": [1, 2], "said": ""},
    }
    return AuditRecord(**fields | given)


def codes(concept: Any) -> set[tuple[str, str]]:
    """What a Coding, a CodeableConcept or a list of them says."""
    if isinstance(concept, list):
        return set().union(*map(codes, concept))
    if "coding" in concept:
        return codes(concept["coding"])
    return {(concept["system"], concept["code"])}


def of_type(parts: list[Any], system: str, code: str) -> list[Any]:
    return [part for part in parts if (system, code) in codes(part["type"])]


def every_value(value: Any) -> Iterator[Any]:
    yield value
    if isinstance(value, dict):
        for one in value.values():
            yield from every_value(one)
    if isinstance(value, list):
        for one in value:
            yield from every_value(one)


DCM = "http://dicom.nema.org/resources/ontology/DCM"
ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
REST = "http://terminology.hl7.org/CodeSystem/audit-event-type"
INTERACTION = "http://hl7.org/fhir/restful-interaction"
CUSTODIAN = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
ALLOWED = {  # R4 AuditEvent, and of its parts: element -> required
    "": {
        "resourceType": True,
        "id": False,
        "meta": False,
        "type": True,
        "subtype": False,
        "action": False,
        "recorded": True,
        "outcome": False,
        "outcomeDesc": False,
        "purposeOfEvent": False,
        "agent": True,
        "source": True,
        "entity": False,
    },
    "agent": {
        "type": False,
        "role": False,
        "who": False,
        "name": False,
        "requestor": True,
        "policy": False,
        "network": False,
        "purposeOfUse": False,
    },
    "source": {"site": False, "observer": True, "type": False},
    "entity": {"what": False, "type": False, "role": False, "detail": False},
}


def keeps_to(part: dict[str, Any], name: str) -> None:
    assert part.keys() <= ALLOWED[name].keys()
    assert {element for element, required in ALLOWED[name].items() if required} <= part.keys()


@pytest.mark.parametrize("case", list(CASES))
@pytest.mark.parametrize("kind", list(CATALOGUE))
def test_every_kind_is_an_audit_event_of_r4(kind: str, case: str) -> None:
    event = audit_event(record(kind, **CASES[case]), 41, ORIGIN, OPENED)
    keeps_to(event, "")
    keeps_to(event["source"], "source")
    for name in ("agent", "entity"):
        assert event[name]
        for part in event[name]:
            keeps_to(part, name)
    assert event["action"] == CATALOGUE[kind]
    assert event["recorded"] == "2026-03-11T12:00:00.123+00:00"
    assert event["outcome"] in ({"0"} if CASES[case].get("outcome", "success") == "success" else {"4", "8"})
    assert len(event["id"]) <= 64
    assert sum(agent["requestor"] for agent in event["agent"]) == 1
    assert all(entity.get("what") for entity in event["entity"])
    for value in every_value(event):
        assert value not in ("", [], {}, None)  # FHIR: nothing is ever empty
    assert f"urn:telepath:audit:{ORIGIN}" in {one["what"]["identifier"]["system"] for one in event["entity"]}


def profile_of(event: dict[str, Any]) -> str:
    (profile,) = event.get("meta", {"profile": [PROFILE]})["profile"]
    assert isinstance(profile, str)
    return profile.removeprefix(PROFILE)


VERBS = {"C": "Create", "R": "Read", "U": "Update", "D": "Delete"}


@pytest.mark.parametrize("opened", [OPENED, None], ids=["opened", "closed"])
@pytest.mark.parametrize("case", ["of a patient", "of nobody", "by the service", "of nothing"])
@pytest.mark.parametrize("kind", list(CATALOGUE))
def test_what_succeeded_keeps_the_rules_of_its_profile(kind: str, case: str, opened: dict[str, str] | None) -> None:
    event = audit_event(record(kind, **CASES[case]), 41, ORIGIN, opened)
    profile, agents, entities = profile_of(event), event["agent"], event["entity"]
    patients = of_type(entities, ENTITY, "1")
    assert len(patients) == (1 if CASES[case]["case_id"] else 0)
    for patient in patients:
        assert codes(patient["role"]) == {(ROLE, "1")}
        assert patient["what"]["type"] == "Patient"
        assert patient["what"]["identifier"]["value"] == "k" * 26
    if not profile:
        return
    (data,) = of_type(entities, ENTITY, "2")
    assert event["outcome"] == "0"
    if profile == "PrivacyDisclosure.Source":
        assert kind in DISCLOSED
        assert codes(event["type"]) == {(DCM, "110106")}
        assert event["action"] == "R"
        assert ("http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle", "disclose") in codes(event["subtype"])
        (source,), (recipient,) = of_type(agents, DCM, "110153"), of_type(agents, DCM, "110152")
        assert source["who"] == event["source"]["observer"]
        assert source["network"]
        assert recipient["who"]
        assert recipient["network"]
        assert len(patients) == 1
        return
    verb = profile.removeprefix("Patient")
    assert verb == VERBS[event["action"]]
    assert profile.startswith("Patient") == bool(patients)
    assert len(entities) >= (2 if patients else 1)
    assert codes(event["type"]) == {(REST, "rest")}
    assert (INTERACTION, verb.lower()) in codes(event["subtype"])
    assert codes(data["role"]) <= {(ROLE, "4"), (ROLE, "3"), (ROLE, "20")}
    assert data["what"]
    client_type, server_type = {
        "Read": ((DCM, "110152"), (DCM, "110153")),
        "Create": ((DCM, "110153"), (DCM, "110152")),
        "Update": ((DCM, "110153"), (DCM, "110152")),
        "Delete": ((DCM, "110150"), (CUSTODIAN, "custodian")),
    }[verb]
    (client,), (server,) = of_type(agents, *client_type), of_type(agents, *server_type)
    assert client["who"]
    assert client["network"]
    assert server["who"]
    assert server["network"]
    users = of_type(agents, PARTICIPATION, "IRCP" if verb == "Read" else "AUT")
    assert len(users) == (0 if CASES[case].get("actor") == "system" else 1)
    for user in users:
        assert user["requestor"] is True
        assert user["who"]
        assert "network" not in user
    if verb == "Delete":
        assert len(event["subtype"]) == 1
        for agent in (client, server):
            assert agent.keys() == {"type", "who", "network", "requestor"}
        assert all("policy" not in user for user in users)
        assert data.keys() == {"what", "type", "role"}
        assert all(patient.keys() == {"what", "type", "role"} for patient in patients)


@pytest.mark.parametrize("kind", list(CATALOGUE))
def test_what_was_refused_or_failed_claims_no_profile(kind: str) -> None:
    for case in ("refused", "failed"):
        assert "meta" not in audit_event(record(kind, **CASES[case]), 41, ORIGIN)


PROFILES = {
    "case.viewed": "PatientRead",
    "slide.added": "PatientCreate",
    "case.changed": "PatientUpdate",
    "annotation.deleted": "PatientDelete",
    "report.printed": "PrivacyDisclosure.Source",
    "case.exported": "PrivacyDisclosure.Source",
}


@pytest.mark.parametrize("kind", list(PROFILES))
def test_profiles_are_those_of_what_was_done(kind: str) -> None:
    assert profile_of(audit_event(record(kind, **PATIENT), 1, ORIGIN)) == PROFILES[kind]


TYPES = {
    "session.started": ("110114", "110122"),
    "session.refused": ("110114", "110122"),
    "session.ended": ("110114", "110123"),
    "access.refused": ("110113", "110132"),
    "break-glass.opened": ("110113", "110127"),
    "break-glass.ended": ("110113", "110138"),
    "right.given": ("110113", "110135"),
    "setting.changed": ("110113", "110129"),
    "audit.read": ("110101", None),
    "audit.exported": ("110101", None),
    "backup.made": ("110106", None),
    "backup.restored": ("110107", None),
}


@pytest.mark.parametrize("kind", list(TYPES))
def test_events_that_are_no_interaction_have_the_types_of_dicom(kind: str) -> None:
    event, (kind_of, subtype) = audit_event(record(kind), 1, ORIGIN), TYPES[kind]
    assert codes(event["type"]) == {(DCM, kind_of)}
    assert {code for system, code in codes(event["subtype"]) if system == DCM} == ({subtype} if subtype else set())
    assert ("urn:telepath:audit-kind", kind) in codes(event["subtype"])


PURPOSES = [
    ("slide.viewed", {}, "TREAT"),
    ("slide.viewed", {"because": "break-glass"}, "BTG"),
    ("break-glass.opened", {}, "BTG"),
    ("slide.viewed", {"because": "emergency"}, "ETREAT"),
    ("audit.extract-made", {}, "PATRQT"),
    ("audit.read", {}, "HSYSADMIN"),
    ("case.viewed", {"actor": "system"}, "HSYSADMIN"),
    ("directory.changed", {"roles": ("administrator",)}, "HOPERAT"),
    ("case.viewed", {"roles": ("administrator", "expert")}, "TREAT"),
]


@pytest.mark.parametrize(("kind", "given", "purpose"), PURPOSES)
def test_the_purpose_is_a_reason_of_v3(kind: str, given: dict[str, Any], purpose: str) -> None:
    event = audit_event(record(kind, **given), 1, ORIGIN)
    assert codes(event["purposeOfEvent"]) == {("http://terminology.hl7.org/CodeSystem/v3-ActReason", purpose)}


def test_nothing_of_a_person_is_told_that_the_vault_did_not_give() -> None:
    text = str(audit_event(record("slide.viewed", **PATIENT, actor_private="c2VjcmV0"), 41, ORIGIN))
    assert "c2VjcmV0" not in text
    assert not any(value in text for value in OPENED.values())
    assert "masked" in text
    opened = audit_event(record("slide.viewed", **PATIENT), 41, ORIGIN, OPENED)
    assert all(value in str(opened) for value in OPENED.values())
    assert "urn:oid:1.2.250.1.71.4.2.1" in str(opened)
    client, _, user, _ = opened["agent"]
    assert client["network"] == {"address": "192.0.2.7", "type": "2"}
    assert user["who"]["identifier"]["value"] == "899700000001"


def test_what_the_record_says_besides_is_with_the_sealed_record() -> None:
    *_, sealed = audit_event(record("slide.viewed", **PATIENT), 41, ORIGIN)["entity"]
    assert sealed["what"]["identifier"]["value"] == "41"
    assert {one["type"]: one["valueString"] for one in sealed["detail"]} == {
        "acr": "eidas2",
        "owner": "c" * 26,
        "number": "3",
        "levels": "[1,2]",
    }
