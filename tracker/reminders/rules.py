"""When to remind of what, and whom: one table of kinds, and the arithmetic of occurrences."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tracker.kernel.clock import at_local
from tracker.kernel.words import N_, Term
from tracker.workdays.rules import Calendar


class ReminderKind(Term):
    """What a reminder is about; one entry per kind of deadline."""

    STAGE = "stage", N_("阶段期限")
    TASK = "task", N_("事项期限")
    MEETING = "meeting", N_("会议")
    MINUTES = "minutes", N_("会议纪要")
    OPINION = "opinion", N_("意见答复")
    VOTE = "vote", N_("表决截止")


class Audience(Term):
    """In what capacity somebody is told."""

    STAGE_LEAD = "stage_lead", N_("阶段负责人")
    PROJECT_LEAD = "project_lead", N_("项目负责人")
    ASSIGNEE = "assignee", N_("承办人")
    ORGANISER = "organiser", N_("会议组织人")
    DIRECTOR = "director", N_("居委会主任")
    OFFICER = "officer", N_("街道工作人员")


class Phase(Term):
    """Where an occurrence stands relative to the deadline."""

    LEAD = "lead", N_("到期前提醒")
    OVERDUE = "overdue", N_("超期提醒")
    FOLLOW_UP = "follow_up", N_("事后提醒")
    DIRECTOR = "to_director", N_("升级到居委会主任")
    OFFICER = "to_officer", N_("升级到街道")


ESCALATIONS = {Phase.DIRECTOR: Audience.DIRECTOR, Phase.OFFICER: Audience.OFFICER}

LEAD_WORKDAYS = (7, 3, 1, 0)
"""Reminders before a deadline, in working days."""

OVERDUE_DAILY = 5
"""So many working days in a row after a missed deadline, then weekly."""

ESCALATE_DIRECTOR = 1
ESCALATE_OFFICER = 3
"""Working days after the deadline when the director, then the subdistrict, is told."""

SEND_AT = time(9, 3)
JITTER_MINUTES = 10
"""Reminders leave at 09:03 in Shanghai plus 0 to 9 minutes."""

LATE_AFTER = timedelta(hours=1)
"""A reminder that leaves later than this because nothing ran is marked 补发."""


@dataclass(frozen=True)
class Policy:
    """When to remind: working days before, and what follows a missed deadline.

    ``follow_up`` counts working days after the day itself, for what has no overdue state.
    """

    leads: tuple[int, ...] = LEAD_WORKDAYS
    overdue: bool = True
    escalates: bool = True
    follow_up: tuple[int, ...] = ()


@dataclass(frozen=True)
class KindRule:
    """One row of the table: words, where the link leads, who is told and when."""

    matter: str
    subject: str
    todo: str
    endpoint: str
    argument: str
    audience: tuple[Audience, ...]
    policy: Policy = field(default_factory=Policy)


KINDS: dict[ReminderKind, KindRule] = {
    ReminderKind.STAGE: KindRule(
        matter=N_("阶段「%(title)s」"),
        subject=N_("阶段「%(title)s」%(due)s"),
        todo=N_("完成这个阶段；来不及就调整日期。"),
        endpoint="workflow.stage",
        argument="stage_id",
        audience=(Audience.STAGE_LEAD, Audience.PROJECT_LEAD),
    ),
    ReminderKind.TASK: KindRule(
        matter=N_("事项「%(title)s」"),
        subject=N_("事项「%(title)s」%(due)s"),
        todo=N_("做完后到阶段页上标记完成。"),
        endpoint="workflow.stage",
        argument="stage_id",
        audience=(Audience.ASSIGNEE,),
    ),
    ReminderKind.MEETING: KindRule(
        matter=N_("会议「%(title)s」"),
        subject=N_("会议「%(title)s」%(when)s 召开"),
        todo=N_("通知参会的人，备好议程和材料。"),
        endpoint="meetings.show",
        argument="meeting_id",
        audience=(Audience.ORGANISER, Audience.PROJECT_LEAD),
        policy=Policy(leads=(1, 0), overdue=False, escalates=False),
    ),
    ReminderKind.MINUTES: KindRule(
        matter=N_("会议「%(title)s」的纪要"),
        subject=N_("会议「%(title)s」还没有纪要"),
        todo=N_("登记会议情况和纪要；会议没有开成就取消它。"),
        endpoint="meetings.show",
        argument="meeting_id",
        audience=(Audience.ORGANISER, Audience.PROJECT_LEAD),
        policy=Policy(leads=(), overdue=False, escalates=False, follow_up=(3, 7)),
    ),
    ReminderKind.OPINION: KindRule(
        matter=N_("%(n)d 条意见的答复"),
        subject=N_("%(n)d 条意见等待答复，%(due)s"),
        todo=N_("写好答复，或并入相同的意见。"),
        endpoint="opinions.index",
        argument="project_id",
        audience=(Audience.PROJECT_LEAD,),
    ),
    ReminderKind.VOTE: KindRule(
        matter=N_("表决「%(title)s」截止"),
        subject=N_("表决「%(title)s」截止：%(due)s"),
        todo=N_("催收表决票；到时间后截止投票，开始计票。"),
        endpoint="counts.show",
        argument="vote_id",
        audience=(Audience.STAGE_LEAD,),
    ),
}
"""Every kind of reminder; ``queries.FINDERS`` finds what each is about."""


@dataclass(frozen=True)
class Occurrence:
    """One time that something is reminded of: ``L7`` … ``O1`` … ``W1``, ``E-director``."""

    code: str
    day: date
    phase: Phase


def occurrences(
    deadline: date, until: date, calendar: Calendar, policy: Policy | None = None
) -> list[Occurrence]:
    """Every occurrence of a deadline up to and including ``until``, in the order of time.

    Days before are counted from the last working day on or before the deadline, so that
    nothing falls on a day when nobody works.
    """
    rule = policy or Policy()
    found: list[Occurrence] = []
    base = calendar.last_on_or_before(deadline)
    for lead in sorted(rule.leads, reverse=True):
        found.append(Occurrence(f"L{lead}", calendar.add(base, -lead), Phase.LEAD))
    for count in rule.follow_up:
        found.append(Occurrence(f"A{count}", calendar.add(deadline, count), Phase.FOLLOW_UP))
    if rule.overdue and until > deadline:
        found.extend(_overdue(deadline, until, calendar))
    if rule.escalates and until > deadline:
        for count, phase, code in (
            (ESCALATE_DIRECTOR, Phase.DIRECTOR, "E-director"),
            (ESCALATE_OFFICER, Phase.OFFICER, "E-officer"),
        ):
            found.append(Occurrence(code, calendar.add(deadline, count), phase))
    return sorted((o for o in found if o.day <= until), key=lambda o: o.day)


def _overdue(deadline: date, until: date, calendar: Calendar) -> list[Occurrence]:
    found = []
    day = deadline
    for count in range(1, OVERDUE_DAILY + 1):
        day = calendar.add(day, 1)
        found.append(Occurrence(f"O{count}", day, Phase.OVERDUE))
    for week in range(1, max(0, (until - day).days) // 7 + 1):
        moved = calendar.add(day + timedelta(weeks=week), 0)
        found.append(Occurrence(f"W{week}", moved, Phase.OVERDUE))
    return found


def chosen(
    timetable: Sequence[Occurrence], is_due: Callable[[Occurrence], bool]
) -> list[Occurrence]:
    """What is to be said now: only the newest reminder, and every escalation.

    After downtime older reminders say nothing that the newest does not say better;
    escalations go to other people and never expire.
    """
    due = [o for o in timetable if is_due(o)]
    regular = [o for o in due if o.phase not in ESCALATIONS]
    return regular[-1:] + [o for o in due if o.phase in ESCALATIONS]


def due_at(day: date, target_key: str) -> datetime:
    """The instant on ``day`` when the target's reminders leave; the same every time."""
    digest = hashlib.sha256(f"{target_key}:{day.isoformat()}".encode()).digest()
    return at_local(day, SEND_AT) + timedelta(minutes=digest[0] % JITTER_MINUTES)


def is_late(due: datetime, now: datetime, last_round: datetime | None) -> bool:
    """Whether a reminder due at ``due`` leaves late because nothing ran at that time.

    ``last_round`` is when planning last came round. What came into being after its
    reminder's time is not late, nor is anything before the first round ever.
    """
    return last_round is not None and last_round < due and now - due > LATE_AFTER


def horizon(today: date, calendar: Calendar, policy: Policy) -> date:
    """The latest deadline that can have anything due on ``today``."""
    furthest = max(policy.leads, default=0)
    return calendar.add(today, furthest + 1) - timedelta(days=1)
