"""Share links of guests, and accesses by breaking the glass."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from telepath.db.schema.columns import Instant, identifier, metadata, version

share_link = Table(
    "share_link",
    metadata,
    identifier(),
    Column("token", String(64), nullable=False, unique=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("object_kind", String(20), nullable=False),
    Column("object_id", String(26), nullable=False),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("rights", JSON, nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("code", String(64), nullable=False, server_default=""),
    Column("code_until", Instant),
    Column("code_tries", Integer, nullable=False, server_default="0"),
    Column("codes_sent", Integer, nullable=False, server_default="0"),
    Column("openings", Integer, nullable=False, server_default="0"),
    Column("opened_at", Instant),
    version(),
    Index("ix_share_link_object", "object_kind", "object_id"),
)
"""``token`` is the SHA-256 of what the address carries, ``code`` that of the code in the last letter. ``person_id``: the guest,
a person of kind ``guest`` with a name and a mail address, and nothing else. ``ended_at``: withdrawn, or over because the
consult or room is; once ``expires_at`` is past, when that was noticed and recorded."""

break_glass = Table(
    "break_glass",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("of_institution_id", ForeignKey("institution.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("reviewed_at", Instant),
    Column("reviewed_by", ForeignKey("person.id")),
    Column("review", String(12), nullable=False, server_default=""),
    Column("review_note", Text, nullable=False, server_default=""),
    version(),
    Index("ix_break_glass_review", "institution_id", "reviewed_at"),
)
"""One opening of one case of ``institution_id`` by a person of ``of_institution_id`` without a right to it. ``reason`` and
``review_note`` lie under the key of the case. ``review``: ``justified`` or ``unjustified``."""
