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
from tracker.kernel.database import db

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


@pytest.fixture
def app(blank_database: str, tmp_path: Path) -> Iterator[Flask]:
    """An application with an empty database of its own."""
    url = blank_database
    if url.startswith("sqlite"):
        shutil.copy(url.removeprefix("sqlite:///"), tmp_path / "test.sqlite3")
        url = f"sqlite:///{tmp_path / 'test.sqlite3'}"
    application = build(url, tmp_path)
    yield application
    with application.app_context():
        if ON_POSTGRESQL:
            names = ", ".join(t.name for t in db.metadata.sorted_tables)
            db.session.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
            db.session.commit()
        db.session.remove()
        db.engine.dispose()


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
