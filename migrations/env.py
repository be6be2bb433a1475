"""How Alembic runs on the application's database; ``flask db …`` leads here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.util import CommandError
from flask import current_app

from tracker.kernel.database import JSONData, UTCDateTime, db


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types as plain ones.

    A migration must mean the same for ever, so it never imports the application. Returns
    False where Alembic's own rendering does.
    """
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and item is JSONData:
        # Alembic's own rendering of a variant leaves a name out of the imports.
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


@contextmanager
def sqlite_without_foreign_keys(connection: sa.Connection) -> Iterator[None]:
    """Switch foreign keys off around a migration on SQLite; nothing on other databases.

    SQLite changes a table by copying it and dropping the old one: with foreign keys on,
    the drop would empty every table that refers to it. SQLite ignores the switch inside a
    transaction, therefore it is thrown on the driver's connection before one begins.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def check_foreign_keys(connection: sa.Connection) -> None:
    """Raise CommandError, undoing the migration, if rows on SQLite refer to nothing."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            tables = ", ".join(sorted({row[0] for row in broken}))
            raise CommandError(f"{len(broken)} rows would refer to nothing, in {tables}")


def run() -> None:
    """Run what was asked for, in one transaction on both databases."""
    if context.is_offline_mode():
        raise CommandError("--sql is not supported: migrations run on a live database")
    with db.engine.connect() as connection, sqlite_without_foreign_keys(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            # Alembic believes SQLite's schema changes to be outside transactions; they
            # are inside, because the application says BEGIN itself (kernel/database.py).
            transactional_ddl=True,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()
            check_foreign_keys(connection)


run()
