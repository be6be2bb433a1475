"""Inserting rows that may be there already: the unique key decides, not a look beforehand."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite

from tracker.kernel.database import Model, db


def insert_into(model: type[Model]) -> Any:
    """An INSERT of the dialect in use, which knows ``on_conflict_do_nothing``.

    Both dialects spell the clause alike; rows that conflict are left out of RETURNING.
    """
    dialect = postgresql if db.session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model.__table__)
