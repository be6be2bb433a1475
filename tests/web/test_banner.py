"""The line above every page about years whose holidays are not announced."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories import people, places, projects
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.reminders.queries import unannounced_years
from tracker.web.status import banners
from tracker.workdays.rules import Calendar

pytestmark = pytest.mark.usefixtures("arrange")
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def known_until_2026(monkeypatch):
    """The holidays of 2026 are known, and no others."""
    calendar = Calendar(years=frozenset({2026}))
    monkeypatch.setattr("tracker.reminders.queries.workdays.calendar", lambda: calendar)
    monkeypatch.setattr("tracker.web.status.clock.today", lambda: TODAY)
    monkeypatch.setattr("tracker.web.status.notifications.is_stale", lambda *_: False)


def ending(director, end: date) -> None:
    """A project of the director whose last stage ends on ``end``."""
    home = places.compound(director.committee, name=f"小区{end}")
    projects.project(director, home).stages[-1].planned_end = end
    db.session.flush()


@pytest.mark.parametrize(
    ("end", "said"),
    [(date(2026, 12, 31), None), (date(2027, 1, 1), "2027 年"), (date(2029, 1, 1), "2027—2029 年")],
)
def test_the_banner_names_one_year_or_one_range(app, end, said):
    director = people.user(Role.DIRECTOR)
    officer = people.user(Role.OFFICER, of=director.committee)
    ending(director, end)
    with app.test_request_context():
        texts = [b.text for b in banners(officer)]
    assert [t.split("的放假")[0] for t in texts] == ([said] if said else [])


def test_years_of_other_committees_concern_their_own_people_and_their_officers():
    near, far = people.user(Role.DIRECTOR), people.user(Role.DIRECTOR, people.committee("国年"))
    abroad = people.user(Role.OFFICER, people.committee("别处", subdistrict="别的街道"))
    officer = people.user(Role.OFFICER, of=near.committee)
    ending(near, date(2026, 12, 1))
    ending(far, date(2028, 5, 1))
    assert unannounced_years(near, TODAY) == []
    assert unannounced_years(far, TODAY) == [2027, 2028]
    assert unannounced_years(officer, TODAY) == [2027, 2028]
    assert unannounced_years(abroad, TODAY) == []
