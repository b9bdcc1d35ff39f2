"""Run by Alembic: migrates over the connection, and inside the transaction, it was handed."""

from alembic import context

from service.adapters.db.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite changes a table by copying it
)
context.run_migrations()
