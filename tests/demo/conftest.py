"""The demonstration, made once; these tests look at it and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import LEDGER, ON_POSTGRESQL, build, fill_with_demonstration
from tracker.kernel.database import db
from tracker.projects.models import Project
from tracker.votes import queries
from tracker.votes.models import Vote


@pytest.fixture(scope="session")
def replayed(
    request: pytest.FixtureRequest, blank_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """An application on the demonstration; on PostgreSQL in a database of its own."""
    if not ON_POSTGRESQL:
        folder: Path = request.getfixturevalue("demonstration")
        return build(f"sqlite:///{folder / LEDGER}", folder)
    engine = sa.create_engine(blank_database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE demonstration"))
    engine.dispose()
    url = sa.make_url(blank_database).set(database="demonstration")
    application = build(
        url.render_as_string(hide_password=False), tmp_path_factory.mktemp("demonstration")
    )
    with application.app_context():
        db.create_all()
    fill_with_demonstration(application)
    return application


@pytest.fixture
def ledger(replayed: Flask) -> Iterator[None]:
    """An application context on the demonstration; what a test writes is undone."""
    with replayed.app_context():
        yield
        db.session.rollback()
        db.session.remove()
        db.engine.dispose()


VotesOf = Callable[[str], list[Vote]]


@pytest.fixture
def votes_of(ledger: None) -> VotesOf:
    """The votes of a project by its title, in the order they were prepared in."""

    def find(title: str) -> list[Vote]:
        project = db.session.scalars(sa.select(Project).where(Project.title == title)).one()
        return sorted(queries.votes_of(project.id), key=lambda vote: vote.id)

    return find
