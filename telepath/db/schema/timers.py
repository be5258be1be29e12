"""What is to happen at a time, once, on whichever node is there (telepath/db/timers.py)."""

from sqlalchemy import JSON, Column, Integer, String, Table, UniqueConstraint

from telepath.db.schema.columns import Instant, identifier, metadata

timer = Table(
    "timer",
    metadata,
    identifier(),
    Column("kind", String(40), nullable=False),
    Column("subject_id", String(26), nullable=False),
    Column("body", JSON, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("kind", "subject_id"),
)
"""One of each ``kind`` for each subject: to set it again moves it. The row goes in the transaction of what it does."""
