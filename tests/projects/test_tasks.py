"""Tasks of a stage: when they may be changed, and that a new round begins with them unticked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale
from tracker.projects import queries, services
from tracker.projects.models import Task
from tracker.projects.rules import StageState, TaskOrigin
from tracker.workdays.rules import Calendar
from tracker.workflow import services as workflow

pytestmark = pytest.mark.usefixtures("arrange")
TODAY = clock.local_date(NOW)
ENDED = "已经结束，如需再做请退回重来"


@pytest.fixture
def scene():
    """A director, and a project in its second stage whose first has one ticked task."""
    director = people.user(Role.DIRECTOR)
    home = places.compound(director.committee)
    project = projects.project(director, home, at=StageKind.DELIBERATE)
    first = project.stages[0]
    projects.task(first, "张贴告知书", done_at=NOW, done_by=director.id)
    projects.task(first, "临时加的", origin=TaskOrigin.ADDED)
    return director, project


def edit(director, task, **fields):
    given = {"title": "新名", "assignee_id": None, "due_on": task.due_on, "note": ""}
    version = fields.pop("version", task.version)
    services.edit_task(director, NOW, task, version=version, **{**given, **fields})


def test_a_new_round_begins_with_the_checklist_unticked_and_keeps_the_old_one(scene):
    director, project = scene
    stage = project.stages[0]
    assert (queries.required_left(stage.id), queries.required_total(stage.id)) == (1, 2)
    workflow.go_back(director, NOW, stage, reason="意见不够", calendar=Calendar())
    db.session.flush()
    (fresh,) = queries.tasks_of(stage.id)
    assert (fresh.title, fresh.round, fresh.done_at) == ("张贴告知书", 2, None)
    assert (queries.required_left(stage.id), queries.required_total(stage.id)) == (1, 1)
    assert queries.task_counts(project.id)[stage.id] == (0, 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Task)) == 3
    old = db.session.scalars(sa.select(Task).where(Task.done_at.is_not(None))).one()
    assert old.round == 1


def test_a_task_of_an_earlier_round_stays_as_it_was(scene):
    director, project = scene
    old = db.session.scalars(sa.select(Task).order_by(Task.id)).first()
    workflow.go_back(director, NOW, project.stages[0], reason="意见不够", calendar=Calendar())
    with pytest.raises(Refusal, match=ENDED):
        services.tick_task(director, NOW, old, done=False)


@pytest.mark.parametrize("state", [StageState.DONE, StageState.SKIPPED])
def test_tasks_of_an_ended_stage_are_neither_ticked_nor_edited_nor_added(scene, state):
    director, project = scene
    stage = project.stages[0]
    stage.state = state
    task = queries.tasks_of(stage.id)[0]
    with pytest.raises(Refusal, match=ENDED):
        services.tick_task(director, NOW, task, done=False)
    with pytest.raises(Refusal, match=ENDED):
        edit(director, task)
    with pytest.raises(Refusal, match=ENDED):
        services.add_task(director, NOW, stage, title="再贴一次")


@pytest.mark.parametrize("origin", [TaskOrigin.MEETING, TaskOrigin.CHECK])
def test_what_a_late_meeting_or_check_asks_for_goes_to_the_present_stage(scene, origin):
    director, project = scene
    task = services.add_task(director, NOW, project.stages[0], title="补一次", origin=origin)
    assert task.stage_id == project.stages[1].id


@pytest.mark.parametrize(("days", "allowed"), [(-1, False), (0, True), (1, True)])
def test_a_task_is_due_today_at_the_earliest(scene, days, allowed):
    director, project = scene
    due = TODAY + timedelta(days=days)
    task = projects.task(project.stages[1])
    if allowed:
        made = services.add_task(director, NOW, project.stages[1], title="x", due_on=due, note="记")
        assert made.note == "记"
        edit(director, task, due_on=due)
        return
    with pytest.raises(FieldRefusal, match="期限不能早于今天"):
        services.add_task(director, NOW, project.stages[1], title="x", due_on=due)
    with pytest.raises(FieldRefusal, match="期限不能早于今天"):
        edit(director, task, due_on=due)


def test_a_task_that_is_late_already_can_be_edited_without_moving_its_date(scene):
    director, project = scene
    task = projects.task(project.stages[1], due_on=date(2026, 1, 5))
    edit(director, task, note="催过了")
    assert task.note == "催过了"


def test_a_task_and_a_stage_that_somebody_else_changed_are_stale(scene):
    director, project = scene
    stage = project.stages[1]
    task = projects.task(stage)
    with pytest.raises(Stale):
        edit(director, task, version=task.version + 1)
    with pytest.raises(Stale):
        services.edit_stage(
            director, NOW, stage, version=stage.version + 1, lead_id=director.id, review_on=None
        )
