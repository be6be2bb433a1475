"""What lists show of a project is what its own page says."""

from __future__ import annotations

import secrets

import pytest

from tests.factories import people, places, projects
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.projects import queries
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState, StageState

TODO, ACTIVE, BLOCKED, DONE, SKIPPED = StageState


def project_at(*states: StageState, state: ProjectState = ProjectState.ACTIVE) -> Project:
    """A project whose first stages are in these states, and the rest not begun."""
    director = people.user(Role.DIRECTOR, people.committee(secrets.token_hex(4)))
    made = projects.project(director, places.compound(director.committee))
    made.state = state
    for stage, reached in zip(made.stages, states, strict=False):
        stage.state = reached
        stage.actual_start = None if reached is TODO else stage.planned_start
        stage.actual_end = stage.planned_end if reached in (DONE, SKIPPED) else None
    db.session.commit()
    return made


@pytest.mark.usefixtures("arrange")
@pytest.mark.parametrize(
    ("states", "current"),
    [
        ((), 1),
        ((ACTIVE,), 1),
        ((DONE, TODO), 2),
        ((DONE, SKIPPED, BLOCKED), 3),
        ((TODO, DONE), 1),
        ((TODO, ACTIVE), 2),
        ((DONE,) * 5, None),
    ],
)
def test_the_present_stage_of_a_line_is_that_of_the_project(states, current):
    project = project_at(*states)
    (line,) = queries.lines([project.id])
    assert (line.current.position if line.current else None) == current
    assert (project.current.position if project.current else None) == current
    assert line.stages == 5
    assert (line.committee, line.compound, line.lead) == (
        project.committee.name,
        project.compound.name,
        project.lead.display_name,
    )


@pytest.mark.usefixtures("arrange")
@pytest.mark.parametrize(
    ("state", "stage", "counts"),
    [
        (ProjectState.ACTIVE, ACTIVE, True),
        (ProjectState.ACTIVE, BLOCKED, True),
        (ProjectState.ACTIVE, TODO, False),
        (ProjectState.PAUSED, ACTIVE, False),
        (ProjectState.CANCELLED, BLOCKED, False),
    ],
)
def test_a_deadline_counts_in_a_line_when_it_counts_in_the_project(state, stage, counts):
    project = project_at(stage, state=state)
    (line,) = queries.lines([project.id])
    assert line.current is not None
    assert line.current.counts is counts
    assert project.stages[0].counts is counts


@pytest.mark.usefixtures("arrange")
def test_lines_come_newest_first_and_none_for_none():
    made = [project_at(ACTIVE).id for _ in range(3)]
    assert [line.id for line in queries.lines(made)] == made[::-1]
    assert queries.lines([]) == []
