"""The audit: what waits to be sealed, what is sealed, and the signed tree heads."""

from sqlalchemy import JSON, BigInteger, Column, Integer, LargeBinary, String, Table, Text

from telepath.db.schema.columns import Instant, Serial, metadata

audit_pending = Table(
    "audit_pending",
    metadata,
    Column("position", Serial, primary_key=True, autoincrement=True),
    Column("record", JSON, nullable=False),
)
"""Written in the transaction of the change itself; the sealer moves it to audit_log."""

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    # Copies of what the body says, for the auditor's questions. Verification compares them.
    Column("at", Instant, nullable=False, index=True),
    Column("kind", String(40), nullable=False, index=True),
    Column("outcome", String(10), nullable=False),
    Column("actor", String(26), nullable=False, index=True),
    Column("institution", String(26), nullable=False),
    Column("object_kind", String(20), nullable=False),
    Column("object_id", String(64), nullable=False, index=True),
    Column("case_id", String(26), nullable=False, index=True),
    Column("owner", String(26), nullable=False, index=True),
)
"""Gapless from 0. ``leaf`` is the RFC 6962 leaf hash of ``body``."""

audit_tree = Table(
    "audit_tree",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("hashes", JSON, nullable=False),
)
"""One row: the frontier (telepath/audit.py) of the sealed log."""

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
)
"""Signed tree heads, as C2SP signed notes."""
