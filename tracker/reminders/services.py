"""Planning reminders: whatever is due and absent is put into inbox and outbox, once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.upsert import insert_into
from tracker.kernel.words import M_
from tracker.notifications import queries as notification_queries
from tracker.notifications import services as notifications
from tracker.notifications.models import Delivery
from tracker.notifications.rules import ChannelKind, Failure, after_quiet
from tracker.projects.models import Project
from tracker.reminders import queries, wording
from tracker.reminders.models import PlannedReminder
from tracker.reminders.queries import Circle, Person, Scope, Target
from tracker.reminders.rules import (
    ESCALATIONS,
    KINDS,
    Audience,
    Occurrence,
    Phase,
    Policy,
    ReminderKind,
    chosen,
    due_at,
    horizon,
    is_late,
    occurrences,
)
from tracker.reminders.wording import Notice
from tracker.workdays import queries as workdays
from tracker.workdays.rules import Calendar

PLAN_JOB = "plan"
"""The heartbeat's name; every round of planning leaves one."""

LOOK_AHEAD = timedelta(days=21)
"""How far the next reminder is looked for; the longest gap is a week and a holiday."""


SET_BACK = timedelta(days=1)
"""A clock set back by up to this much brings no older reminder after a newer one."""


@dataclass(frozen=True)
class Due:
    """One reminder to one person that is due now, unless one of ``newer`` was sent already."""

    key: str
    person: Person
    due_at: datetime
    notice: Notice
    newer: tuple[str, ...] = ()


def plan(now: datetime) -> int:
    """Plan everything that is due and absent; returns how many reminders were new.

    Idempotent, and right with several planners at once: the unique key decides.
    """
    return put(due(now), now)


def due(now: datetime) -> list[Due]:
    """Every reminder that is due at ``now`` and was not planned before; only reads."""
    calendar = workdays.calendar()
    today = clock.local_date(now)
    last_round = notification_queries.heartbeat(PLAN_JOB)
    targets = [
        target
        for kind, find in queries.FINDERS.items()
        for target in find(Scope(now, horizon(today, calendar, KINDS[kind].policy)))
    ]
    if not targets:
        return []
    found = list(_due(targets, now, calendar, queries.circle(), last_round))
    inbox = ChannelKind.INBOX
    asked = {_key(key, inbox) for item in found for key in (item.key, *item.newer)}
    known = queries.planned_keys(sorted(asked))
    return sorted(
        (
            item
            for item in found
            if not any(_key(key, inbox) in known for key in (item.key, *item.newer))
        ),
        key=lambda item: item.key,
    )


def _due(
    targets: Sequence[Target],
    now: datetime,
    calendar: Calendar,
    circle: Circle,
    last_round: datetime | None,
) -> Iterator[Due]:
    today = clock.local_date(now)
    timetables: dict[tuple[date, Policy], list[Occurrence]] = {}
    for target in targets:
        policy = policy_of(target)
        shelf = (target.deadline, policy)
        if shelf not in timetables:
            timetables[shelf] = occurrences(target.deadline, today + LOOK_AHEAD, calendar, policy)
        timetable = timetables[shelf]
        current = chosen(timetable, lambda o, t=target: due_at(o.day, t.key) <= now)  # type: ignore[misc]
        told = {o: recipients(target, o, circle) for o in current}
        for occurrence, people in told.items():
            at = due_at(occurrence.day, target.key)
            together = [p for o in current if o.day == occurrence.day for p in told[o]]
            for person, capacities in people.items():
                yield Due(
                    f"{target.key}:{occurrence.code}:{person.id}",
                    person,
                    at,
                    Notice(
                        target,
                        occurrence,
                        capacities,
                        sorted({p.name for p in together if p.id != person.id}),
                        _next_day(timetable, occurrence, target, now),
                        is_late(at, now, last_round),
                        today,
                    ),
                    tuple(
                        f"{target.key}:{o.code}:{person.id}"
                        for o in _soon(timetable, occurrence, target, now)
                    ),
                )


def policy_of(target: Target) -> Policy:
    """The rule of the target's kind; what need not be done is not escalated."""
    policy = KINDS[target.kind].policy
    if policy.escalates and not target.escalates:
        return Policy(policy.leads, policy.overdue, False, policy.follow_up)
    return policy


def recipients(
    target: Target, occurrence: Occurrence, circle: Circle
) -> dict[Person, list[Audience]]:
    """Who is told of an occurrence, each person once with all capacities.

    An escalation leaves out whoever is reminded anyway. When nobody of the kind's audience
    has an open account any more, the committee's directors are told instead.
    """
    regular: dict[Person, list[Audience]] = {}
    for audience in KINDS[target.kind].audience:
        for person in circle.told(target, audience):
            regular.setdefault(person, []).append(audience)
    if not regular:
        regular = {p: [Audience.DIRECTOR] for p in circle.told(target, Audience.DIRECTOR)}
    if occurrence.phase not in ESCALATIONS:
        return regular
    audience = ESCALATIONS[occurrence.phase]
    return {p: [audience] for p in circle.told(target, audience) if p not in regular}


def _next_day(
    timetable: Sequence[Occurrence], occurrence: Occurrence, target: Target, now: datetime
) -> date | None:
    if occurrence.phase in ESCALATIONS:
        return None
    return next(
        (
            o.day
            for o in timetable
            if o.phase not in ESCALATIONS and due_at(o.day, target.key) > now
        ),
        None,
    )


def _soon(
    timetable: Sequence[Occurrence], occurrence: Occurrence, target: Target, now: datetime
) -> list[Occurrence]:
    """What comes next within a day: sent already only if the clock was set back since."""
    if occurrence.phase in ESCALATIONS:
        return []
    return [
        o
        for o in timetable
        if o.phase not in ESCALATIONS and now < due_at(o.day, target.key) <= now + SET_BACK
    ]


def put(found: Sequence[Due], now: datetime) -> int:
    """File what ``due`` found with its messages, in one transaction; returns the new ones.

    The inbox is always served. A letter goes along when the person has an address and mail
    is set up; in quiet hours it waits for the morning.
    """
    notifications.beat(PLAN_JOB, now)
    new = _insert_planned([(item, ChannelKind.INBOX) for item in found], now)
    fresh = [item for item in found if _key(item.key, ChannelKind.INBOX) in new]
    if not fresh:
        return 0
    calendar = workdays.calendar()
    texts: dict[str, tuple[str, str]] = {}
    for item in fresh:
        with wording.language_of(item.person):
            texts[item.key] = (
                wording.subject(item.notice, calendar)[:200],
                wording.body(item.notice, calendar),
            )
    numbers = notifications.put_in_inbox(
        [
            notifications.Item(
                key=_key(item.key, ChannelKind.INBOX),
                recipient_id=item.person.id,
                subject=texts[item.key][0],
                body=texts[item.key][1],
                link=wording.path_to(item.notice.target),
                project_id=item.notice.target.project_id,
            )
            for item in fresh
        ],
        now,
    )
    if notification_queries.mail_is_configured():
        _put_letters([item for item in fresh if item.person.email], texts, dict(numbers), now)
    _note_overdue(fresh, now)
    return len(fresh)


def _key(key: str, channel: ChannelKind) -> str:
    return f"{key}:{channel.value}"


def _insert_planned(found: Sequence[tuple[Due, ChannelKind]], now: datetime) -> set[str]:
    if not found:
        return set()
    rows = []
    for item, channel in found:
        notice = item.notice
        rows.append(
            {
                "key": _key(item.key, channel),
                "committee_id": notice.target.committee_id,
                "kind": notice.target.kind,
                "target_id": notice.target.id,
                "project_id": notice.target.project_id,
                "recipient_id": item.person.id,
                "channel": channel,
                "occurrence": notice.occurrence.code,
                "phase": notice.occurrence.phase,
                "deadline": notice.target.deadline,
                "due_at": item.due_at,
                "planned_at": now,
                "late": notice.late,
            }
        )
    insert = insert_into(PlannedReminder).on_conflict_do_nothing()
    return set(db.session.scalars(insert.returning(PlannedReminder.key), rows))


def _put_letters(
    items: Sequence[Due],
    texts: dict[str, tuple[str, str]],
    numbers: dict[str, int],
    now: datetime,
) -> None:
    letters = []
    for item in items:
        heading, text = texts[item.key]
        path = wording.path_to(item.notice.target)
        with wording.language_of(item.person):
            body = wording.letter(text, path, numbers[_key(item.key, ChannelKind.INBOX)])
        letters.append(
            notifications.Letter(
                key=_key(item.key, ChannelKind.EMAIL),
                recipient_id=item.person.id,
                address=item.person.email,
                subject=heading,
                body=body,
                not_before=after_quiet(now),
                project_id=item.notice.target.project_id,
            )
        )
    _insert_planned([(item, ChannelKind.EMAIL) for item in items], now)
    notifications.queue_letters(letters, now)


def _note_overdue(fresh: Sequence[Due], now: datetime) -> None:
    """曾超期 stays on the project for good."""
    late = {
        item.notice.target.project_id: item.notice.target.committee_id
        for item in fresh
        if item.notice.target.kind is ReminderKind.STAGE
        and item.notice.occurrence.phase in (Phase.OVERDUE, *ESCALATIONS)
    }
    for project_id, committee_id in sorted(late.items()):
        # Past the version: nobody who edits the project meanwhile is told of a conflict.
        marked = db.session.execute(
            sa.update(Project)
            .where(Project.id == project_id, Project.was_overdue.is_(False))
            .values(was_overdue=True)
        )
        if marked.rowcount:  # type: ignore[attr-defined]
            record(
                "project.overdue",
                M_("有阶段超过了期限，项目记为曾超期"),
                actor_id=None,
                now=now,
                committee_id=committee_id,
                project_id=project_id,
            )


def is_wanted(key: str, now: datetime) -> bool:
    """Whether the letter of this key is still to be sent; letters about other things are."""
    row = queries.planned(key)
    return row is None or queries.is_still_open(row, now)


def tell_of_dead_letter(delivery: Delivery, now: datetime) -> None:
    """Put word into the recipient's inbox that a letter could not be delivered, and why."""
    user = db.session.get(User, delivery.recipient_id) if delivery.recipient_id else None
    if user is None:
        return
    person = Person(user.id, user.display_name, user.email or "", user.language)
    with wording.language_of(person):
        heading, text = wording.dead_letter(
            delivery.subject, delivery.last_failure or Failure.PERMANENT, delivery.last_error
        )
    notifications.put_in_inbox(
        [
            notifications.Item(
                key=f"dead:{delivery.id}",
                recipient_id=user.id,
                subject=heading[:200],
                body=text,
                link=wording.path_of_inbox(),
                project_id=delivery.project_id,
            )
        ],
        now,
    )
