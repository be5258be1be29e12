"""Who is asking: sessions that are renewed, groups, invitations, delegations, credentials, guests, patients, emergencies."""

import sqlalchemy as sa
from alembic import op

from telepath.db.schema.columns import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decoupled_login",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("binding_message", sa.String(2), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(64), nullable=False),
        sa.Column("return_to", sa.String(400), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("poll_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decoupled_login")),
    )
    op.create_table(
        "logout_token",
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("jti", sa.String(64), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "jti", name=op.f("pk_logout_token")),
    )
    with op.batch_alter_table("logout_token") as batch:
        batch.create_index(batch.f("ix_logout_token_seen_at"), ["seen_at"])
    op.create_table(
        "care_group",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_care_group_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_group")),
    )
    op.create_index(
        op.f("ix_care_group_standing"),
        "care_group",
        ["institution_id", "name"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    with op.batch_alter_table("care_group") as batch:
        batch.create_index(batch.f("ix_care_group_institution_id"), ["institution_id"])
    op.create_table(
        "credential",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("authority", sa.String(200), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("verified_by", sa.String(26), nullable=False),
        sa.Column("verified_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant()),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_credential_institution_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_credential_person_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name=op.f("fk_credential_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential")),
    )
    with op.batch_alter_table("credential") as batch:
        batch.create_index(batch.f("ix_credential_person_id"), ["person_id"])
    op.create_table(
        "delegation",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("absent_id", sa.String(26), nullable=False),
        sa.Column("delegate_id", sa.String(26), nullable=False),
        sa.Column("given_by", sa.String(26), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.ForeignKeyConstraint(["absent_id"], ["person.id"], name=op.f("fk_delegation_absent_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["person.id"], name=op.f("fk_delegation_delegate_id")),
        sa.ForeignKeyConstraint(["given_by"], ["person.id"], name=op.f("fk_delegation_given_by")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_delegation_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    with op.batch_alter_table("delegation") as batch:
        batch.create_index(batch.f("ix_delegation_absent_id"), ["absent_id"])
        batch.create_index(batch.f("ix_delegation_delegate_id"), ["delegate_id"])
    op.create_table(
        "department",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_department_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("institution_id", "name", name=op.f("uq_department_institution_id_name")),
    )
    op.create_table(
        "emergency",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("activated_by", sa.String(26), nullable=False),
        sa.Column("activated_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_emergency_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency")),
    )
    with op.batch_alter_table("emergency") as batch:
        batch.create_index(batch.f("ix_emergency_institution_id"), ["institution_id"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("provider", sa.String(40), nullable=False),
        sa.Column("invited_by", sa.String(26), nullable=False),
        sa.Column("invited_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("accepted_at", Instant()),
        sa.Column("withdrawn_at", Instant()),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_invitation_institution_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["person.id"], name=op.f("fk_invitation_invited_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    with op.batch_alter_table("invitation") as batch:
        batch.create_index(batch.f("ix_invitation_institution_id"), ["institution_id"])
        batch.create_index(batch.f("ix_invitation_person_id"), ["person_id"])
    op.create_table(
        "patient",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("lookup", sa.String(64)),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_patient_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
        sa.UniqueConstraint("institution_id", "lookup", name=op.f("uq_patient_institution_id_lookup")),
    )
    op.create_table(
        "break_glass",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("of_institution_id", sa.String(26), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("reviewed_at", Instant()),
        sa.Column("reviewed_by", sa.String(26)),
        sa.Column("review", sa.String(12), server_default="", nullable=False),
        sa.Column("review_note", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_break_glass_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_break_glass_institution_id")),
        sa.ForeignKeyConstraint(
            ["of_institution_id"], ["institution.id"], name=op.f("fk_break_glass_of_institution_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_break_glass_person_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name=op.f("fk_break_glass_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    with op.batch_alter_table("break_glass") as batch:
        batch.create_index(batch.f("ix_break_glass_case_id"), ["case_id"])
        batch.create_index(batch.f("ix_break_glass_person_id"), ["person_id"])
        batch.create_index("ix_break_glass_review", ["institution_id", "reviewed_at"])
    op.create_table(
        "care_group_member",
        sa.Column("group_id", sa.String(26), nullable=False),
        sa.Column("member_kind", sa.String(12), nullable=False),
        sa.Column("member_id", sa.String(26), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["care_group.id"], name=op.f("fk_care_group_member_group_id")),
        sa.PrimaryKeyConstraint("group_id", "member_kind", "member_id", name=op.f("pk_care_group_member")),
    )
    with op.batch_alter_table("care_group_member") as batch:
        batch.create_index("ix_care_group_member_member", ["member_kind", "member_id"])
    op.create_table(
        "emergency_code",
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("emergency_id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant()),
        sa.ForeignKeyConstraint(["emergency_id"], ["emergency.id"], name=op.f("fk_emergency_code_emergency_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_emergency_code_person_id")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_emergency_code")),
    )
    with op.batch_alter_table("emergency_code") as batch:
        batch.create_index(batch.f("ix_emergency_code_emergency_id"), ["emergency_id"])
    op.create_table(
        "share_link",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("object_kind", sa.String(20), nullable=False),
        sa.Column("object_id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("made_by", sa.String(26), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant()),
        sa.Column("code", sa.String(64), server_default="", nullable=False),
        sa.Column("code_until", Instant()),
        sa.Column("code_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("codes_sent", sa.Integer(), server_default="0", nullable=False),
        sa.Column("openings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("opened_at", Instant()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_share_link_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_share_link_institution_id")),
        sa.ForeignKeyConstraint(["made_by"], ["person.id"], name=op.f("fk_share_link_made_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_share_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_link")),
        sa.UniqueConstraint("token", name=op.f("uq_share_link_token")),
    )
    with op.batch_alter_table("share_link") as batch:
        batch.create_index(batch.f("ix_share_link_case_id"), ["case_id"])
        batch.create_index(batch.f("ix_share_link_institution_id"), ["institution_id"])
        batch.create_index("ix_share_link_object", ["object_kind", "object_id"])
    with op.batch_alter_table("case") as batch:
        batch.add_column(sa.Column("patient_id", sa.String(26)))
        batch.create_index(batch.f("ix_case_patient_id"), ["patient_id"])
    with op.batch_alter_table("consult") as batch:
        batch.add_column(sa.Column("shows_identity", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("grants") as batch:
        batch.add_column(sa.Column("institution_id", sa.String(26), server_default="", nullable=False))
    with op.batch_alter_table("institution") as batch:
        batch.add_column(sa.Column("calendar", sa.JSON(none_as_null=True)))
        batch.add_column(sa.Column("disabled_at", Instant()))
    with op.batch_alter_table("login") as batch:
        batch.add_column(sa.Column("provider", sa.String(40), server_default="psc", nullable=False))
        batch.add_column(sa.Column("invitation_id", sa.String(26), server_default="", nullable=False))
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("department_id", sa.String(26)))
    with op.batch_alter_table("opinion") as batch:
        batch.add_column(sa.Column("identified_by", sa.JSON(none_as_null=True)))
        batch.alter_column("acr", existing_type=sa.String(20), type_=sa.String(255))
    with op.batch_alter_table("person") as batch:
        batch.add_column(sa.Column("kind", sa.String(12), server_default="professional", nullable=False))
        batch.add_column(sa.Column("provider", sa.String(40), server_default="psc", nullable=False))
        batch.add_column(sa.Column("first_seen_at", Instant()))
        batch.add_column(sa.Column("disabled_at", Instant()))
    with op.batch_alter_table("session") as batch:
        batch.alter_column("acr", existing_type=sa.String(20), type_=sa.String(255))
        batch.add_column(sa.Column("provider", sa.String(40), server_default="psc", nullable=False))
        batch.add_column(sa.Column("auth_mode", sa.String(20), server_default="", nullable=False))
        batch.add_column(sa.Column("practices", sa.JSON(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("activity", sa.JSON(none_as_null=True)))
        batch.add_column(sa.Column("qualified", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch.add_column(sa.Column("refresh", sa.Text(), server_default="", nullable=False))
        batch.add_column(sa.Column("refresh_due_at", Instant()))
        batch.add_column(sa.Column("refresh_until", Instant()))
        batch.add_column(sa.Column("link_id", sa.String(26), server_default="", nullable=False))
        batch.add_column(sa.Column("emergency_id", sa.String(26), server_default="", nullable=False))
        batch.create_index("ix_session_provider_session", ["provider_session"])
        batch.create_index("ix_session_refresh_due_at", ["refresh_due_at"])
        batch.create_index("ix_session_subject", ["subject"])
    # Experts who were asked before: where they read is known, and whoever stands for them there reads on.
    op.execute(
        "UPDATE grants SET institution_id = coalesce((SELECT max(reading.institution_id) FROM reading WHERE"
        " reading.consult_id = grants.because_id AND reading.expert_id = grants.subject_id), '')"
        " WHERE because = 'consult' AND subject_kind = 'person'"
    )
    op.execute(
        "UPDATE grants SET institution_id = coalesce((SELECT offer.institution_id FROM offer"
        " WHERE offer.id = grants.because_id), '') WHERE because = 'offer' AND subject_kind = 'person'"
    )


def downgrade() -> None:
    raise NotImplementedError("who was let in by what would be forgotten")
