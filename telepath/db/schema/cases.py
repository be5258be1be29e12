"""A case holds specimens, slides, annotations and threads."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from telepath.db.schema.columns import Instant, identifier, metadata, version

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
    version(),
    UniqueConstraint("institution_id", "number"),
)
"""``number`` is pseudonymous: the institution's own system knows whose it is."""

specimen = Table(
    "specimen",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("label", String(40), nullable=False),
    Column("description", String(200), nullable=False),
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
    Column("view", JSON),
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
    Column("rank", Integer, nullable=False, default=0),
    version(),
    UniqueConstraint("slide_id", "operation_id"),
)
"""``geometry`` in level-0 px. ``operation_id`` is made by the client: the same one twice draws once."""
