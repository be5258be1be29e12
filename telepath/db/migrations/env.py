"""Alembic's entry: runs on the connection that ``upgrade`` hands over."""

from alembic import context

from telepath.db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
