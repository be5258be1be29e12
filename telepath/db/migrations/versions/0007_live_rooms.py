"""Live rooms: agenda, drawings, and a roll that knows when a node died."""

import sqlalchemy as sa
from alembic import op

from telepath.db.schema.columns import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("room") as batch:
        batch.add_column(sa.Column("agenda", sa.JSON(), server_default="[]", nullable=False))
        batch.add_column(sa.Column("agenda_item", sa.String(40), server_default="", nullable=False))
        batch.add_column(sa.Column("agenda_item_at", Instant(), nullable=True))
        batch.add_column(sa.Column("drawings", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("room_visit") as batch:
        batch.add_column(sa.Column("institution_id", sa.String(26), server_default="", nullable=False))
        batch.add_column(sa.Column("seen_at", Instant(), nullable=True))
    with op.batch_alter_table("slide_view") as batch:
        batch.add_column(sa.Column("warming", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("slide_view") as batch:
        batch.drop_column("warming")
    with op.batch_alter_table("room_visit") as batch:
        for name in ("seen_at", "institution_id"):
            batch.drop_column(name)
    with op.batch_alter_table("room") as batch:
        for name in ("drawings", "agenda_item_at", "agenda_item", "agenda"):
            batch.drop_column(name)
