"""Databases and clients for all tests.

``TEST_DATABASE=postgresql`` runs the suite on a PostgreSQL server started for the run;
the default is SQLite. No fixture keeps an application context open around requests:
Flask would reuse it, and the second user's request would run as the first.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

import config
from tests.postgres import running_server
from tracker import create_app
from tracker.accounts.models import User
from tracker.anthology import services as anthology
from tracker.demo import services as demo
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.workdays import services as workdays

EMPTY_AGAIN = """
DO $$ DECLARE one record; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM %I', one.tablename);
    END LOOP;
    FOR one IN SELECT sequencename FROM pg_sequences
               WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        PERFORM setval(format('%I', one.sequencename)::regclass, 1, false);
    END LOOP;
END $$
"""
"""Much faster than TRUNCATE for sixty tables of which a test fills ten."""

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str | None]:
    """The PostgreSQL server of this run, or None when the run is on SQLite."""
    if not ON_POSTGRESQL:
        yield None
        return
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def blank_database(server_url: str | None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with all tables and no rows."""
    folder = tmp_path_factory.mktemp("blank")
    url = server_url or f"sqlite:///{folder / 'blank.sqlite3'}"
    application = build(url, folder)
    with application.app_context():
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    return url


def build(url: str, folder: Path, **overrides: Any) -> Flask:
    """An application on the database at ``url``, with its files in ``folder``."""
    settings = config.load(
        {"INSTANCE": str(folder), "DATABASE_URL": url, "SECRET_KEY": "for tests only" * 4}
    )
    return create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False, **overrides)


@pytest.fixture(scope="session")
def shared_app(blank_database: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One application for the run: compiling 160 routes again for every test takes longest."""
    folder = tmp_path_factory.mktemp("app")
    on_sqlite = blank_database.startswith("sqlite")
    return build(f"sqlite:///{folder / 'test.sqlite3'}" if on_sqlite else blank_database, folder)


@pytest.fixture
def app(shared_app: Flask, blank_database: str, tmp_path: Path) -> Iterator[Flask]:
    """The application with an empty database, a folder of its own, and default settings."""
    settings = dict(shared_app.config)
    shared_app.config.update(INSTANCE=str(tmp_path), UPLOAD_FOLDER=str(tmp_path / "uploads"))
    if not ON_POSTGRESQL:
        target = Path(settings["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
        for leftover in target.parent.glob("test.sqlite3*"):
            leftover.unlink()
        shutil.copy(blank_database.removeprefix("sqlite:///"), target)
    yield shared_app
    with shared_app.app_context():
        if ON_POSTGRESQL:
            db.session.execute(sa.text(EMPTY_AGAIN))
            db.session.commit()
        db.session.remove()
        db.engine.dispose()
    shared_app.config.clear()
    shared_app.config.update(settings)


LEDGER = "tracker.sqlite3"
DEMO_PASSWORD = "a garden for all of us"


def fill_with_demonstration(application: Flask) -> None:
    """Make the demonstration in an empty ledger, as ``script/server --demo`` does."""
    with application.app_context():
        now = clock.now()
        anthology.load_folder(anthology.CASES, now)
        workdays.load_packaged(now)
        assert demo.make(now, DEMO_PASSWORD)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def demonstration(blank_database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ledger on SQLite with the demonstration, made once; change only copies."""
    folder = tmp_path_factory.mktemp("demonstration")
    shutil.copy(blank_database.removeprefix("sqlite:///"), folder / LEDGER)
    fill_with_demonstration(build(f"sqlite:///{folder / LEDGER}", folder))
    return folder


@pytest.fixture
def arrange(app: Flask) -> Iterator[None]:
    """An open application context, for tests that call services and no routes."""
    with app.app_context():
        yield
        db.session.rollback()


class Browser:
    """A test client that sends forms as a browser would: from the page that shows them."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, url: str, expect: int = 200) -> str:
        """Open a page and return its text."""
        answer = self.client.get(url, follow_redirects=True)
        assert answer.status_code == expect, f"{url}: {answer.status_code}"
        return answer.get_data(as_text=True)

    def post(self, url: str, expect: int = 200, **data: Any) -> str:
        """Send a form and follow where it leads."""
        answer = self.client.post(
            url, data=data, follow_redirects=True, content_type="multipart/form-data"
        )
        text = answer.get_data(as_text=True)
        assert answer.status_code == expect, f"{url}: {answer.status_code}\n{visible(text)}"
        return text


def visible(page: str) -> str:
    """The words of a page, without tags."""
    body = re.sub(r"<(script|style|head)[\s\S]*?</\1>", " ", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


@pytest.fixture
def browse(app: Flask) -> Callable[[User | None], Browser]:
    """Make a browser that is signed in as a user, or nobody."""

    def make(user: User | None = None) -> Browser:
        client = app.test_client()
        if user is not None:
            with client.session_transaction() as session:
                session["_user_id"] = user.get_id()
                session["_fresh"] = True
        return Browser(client)

    return make
