"""Logins under way, sessions, logout tokens that were seen, emergency access."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    true,
)

from telepath.db.schema.columns import Instant, identifier, metadata

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
    Column("provider", String(40), nullable=False, server_default="psc"),
    Column("invitation_id", String(26), nullable=False, server_default=""),
)
"""One login transaction: consumed once by DELETE … RETURNING. ``state`` and ``browser`` are SHA-256 of what was sent.
``provider``: which of the identity providers was asked. ``invitation_id``: the invitation that is being answered."""

decoupled_login = Table(
    "decoupled_login",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("request", Text, nullable=False),
    Column("binding_message", String(2), nullable=False),
    Column("browser", String(64), nullable=False),
    Column("hint", String(64), nullable=False),
    Column("return_to", String(400), nullable=False),
    Column("interval", Integer, nullable=False),
    Column("poll_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("purpose", String(12), nullable=False),
)
"""One login by the telephone (OpenID CIBA): ``id`` is the SHA-256 of what the page knows, ``request`` the provider's
``auth_req_id``. Polled by whoever may move ``poll_at`` forward, and consumed once like ``login``. ``browser`` is the SHA-256 of
the cookie; ``hint`` that of the cookie and the number that was asked for, empty where nobody has it."""

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id")),
    Column("subject", String(255), nullable=False),
    Column("acr", String(255), nullable=False),
    Column("auth_time", Instant, nullable=False),
    Column("id_token", Text, nullable=False),
    Column("provider_session", String(64), nullable=False),
    Column("finess", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("provider", String(40), nullable=False, server_default="psc"),
    Column("auth_mode", String(20), nullable=False, server_default=""),
    Column("practices", JSON, nullable=False, server_default="[]"),
    Column("activity", JSON(none_as_null=True)),
    Column("qualified", Boolean, nullable=False, server_default=true()),
    Column("refresh", Text, nullable=False, server_default=""),
    Column("refresh_due_at", Instant),
    Column("refresh_until", Instant),
    Column("link_id", String(26), nullable=False, server_default=""),
    Column("emergency_id", String(26), nullable=False, server_default=""),
    Index("ix_session_provider_session", "provider_session"),
    Index("ix_session_subject", "subject"),
    Index("ix_session_refresh_due_at", "refresh_due_at"),
)
"""``id`` is the SHA-256 of the cookie. ``expires_at`` is absolute: at most four hours after ``auth_time``. ``finess`` is what
the provider vouched for. Without an institution the session waits for its person's choice, and gives no right.

``practices``: what the provider said of professions and places of work; ``activity``: the one that was chosen; ``qualified``:
whether it lets the person be an expert. ``refresh``: the refresh token, under the person's key of the vault; renewed at
``refresh_due_at``, worth nothing after ``refresh_until``. ``link_id``: a guest's. ``emergency_id``: opened while the provider
was away."""

logout_token = Table(
    "logout_token",
    metadata,
    Column("provider", String(40), nullable=False),
    Column("jti", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("provider", "jti"),
)
"""Logout tokens that were accepted, by the SHA-256 of their ``jti``: the same one again is refused."""

emergency = Table(
    "emergency",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("activated_by", String(26), nullable=False),
    Column("activated_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""Emergency access of one institution while the identity provider is away: 24 hours at most."""

emergency_code = Table(
    "emergency_code",
    metadata,
    Column("code", String(64), primary_key=True),
    Column("emergency_id", ForeignKey("emergency.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
)
"""What an administrator gave one person to sign in with once. ``code`` is the SHA-256 of it."""
