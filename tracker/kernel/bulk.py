"""Writing thousands of rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from tracker.kernel.database import Model, db

Plain = int | str | bool | None


def insert_rows(model: type[Model], columns: Sequence[str], rows: list[tuple[Plain, ...]]) -> None:
    """Insert rows of plain values, in the order of ``columns``, in the present transaction.

    They go to the driver as they are: read parameter by parameter, as SQLAlchemy does to convert
    instants and JSON, ten thousand of them would take three times as long.
    """
    if not rows:
        return
    connection = db.session.connection()
    kind: Any = type(connection.dialect)
    # Rows go by position: SQLite's driver marks it by ?, PostgreSQL's by %s.
    style = "qmark" if connection.dialect.paramstyle == "qmark" else "format"
    # A table of these columns alone keeps their order.
    table = sa.table(model.__tablename__, *(sa.column(name) for name in columns))
    statement = sa.insert(table).compile(dialect=kind(paramstyle=style))
    connection.exec_driver_sql(str(statement), rows)
