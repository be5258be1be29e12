"""A case holds specimens, slides, annotations and threads."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from telepath.db.schema.columns import Instant, identifier, metadata, version

patient = Table(
    "patient",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("lookup", String(64)),
    Column("changed_at", Instant, nullable=False),
    version(),
    UniqueConstraint("institution_id", "lookup"),
)
"""Who the patient is: ``sealed`` is the identity (INS with OID and status, traits) under the patient's own key of the vault.
``lookup``: a keyed hash of the INS, to find the same patient's other cases in this institution; none without an INS."""

case = Table(
    "case",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("number", String(40), nullable=False),
    Column("organ", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("clinical_context", Text, nullable=False),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("active_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Column("patient_id", String(26), index=True),
    version(),
    UniqueConstraint("institution_id", "number"),
    Index("ix_case_activity", "institution_id", "active_at"),
)
"""``number`` is pseudonymous: the institution's own system knows whose it is. ``active_at``: when something last happened.
``erased_at``: nothing is left of it but this row (telepath/cases/erasure.py), and nobody finds it."""

case_view = Table(
    "case_view",
    metadata,
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("case_id", "session_id"),
)
"""Which session saw which case of late, so that reloading the page does not fill the audit. Rows of the last hour only."""

specimen = Table(
    "specimen",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("label", String(40), nullable=False),
    Column("description", String(200), nullable=False),
    UniqueConstraint("case_id", "label"),
)

thread_line = Table(
    "thread_line",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("consult_id", String(26), nullable=False),
    Column("room_id", String(26), nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("slide_id", String(26), nullable=False),
    Column("view", JSON(none_as_null=True)),
    Column("written_at", Instant, nullable=False),
    Index("ix_thread_line_case", "case_id", "written_at"),
)
"""Consult questions and room chat are the same lines; each may carry a view (telepath/geometry.py View) of a slide."""

annotation = Table(
    "annotation",
    metadata,
    identifier(),
    Column("slide_id", ForeignKey("slide.id"), nullable=False, index=True),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("geometry", JSON, nullable=False),
    Column("label", String(200), nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deleted", Boolean, nullable=False, default=False),
    Column("operation_id", String(40), nullable=False),
    version(),
    UniqueConstraint("slide_id", "operation_id"),
)
"""``geometry`` in level-0 px. ``operation_id`` is made by the client: the same one twice draws once."""
