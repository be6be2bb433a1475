"""The databases that are measured: SQLite in a file, and PostgreSQL on a server of its own.

Both make a commit durable before they answer; nothing here trades safety for speed.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from tests.postgres import running_server


@dataclass(frozen=True)
class Database:
    """A kind of database. ``empty``: a new one of a name, as its address and a folder beside it."""

    name: str
    empty: Callable[[str], AbstractContextManager[tuple[str, Path]]]


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        yield Path(folder)


@contextmanager
def _sqlite_file(name: str) -> Iterator[tuple[str, Path]]:
    with _folder() as folder:
        yield f"sqlite:///{folder / name}.sqlite3", folder


@contextmanager
def opened(postgresql: bool) -> Iterator[list[Database]]:
    """SQLite, and PostgreSQL too when asked for, for the time of a run."""
    found = [Database(f"SQLite {sqlite3.sqlite_version}", _sqlite_file)]
    if not postgresql:
        yield found
        return
    with running_server(durable=True) as address:
        server = sa.make_url(address)
        engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")

        @contextmanager
        def database(name: str) -> Iterator[tuple[str, Path]]:
            with engine.connect() as connection:
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
            with _folder() as folder:
                yield server.set(database=name).render_as_string(hide_password=False), folder

        with engine.connect() as connection:
            version = str(connection.scalar(sa.text("SHOW server_version"))).split()[0]
        yield [*found, Database(f"PostgreSQL {version}", database)]
        engine.dispose()
