"""The migrations lead from nothing to exactly the models, on the database of this run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from tests.architecture.databases import empty_database
from tests.conftest import build
from tracker.kernel.database import db


@pytest.fixture
def migrated(server_url: str | None, tmp_path: Path) -> Iterator[Flask]:
    """An application whose database was made by the migrations alone."""
    application = build(empty_database(server_url, tmp_path, "migrated"), tmp_path)
    with application.app_context():
        flask_migrate.upgrade()
        yield application
        db.session.remove()
        db.engine.dispose()


def test_nothing_is_left_to_migrate(migrated):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_database_is_the_one_the_models_make(migrated, blank_database):
    """Alembic's comparison sees neither CHECK constraints nor conditions of indexes."""
    from_models = sa.create_engine(blank_database)
    try:
        expected = described(from_models)
    finally:
        from_models.dispose()
    actual = described(db.engine)
    del actual["alembic_version"]
    assert sorted(actual) == sorted(expected)
    for table, parts in expected.items():
        assert actual[table] == parts, table


def test_rows_refer_to_something_again_after_a_migration(migrated):
    """The migration switches foreign keys off on SQLite; they must not stay off."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def described(engine: sa.Engine) -> dict[str, dict[str, Any]]:
    """Every table with its columns, keys, indexes and constraints, in a comparable form."""
    inspector = sa.inspect(engine)
    return {
        table: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]))
                for c in inspector.get_columns(table)
            ),
            "primary": inspector.get_pk_constraint(table),
            "foreign": _sorted(inspector.get_foreign_keys(table)),
            "unique": _sorted(inspector.get_unique_constraints(table)),
            "checks": _sorted(inspector.get_check_constraints(table)),
            "indexes": _sorted(inspector.get_indexes(table)),
        }
        for table in inspector.get_table_names()
    }


def _sorted(rows: list[Any]) -> list[str]:
    """Reflected rows as text, in an order that does not depend on when they were made."""
    return sorted(_text(row) for row in rows)


def _text(value: Any) -> str:
    """A reflected value as text; conditions of indexes are SQL expressions inside dicts."""
    if isinstance(value, dict):
        return str(sorted((key, _text(inner)) for key, inner in value.items() if inner is not None))
    return str(value)
