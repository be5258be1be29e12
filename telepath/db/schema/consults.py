"""Consults, offers, readings, opinions. Statuses are FHIR's."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from telepath.db.schema.columns import Instant, identifier, metadata, version

consult = Table(
    "consult",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("requester_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("status", String(20), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("clinical_context", Text, nullable=False),
    Column("organ", String(20), nullable=False),
    Column("urgency", String(12), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("opinions_read", Integer, nullable=False, default=0, server_default="0"),
    Column("shows_identity", Boolean, nullable=False, default=False, server_default=false()),
    version(),
)
"""FHIR ServiceRequest: draft, active, on-hold, revoked, completed. ``ended_at``: when it was revoked or completed.
``shows_identity``: the requester lets the expert see who the patient is.
``opinions_read``: the number of the last opinion or addendum that the requester has opened; no part of ``version``."""

consult_view = Table(
    "consult_view",
    metadata,
    Column("consult_id", ForeignKey("consult.id"), nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("consult_id", "session_id"),
)
"""Which session saw which consult of late, so that a page that refreshes itself does not fill the audit."""

offer = Table(
    "offer",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("expert_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("decline_reason", Text, nullable=False, default=""),
    Column("offered_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("answered_at", Instant),
    version(),
)
"""Who was asked, and what they said. ``reasons``: why this expert was proposed, as codes with parameters.
``due_at`` is counted on the calendar of this expert's place. ``answered_at``: accepted, declined or withdrawn."""

reading = Table(
    "reading",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("expert_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("draft", JSON, nullable=False),
    Column("drafted_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    version(),
)
"""FHIR Task: one expert's work on one consult (``rank`` 2 for L2). The draft is the expert's own until signed, and is then
that of the next addendum."""

opinion = Table(
    "opinion",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("reading_id", ForeignKey("reading.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("content", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("acr", String(255), nullable=False),
    Column("auth_time", Instant, nullable=False),
    Column("verification", String(20), nullable=False, unique=True),
    Column("identified_by", JSON(none_as_null=True)),
    UniqueConstraint("consult_id", "number"),
)
"""Signed, never changed: number 1 is the opinion, those after it are addenda. ``digest`` is the SHA-256 of the content.
``identified_by``: for an author without an RPPS number, who proved the identity and who verified the credential."""
