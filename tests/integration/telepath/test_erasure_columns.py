"""What an erasure empties or removes, against the schema: no column in which something could be written is forgotten."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import JSON, Column, LargeBinary, String, Table

from telepath.cases.erasure import EMPTIED, REMOVED
from telepath.db.schema import metadata
from tests.planted import name

FREE: Final = {
    "alembic_version.version_num": "the schema's",
    "audit_anchor.error": "a code",
    "audit_anchor.kind": "a code",
    "audit_anchor.name": "who holds heads of the audit",
    "audit_anchor.receipt": "what they signed: sizes and hashes",
    "audit_anchor.shard": "of the audit",
    "audit_checkpoint.note": "sizes and hashes",
    "audit_checkpoint.shard": "of the audit",
    "audit_log.actor": "an identifier",
    "audit_log.body": "identifiers and codes; what was said of a case is under its key, which is destroyed",
    "audit_log.case_id": "an identifier",
    "audit_log.institution": "an identifier",
    "audit_log.kind": "a code",
    "audit_log.leaf": "a hash of the body",
    "audit_log.object_id": "an identifier",
    "audit_log.object_kind": "a code",
    "audit_log.outcome": "a code",
    "audit_log.owner": "an identifier",
    "audit_node.hash": "a hash",
    "audit_node.shard": "of the audit",
    "audit_pending.record": "as audit_log.body",
    "audit_shard.hashes": "hashes",
    "audit_shard.name": "of the audit",
    "audit_shard.origin": "of the audit",
    "break_glass.review": "a code",
    "care_group.kind": "a code",
    "care_group.name": "a group of institutions",
    "care_group_member.member_id": "an identifier",
    "care_group_member.member_kind": "a code",
    "case.number": "becomes the identifier of the case",
    "consult.status": "a code",
    "consult.urgency": "a code",
    "credential.authority": "a register of practitioners",
    "credential.country": "a register of practitioners",
    "credential.number": "a practitioner's",
    "decoupled_login.binding_message": "two digits",
    "decoupled_login.browser": "a hash of a cookie",
    "decoupled_login.hint": "a hash of a practitioner's number; lives two minutes",
    "decoupled_login.id": "a hash of chance",
    "decoupled_login.purpose": "a code",
    "decoupled_login.request": "of a practitioner's login; lives two minutes",
    "decoupled_login.return_to": "an address of ours: identifiers alone; lives two minutes",
    "department.name": "an institution's",
    "emergency.activated_by": "a practitioner's identifier",
    "emergency_code.code": "a hash of chance",
    "expertise.languages": "a practitioner's",
    "expertise.networks": "codes",
    "expertise.organ": "what a practitioner reads",
    "grants.because": "a code",
    "grants.because_id": "an identifier",
    "grants.granted_by": "a practitioner's identifier",
    "grants.institution_id": "an identifier",
    "grants.object_id": "an identifier",
    "grants.object_kind": "a code",
    "grants.rights": "codes",
    "grants.subject_id": "a practitioner's or an institution's identifier",
    "grants.subject_kind": "a code",
    "institution.calendar": "an institution's",
    "institution.city": "an institution's",
    "institution.finess": "an institution's",
    "institution.name": "an institution's",
    "institution.region": "an institution's",
    "institution.time_zone": "an institution's",
    "invitation.provider": "a code",
    "invitation.token": "a hash of chance",
    "login.browser": "a hash of a cookie",
    "login.invitation_id": "an identifier",
    "login.nonce": "chance",
    "login.provider": "a code",
    "login.purpose": "a code",
    "login.return_to": "an address of ours: identifiers alone; lives ten minutes",
    "login.state": "a hash of chance",
    "login.verifier": "chance",
    "logout_token.jti": "a hash of chance",
    "logout_token.provider": "a code",
    "membership.department_id": "an identifier",
    "membership.roles": "codes",
    "notice.kind": "a code",
    "notice.params": "emptied where the notice tells of the case: see erasure.REMOVED",
    "notice.path": "an address of ours: identifiers alone",
    "notice.source": "the number of an event",
    "offer.status": "a code",
    "opinion.acr": "how the expert had authenticated",
    "opinion.identified_by": "a practitioner's",
    "opinion.digest": "a hash of a whole signed text: by it a printed copy is still told from a false one",
    "opinion.kind": "a code",
    "opinion.verification": "chance",
    "outbox.body": "removed where the event tells of the case: see erasure.REMOVED",
    "outbox.kind": "a code",
    "person.email": "a practitioner's",
    "person.family_name": "a practitioner's",
    "person.given_name": "a practitioner's",
    "person.kind": "a code",
    "person.know_how": "a practitioner's",
    "person.language": "a practitioner's",
    "person.profession": "a practitioner's",
    "person.provider": "a code",
    "person.subject_name_id": "a practitioner's",
    "person.title": "a practitioner's",
    "reading.status": "a code",
    "patient.lookup": "a keyed hash, removed with the row",
    "patient.sealed": "under the patient's key, which is destroyed, and removed with the row",
    "session.acr": "of a practitioner's session",
    "session.activity": "a practitioner's",
    "session.auth_mode": "of a practitioner's session",
    "session.emergency_id": "an identifier",
    "session.finess": "institutions",
    "session.id": "a hash of a cookie",
    "session.id_token": "a practitioner's",
    "session.link_id": "an identifier",
    "session.practices": "a practitioner's",
    "session.provider": "a code",
    "session.provider_session": "of a practitioner's session",
    "session.refresh": "a practitioner's, under their key",
    "session.subject": "a practitioner's",
    "setting_seen.name": "a setting",
    "setting_seen.value": "a setting",
    "share_link.code": "a hash of chance",
    "share_link.object_id": "an identifier",
    "share_link.object_kind": "a code",
    "share_link.rights": "codes",
    "share_link.token": "a hash of chance",
    "slide.added_by": "a practitioner's identifier",
    "slide.source": "a code",
    "slide_view.because": "a code",
    "slide_view.because_id": "an identifier",
    "slide_view.person_id": "a practitioner's identifier",
    "slide_view.session_id": "a hash of a cookie",
    "subject_key.id": "an identifier",
    "subject_key.kind": "a code",
    "subject_key.wrapped": "the key that is destroyed",
}
"""Columns that can hold a text, hold none of a patient's, and why."""


def texts(table: Table) -> Iterator[Column[Any]]:
    """The columns of a table in which something could be written about somebody; no keys, no identifiers of rows."""
    for column in table.columns:
        kind = column.type
        own = column.name == "id" and isinstance(kind, String) and kind.length == 26
        if isinstance(kind, String | JSON | LargeBinary) and not column.foreign_keys and not own:
            yield column


def test_every_column_that_can_hold_a_text_is_emptied_or_declared_free_of_patients() -> None:
    handled = {f"{table.name}.{column}" for table, columns in EMPTIED.items() for column in columns}
    handled |= {name(column) for table in REMOVED for column in table.columns}
    every = {name(column) for table in metadata.tables.values() for column in texts(table)}
    assert sorted(every - handled - set(FREE)) == []
    assert sorted(set(FREE) & handled) == []
    assert sorted(set(FREE) - every - {"alembic_version.version_num"}) == []
    assert all(FREE.values())
