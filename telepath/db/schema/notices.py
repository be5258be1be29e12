"""What a person is told: on screen, and by mail that never carries content."""

from sqlalchemy import JSON, Column, ForeignKey, Index, String, Table

from telepath.db.schema.columns import Instant, identifier, metadata

notice = Table(
    "notice",
    metadata,
    identifier(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("params", JSON, nullable=False),
    Column("path", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("mailed_at", Instant),
    Column("source", String(60), nullable=False, unique=True),
    Index("ix_notice_person", "person_id", "created_at"),
)
"""``kind`` is worded in web/locale with ``params`` (no patient data); ``source`` makes delivery happen once."""
