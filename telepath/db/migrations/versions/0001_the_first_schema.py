"""The first schema."""

import sqlalchemy as sa
from alembic import op

import telepath.db.schema.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("actor", sa.String(length=26), nullable=False),
        sa.Column("institution", sa.String(length=26), nullable=False),
        sa.Column("object_kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("owner", sa.String(length=26), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_log_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_kind"), ["kind"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_object_id"), ["object_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_log_owner"), ["owner"], unique=False)

    op.create_table(
        "audit_pending",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_pending")),
    )
    op.create_table(
        "audit_tree",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_tree")),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("subject_kind", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.String(length=26), nullable=False),
        sa.Column("object_kind", sa.String(length=20), nullable=False),
        sa.Column("object_id", sa.String(length=26), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("until", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("because", sa.String(length=20), nullable=False),
        sa.Column("because_id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("granted_by", sa.String(length=26), nullable=False),
        sa.Column("granted_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_because_id"), ["because_id"], unique=False)
        batch_op.create_index("ix_grants_object", ["object_kind", "object_id"], unique=False)
        batch_op.create_index("ix_grants_subject", ["subject_kind", "subject_id"], unique=False)

    op.create_table(
        "institution",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("finess", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("region", sa.String(length=3), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_institution")),
        sa.UniqueConstraint("finess", name=op.f("uq_institution_finess")),
    )
    op.create_table(
        "login",
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=128), nullable=False),
        sa.Column("browser", sa.String(length=64), nullable=False),
        sa.Column("return_to", sa.String(length=400), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("created_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_login")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("emitted_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_due_at"), ["due_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("subject_name_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=10), nullable=False),
        sa.Column("given_name", sa.String(length=100), nullable=False),
        sa.Column("family_name", sa.String(length=100), nullable=False),
        sa.Column("profession", sa.String(length=4), nullable=False),
        sa.Column("know_how", sa.String(length=10), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("subject_name_id", name=op.f("uq_person_subject_name_id")),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("organ", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("clinical_context", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=26), nullable=False),
        sa.Column("created_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("active_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_case_created_by")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_case_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("institution_id", "number", name=op.f("uq_case_institution_id_number")),
    )
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.create_index("ix_case_activity", ["institution_id", "active_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "expertise",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("organ", sa.String(length=20), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("median_hours", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_expertise_institution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_expertise_person_id")),
        sa.PrimaryKeyConstraint("person_id", "organ", name=op.f("pk_expertise")),
    )
    with op.batch_alter_table("expertise", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expertise_organ"), ["organ"], unique=False)

    op.create_table(
        "membership",
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_membership_institution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.PrimaryKeyConstraint("person_id", "institution_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("created_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("read_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("mail_due_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("mail_attempts", sa.Integer(), nullable=False),
        sa.Column("mailed_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("person_id", "number", name=op.f("uq_notice_person_id_number")),
        sa.UniqueConstraint("source", name=op.f("uq_notice_source")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_mail_due_at"), ["mail_due_at"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("acr", sa.String(length=20), nullable=False),
        sa.Column("auth_time", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("id_token", sa.Text(), nullable=False),
        sa.Column("provider_session", sa.String(length=64), nullable=False),
        sa.Column("finess", sa.JSON(), nullable=False),
        sa.Column("created_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_session_institution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_person_id"), ["person_id"], unique=False)

    op.create_table(
        "case_view",
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_case_view_case_id")),
        sa.PrimaryKeyConstraint("case_id", "session_id", name=op.f("pk_case_view")),
    )
    with op.batch_alter_table("case_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_view_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "consult",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("requester_id", sa.String(length=26), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("clinical_context", sa.Text(), nullable=False),
        sa.Column("organ", sa.String(length=20), nullable=False),
        sa.Column("urgency", sa.String(length=12), nullable=False),
        sa.Column("requested_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_consult_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_consult_institution_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["person.id"], name=op.f("fk_consult_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consult")),
    )
    with op.batch_alter_table("consult", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consult_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consult_institution_id"), ["institution_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consult_requester_id"), ["requester_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_consult_status"), ["status"], unique=False)

    op.create_table(
        "specimen",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_specimen_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specimen")),
        sa.UniqueConstraint("case_id", "label", name=op.f("uq_specimen_case_id_label")),
    )
    op.create_table(
        "thread_line",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("consult_id", sa.String(length=26), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("slide_id", sa.String(length=26), nullable=False),
        sa.Column("view", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("written_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_thread_line_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_thread_line_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread_line")),
    )
    with op.batch_alter_table("thread_line", schema=None) as batch_op:
        batch_op.create_index("ix_thread_line_case", ["case_id", "written_at"], unique=False)

    op.create_table(
        "consult_view",
        sa.Column("consult_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_consult_view_consult_id")),
        sa.PrimaryKeyConstraint("consult_id", "session_id", name=op.f("pk_consult_view")),
    )
    with op.batch_alter_table("consult_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consult_view_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "offer",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("consult_id", sa.String(length=26), nullable=False),
        sa.Column("expert_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("decline_reason", sa.Text(), nullable=False),
        sa.Column("offered_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("answered_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_offer_consult_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["person.id"], name=op.f("fk_offer_expert_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_offer_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_consult_id"), ["consult_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_offer_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "reading",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("consult_id", sa.String(length=26), nullable=False),
        sa.Column("expert_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("draft", sa.JSON(), nullable=False),
        sa.Column("drafted_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("started_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_reading_consult_id")),
        sa.ForeignKeyConstraint(["expert_id"], ["person.id"], name=op.f("fk_reading_expert_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_reading_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
    )
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reading_consult_id"), ["consult_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reading_expert_id"), ["expert_id"], unique=False)

    op.create_table(
        "slide",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("specimen_id", sa.String(length=26), nullable=True),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("stain", sa.String(length=40), nullable=False),
        sa.Column("block", sa.String(length=40), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("entry", sa.String(length=300), nullable=False),
        sa.Column("format", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("mpp", sa.Float(), nullable=True),
        sa.Column("objective", sa.Float(), nullable=True),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=26), nullable=False),
        sa.Column("added_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_slide_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_slide_institution_id")),
        sa.ForeignKeyConstraint(["specimen_id"], ["specimen.id"], name=op.f("fk_slide_specimen_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slide")),
    )
    with op.batch_alter_table("slide", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slide_case_id"), ["case_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slide_institution_id"), ["institution_id"], unique=False)

    op.create_table(
        "annotation",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("slide_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("geometry", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("operation_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_annotation_author_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_annotation_case_id")),
        sa.ForeignKeyConstraint(["slide_id"], ["slide.id"], name=op.f("fk_annotation_slide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
        sa.UniqueConstraint("slide_id", "operation_id", name=op.f("uq_annotation_slide_id_operation_id")),
    )
    with op.batch_alter_table("annotation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_annotation_slide_id"), ["slide_id"], unique=False)

    op.create_table(
        "opinion",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("consult_id", sa.String(length=26), nullable=False),
        sa.Column("reading_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("author_id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("acr", sa.String(length=20), nullable=False),
        sa.Column("auth_time", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("verification", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["person.id"], name=op.f("fk_opinion_author_id")),
        sa.ForeignKeyConstraint(["consult_id"], ["consult.id"], name=op.f("fk_opinion_consult_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_opinion_institution_id")),
        sa.ForeignKeyConstraint(["reading_id"], ["reading.id"], name=op.f("fk_opinion_reading_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion")),
        sa.UniqueConstraint("consult_id", "number", name=op.f("uq_opinion_consult_id_number")),
        sa.UniqueConstraint("verification", name=op.f("uq_opinion_verification")),
    )
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opinion_consult_id"), ["consult_id"], unique=False)

    op.create_table(
        "room",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("institution_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=26), nullable=False),
        sa.Column("consult_id", sa.String(length=26), nullable=False),
        sa.Column("slide_id", sa.String(length=26), nullable=False),
        sa.Column("opened_by", sa.String(length=26), nullable=False),
        sa.Column("opened_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("closed_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.Column("presenter_id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_room_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_room_institution_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f("fk_room_opened_by")),
        sa.ForeignKeyConstraint(["presenter_id"], ["person.id"], name=op.f("fk_room_presenter_id")),
        sa.ForeignKeyConstraint(["slide_id"], ["slide.id"], name=op.f("fk_room_slide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_case_id"), ["case_id"], unique=False)

    op.create_table(
        "slide_view",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("slide_id", sa.String(length=26), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("session_id", sa.String(length=64), nullable=False),
        sa.Column("because", sa.String(length=20), nullable=False),
        sa.Column("because_id", sa.String(length=26), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("opened_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("revoked_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["slide_id"], ["slide.id"], name=op.f("fk_slide_view_slide_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slide_view")),
    )
    with op.batch_alter_table("slide_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slide_view_because_id"), ["because_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slide_view_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_slide_view_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slide_view_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slide_view_slide_id"), ["slide_id"], unique=False)

    op.create_table(
        "room_fact",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("actor_id", sa.String(length=26), nullable=False),
        sa.Column("operation_id", sa.String(length=40), nullable=False),
        sa.Column("at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_fact_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_fact")),
        sa.UniqueConstraint("room_id", "operation_id", name=op.f("uq_room_fact_room_id_operation_id")),
        sa.UniqueConstraint("room_id", "seq", name=op.f("uq_room_fact_room_id_seq")),
    )
    op.create_table(
        "room_visit",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("room_id", sa.String(length=26), nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=26), nullable=False),
        sa.Column("colour", sa.Integer(), nullable=False),
        sa.Column("joined_at", telepath.db.schema.columns.Instant(timezone=True), nullable=False),
        sa.Column("left_at", telepath.db.schema.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_room_visit_person_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_visit_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_visit")),
        sa.UniqueConstraint("room_id", "stream", name=op.f("uq_room_visit_room_id_stream")),
    )


def downgrade() -> None:
    op.drop_table("room_visit")
    op.drop_table("room_fact")
    with op.batch_alter_table("slide_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slide_view_slide_id"))
        batch_op.drop_index(batch_op.f("ix_slide_view_session_id"))
        batch_op.drop_index(batch_op.f("ix_slide_view_person_id"))
        batch_op.drop_index(batch_op.f("ix_slide_view_expires_at"))
        batch_op.drop_index(batch_op.f("ix_slide_view_because_id"))

    op.drop_table("slide_view")
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_case_id"))

    op.drop_table("room")
    with op.batch_alter_table("opinion", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opinion_consult_id"))

    op.drop_table("opinion")
    with op.batch_alter_table("annotation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_annotation_slide_id"))

    op.drop_table("annotation")
    with op.batch_alter_table("slide", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slide_institution_id"))
        batch_op.drop_index(batch_op.f("ix_slide_case_id"))

    op.drop_table("slide")
    with op.batch_alter_table("reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reading_expert_id"))
        batch_op.drop_index(batch_op.f("ix_reading_consult_id"))

    op.drop_table("reading")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_expert_id"))
        batch_op.drop_index(batch_op.f("ix_offer_consult_id"))

    op.drop_table("offer")
    with op.batch_alter_table("consult_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consult_view_seen_at"))

    op.drop_table("consult_view")
    with op.batch_alter_table("thread_line", schema=None) as batch_op:
        batch_op.drop_index("ix_thread_line_case")

    op.drop_table("thread_line")
    op.drop_table("specimen")
    with op.batch_alter_table("consult", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consult_status"))
        batch_op.drop_index(batch_op.f("ix_consult_requester_id"))
        batch_op.drop_index(batch_op.f("ix_consult_institution_id"))
        batch_op.drop_index(batch_op.f("ix_consult_case_id"))

    op.drop_table("consult")
    with op.batch_alter_table("case_view", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_view_seen_at"))

    op.drop_table("case_view")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_person_id"))

    op.drop_table("session")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_mail_due_at"))

    op.drop_table("notice")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_institution_id"))

    op.drop_table("membership")
    with op.batch_alter_table("expertise", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expertise_organ"))

    op.drop_table("expertise")
    with op.batch_alter_table("case", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_institution_id"))
        batch_op.drop_index("ix_case_activity")

    op.drop_table("case")
    op.drop_table("person")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_due_at"))

    op.drop_table("outbox")
    op.drop_table("login")
    op.drop_table("institution")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index("ix_grants_subject")
        batch_op.drop_index("ix_grants_object")
        batch_op.drop_index(batch_op.f("ix_grants_because_id"))

    op.drop_table("grants")
    op.drop_table("audit_tree")
    op.drop_table("audit_pending")
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_log_owner"))
        batch_op.drop_index(batch_op.f("ix_audit_log_object_id"))
        batch_op.drop_index(batch_op.f("ix_audit_log_kind"))
        batch_op.drop_index(batch_op.f("ix_audit_log_case_id"))
        batch_op.drop_index(batch_op.f("ix_audit_log_at"))
        batch_op.drop_index(batch_op.f("ix_audit_log_actor"))

    op.drop_table("audit_log")
    op.drop_table("audit_checkpoint")
