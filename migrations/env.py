"""Alembic's entry: runs the migrations over the URL that the caller gives (or DATABASE_URL, at the shell)."""

import os

from alembic import context
from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from app.store.tables import metadata


def run() -> None:
    """A transaction for each; a migration waits at most 5 s for a lock, so that it never queues a busy table."""
    url = make_url(context.config.attributes.get("database_url") or os.environ["DATABASE_URL"])
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": "-c lock_timeout=5s"})
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_server_default=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
