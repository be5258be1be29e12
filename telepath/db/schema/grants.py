"""subject – object – rights – until – because. Owners write it in their own transaction; everyone reads it."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table

from telepath.db.schema.columns import Instant, identifier, metadata

grants = Table(
    "grants",
    metadata,
    identifier(),
    Column("subject_kind", String(12), nullable=False),
    Column("subject_id", String(26), nullable=False),
    Column("object_kind", String(20), nullable=False),
    Column("object_id", String(26), nullable=False),
    Column("rights", JSON, nullable=False),
    Column("until", Instant),
    Column("because", String(20), nullable=False),
    Column("because_id", String(26), nullable=False, index=True),
    Column("epoch", Integer, nullable=False),
    Column("granted_by", String(26), nullable=False),
    Column("granted_at", Instant, nullable=False),
    Column("revoked_at", Instant),
    Column("institution_id", String(26), nullable=False, server_default=""),
    Index("ix_grants_object", "object_kind", "object_id"),
    Index("ix_grants_subject", "subject_kind", "subject_id"),
)
"""A withdrawn grant keeps its row, with ``revoked_at``: the auditor asks who could see what, and when.
``institution_id``: for which of a person's institutions it was given, where that is known: a delegate there has it too."""
