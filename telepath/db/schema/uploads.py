"""Slides on their way in (telepath/uploads/). Their bytes lie in a folder, under the identifier of the upload."""

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Integer, PrimaryKeyConstraint, String, Table

from telepath.db.schema.columns import Instant, identifier, metadata, version

upload = Table(
    "upload",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("sent_by", String(26), nullable=False, index=True),
    Column("sent_from", String(26), nullable=False),
    Column("status", String(12), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("entry", String(200), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("specimen_id", String(26)),
    Column("label", String(80), nullable=False),
    Column("stain", String(40), nullable=False),
    Column("block", String(40), nullable=False),
    Column("section", String(20), nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("reason", String(60), nullable=False),
    Column("params", JSON, nullable=False),
    Column("slide_id", String(26), nullable=False),
    version(),
)
"""One slide. ``name``: what its sender calls its first file, for their eyes; ``entry``: the file that opens it, empty for a
folder. ``status``: telepath/uploads/manifest.py. ``expires_at``: when what is unfinished is removed, and what has ended is told
no longer. ``reason`` and ``params``: why it was refused or held, or what is to be known of it; ``slide_id``: what became of
it."""

upload_file = Table(
    "upload_file",
    metadata,
    Column("upload_id", ForeignKey("upload.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("path", String(600), nullable=False),
    Column("stored", String(200), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("announced", String(64), nullable=False),
    PrimaryKeyConstraint("upload_id", "number"),
)
"""``path``: as its sender names it, so that they can go on; ``stored``: below the folder of the upload. ``received``: bytes on
durable ground. ``digest``: SHA-256, once it is whole; ``announced``: what its sender said that it would be, or nothing."""
