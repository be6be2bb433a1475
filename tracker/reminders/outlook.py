"""What will be reminded of in a project: computed, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.kernel import clock
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState
from tracker.reminders import queries, services
from tracker.reminders.queries import Person, Scope, Target
from tracker.reminders.rules import Occurrence, Phase, due_at, occurrences
from tracker.workdays import queries as workdays

AHEAD = timedelta(days=120)
"""Deadlines further away than this are not listed yet."""


@dataclass(frozen=True)
class Coming:
    """A reminder that will go out unless the matter is done before."""

    at: datetime
    target: Target
    occurrence: Occurrence
    people: Sequence[Person]


def coming(project: Project, now: datetime) -> list[Coming]:
    """Every reminder of a project to come, soonest first.

    Of the reminders after a deadline only the first is listed: the later ones repeat it.
    """
    if project.state is not ProjectState.ACTIVE:
        return []
    calendar = workdays.calendar()
    circle = queries.circle()
    until = clock.local_date(now) + AHEAD
    found = []
    for find in queries.FINDERS.values():
        for target in find(Scope(now, until, project_id=project.id)):
            timetable = occurrences(
                target.deadline, until + AHEAD, calendar, services.policy_of(target)
            )
            for occurrence in _listed(timetable, target, now):
                people = list(services.recipients(target, occurrence, circle))
                at = due_at(occurrence.day, target.key)
                if people:
                    found.append(Coming(at, target, occurrence, people))
    return sorted(found, key=lambda item: item.at)


def _listed(timetable: Sequence[Occurrence], target: Target, now: datetime) -> list[Occurrence]:
    later = [o for o in timetable if due_at(o.day, target.key) > now]
    overdue = [o for o in later if o.phase is Phase.OVERDUE]
    return [o for o in later if o.phase is not Phase.OVERDUE or o in overdue[:1]]
