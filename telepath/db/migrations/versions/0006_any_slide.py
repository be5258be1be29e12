"""Any slide: channels and focal planes, and what comes with them."""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    with op.batch_alter_table("slide") as batch:
        for name in ("background", "plane_spacing", "planes", "channels"):
            batch.drop_column(name)
