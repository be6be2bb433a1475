"""The clock, browsers at a vote, and evidence packs, for the tests of votes."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import ON_POSTGRESQL, build
from tests.factories.packs import PACKS
from tests.votes.forging import Pack
from tests.votes.walk import at, stage
from tracker.kernel.database import db

__all__ = ["at", "packs", "stage"]


@pytest.fixture(scope="session")
def packs(
    blank_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Pack]]:
    """Make a copy of a pack by its name; each vote is carried out once, and leaves no rows."""
    folder = tmp_path_factory.mktemp("packs")
    url = blank_database
    if not ON_POSTGRESQL:
        shutil.copy(blank_database.removeprefix("sqlite:///"), folder / "packs.sqlite3")
        url = f"sqlite:///{folder / 'packs.sqlite3'}"
    app = build(url, folder)
    made: dict[str, Pack] = {}

    def pack(name: str) -> Pack:
        if name not in made:
            with app.app_context():
                made[name] = PACKS[name]()
                db.session.rollback()
        return copy.deepcopy(made[name])

    yield pack
    with app.app_context():
        db.engine.dispose()
