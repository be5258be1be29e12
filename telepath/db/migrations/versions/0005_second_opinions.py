"""Second opinions: kinds and networks, holds, blind readings, second signatures, pools and duties, timers, attachments."""

import sqlalchemy as sa
from alembic import op

from telepath.db.schema.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(26), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_timer_kind_subject_id")),
    )
    with op.batch_alter_table("timer") as batch:
        batch.create_index(batch.f("ix_timer_due_at"), ["due_at"])

    op.create_table(
        "turnaround",
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("urgency", sa.String(12), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("institution_id", "urgency", name=op.f("pk_turnaround")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("said_by", sa.String(26), nullable=False),
        sa.Column("said_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_absence_person_id")),
        sa.ForeignKeyConstraint(["said_by"], ["person.id"], name=op.f("fk_absence_said_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence") as batch:
        batch.create_index(batch.f("ix_absence_person_id"), ["person_id"])

    op.create_table(
        "notice_preference",
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("channel", sa.String(10), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_preference_person_id")),
        sa.PrimaryKeyConstraint("person_id", "kind", "channel", name=op.f("pk_notice_preference")),
    )
    op.create_table(
        "pool",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("organs", sa.JSON(), nullable=False),
        sa.Column("network", sa.String(20), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_pool_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )
    with op.batch_alter_table("pool") as batch:
        batch.create_index(batch.f("ix_pool_institution_id"), ["institution_id"])

    op.create_table(
        "routing_rule",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("scope_kind", sa.String(12), nullable=False),
        sa.Column("scope_id", sa.String(26), nullable=False),
        sa.Column("organ", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("urgency", sa.String(12), nullable=False),
        sa.Column("effect", sa.String(16), nullable=False),
        sa.Column("target_kind", sa.String(12), nullable=False),
        sa.Column("target_id", sa.String(26), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("made_by", sa.String(26), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_routing_rule_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rule")),
    )
    with op.batch_alter_table("routing_rule") as batch:
        batch.create_index("ix_routing_rule_scope", ["scope_kind", "scope_id"])

    op.create_table(
        "saved_filter",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(400), nullable=False),
        sa.Column("saved_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_filter_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_filter_person_id_name")),
    )
    op.create_table(
        "preferred_expert",
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("expert_id", sa.String(26), nullable=False),
        sa.Column("preferred_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["expert_id"], ["person.id"], name=op.f("fk_preferred_expert_expert_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_preferred_expert_person_id")),
        sa.PrimaryKeyConstraint("person_id", "expert_id", name=op.f("pk_preferred_expert")),
    )
    op.create_table(
        "consult_import",
        sa.Column("consult_id", sa.String(26), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_consult_import_consult_id")),
        sa.PrimaryKeyConstraint("consult_id", name=op.f("pk_consult_import")),
    )
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("pages", sa.JSON(), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("added_by", sa.String(26), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["person.id"], name=op.f("fk_attachment_added_by")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_attachment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment") as batch:
        batch.create_index(batch.f("ix_attachment_case_id"), ["case_id"])

    op.create_table(
        "duty",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("pool_id", sa.String(26), nullable=False),
        sa.Column("territory", sa.String(3), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("phone", sa.String(30), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_person_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_duty_pool_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    with op.batch_alter_table("duty") as batch:
        batch.create_index(batch.f("ix_duty_person_id"), ["person_id"])
        batch.create_index(batch.f("ix_duty_pool_id"), ["pool_id"])
        batch.create_index(batch.f("ix_duty_starts_at"), ["starts_at"])

    op.create_table(
        "held_slide",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("sent_by", sa.String(26), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("ended", sa.String(12), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_held_slide_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_held_slide_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_slide")),
    )
    with op.batch_alter_table("held_slide") as batch:
        batch.create_index(batch.f("ix_held_slide_sent_by"), ["sent_by"])

    op.create_table(
        "pool_member",
        sa.Column("pool_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_pool_member_institution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pool_member_person_id")),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_member_pool_id")),
        sa.PrimaryKeyConstraint("pool_id", "person_id", name=op.f("pk_pool_member")),
    )
    with op.batch_alter_table("pool_member") as batch:
        batch.create_index(batch.f("ix_pool_member_person_id"), ["person_id"])

    op.create_table(
        "concordance",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("consult_id", sa.String(26), nullable=False),
        sa.Column("reading_id", sa.String(26), nullable=False),
        sa.Column("side", sa.String(12), nullable=False),
        sa.Column("grade", sa.String(12), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("graded_by", sa.String(26), nullable=False),
        sa.Column("graded_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_concordance_consult_id")),
        sa.ForeignKeyConstraint(["graded_by"], ["person.id"], name=op.f("fk_concordance_graded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_concordance")),
        sa.UniqueConstraint("consult_id", "reading_id", "side", name=op.f("uq_concordance_consult_id_reading_id_side")),
    )
    op.create_table(
        "duty_swap",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("duty_id", sa.String(26), nullable=False),
        sa.Column("asked_by", sa.String(26), nullable=False),
        sa.Column("asked_of", sa.String(26), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_duty_swap_asked_by")),
        sa.ForeignKeyConstraint(["asked_of"], ["person.id"], name=op.f("fk_duty_swap_asked_of")),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_duty_swap_duty_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_swap")),
    )
    with op.batch_alter_table("duty_swap") as batch:
        batch.create_index(batch.f("ix_duty_swap_asked_of"), ["asked_of"])
        batch.create_index(batch.f("ix_duty_swap_duty_id"), ["duty_id"])

    op.create_table(
        "incident",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("consult_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("noted_by", sa.String(26), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_incident_consult_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_incident_noted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    with op.batch_alter_table("incident") as batch:
        batch.create_index(batch.f("ix_incident_consult_id"), ["consult_id"])

    op.create_table(
        "outcome",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("consult_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.String(26), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_outcome_consult_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_outcome_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome")),
    )
    with op.batch_alter_table("outcome") as batch:
        batch.create_index(batch.f("ix_outcome_consult_id"), ["consult_id"])

    op.create_table(
        "key_region",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("consult_id", sa.String(26), nullable=False),
        sa.Column("slide_id", sa.String(26), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("view", sa.JSON(), nullable=False),
        sa.Column("image", sa.String(200), nullable=False),
        sa.Column("pinned_by", sa.String(26), nullable=False),
        sa.Column("pinned_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_key_region_case_id")),
        sa.ForeignKeyConstraint(["pinned_by"], ["person.id"], name=op.f("fk_key_region_pinned_by")),
        sa.ForeignKeyConstraint(["slide_id"], ["slide.id"], name=op.f("fk_key_region_slide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_region")),
    )
    with op.batch_alter_table("key_region") as batch:
        batch.create_index(batch.f("ix_key_region_case_id"), ["case_id"])

    op.create_table(
        "material_request",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("consult_id", sa.String(26), nullable=False),
        sa.Column("reading_id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(26), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answer", sa.String(12), nullable=False),
        sa.Column("answer_text", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(26), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_material_request_asked_by")),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_material_request_consult_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_material_request_reading_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material_request")),
    )
    with op.batch_alter_table("material_request") as batch:
        batch.create_index(batch.f("ix_material_request_consult_id"), ["consult_id"])

    op.create_table(
        "opinion_signature",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("opinion_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signed_at", Instant(), nullable=False),
        sa.Column("acr", sa.String(255), nullable=False),
        sa.Column("auth_time", Instant(), nullable=False),
        sa.Column("identified_by", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["institution_id"], ["institution.id"], name=op.f("fk_opinion_signature_institution_id")
        ),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinion.id"], name=op.f("fk_opinion_signature_opinion_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opinion_signature_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_signature")),
        sa.UniqueConstraint("opinion_id", "person_id", name=op.f("uq_opinion_signature_opinion_id_person_id")),
    )
    with op.batch_alter_table("case") as batch:
        batch.add_column(sa.Column("proposed_diagnosis", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("gross_description", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("codings", sa.JSON(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("circumstances", sa.JSON(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("non_opposition", sa.String(12), server_default="", nullable=False))
        batch.add_column(sa.Column("non_opposition_by", sa.String(26), nullable=True))
        batch.add_column(sa.Column("non_opposition_at", Instant(), nullable=True))
        erased = sa.text("erased_at IS NOT NULL")
        batch.create_index("ix_case_erased", ["erased_at"], sqlite_where=erased, postgresql_where=erased)
        batch.create_index("ix_case_words", ["institution_id", "number", "title", "id"])

    with op.batch_alter_table("consult") as batch:
        batch.add_column(sa.Column("opinions_released", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("kind", sa.String(12), server_default="expert", nullable=False))
        batch.add_column(sa.Column("network", sa.String(20), server_default="", nullable=False))
        batch.add_column(sa.Column("trigger", sa.String(24), nullable=True))
        batch.add_column(sa.Column("policy", sa.String(8), server_default="named", nullable=False))
        batch.add_column(sa.Column("pool_id", sa.String(26), nullable=True))
        batch.add_column(sa.Column("blind", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("first_diagnosis", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("countersigned", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("dispute", sa.String(12), nullable=True))
        batch.add_column(sa.Column("held_because", sa.String(12), nullable=True))
        batch.add_column(sa.Column("held_at", Instant(), nullable=True))
        batch.add_column(sa.Column("paused_seconds", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("follows_id", sa.String(26), nullable=True))
        batch.add_column(sa.Column("shows_earlier", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("adoption", sa.String(12), nullable=True))
        batch.add_column(sa.Column("adoption_reason", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("adopted_at", Instant(), nullable=True))
        batch.create_index("ix_consult_asked", ["requester_id", "institution_id", "ended_at", "due_at"])
        batch.create_index(batch.f("ix_consult_follows_id"), ["follows_id"])
        period = ["institution_id", "requested_at", "organ", "urgency", "kind", "network"]
        batch.create_index("ix_consult_period", period)
        unread = sa.text("opinions_read < opinions_released")
        batch.create_index(
            "ix_consult_unread",
            ["requester_id", "institution_id"],
            sqlite_where=unread,
            postgresql_where=unread,
        )
        batch.create_index("ix_consult_waiting", ["institution_id", "ended_at", "due_at"])

    with op.batch_alter_table("offer") as batch:
        batch.add_column(sa.Column("decline_code", sa.String(20), nullable=True))
        batch.add_column(sa.Column("role", sa.String(16), server_default="expert", nullable=False))
        batch.add_column(sa.Column("answer_by", Instant(), nullable=True))
        batch.create_index("ix_offer_load", ["expert_id", "status"])

    with op.batch_alter_table("opinion") as batch:
        batch.create_index("ix_opinion_signed", ["author_id", "signed_at"])

    with op.batch_alter_table("reading") as batch:
        batch.add_column(sa.Column("role", sa.String(16), server_default="expert", nullable=False))
        batch.add_column(sa.Column("committed", sa.JSON(none_as_null=True), nullable=True))
        batch.add_column(sa.Column("committed_digest", sa.String(64), server_default="", nullable=False))
        batch.add_column(sa.Column("committed_at", Instant(), nullable=True))
        batch.add_column(sa.Column("revealed_at", Instant(), nullable=True))
        batch.add_column(sa.Column("paused_before", sa.Integer(), server_default="0", nullable=False))
        batch.create_index("ix_reading_load", ["expert_id", "status", "ended_at"])

    with op.batch_alter_table("slide") as batch:
        batch.add_column(sa.Column("section", sa.String(20), server_default="", nullable=False))
        batch.add_column(sa.Column("label_check", sa.String(12), server_default="", nullable=False))

    op.execute(
        "UPDATE consult SET opinions_released = coalesce((SELECT max(number) FROM opinion WHERE consult_id = consult.id), 0)"
    )


def downgrade() -> None:
    raise NotImplementedError("opinions that are withheld would be shown")
