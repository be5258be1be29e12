"""People, institutions, groups, memberships, expertise, credentials, delegations. telepath/directory.py reads, auth writes."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
    text,
)

from telepath.db.schema.columns import Instant, identifier, metadata

institution = Table(
    "institution",
    metadata,
    identifier(),
    Column("finess", String(20), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("city", String(100), nullable=False),
    Column("region", String(3), nullable=False),
    Column("time_zone", String(40), nullable=False),
    Column("calendar", JSON(none_as_null=True)),
    Column("disabled_at", Instant),
)
"""``calendar``: working days and hours and days that are closed, where they differ from the territory's
(telepath/territories.py). Nobody signs in for an institution that is disabled."""

department = Table(
    "department",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("name", String(100), nullable=False),
    UniqueConstraint("institution_id", "name"),
)

person = Table(
    "person",
    metadata,
    identifier(),
    Column("subject_name_id", String(64), nullable=False, unique=True),
    Column("title", String(10), nullable=False),
    Column("given_name", String(100), nullable=False),
    Column("family_name", String(100), nullable=False),
    Column("profession", String(4), nullable=False),
    Column("know_how", String(10), nullable=False),
    Column("email", String(200), nullable=False),
    Column("language", String(2), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("kind", String(12), nullable=False, server_default="professional"),
    Column("provider", String(40), nullable=False, server_default="psc"),
    Column("first_seen_at", Instant),
    Column("disabled_at", Instant),
)
"""``kind``: ``professional``, or ``guest`` for whom a share link let in (no login ever finds a guest). ``provider``: who proves
their identity; ``subject_name_id`` of another provider than Pro Santé Connect begins with its key and a colon.
``profession`` and ``know_how`` are the codes of TRE_G15 and TRE_R38: a pathologist is 10 and SM01."""

membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("roles", JSON, nullable=False),
    Column("department_id", String(26)),
    PrimaryKeyConstraint("person_id", "institution_id"),
)

invitation = Table(
    "invitation",
    metadata,
    identifier(),
    Column("token", String(64), nullable=False, unique=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("provider", String(40), nullable=False),
    Column("invited_by", ForeignKey("person.id"), nullable=False),
    Column("invited_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("accepted_at", Instant),
    Column("withdrawn_at", Instant),
)
"""Somebody who is in the directory and has not come yet. ``token`` is the SHA-256 of what the letter carries. Who has an RPPS
number is bound by it; who has none is bound by the first login that answers the invitation."""

care_group = Table(
    "care_group",
    metadata,
    identifier(),
    Column("kind", String(12), nullable=False),
    Column("name", String(200), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index(
        "ix_care_group_standing",
        "institution_id",
        "name",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)
"""A group across institutions: ``gcs``, ``regional`` network or ``national`` expert network, led by one institution."""

care_group_member = Table(
    "care_group_member",
    metadata,
    Column("group_id", ForeignKey("care_group.id"), nullable=False),
    Column("member_kind", String(12), nullable=False),
    Column("member_id", String(26), nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("group_id", "member_kind", "member_id"),
    Index("ix_care_group_member_member", "member_kind", "member_id"),
)
"""``member_kind``: ``institution`` or ``person``."""

delegation = Table(
    "delegation",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("absent_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("delegate_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("given_by", ForeignKey("person.id"), nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""Who acts for whom during an absence. ``ended_at``: withdrawn before its end. ``given_by``, ``given_at``: who arranged it,
which may be neither of them, and when; no page shows it, it stays with the row."""

credential = Table(
    "credential",
    metadata,
    identifier(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("authority", String(200), nullable=False),
    Column("number", String(60), nullable=False),
    Column("country", String(2), nullable=False),
    Column("verified_by", ForeignKey("person.id"), nullable=False),
    Column("verified_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)
"""That somebody without an RPPS number may practise, checked by a coordinator in a register: its authority, number, country."""

expertise = Table(
    "expertise",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("organ", String(20), nullable=False, index=True),
    Column("networks", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("median_hours", Float),
    PrimaryKeyConstraint("person_id", "organ"),
)
"""What an expert reads: an organ (code of consults/networks), the networks that vouch for it, usual answer time."""

absence = Table(
    "absence",
    metadata,
    identifier(),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("said_by", ForeignKey("person.id"), nullable=False),
    Column("said_at", Instant, nullable=False),
    Column("ended_at", Instant),
)
"""When somebody answers no request, wherever they work. A delegation is an absence too, in its institution."""
