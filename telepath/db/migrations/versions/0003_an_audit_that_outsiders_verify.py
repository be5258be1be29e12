"""Yearly trees, subtree hashes, copies outside, the vault's keys. What was sealed before stays the first tree as it is."""

import json

import sqlalchemy as sa
from alembic import op

from telepath.db.schema.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Count = sa.BigInteger().with_variant(sa.Integer, "sqlite")
INDEXES = ("kind", "actor", "object_id", "case_id", "owner")


def upgrade() -> None:
    op.create_table(
        "audit_shard",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("start", Count, nullable=False),
        sa.Column("size", Count, nullable=False),
        sa.Column("hashes", sa.JSON(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_shard")),
        sa.UniqueConstraint("origin", name=op.f("uq_audit_shard_origin")),
        sa.UniqueConstraint("start", name=op.f("uq_audit_shard_start")),
    )
    op.create_table(
        "audit_node",
        sa.Column("shard", sa.String(20), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("index", Count, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("shard", "level", "index", name=op.f("pk_audit_node")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("every", sa.Integer()),
        sa.Column("shard", sa.String(20), nullable=False),
        sa.Column("size", Count, nullable=False),
        sa.Column("held_at", Instant()),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("tried_at", Instant()),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_audit_anchor")),
    )
    op.create_table(
        "subject_key",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("destroyed_at", Instant()),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_subject_key")),
    )
    op.create_table(
        "setting_seen",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", sa.String(400), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting_seen")),
    )
    with op.batch_alter_table("case") as batch:
        batch.add_column(sa.Column("erased_at", Instant()))
    op.execute(
        "INSERT INTO audit_shard (name, origin, start, size, hashes, opened_at)"
        " SELECT 'first', 'telepath/audit', 0, size, hashes, CURRENT_TIMESTAMP FROM audit_tree"
    )
    op.drop_table("audit_tree")
    # SQLite cannot change a primary key in place, and the two databases should go the same way.
    op.rename_table("audit_checkpoint", "audit_checkpoint_before")
    op.create_table(
        "audit_checkpoint",
        sa.Column("shard", sa.String(20), nullable=False),
        sa.Column("size", Count, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shard", "size", name="pk_audit_checkpoint_shard"),
    )
    op.execute("INSERT INTO audit_checkpoint SELECT 'first', size, at, note FROM audit_checkpoint_before")
    op.drop_table("audit_checkpoint_before")
    with op.batch_alter_table("audit_checkpoint") as batch:
        batch.create_index(batch.f("ix_audit_checkpoint_at"), ["at"])
    with op.batch_alter_table("audit_log") as batch:
        for name in ("at", *INDEXES):
            batch.drop_index(batch.f(f"ix_audit_log_{name}"))
        batch.add_column(sa.Column("privileged", sa.Boolean(), server_default=sa.false(), nullable=False))
    log = sa.table("audit_log", sa.column("seq"), sa.column("body"), sa.column("privileged"))
    bind = op.get_bind()
    for seq, body in bind.execute(sa.select(log.c.seq, log.c.body)).all():
        said = json.loads(body)
        if said["actor"] == "system" or {"administrator", "auditor"} & set(said["roles"]):
            bind.execute(sa.update(log).where(log.c.seq == seq).values(privileged=True))
    with op.batch_alter_table("audit_log") as batch:
        batch.alter_column("privileged", server_default=None)
        for name in ("at", *INDEXES, "institution"):
            batch.create_index(batch.f(f"ix_audit_log_{name}"), [name, "seq"])
    for name, mark, in_sqlite in (
        ("refused", "outcome <> 'success'", "outcome <> 'success'"),
        ("privileged", "privileged", "privileged = 1"),
    ):
        op.create_index(
            op.f(f"ix_audit_log_{name}"),
            "audit_log",
            ["seq"],
            sqlite_where=sa.text(in_sqlite),
            postgresql_where=sa.text(mark),
        )


def downgrade() -> None:
    raise NotImplementedError("an audit of several trees does not go back into one")
