"""Finding what has a deadline, who is concerned, and what was planned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.accounts.models import Committee, User
from tracker.accounts.rules import Role
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.meetings.models import Meeting
from tracker.meetings.rules import MeetingState
from tracker.notifications.models import Delivery, InboxItem
from tracker.notifications.rules import DeliveryState, Failure
from tracker.opinions.models import Opinion
from tracker.opinions.rules import OpinionStatus
from tracker.projects.models import Project, Stage, Task
from tracker.projects.queries import within_reach
from tracker.projects.rules import ENDED_STATES, OPEN_STATES, ProjectState, StageState
from tracker.reminders.models import PlannedReminder
from tracker.reminders.rules import Audience, ReminderKind
from tracker.votes.models import Vote
from tracker.votes.words import VoteState
from tracker.workdays import queries as workdays

MINUTES_WINDOW = timedelta(days=60)
"""Meetings longer ago than this have had all reminders about their minutes."""


@dataclass(frozen=True)
class Target:
    """Something with a deadline that is still open, as plain values."""

    kind: ReminderKind
    id: int
    revision: str
    project_id: int
    committee_id: int
    project_title: str
    title: str
    deadline: date
    people: Mapping[Audience, int]
    link_id: int
    at: datetime | None = None
    place: str = ""
    count: int = 0
    escalates: bool = True

    @property
    def key(self) -> str:
        """What names this deadline: it changes whenever the deadline moves."""
        return f"{self.kind.value}:{self.id}:{self.revision}.{self.deadline:%Y%m%d}"


@dataclass(frozen=True)
class Scope:
    """Which targets are asked for: deadlines up to ``until``, narrowed to one or a project."""

    now: datetime
    until: date
    project_id: int | None = None
    target_id: int | None = None

    def within(self, target: Any) -> list[sa.ColumnElement[bool]]:
        """Conditions for the narrowing, and that the project is running."""
        asked = [Project.state == ProjectState.ACTIVE]
        if self.project_id is not None:
            asked.append(Project.id == self.project_id)
        if self.target_id is not None:
            asked.append(target == self.target_id)
        return asked


def _stages(scope: Scope) -> Iterable[Target]:
    rows = db.session.execute(
        sa.select(
            Stage.id, Stage.deadline_revision, Stage.project_id, Stage.committee_id,
            Project.title, Stage.title, Stage.planned_end, Stage.lead_id, Project.lead_id,
        )
        .join(Stage.project)
        .where(
            Stage.state.in_(OPEN_STATES),
            Stage.planned_end <= scope.until,
            *scope.within(Stage.id),
        )
    )  # fmt: skip
    for number, revision, project_id, committee_id, project, title, end, lead, boss in rows:
        yield Target(
            ReminderKind.STAGE, number, str(revision), project_id, committee_id, project, title,
            end, {Audience.STAGE_LEAD: lead, Audience.PROJECT_LEAD: boss}, number,
        )  # fmt: skip


def _tasks(scope: Scope) -> Iterable[Target]:
    rows = db.session.execute(
        sa.select(
            Task.id, Task.deadline_revision, Task.project_id, Task.committee_id, Project.title,
            Task.title, Task.due_on, sa.func.coalesce(Task.assignee_id, Stage.lead_id),
            Task.stage_id, Task.required,
        )
        .join(Task.project)
        .join(Task.stage)
        .where(
            Task.done_at.is_(None),
            Task.due_on <= scope.until,
            Task.round == Stage.round,
            Stage.state.not_in(ENDED_STATES),
            *scope.within(Task.id),
        )
    )  # fmt: skip
    for number, revision, project_id, committee_id, project, title, due, who, stage, must in rows:
        assert due is not None  # the query asked for those that are due
        yield Target(
            ReminderKind.TASK, number, str(revision), project_id, committee_id, project, title,
            due, {Audience.ASSIGNEE: who}, stage, escalates=must,
        )  # fmt: skip


def _meeting(kind: ReminderKind, scope: Scope, *conditions: Any) -> Iterable[Target]:
    rows = db.session.execute(
        sa.select(
            Meeting.id, Meeting.project_id, Meeting.committee_id, Project.title, Meeting.title,
            Meeting.planned_at, Meeting.place, Meeting.created_by, Project.lead_id,
        )
        .join(Meeting.project)
        .where(*conditions, *scope.within(Meeting.id))
    )  # fmt: skip
    for number, project_id, committee_id, project, title, at, place, author, lead in rows:
        local = at.astimezone(clock.SHANGHAI)
        yield Target(
            kind, number, f"{local:%H%M}", project_id, committee_id, project, title, local.date(),
            {Audience.ORGANISER: author, Audience.PROJECT_LEAD: lead}, number, at, place,
            escalates=False,
        )  # fmt: skip


def _meetings(scope: Scope) -> Iterable[Target]:
    return _meeting(
        ReminderKind.MEETING,
        scope,
        Meeting.state == MeetingState.PLANNED,
        Meeting.planned_at > scope.now,
        Meeting.planned_at <= clock.end_of_day(scope.until),
    )


def _minutes(scope: Scope) -> Iterable[Target]:
    return _meeting(
        ReminderKind.MINUTES,
        scope,
        sa.or_(
            Meeting.state == MeetingState.PLANNED,
            sa.and_(Meeting.state == MeetingState.HELD, Meeting.minutes == ""),
        ),
        Meeting.planned_at.between(scope.now - MINUTES_WINDOW, scope.now),
    )


def _opinions(scope: Scope) -> Iterable[Target]:
    """One target per project: its oldest reply that is owed, and how many are."""
    rows = db.session.execute(
        sa.select(
            Opinion.project_id, Opinion.committee_id, Project.title, Project.lead_id,
            sa.func.min(Opinion.reply_due), sa.func.count(),
        )
        .join(Opinion.project)
        .where(
            Opinion.status.in_([OpinionStatus.NEW, OpinionStatus.ACKNOWLEDGED]),
            Opinion.reply_due <= scope.until,
            *scope.within(Opinion.project_id),
        )
        .group_by(Opinion.project_id, Opinion.committee_id, Project.title, Project.lead_id)
    )  # fmt: skip
    for project_id, committee_id, project, lead, due, count in rows:
        yield Target(
            ReminderKind.OPINION, project_id, "1", project_id, committee_id, project, "", due,
            {Audience.PROJECT_LEAD: lead}, project_id, count=count,
        )  # fmt: skip


def _votes(scope: Scope) -> Iterable[Target]:
    ends_at = sa.func.coalesce(Vote.extended_to, Vote.closes_at)
    rows = db.session.execute(
        sa.select(
            Vote.id, Vote.project_id, Vote.committee_id, Project.title, Vote.title,
            ends_at, Stage.lead_id,
        )
        .join(Vote.project)
        .join(Vote.stage)
        .where(
            Vote.state == VoteState.OPEN,
            ends_at <= clock.end_of_day(scope.until),
            *scope.within(Vote.id),
        )
    )  # fmt: skip
    for number, project_id, committee_id, project, title, at, lead in rows:
        local = at.astimezone(clock.SHANGHAI)
        yield Target(
            ReminderKind.VOTE, number, f"{local:%H%M}", project_id, committee_id, project, title,
            local.date(), {Audience.STAGE_LEAD: lead}, number, at,
        )  # fmt: skip


FINDERS: dict[ReminderKind, Callable[[Scope], Iterable[Target]]] = {
    ReminderKind.STAGE: _stages,
    ReminderKind.TASK: _tasks,
    ReminderKind.MEETING: _meetings,
    ReminderKind.MINUTES: _minutes,
    ReminderKind.OPINION: _opinions,
    ReminderKind.VOTE: _votes,
}
"""How the targets of each kind are found, by indexed columns only."""


@dataclass(frozen=True)
class Person:
    """Whoever may be reminded, as plain values."""

    id: int
    name: str
    email: str
    language: str


@dataclass(frozen=True)
class Circle:
    """All active people, and who is told when something is escalated, by committee."""

    people: Mapping[int, Person]
    directors: Mapping[int, Sequence[Person]]
    officers: Mapping[int, Sequence[Person]]

    def told(self, target: Target, audience: Audience) -> Sequence[Person]:
        """The people of one capacity; somebody who has left is stood in for by nobody here."""
        if audience is Audience.DIRECTOR:
            return self.directors.get(target.committee_id, ())
        if audience is Audience.OFFICER:
            return self.officers.get(target.committee_id, ())
        person = self.people.get(target.people.get(audience, 0))
        return () if person is None else (person,)


def circle() -> Circle:
    """Everybody with an open account; two queries, however many targets there are."""
    people: dict[int, Person] = {}
    directors: dict[int, list[Person]] = {}
    officers: dict[int, list[Person]] = {}
    rows = db.session.execute(
        sa.select(
            User.id, User.display_name, User.email, User.language, User.role,
            User.committee_id, User.subdistrict_id,
        )
        .where(User.disabled_at.is_(None))
        .order_by(User.id)
    )  # fmt: skip
    for number, name, email, language, role, committee_id, subdistrict_id in rows:
        person = people[number] = Person(number, name, email or "", language)
        if role is Role.OFFICER:
            officers.setdefault(subdistrict_id, []).append(person)
        elif role is Role.DIRECTOR and committee_id is not None:
            directors.setdefault(committee_id, []).append(person)
    homes = db.session.execute(sa.select(Committee.id, Committee.subdistrict_id))
    return Circle(people, directors, {home: officers.get(area, []) for home, area in homes})


def planned_keys(keys: Sequence[str]) -> set[str]:
    """Those of ``keys`` that were planned before."""
    found: set[str] = set()
    for start in range(0, len(keys), 500):
        query = sa.select(PlannedReminder.key).where(
            PlannedReminder.key.in_(keys[start : start + 500])
        )
        found.update(db.session.scalars(query))
    return found


def planned(key: str) -> PlannedReminder | None:
    """The planned reminder of this key, or None for a letter that is no reminder."""
    return db.session.scalar(
        sa.select(PlannedReminder)
        .where(PlannedReminder.key == key)
        .options(joinedload(PlannedReminder.recipient))
    )


def is_still_open(row: PlannedReminder, now: datetime) -> bool:
    """Whether what the reminder is about is still open, with the same deadline and person."""
    scope = Scope(now, date.max, target_id=row.target_id)
    keys = [f"{target.key}:" for target in FINDERS[row.kind](scope)]
    return row.recipient.is_active and any(row.key.startswith(key) for key in keys)


@dataclass(frozen=True)
class Fate:
    """What became of a reminder that was handed to its channel."""

    subject: str
    item_id: int | None = None
    read_at: datetime | None = None
    state: DeliveryState | None = None
    sent_at: datetime | None = None
    next_try_at: datetime | None = None
    failure: Failure | None = None
    last_error: str = ""


def sent_of_project(project_id: int) -> sa.Select[PlannedReminder]:
    """Reminders of a project that went out, newest first."""
    return (
        sa.select(PlannedReminder)
        .where(PlannedReminder.project_id == project_id)
        .options(joinedload(PlannedReminder.recipient))
        .order_by(PlannedReminder.id.desc())
    )


def fates(keys: Sequence[str]) -> dict[str, Fate]:
    """What became of the reminders with these keys; two queries for a whole page."""
    items = db.session.execute(
        sa.select(InboxItem.key, InboxItem.id, InboxItem.subject, InboxItem.read_at).where(
            InboxItem.key.in_(keys)
        )
    )
    found = {key: Fate(subject, number, read) for key, number, subject, read in items}
    letters = db.session.scalars(sa.select(Delivery).where(Delivery.key.in_(keys)))
    for row in letters:
        found[row.key] = Fate(
            row.subject,
            state=row.state,
            sent_at=row.sent_at,
            next_try_at=row.next_try_at,
            failure=row.last_failure,
            last_error=row.last_error,
        )
    return found


def _furthest(
    state: StageState, since: date, *reach: sa.ColumnElement[bool]
) -> sa.ScalarSelect[date]:
    """The last day on which a running stage in ``state`` ends, by one look at the index's end.

    Asked for all states at once, the databases sort every stage there is, on every page.
    """
    return (
        sa.select(Stage.planned_end)
        .join(Stage.project)
        .where(
            Stage.state == state,
            Stage.planned_end >= since,
            Project.state == ProjectState.ACTIVE,
            *reach,
        )
        .order_by(Stage.planned_end.desc())
        .limit(1)
        .scalar_subquery()
    )


def unannounced_years(actor: User, today: date) -> list[int]:
    """Years in which stages within ``actor``'s reach end and whose holidays are not known.

    Until they are, those deadlines of running projects are estimates by Monday to Friday.
    """
    calendar = workdays.calendar()
    first = today.year
    while first in calendar.years:
        first += 1
    reach = [within_reach(actor)]
    if actor.committee_id is not None:
        reach.append(within_reach(actor, Stage.committee_id))  # begins the index of its stages
    states = (StageState.TODO, *OPEN_STATES)
    ends = db.session.execute(
        sa.select(*(_furthest(state, date(first, 1, 1), *reach) for state in states))
    ).one()
    furthest = max((end for end in ends if end is not None), default=None)
    return calendar.years_missing(today, furthest) if furthest is not None else []
