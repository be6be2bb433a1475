"""Databases that are made by the migrations, and rows as an earlier release left them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

RELEASE_1 = Path(__file__).with_name("release_1.json")
"""What the services of the first release wrote into a database at 0001.

A vote in each state it knew, named by its state, each in a project of its own; six flats in two
houses, of which 1-101 and 2-103 belong to one person, and 1-102 had no area for one of the votes.
"""

Rows = dict[str, list[dict[str, Any]]]


def empty_database(server_url: str | None, folder: Path, name: str) -> str:
    """The address of a new, empty database of the kind of this run."""
    if server_url is None:
        return f"sqlite:///{folder / name}.sqlite3"
    engine = sa.create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server_url.rsplit("/", 1)[0] + f"/{name}"


def load(engine: sa.Engine, source: Path = RELEASE_1) -> None:
    """Write rows kept as JSON into a database that has their tables."""
    tables = reflected(engine)
    with engine.begin() as connection:
        for name, rows in json.loads(source.read_text(encoding="utf-8")).items():
            table = tables[name]
            every = {column.name for column in table.columns}
            complete = [dict.fromkeys(every) | _typed(table, row) for row in rows]
            connection.execute(sa.insert(table), complete)
            if engine.dialect.name == "postgresql" and "id" in every:
                last = max(row["id"] for row in rows)
                sequence = sa.func.pg_get_serial_sequence(f"{name}", "id")
                connection.execute(sa.select(sa.func.setval(sequence, last)))


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """Days and instants (in UTC) as Python's, from their text."""
    typed = dict(row)
    for name, value in row.items():
        kind = table.c[name].type
        if isinstance(kind, sa.DateTime):
            typed[name] = datetime.fromisoformat(value).replace(tzinfo=UTC)
        elif isinstance(kind, sa.Date):
            typed[name] = date.fromisoformat(value)
    return typed


def everything(engine: sa.Engine) -> Rows:
    """All rows of all tables, by table and in the order of their keys."""
    tables = reflected(engine)
    with engine.connect() as connection:
        return {
            name: [
                dict(row)
                for row in connection.execute(
                    sa.select(table).order_by(*table.primary_key.columns)
                ).mappings()
            ]
            for name, table in tables.items()
            if name != "alembic_version"
        }


def reflected(engine: sa.Engine) -> dict[str, sa.Table]:
    """The tables as they stand in the database, whatever the models say."""
    metadata = sa.MetaData()
    metadata.reflect(engine)
    return dict(metadata.tables)
