"""Any slide: channels and focal planes, and what comes with them."""

import sqlalchemy as sa
from alembic import op

from telepath.db.schema.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("slide") as batch:
        batch.add_column(sa.Column("channels", sa.Text(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("planes", sa.Integer(), server_default="1", nullable=False))
        batch.add_column(sa.Column("plane_spacing", sa.Float(), nullable=True))
        batch.add_column(sa.Column("background", sa.String(7), server_default="#ffffff", nullable=False))
        batch.add_column(sa.Column("profile", sa.Text(), server_default="{}", nullable=False))

    with op.batch_alter_table("slide") as batch:
        batch.add_column(sa.Column("mpp_source", sa.String(8), server_default="file", nullable=False))
        batch.add_column(sa.Column("mpp_by", sa.String(26), server_default="", nullable=False))
        batch.add_column(sa.Column("mpp_read", sa.Float(), nullable=True))
        batch.add_column(sa.Column("mpp_offered", sa.Float(), nullable=True))
    op.execute("UPDATE slide SET mpp_read = mpp")

    op.create_table(
        "upload",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("institution_id", sa.String(26), nullable=False),
        sa.Column("sent_by", sa.String(26), nullable=False),
        sa.Column("sent_from", sa.String(26), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("entry", sa.String(200), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("specimen_id", sa.String(26), nullable=True),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("stain", sa.String(40), nullable=False),
        sa.Column("block", sa.String(40), nullable=False),
        sa.Column("section", sa.String(20), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("reason", sa.String(60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("slide_id", sa.String(26), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_upload_case_id")),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"], name=op.f("fk_upload_institution_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload") as batch:
        for column in ("case_id", "institution_id", "sent_by", "status"):
            batch.create_index(batch.f(f"ix_upload_{column}"), [column])
    op.create_table(
        "upload_file",
        sa.Column("upload_id", sa.String(26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.String(26), nullable=False),
        sa.Column("path", sa.String(600), nullable=False),
        sa.Column("stored", sa.String(200), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("announced", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("fk_upload_file_upload_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_upload_file_case_id")),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_upload_file")),
    )
    with op.batch_alter_table("upload_file") as batch:
        batch.create_index(batch.f("ix_upload_file_case_id"), ["case_id"])

    with op.batch_alter_table("slide_view") as batch:
        batch.add_column(sa.Column("colour", sa.String(40), server_default="", nullable=False))
        batch.add_column(sa.Column("quality", sa.String(20), server_default="", nullable=False))
    with op.batch_alter_table("opinion_signature") as batch:
        batch.add_column(sa.Column("shown", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "display_check",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("person_id", sa.String(26), nullable=False),
        sa.Column("device", sa.String(26), nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.Column("trials", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("faintest", sa.Float(), nullable=True),
        sa.Column("screen", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_display_check_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_display_check")),
    )
    with op.batch_alter_table("display_check") as batch:
        batch.create_index(batch.f("ix_display_check_person_id"), ["person_id"])

    op.create_table(
        "pyramid_work",
        sa.Column("slide_id", sa.String(26), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["slide_id"], ["slide.id"], name=op.f("fk_pyramid_work_slide_id")),
        sa.PrimaryKeyConstraint("slide_id", name=op.f("pk_pyramid_work")),
    )
    with op.batch_alter_table("pyramid_work") as batch:
        batch.create_index(batch.f("ix_pyramid_work_due_at"), ["due_at"])


def downgrade() -> None:
    op.drop_table("pyramid_work")
    op.drop_table("display_check")
    with op.batch_alter_table("opinion_signature") as batch:
        batch.drop_column("shown")
    with op.batch_alter_table("slide_view") as batch:
        batch.drop_column("quality")
        batch.drop_column("colour")
    op.drop_table("upload_file")
    op.drop_table("upload")
    with op.batch_alter_table("slide") as batch:
        for name in ("mpp_offered", "mpp_read", "mpp_by", "mpp_source", "profile"):
            batch.drop_column(name)
        for name in ("background", "plane_spacing", "planes", "channels"):
            batch.drop_column(name)
