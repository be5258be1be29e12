"""What a person is told: on screen, and by mail that never carries content."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from telepath.db.schema.columns import Instant, identifier, metadata

notice = Table(
    "notice",
    metadata,
    identifier(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("params", JSON, nullable=False),
    Column("path", String(200), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("mail_due_at", Instant, index=True),
    Column("mail_attempts", Integer, nullable=False, default=0),
    Column("mailed_at", Instant),
    Column("source", String(60), nullable=False, unique=True),
    UniqueConstraint("person_id", "number"),
)
"""``kind`` is worded in web/locale with ``params`` (no patient data); ``source`` makes delivery happen once. ``number``
counts a person's notices in the order of their commits, which identifiers made by two nodes do not follow: a page that
comes back asks for those after the last one it saw. ``mail_due_at`` is the time of the next attempt; null: no mail to send."""

notice_preference = Table(
    "notice_preference",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("wanted", Boolean, nullable=False),
    PrimaryKeyConstraint("person_id", "kind", "channel"),
)
"""What a person chose, where it is not the usual: whether they want this kind by ``mail`` or in the ``browser``."""
