"""Base of all tables, column types, and how SQLite is kept honest.

SQLite loses concurrent updates under the driver's default transactions, ignores foreign
keys and drops time zones; all three are mended here, once, for every connection.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from tracker.kernel.words import Term

reading: ContextVar[bool] = ContextVar("reading", default=False)
"""True while a request promises not to write, so that SQLite need not lock the file."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database, on SQLite too."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime is not an instant")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSONData = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def term_type(kind: type[Term]) -> sa.Enum:
    """A column that holds the code of a ``Term`` and refuses any other text."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=32,
        name=kind.__name__.lower(),
        values_callable=lambda members: [m.value for m in members],
    )


class Base(DeclarativeBase):
    """Base of all models; instants and long integers have one meaning everywhere."""

    metadata = sa.MetaData(naming_convention=NAMING)
    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UTCDateTime(),
            dict[str, Any]: JSONData,
            int: sa.BigInteger(),
        },
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


class Row:
    """An integer key, as every table has."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)


def one_of(column: str, kind: type[Enum]) -> str:
    """SQL text saying that ``column`` holds a code of ``kind``; for CHECK constraints."""
    return f"{column} IN ({', '.join(repr(m.value) for m in kind)})"


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see _on_begin
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: sa.Connection) -> None:
    # A deferred transaction that reads and then writes fails under concurrency with
    # SQLITE_BUSY that no timeout cures; taking the write lock first never does.
    connection.exec_driver_sql("BEGIN" if reading.get() else "BEGIN IMMEDIATE")


def keep_sqlite_honest(engine: Engine) -> None:
    """Register the connection rules on an SQLite engine; nothing on others."""
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _on_connect)
        sa.event.listen(engine, "begin", _on_begin)


class Tenant(Row):
    """A row that belongs to one committee; every query of tenants starts from that key."""

    committee_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("committee.id"), index=True)
