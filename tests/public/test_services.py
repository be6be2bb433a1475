"""Showing a project to residents is a decision that the history tells."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refusal
from tracker.projects.rules import ProjectState
from tracker.public import queries, services


@pytest.fixture
def project(arrange):
    lead = people.user(Role.DIRECTOR)
    return projects.project(lead, places.compound(lead.committee), at=StageKind.FEEDBACK)


def test_publishing_and_withdrawing_happen_once_each(project):
    with pytest.raises(Refusal):
        services.withdraw(project.lead, NOW, project)
    services.publish(project.lead, NOW, project)
    assert queries.public_project(project.public_token) is project
    with pytest.raises(Refusal):
        services.publish(project.lead, NOW, project)
    services.withdraw(project.lead, NOW, project)
    with pytest.raises(NotFound):
        queries.public_project(project.public_token)
    told = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [e.action for e in told] == ["public.published", "public.withdrawn"]


def test_a_closed_project_may_still_be_shown(project):
    project.state, project.closed_on = ProjectState.CLOSED, project.started_on
    services.publish(project.lead, NOW, project)
    assert project.public_since == NOW


@pytest.mark.parametrize("state", list(ProjectState))
def test_residents_forms_are_open_with_stage_and_project(project, state):
    project.state = state
    running = state is ProjectState.ACTIVE
    assert queries.collecting(project, StageKind.FEEDBACK) is running
    assert queries.collecting(project, StageKind.COLLECT) is False
