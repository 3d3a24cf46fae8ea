"""Alembic's entry: runs the versions on the engine handed over in the configuration."""

from alembic import context

from dojang.db import log, schema  # noqa: F401 - log registers its tables

target_metadata = schema.metadata


def run() -> None:
    """Apply the versions in one transaction each, with patience for locks bounded."""
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            transaction_per_migration=True,
            render_as_batch=False,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
