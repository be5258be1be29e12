"""A case holds specimens, slides, annotations and threads."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from telepath.db.schema.columns import Instant, identifier, metadata, version

patient = Table(
    "patient",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("lookup", String(64)),
    Column("changed_at", Instant, nullable=False),
    version(),
    UniqueConstraint("institution_id", "lookup"),
)
"""Who the patient is: ``sealed`` is the identity (INS with OID and status, traits) under the patient's own key of the vault.
``lookup``: a keyed hash of the INS, to find the same patient's other cases in this institution; none without an INS."""

case = Table(
    "case",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("number", String(40), nullable=False),
    Column("organ", String(20), nullable=False),
    Column("title", String(200), nullable=False),
    Column("clinical_context", Text, nullable=False),
    Column("created_by", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("active_at", Instant, nullable=False),
    Column("erased_at", Instant),
    Column("patient_id", String(26), index=True),
    Column("proposed_diagnosis", Text, nullable=False, default="", server_default=""),
    Column("gross_description", Text, nullable=False, default="", server_default=""),
    Column("codings", JSON, nullable=False, default=list, server_default="[]"),
    Column("circumstances", JSON, nullable=False, default=list, server_default="[]"),
    Column("non_opposition", String(12), nullable=False, default="", server_default=""),
    Column("non_opposition_by", String(26)),
    Column("non_opposition_at", Instant),
    version(),
    UniqueConstraint("institution_id", "number"),
    Index("ix_case_activity", "institution_id", "active_at"),
    # All that a search reads of a case: it does not touch the rows.
    Index("ix_case_words", "institution_id", "number", "title", "id"),
    Index(
        "ix_case_erased",
        "erased_at",
        sqlite_where=text("erased_at IS NOT NULL"),
        postgresql_where=text("erased_at IS NOT NULL"),
    ),
)
"""``number`` is pseudonymous: the institution's own system knows whose it is. ``active_at``: when something last happened.
``codings``: of the proposed diagnosis, as ``system`` and ``code``; ``circumstances``: codes of what in the patient's
situation calls for a network. ``non_opposition``: the patient was ``informed`` and does not oppose, or ``refused``;
"": nobody said.
``erased_at``: nothing is left of it but this row (telepath/cases/erasure.py), and nobody finds it."""

case_view = Table(
    "case_view",
    metadata,
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("case_id", "session_id"),
)
"""Which session saw which case of late, so that reloading the page does not fill the audit. Rows of the last hour only."""

specimen = Table(
    "specimen",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("label", String(40), nullable=False),
    Column("description", String(200), nullable=False),
    UniqueConstraint("case_id", "label"),
)

thread_line = Table(
    "thread_line",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("consult_id", String(26), nullable=False),
    Column("room_id", String(26), nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("slide_id", String(26), nullable=False),
    Column("view", JSON(none_as_null=True)),
    Column("written_at", Instant, nullable=False),
    Index("ix_thread_line_case", "case_id", "written_at"),
)
"""Consult questions and room chat are the same lines; each may carry a view (telepath/geometry.py View) of a slide."""

annotation = Table(
    "annotation",
    metadata,
    identifier(),
    Column("slide_id", ForeignKey("slide.id"), nullable=False, index=True),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("geometry", JSON, nullable=False),
    Column("label", String(200), nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("deleted", Boolean, nullable=False, default=False),
    Column("operation_id", String(40), nullable=False),
    version(),
    UniqueConstraint("slide_id", "operation_id"),
)
"""``geometry`` in level-0 px. ``operation_id`` is made by the client: the same one twice draws once."""

attachment = Table(
    "attachment",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("title", String(120), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("pages", JSON, nullable=False),
    Column("folder", String(200), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("added_by", ForeignKey("person.id"), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
)
"""A ``pdf`` or ``picture`` beside the slides. What is shown are pictures that we drew from it, in ``folder``: ``pages`` are
their sizes in px. ``digest`` is of the file as it came, which is not kept."""

key_region = Table(
    "key_region",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("consult_id", String(26), nullable=False),
    Column("slide_id", ForeignKey("slide.id"), nullable=False),
    Column("label", String(200), nullable=False),
    Column("view", JSON, nullable=False),
    Column("image", String(200), nullable=False),
    Column("pinned_by", ForeignKey("person.id"), nullable=False),
    Column("pinned_at", Instant, nullable=False),
    Column("removed_at", Instant),
)
"""A field worth seeing, pinned on a slide; ``view`` as in thread_line. Of the case, or of one consult (``consult_id``).
``image``: storage key of its picture, drawn when an opinion with it is signed."""

held_slide = Table(
    "held_slide",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("case_id", ForeignKey("case.id"), nullable=False),
    Column("sent_by", String(26), nullable=False, index=True),
    Column("sent_at", Instant, nullable=False),
    Column("label", String(80), nullable=False),
    Column("problems", JSON, nullable=False),
    Column("folder", String(200), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("ended", String(12), nullable=False),
    Column("ended_at", Instant),
    version(),
)
"""A slide whose barcode, specimen or institution disagrees with its case: only its sender sees it (``sent_by``: a
person, or the command line). ``problems``:
``kind``, ``expected``, ``found``; ``facts``: what is needed to let it in. ``ended``: ``discarded``, ``corrected``,
or nothing yet."""
