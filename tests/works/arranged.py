"""What the tests of the services share."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.audit.models import AuditEntry
from tracker.kernel.clock import local_date
from tracker.kernel.database import db

TODAY = local_date(NOW)
TOMORROW = TODAY + timedelta(days=1)


def started(**fields):
    """A worker and a project that is being built."""
    worker = people.user()
    return worker, projects.project(worker, places.compound(worker.committee), **fields)


def sentences(project) -> list[str]:
    """The texts of a project's history."""
    query = sa.select(AuditEntry).where(AuditEntry.project_id == project.id)
    entries = db.session.scalars(query.order_by(AuditEntry.id))
    return [f"{e.action} {e.text} {e.values}" for e in entries]
