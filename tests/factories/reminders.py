"""A committee with one deadline, and what its people received."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa

from tests.factories import people, places, projects
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.clock import at_local
from tracker.kernel.database import db
from tracker.notifications.models import InboxItem
from tracker.reminders.models import PlannedReminder
from tracker.workdays import services as workdays

DEADLINE = date(2026, 3, 13)
"""The Friday on which the factory's first stage ends."""


def morning(day: date) -> datetime:
    """An instant on ``day`` after every reminder of that day is due."""
    return at_local(day, time(9, 30))


class Scene:
    """A committee with a project whose first stage is being worked on."""

    def __init__(self) -> None:
        workdays.load_packaged(NOW)
        home = people.committee()
        self.lead = people.user(of=home, display_name="王社工", email="wang@example.org")
        self.boss = people.user(of=home, display_name="赵社工")
        self.director = people.user(Role.DIRECTOR, of=home, display_name="李主任")
        self.officer = people.user(Role.OFFICER, of=home, display_name="陈科长")
        self.project = projects.project(self.boss, places.compound(home), at=StageKind.COLLECT)
        self.stage = self.project.stages[0]
        self.stage.lead_id = self.lead.id
        db.session.commit()


def received(user: User) -> list[str]:
    query = sa.select(InboxItem.subject).where(InboxItem.recipient_id == user.id)
    return list(db.session.scalars(query.order_by(InboxItem.id)))


def codes(user: User | None = None) -> list[str]:
    query = sa.select(PlannedReminder.occurrence).order_by(PlannedReminder.id)
    if user is not None:
        query = query.where(PlannedReminder.recipient_id == user.id)
    return list(db.session.scalars(query))
