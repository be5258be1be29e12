"""Consults, offers, readings, opinions. Statuses are FHIR's."""

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
    UniqueConstraint,
    false,
    text,
)

from telepath.db.schema.columns import Instant, identifier, metadata, version

consult = Table(
    "consult",
    metadata,
    identifier(),
    Column("case_id", ForeignKey("case.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("requester_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("status", String(20), nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("clinical_context", Text, nullable=False),
    Column("organ", String(20), nullable=False),
    Column("urgency", String(12), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("opinions_read", Integer, nullable=False, default=0, server_default="0"),
    Column("opinions_released", Integer, nullable=False, default=0, server_default="0"),
    Column("shows_identity", Boolean, nullable=False, default=False, server_default=false()),
    Column("kind", String(12), nullable=False, default="expert", server_default="expert"),
    Column("network", String(20), nullable=False, default="", server_default=""),
    Column("trigger", String(24)),
    Column("policy", String(8), nullable=False, default="named", server_default="named"),
    Column("pool_id", String(26)),
    Column("blind", Boolean, nullable=False, default=False, server_default=false()),
    Column("first_diagnosis", Text, nullable=False, default="", server_default=""),
    Column("countersigned", Boolean, nullable=False, default=False, server_default=false()),
    Column("dispute", String(12)),
    Column("held_because", String(12)),
    Column("held_at", Instant),
    Column("paused_seconds", Integer, nullable=False, default=0, server_default="0"),
    Column("follows_id", String(26), index=True),
    Column("shows_earlier", Boolean, nullable=False, default=False, server_default=false()),
    Column("adoption", String(12)),
    Column("adoption_reason", Text, nullable=False, default="", server_default=""),
    Column("adopted_at", Instant),
    version(),
    # What goes on has no end: these give it by its deadline, and what has ended by when it did.
    Index("ix_consult_waiting", "institution_id", "ended_at", "due_at"),
    Index("ix_consult_asked", "requester_id", "institution_id", "ended_at", "due_at"),
    # With all that a list is narrowed by: it does not touch the rows that do not fit.
    Index("ix_consult_period", "institution_id", "requested_at", "organ", "urgency", "kind", "network"),
    Index(
        "ix_consult_unread",
        "requester_id",
        "institution_id",
        sqlite_where=text("opinions_read < opinions_released"),
        postgresql_where=text("opinions_read < opinions_released"),
    ),
)
"""FHIR ServiceRequest: draft, active, on-hold, revoked, completed. ``ended_at``: when it was revoked or completed.

``kind``: ``expert``, ``network``, ``frozen``, ``teaching`` or ``board``. ``network``, ``trigger``: which second reading, and
what called for it. ``policy``: who is asked, and next: ``named``, ``chain``, ``pool`` or ``ring``.
``blind``: the expert commits an opinion before ``first_diagnosis`` is shown. ``countersigned``: a second signature is needed.
``dispute``: ``third``, ``collegial`` or ``settled``.
``held_because`` (``declined``, ``material``), ``held_at``: of a consult on hold; ``paused_seconds``: how long its clock had
stood still before. ``follows_id``: the consult that this one follows; ``shows_earlier``: its reader sees what was
answered there.
``adoption``: ``adopted``, ``refused`` or ``contested`` by its requester.
``shows_identity``: the requester lets the expert see who the patient is.
``opinions_released``: the number of the last opinion or addendum that its requester may see.
``opinions_read``: the number of the last one that the requester has opened; no part of ``version``."""

consult_view = Table(
    "consult_view",
    metadata,
    Column("consult_id", ForeignKey("consult.id"), nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("consult_id", "session_id"),
)
"""Which session saw which consult of late, so that a page that refreshes itself does not fill the audit."""

offer = Table(
    "offer",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("expert_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("decline_reason", Text, nullable=False, default=""),
    Column("offered_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("decline_code", String(20)),
    Column("role", String(16), nullable=False, default="expert", server_default="expert"),
    Column("answer_by", Instant),
    version(),
    Index("ix_offer_load", "expert_id", "status"),
)
"""Who was asked, and what they said. ``role``: of the reading that it would begin. ``answer_by``: when the next one is asked.
``decline_code``: worded as ``decline-<code>``. ``reasons``: why this expert was proposed, as codes with parameters.
``due_at`` is counted on the calendar of this expert's place. ``answered_at``: accepted, declined or withdrawn."""

reading = Table(
    "reading",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("expert_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("draft", JSON, nullable=False),
    Column("drafted_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("role", String(16), nullable=False, default="expert", server_default="expert"),
    Column("committed", JSON(none_as_null=True)),
    Column("committed_digest", String(64), nullable=False, default="", server_default=""),
    Column("committed_at", Instant),
    Column("revealed_at", Instant),
    Column("paused_before", Integer, nullable=False, default=0, server_default="0"),
    version(),
    Index("ix_reading_load", "expert_id", "status", "ended_at"),
)
"""FHIR Task: one expert's work on one consult (``rank`` 2 for L2, 3 for L3). ``role``: ``expert``, ``co-reader``,
``countersigner`` or ``third``. ``committed``: the draft as it stood, with its digest, before the first diagnosis was shown
(``revealed_at``). ``paused_before``: seconds for which the consult's clock had stood still when it began. The draft is the
expert's own until signed, and is then that of the next addendum."""

opinion = Table(
    "opinion",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("reading_id", ForeignKey("reading.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("author_id", ForeignKey("person.id"), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("content", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("acr", String(255), nullable=False),
    Column("auth_time", Instant, nullable=False),
    Column("verification", String(20), nullable=False, unique=True),
    Column("identified_by", JSON(none_as_null=True)),
    UniqueConstraint("consult_id", "number"),
    Index("ix_opinion_signed", "author_id", "signed_at"),
)
"""Signed, never changed: number 1 is the opinion, those after it are addenda, amendments and further readings.
``digest`` is the SHA-256 of the content.
``identified_by``: for an author without an RPPS number, who proved the identity and who verified the credential."""

opinion_signature = Table(
    "opinion_signature",
    metadata,
    identifier(),
    Column("opinion_id", ForeignKey("opinion.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("role", String(16), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signed_at", Instant, nullable=False),
    Column("acr", String(255), nullable=False),
    Column("auth_time", Instant, nullable=False),
    Column("identified_by", JSON(none_as_null=True)),
    Column("shown", JSON(none_as_null=True)),
    UniqueConstraint("opinion_id", "person_id"),
)
"""Who signed an opinion beside its author: ``countersigner`` or ``co-reader``. ``digest``: of the opinion,
as they signed it. ``shown``: how the slides were displayed to them (consults/opinion.py Shown)."""

concordance = Table(
    "concordance",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False),
    Column("reading_id", String(26), nullable=False),
    Column("side", String(12), nullable=False),
    Column("grade", String(12), nullable=False),
    Column("comment", Text, nullable=False),
    Column("graded_by", ForeignKey("person.id"), nullable=False),
    Column("graded_at", Instant, nullable=False),
    version(),
    UniqueConstraint("consult_id", "reading_id", "side"),
)
"""How an opinion agrees with the first diagnosis: ``concordant``, ``minor`` or ``major`` (with therapeutic impact),
by ``expert`` and by ``requester``."""

material_request = Table(
    "material_request",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("reading_id", ForeignKey("reading.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("asked_by", ForeignKey("person.id"), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer", String(12), nullable=False),
    Column("answer_text", Text, nullable=False),
    Column("answered_by", String(26)),
    Column("answered_at", Instant),
    version(),
)
"""What the expert needs before answering: ``recut``, ``ihc``, ``molecular``, ``slides`` or ``clinical``. While one
has no ``answer`` (``provided``, ``impossible``, ``withdrawn``) the clock of the consult stands still."""

incident = Table(
    "incident",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("noted_by", ForeignKey("person.id"), nullable=False),
    Column("noted_at", Instant, nullable=False),
)
"""A technical incident of a consult, for its report (Code de la santé publique, R6316-4)."""

outcome = Table(
    "outcome",
    metadata,
    identifier(),
    Column("consult_id", ForeignKey("consult.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("text", Text, nullable=False),
    Column("recorded_by", ForeignKey("person.id"), nullable=False),
    Column("recorded_at", Instant, nullable=False),
)
"""What became of it: ``excision``, ``molecular``, ``follow-up`` or ``other``; it ``confirms`` or ``changes`` the opinion,
or leaves it ``open``."""

consult_import = Table(
    "consult_import",
    metadata,
    Column("consult_id", ForeignKey("consult.id"), primary_key=True),
    Column("origin", String(200), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("names", JSON, nullable=False),
    Column("imported_at", Instant, nullable=False),
)
"""A consult that came from another instance, or an earlier one, in an archive (consults/archive.py). ``origin``: who signed it;
``digest``: of its manifest. ``names``: the identifiers of people and institutions there, which what was signed covers, and
which are theirs here: ``person`` and ``institution``."""

pool = Table(
    "pool",
    metadata,
    identifier(),
    Column("institution_id", ForeignKey("institution.id"), nullable=False, index=True),
    Column("name", String(120), nullable=False),
    Column("organs", JSON, nullable=False),
    Column("network", String(20), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    version(),
)
"""Experts who are asked together, first come first served. Kept by the coordinators of its institution. No ``organs``: all."""

pool_member = Table(
    "pool_member",
    metadata,
    Column("pool_id", ForeignKey("pool.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("pool_id", "person_id"),
)

duty = Table(
    "duty",
    metadata,
    identifier(),
    Column("pool_id", ForeignKey("pool.id"), nullable=False, index=True),
    Column("territory", String(3), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    Column("phone", String(30), nullable=False),
    Column("starts_at", Instant, nullable=False, index=True),
    Column("ends_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    version(),
)
"""Astreinte: who of a pool answers from which territory (INSEE region) at what time. ``phone``: of the duty,
shown on an alarm."""

duty_swap = Table(
    "duty_swap",
    metadata,
    identifier(),
    Column("duty_id", ForeignKey("duty.id"), nullable=False, index=True),
    Column("asked_by", ForeignKey("person.id"), nullable=False),
    Column("asked_of", ForeignKey("person.id"), nullable=False, index=True),
    Column("asked_at", Instant, nullable=False),
    Column("answer", String(12), nullable=False),
    Column("answered_at", Instant),
    version(),
)
"""Somebody on duty asks a colleague to take it. ``answer``: ``taken``, ``declined``, ``withdrawn``, or nothing yet."""

routing_rule = Table(
    "routing_rule",
    metadata,
    identifier(),
    Column("scope_kind", String(12), nullable=False),
    Column("scope_id", String(26), nullable=False),
    Column("organ", String(20), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("urgency", String(12), nullable=False),
    Column("effect", String(16), nullable=False),
    Column("target_kind", String(12), nullable=False),
    Column("target_id", String(26), nullable=False),
    Column("note", String(200), nullable=False),
    Column("made_by", ForeignKey("person.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Index("ix_routing_rule_scope", "scope_kind", "scope_id"),
)
"""A coordinator's rule for an ``institution`` or ``group``: for this organ, kind and urgency ("": any), ``prefer`` or
``exclude`` a ``person``, ``institution``, ``group`` or ``network``, or ask ``regional-first``."""

turnaround = Table(
    "turnaround",
    metadata,
    Column("institution_id", String(26), nullable=False),
    Column("urgency", String(12), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("unit", String(12), nullable=False),
    PrimaryKeyConstraint("institution_id", "urgency"),
)
"""Within what time an answer is due to an institution ("": to all), where it is not the usual: ``minutes``, ``hours``,
``days``, ``working-days``."""

saved_filter = Table(
    "saved_filter",
    metadata,
    identifier(),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("query", String(400), nullable=False),
    Column("saved_at", Instant, nullable=False),
    UniqueConstraint("person_id", "name"),
)
"""What a person looks for on their worklist, as the query of its address."""

preferred_expert = Table(
    "preferred_expert",
    metadata,
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("expert_id", ForeignKey("person.id"), nullable=False),
    Column("preferred_at", Instant, nullable=False),
    PrimaryKeyConstraint("person_id", "expert_id"),
)
"""Whom a person likes to ask."""
