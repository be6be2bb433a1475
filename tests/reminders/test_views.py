"""The reminders of a project."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
import time_machine

from tests.conftest import visible
from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.notifications.models import Delivery
from tracker.notifications.rules import DeliveryState, Failure
from tracker.reminders import services
from tracker.workdays import services as workdays

TODAY = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@pytest.fixture
def scene(app, browse):
    """The id of a project with one active stage, its lead, and the lead's browser."""
    with app.app_context():
        workdays.load_packaged(NOW)
        lead = people.user(display_name="王社工", email="wang@example.org")
        people.user(Role.DIRECTOR, of=lead.committee, display_name="李主任")
        made = projects.project(lead, places.compound(lead.committee), at=StageKind.COLLECT)
        db.session.commit()
        with time_machine.travel(TODAY, tick=False):
            return made.id, lead, browse(lead)


def test_to_come_lists_when_to_whom_by_which_channel_and_why(app, scene):
    project_id, _, browser = scene
    app.config["MAIL_HOST"] = "127.0.0.1"
    with time_machine.travel(TODAY, tick=False):
        page = visible(browser.get(f"/projects/{project_id}/reminders"))
    assert "共 5 条" in page  # L3, L1, L0, the first overdue one, and the director
    for word in ("3月10日 周二 09:0", "3月12日", "3月13日", "3月16日", "升级到居委会主任"):
        assert word in page
    assert "李主任" in page
    assert "站内和邮件" in page
    assert "还没有发出过提醒" in page


def test_sent_shows_the_outcome_of_each(app, scene):
    project_id, _, browser = scene
    app.config["MAIL_HOST"] = "127.0.0.1"
    with app.app_context():
        services.plan(TODAY)
        letter = db.session.scalars(sa.select(Delivery)).one()
        letter.state, letter.last_error = DeliveryState.DEAD, "550 User unknown"
        letter.last_failure = Failure.PERMANENT
        db.session.commit()
    with time_machine.travel(TODAY, tick=False):
        page = visible(browser.get(f"/projects/{project_id}/reminders"))
    assert "阶段「征集意见」还剩 7 个工作日" in page
    assert "未读" in page
    assert "未能送达 对方拒收 550 User unknown" in page
    assert "提醒号 R-" in page


def test_a_project_without_deadlines_says_what_to_do(app, scene):
    _, lead, browser = scene
    with app.app_context():
        lead = db.session.merge(lead)
        quiet = projects.project(lead, places.compound(lead.committee, name="国年小区"))
        db.session.commit()
        number = quiet.id
    with time_machine.travel(TODAY, tick=False):
        assert "没有将要发出的提醒" in browser.get(f"/projects/{number}/reminders")


@pytest.mark.parametrize("role", list(Role))
def test_everybody_who_sees_projects_sees_their_reminders(app, browse, scene, role):
    project_id, lead, _ = scene
    with app.app_context():
        user = people.user(role, of=db.session.merge(lead).committee)
        db.session.commit()
        browser = browse(user)
    browser.get(f"/projects/{project_id}/reminders")


def test_a_foreign_project_is_not_found(app, browse, scene):
    with app.app_context():
        stranger = people.user(of=people.committee("国年居委会"))
        db.session.commit()
        browser = browse(stranger)
    browser.get(f"/projects/{scene[0]}/reminders", expect=404)
    browser.get("/projects/999/reminders", expect=404)


def test_the_page_needs_the_same_number_of_queries_for_more_rows(app, scene):
    project_id, _, browser = scene

    def queries() -> int:
        seen = []
        with app.app_context():
            engine = db.engine
        listen = lambda *_: seen.append(1)  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listen)
        with time_machine.travel(TODAY, tick=False):
            browser.get(f"/projects/{project_id}/reminders")
        sa.event.remove(engine, "before_cursor_execute", listen)
        return len(seen)

    with app.app_context():
        services.plan(TODAY)
        db.session.commit()
    few = queries()
    with app.app_context():
        stage = db.session.scalars(
            sa.select(projects.Stage).where(projects.Stage.project_id == project_id)
        ).first()
        for number in range(30):
            projects.task(stage, f"事项{number}", due_on=date(2026, 3, 6))
        services.plan(TODAY)
        db.session.commit()
    assert queries() == few
