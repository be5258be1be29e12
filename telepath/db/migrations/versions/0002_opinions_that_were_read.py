"""What the requester has read of the opinions that were signed for them. What was signed before counts as read."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consult", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opinions_read", sa.Integer(), server_default="0", nullable=False))
    op.execute(
        "UPDATE consult SET opinions_read ="
        " (SELECT COALESCE(MAX(number), 0) FROM opinion WHERE opinion.consult_id = consult.id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("consult", schema=None) as batch_op:
        batch_op.drop_column("opinions_read")
