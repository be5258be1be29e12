"""What a transaction tells the rest of the service, delivered after the commit by web/relay.py."""

from sqlalchemy import JSON, Column, Integer, String, Table

from telepath.db.schema.columns import Instant, Serial, metadata

outbox = Table(
    "outbox",
    metadata,
    Column("position", Serial, primary_key=True, autoincrement=True),
    Column("kind", String(40), nullable=False),
    Column("body", JSON, nullable=False),
    Column("emitted_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("attempts", Integer, nullable=False, default=0),
    # Without AUTOINCREMENT SQLite gives the number of a deleted row again, and a new event would pass for an old one.
    sqlite_autoincrement=True,
)
"""A row lives until it was delivered. ``due_at`` moves on at each failed attempt, and while one node holds the row."""
