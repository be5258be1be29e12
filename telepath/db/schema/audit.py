"""The audit: what waits to be sealed, what is sealed, the signed tree heads, and who outside holds copies of them."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from telepath.db.schema.columns import Instant, Serial, metadata

Count = BigInteger().with_variant(Integer, "sqlite")
"""A number of records: SQLite keys rows by INTEGER alone."""

audit_pending = Table(
    "audit_pending",
    metadata,
    Column("position", Serial, primary_key=True, autoincrement=True),
    Column("record", JSON, nullable=False),
)
"""Written in the transaction of the change itself; the sealer moves it to audit_log."""

REFUSED = text("outcome <> 'success'")
PRIVILEGED = text("privileged")
PRIVILEGED_SQLITE = text("privileged = 1")
"""What the two partial indexes below hold; a search says it in the same words (telepath/db/audit_search.py)."""

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    # Copies of what the body says, for the auditor's questions. Verification compares them.
    Column("at", Instant, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("actor", String(26), nullable=False),
    Column("institution", String(26), nullable=False),
    Column("object_kind", String(20), nullable=False),
    Column("object_id", String(64), nullable=False),
    Column("case_id", String(26), nullable=False),
    Column("owner", String(26), nullable=False),
    Column("privileged", Boolean, nullable=False),
    Index("ix_audit_log_at", "at", "seq"),
    Index("ix_audit_log_kind", "kind", "seq"),
    Index("ix_audit_log_actor", "actor", "seq"),
    Index("ix_audit_log_object_id", "object_id", "seq"),
    Index("ix_audit_log_case_id", "case_id", "seq"),
    Index("ix_audit_log_owner", "owner", "seq"),
    Index("ix_audit_log_institution", "institution", "seq"),
    # Few records bear these marks: to find them all costs little, and to write the others nothing.
    Index("ix_audit_log_refused", "seq", sqlite_where=REFUSED, postgresql_where=REFUSED),
    Index("ix_audit_log_privileged", "seq", sqlite_where=PRIVILEGED_SQLITE, postgresql_where=PRIVILEGED),
)
"""Gapless from 0 over all shards. ``leaf`` is the RFC 6962 leaf hash of ``body``. The service may only insert and read."""

audit_shard = Table(
    "audit_shard",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("origin", String(200), nullable=False, unique=True),
    Column("start", Count, nullable=False, unique=True),
    Column("size", Count, nullable=False),
    Column("hashes", JSON, nullable=False),
    Column("opened_at", Instant, nullable=False),
)
"""One tree a year, named after it; another in the same year when the log had to go on from an older copy. ``start`` is the
``seq`` of its first leaf, ``hashes`` its frontier (telepath/audit.py). The newest by ``start`` grows, the others are closed."""

audit_node = Table(
    "audit_node",
    metadata,
    Column("shard", String(20), nullable=False),
    Column("level", Integer, nullable=False),
    Column("index", Count, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    PrimaryKeyConstraint("shard", "level", "index"),
)
"""Roots of the complete subtrees of at least 2**8 leaves, so that a proof needs few rows."""

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("shard", String(20), nullable=False),
    Column("size", Count, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("shard", "size"),
)
"""Signed tree heads, as C2SP signed notes. The service may only insert and read."""

audit_anchor = Table(
    "audit_anchor",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("every", Integer),
    Column("shard", String(20), nullable=False),
    Column("size", Count, nullable=False),
    Column("held_at", Instant),
    Column("receipt", Text, nullable=False),
    Column("tried_at", Instant),
    Column("due_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", String(60), nullable=False),
)
"""Who outside holds which checkpoint: the newest that ``name`` acknowledged, at ``held_at``; ``receipt`` is what it answered (a
witness: its cosignature). ``attempts`` have failed since, with ``error`` (a code). ``every``: seconds between two copies; null:
the settings name it no more."""

subject_key = Table(
    "subject_key",
    metadata,
    Column("kind", String(12), nullable=False),
    Column("id", String(40), nullable=False),
    Column("wrapped", LargeBinary),
    Column("made_at", Instant, nullable=False),
    Column("destroyed_at", Instant),
    PrimaryKeyConstraint("kind", "id"),
)
"""The vault's keys, wrapped (telepath/vault.py). ``wrapped`` is null once it was destroyed: what was under it is erased.
Backups leave this table out."""

setting_seen = Table(
    "setting_seen",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", String(400), nullable=False),
    Column("at", Instant, nullable=False),
)
"""The settings as the last start of a node saw them, so that a change is recorded. Secrets as HMACs."""
