"""People, institutions, memberships, expertise. Read by telepath/directory.py, written by auth."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, PrimaryKeyConstraint, String, Table

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
)
"""``profession`` and ``know_how`` are the codes of TRE_G15 and TRE_R38: a pathologist is 10 and SM01."""

membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("roles", JSON, nullable=False),
    PrimaryKeyConstraint("person_id", "institution_id"),
)

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
