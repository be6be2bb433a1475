"""Lists take as many SQL statements for many rows as for few."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import time_machine

from tests.conftest import Browser
from tests.factories import meetings, people, places, projects, votes
from tests.web import growth
from tracker.accounts.rules import Role
from tracker.anthology import services as anthology
from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import StageKind
from tracker.counts import objection_services
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.projects.models import Project
from tracker.votes.services import Scope

FEW, MANY = 2, 9
"""Rows, both on one page: with few, every statement that a row asks for is sent already."""


@pytest.fixture(autouse=True)
def on_a_monday():
    with time_machine.travel("2026-03-02T02:00:00+00:00", tick=False):
        yield


@dataclass(frozen=True)
class Office:
    """Who looks, and what the addresses of the pages name."""

    director: Browser
    officer: Browser
    visitor: Browser
    project: int
    ids: dict[str, object]


def load_cases(folder: Path, count: int) -> None:
    """Bring the first ``count`` cases into the library."""
    for file in sorted(anthology.CASES.glob("*.yaml"))[:count]:
        shutil.copy(file, folder)
    anthology.load_folder(folder, people.NOW)


@pytest.fixture
def office(app, browse, tmp_path) -> Office:
    """A director's project that is being implemented, public, with one meeting held."""
    (tmp_path / "cases").mkdir()
    with app.app_context():
        load_cases(tmp_path / "cases", 1)
        director = people.user(Role.DIRECTOR)
        officer = people.user(Role.OFFICER, of=director.committee)
        home = places.compound(director.committee, buildings=1, rooms=1)
        case = db.session.query(CaseTemplate).one()
        made = projects.project(
            director, home, at=StageKind.IMPLEMENT, public_since=people.NOW, case_id=case.id
        )
        ids = {
            "project": made.id,
            "stage": growth.stage(made, StageKind.IMPLEMENT).id,
            "compound": home.id,
            "building": growth.buildings(made)[0].id,
            "token": made.public_token,
            "meeting": meetings.held(made).id,
        }
        db.session.commit()
        return Office(browse(director), browse(officer), browse(), made.id, ids)


@dataclass(frozen=True)
class Page:
    """An address, what makes its rows more, and who opens it."""

    address: str
    more: Callable[[Project], object]
    who: str = "director"


PAGES = (
    Page("/projects/?state=all", growth.more_projects),
    Page("/projects/?state=all", growth.more_projects, "officer"),
    Page("/desk", growth.more_projects),
    Page("/desk?scope=all", growth.more_projects),
    Page("/desk", growth.more_committees, "officer"),
    Page("/overview", growth.more_committees, "officer"),
    Page("/projects/{project}", growth.more_of_the_process),
    Page("/projects/stages/{stage}", growth.more_of_the_process),
    Page("/projects/{project}/history", growth.more_of_the_process),
    Page("/projects/{project}/opinions", growth.more_opinions),
    Page("/projects/{project}/opinions/coverage", growth.more_opinions),
    Page("/projects/{project}/meetings", growth.more_meetings),
    Page("/projects/{project}/meetings?state=held", growth.more_meetings),
    Page("/meetings/{meeting}", growth.more_actions),
    Page("/projects/{project}/options", growth.more_options),
    Page("/projects/{project}/notices", growth.more_notices),
    Page("/projects/{project}/works", growth.more_works),
    Page("/projects/{project}/works/checks", growth.more_works),
    Page("/projects/{project}/works/money", growth.more_works),
    Page("/projects/{project}/pictures", growth.more_works),
    Page("/projects/{project}/feedback", growth.more_answers),
    Page("/projects/{project}/reminders", growth.more_reminders),
    Page("/p/{token}", growth.more_opinions, "visitor"),
    Page("/p/{token}", growth.more_notices, "visitor"),
    Page("/p/{token}", growth.more_works, "visitor"),
    Page("/inbox", growth.more_messages),
    Page("/people", growth.more_people),
    Page("/people", growth.more_committees, "officer"),
    Page("/places", growth.more_compounds),
    Page("/places/compounds/{compound}", growth.more_buildings),
    Page("/places/compounds/{compound}/units", growth.more_units),
    Page("/places/compounds/{compound}/persons", growth.more_units),
    Page("/places/compounds/{compound}/leaders", growth.more_buildings),
    Page("/places/buildings/{building}", growth.more_units),
)


@pytest.mark.parametrize("listed", PAGES, ids=lambda p: f"{p.address} {p.more.__name__} {p.who}")
def test_a_page_takes_no_more_statements_for_more_rows(app, office, listed):
    browser: Browser = getattr(office, listed.who)
    address = listed.address.format(**office.ids)
    few, small = counted(app, office, listed, browser, address, FEW)
    many, large = counted(app, office, listed, browser, address, MANY - FEW)
    assert many - few == {}, "asked again for every row"
    assert len(large) > len(small), "the rows are not on the page"


def counted(app, office, listed, browser, address, rows):
    """Add rows, and open the page as one who has opened it before."""
    with app.app_context():
        project = db.session.get_one(Project, office.project)
        for _ in range(rows):
            listed.more(project)
        db.session.commit()
    browser.get(address)
    with growth.statements(app) as seen:
        text = browser.get(address)
    return seen, text


def test_the_library_takes_no_more_statements_for_more_cases(app, office, tmp_path):
    seen = []
    for count in (FEW, 14):
        with app.app_context():
            load_cases(tmp_path / "cases", count)
            db.session.commit()
        office.director.get("/cases/")
        with growth.statements(app) as statements:
            page = office.director.get("/cases/")
        seen.append((statements, page.count('href="/cases/')))
    (few, fewer_links), (many, more_links) = seen
    assert many - few == {}
    assert more_links - fewer_links >= 14 - FEW


def test_the_votes_of_a_project_take_no_more_statements_for_more_votes(app, browse):
    seen = []
    for buildings in (FEW, MANY):
        with app.app_context():
            scene = votes.scene(buildings=buildings, rooms=1, committee=f"{buildings}居委会")
            first = votes.draft(scene)
            for building in growth.buildings(scene.project):
                scope = Scope(scene.project.compound_id, building.id)
                votes.draft(scene, scope=scope, after_id=first.id)
            browser, address = browse(scene.director), f"/projects/{scene.project.id}/votes"
            db.session.commit()
        browser.get(address)
        with growth.statements(app) as statements:
            page = browser.get(address)
        seen.append((statements, len(page)))
    (few, small), (many, large) = seen
    assert many - few == {}
    assert large > small


OF_A_VOTE = {
    "votes/{}": votes.running,
    "votes/{}/": votes.counting,
    "votes/{}/certify": votes.counting,
    "votes/{}/sheet": votes.counting,
    "votes/{}/result": votes.certified,
    "votes/{}/announcement": votes.certified,
    "votes/{}/announce": votes.certified,
}


@pytest.mark.parametrize("path", OF_A_VOTE)
def test_a_vote_takes_no_more_statements_for_more_voters(app, browse, path):
    make, seen = OF_A_VOTE[path], []
    for rooms in (FEW, MANY):
        with app.app_context():
            scene = votes.scene(rooms=rooms, committee=f"{rooms}居委会")
            vote = make(scene, **({"approving": rooms} if make is votes.certified else {}))
            browser, address = browse(scene.director), f"/{path.format(vote.id)}"
            db.session.commit()
        browser.get(address)
        with growth.statements(app) as statements:
            browser.get(address)
        seen.append(statements)
    few, many = seen
    assert many - few == {}


def test_objections_take_no_more_statements_for_more_of_them(app, browse):
    seen = []
    for rows in (FEW, MANY):
        with app.app_context():
            scene = votes.scene(committee=f"{rows}居委会")
            vote = votes.announced(scene)
            for _ in range(rows):
                objection_services.record_objection(
                    *(scene.worker, votes.AFTER, vote.id),
                    received_on=local_date(votes.AFTER),
                    text="票数不对",
                )
            browser, address = browse(scene.director), f"/votes/{vote.id}/result/objections"
            db.session.commit()
        browser.get(address)
        with growth.statements(app) as statements:
            browser.get(address)
        seen.append(statements)
    few, many = seen
    assert many - few == {}
