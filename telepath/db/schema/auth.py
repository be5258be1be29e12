"""Logins under way and sessions."""

from sqlalchemy import JSON, Column, ForeignKey, String, Table, Text

from telepath.db.schema.columns import Instant, metadata

login = Table(
    "login",
    metadata,
    Column("state", String(64), primary_key=True),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("browser", String(64), nullable=False),
    Column("return_to", String(400), nullable=False),
    Column("purpose", String(12), nullable=False),
    Column("created_at", Instant, nullable=False),
)
"""One login transaction: consumed once by DELETE … RETURNING. ``state`` and ``browser`` are SHA-256 of what was sent."""

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id")),
    Column("subject", String(255), nullable=False),
    Column("acr", String(20), nullable=False),
    Column("auth_time", Instant, nullable=False),
    Column("id_token", Text, nullable=False),
    Column("provider_session", String(64), nullable=False),
    Column("finess", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""``id`` is the SHA-256 of the cookie. ``expires_at`` is absolute: at most four hours after ``auth_time``. ``finess`` is what
the provider vouched for. Without an institution the session waits for its person's choice, and gives no right."""
