"""Votes of the first release: their packs are told from the ledger, and verify."""

from __future__ import annotations

from collections.abc import Iterator

import flask_migrate
import pytest
from flask import Flask

from tests.architecture.databases import empty_database, load
from tests.architecture.test_upgrade import person, read_again, vote
from tests.conftest import build
from tests.factories.packs import certify_by, pack_of
from tests.factories.votes import AFTER
from tests.votes.forging import Pack, problems, put, reseal, section
from tracker.accounts.rules import Role
from tracker.ballots import closing_services
from tracker.kernel.database import db
from tracker.votes import course_services, roll_queries


@pytest.fixture(scope="module")
def upgraded(server_url: str | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a database of the first release, brought up to date."""
    folder = tmp_path_factory.mktemp("release_1")
    app = build(empty_database(server_url, folder, "release_1"), folder)
    with app.app_context():
        flask_migrate.upgrade(revision="0001")
        load(db.engine)
        db.engine.dispose()
        flask_migrate.upgrade()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def after(upgraded: Flask) -> Iterator[None]:
    """An application context that keeps nothing it changes."""
    with upgraded.app_context():
        yield
        db.session.rollback()
        db.session.remove()


pytestmark = pytest.mark.usefixtures("after")


def pack(title: str) -> Pack:
    """The pack of a vote, by its title."""
    return pack_of(person(Role.DIRECTOR), vote(title))


@pytest.mark.parametrize("title", ["已截止", "同一人公告", "另一人公告", "一栋楼"])
def test_result_that_was_certified_by_the_first_release_verifies(title):
    plain = pack(title)
    assert section(plain, "frozen")["rows"][0][:4] == [1, "format", "", 1]
    assert problems(plain) == []


def test_its_forgery_shows_all_the_same():
    plain = pack("另一人公告")
    put(plain, "roll", {"serial": 1}, area=1)
    assert "roll_hash" in {code for code, *_ in problems(reseal(plain))}


def test_vote_that_was_open_then_verifies_once_it_is_certified():
    held = vote("投票中")
    closing_services.close(person(Role.DIRECTOR), AFTER, held.id)
    read_again(held)
    certify_by(person(Role.SCRUTINEER), held)
    assert problems(pack("投票中")) == []


def test_vote_that_missing_areas_held_verifies_once_they_are_supplied():
    held = vote("缺面积")
    [unit] = roll_queries.units_without_area(held.id)
    areas = {unit.id: (7_360, "产证")}
    worker, director = person(Role.WORKER), person(Role.DIRECTOR)
    course_services.propose_areas(worker, AFTER, held.id, areas=areas, reason="产证已补")
    course_services.approve_areas(director, AFTER, held.id)
    read_again(held)
    certify_by(person(Role.SCRUTINEER), held, reason="面积已补齐")
    plain = pack("缺面积")
    assert problems(plain) == []
    assert [row[1] for row in section(plain, "recounts")["rows"]] == [2]
