"""What happens to meetings: planned, moved, called off, held, their minutes corrected.

Options and motions are in ``proposals.py``; their functions are to be had here too, so that
other capabilities know one module.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm.attributes import flag_modified

from tracker.accounts import queries as people
from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason, Refusal, Stale, require
from tracker.kernel.words import M_, Message
from tracker.meetings import queries
from tracker.meetings.models import (
    Attendance,
    EarlierMinutes,
    Meeting,
    MeetingAction,
    Resolution,
)
from tracker.meetings.proposals import (
    add_option,
    choose_option,
    edit_motion,
    put_on_ballot,
    revise_option,
    take_off_ballot,
    withdraw_motion,
    word_motion,
)
from tracker.meetings.rules import (
    MOST_PEOPLE,
    ActionLine,
    MeetingKind,
    MeetingState,
    MinutesText,
    Party,
    ResolutionOutcome,
)
from tracker.projects import queries as projects
from tracker.projects.models import Project, Stage
from tracker.projects.rules import TaskOrigin
from tracker.projects.services import add_task, require_running

__all__ = [
    "add_option",
    "cancel_meeting",
    "choose_option",
    "correct_minutes",
    "edit_meeting",
    "edit_motion",
    "hold_meeting",
    "plan_meeting",
    "put_on_ballot",
    "revise_option",
    "take_off_ballot",
    "withdraw_motion",
    "word_motion",
]


def plan_meeting(
    actor: User,
    now: datetime,
    project_id: int,
    *,
    kind: MeetingKind,
    title: str,
    planned_at: datetime,
    place: str,
    agenda: str = "",
) -> Meeting:
    """Plan a meeting. A time in the past is fine: some are entered after they took place.

    Raises NotFound for a foreign project, Refusal when it does not run or has no stage.
    """
    project = projects.project(actor, project_id)
    require_running(project)
    stage = _stage(project)
    meeting = Meeting(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        round=stage.round,
        kind=kind,
        title=title,
        planned_at=planned_at,
        place=place,
        agenda=agenda,
        created_by=actor.id,
    )
    db.session.add(meeting)
    db.session.flush()
    _tell(actor, now, meeting, "meeting.planned", M_("安排了会议「%(title)s」", title=title))
    return meeting


def edit_meeting(
    actor: User,
    now: datetime,
    meeting_id: int,
    *,
    kind: MeetingKind,
    title: str,
    planned_at: datetime,
    place: str,
    agenda: str = "",
    version: int | None = None,
) -> Meeting:
    """Change a planned meeting; raises Refusal once it was held or cancelled, Stale."""
    meeting = _planned(actor, meeting_id, version)
    moved = meeting.planned_at != planned_at
    meeting.kind, meeting.title, meeting.planned_at = kind, title, planned_at
    meeting.place, meeting.agenda = place, agenda
    what = (
        M_("会议「%(title)s」改期", title=title)
        if moved
        else M_("修改了会议「%(title)s」的安排", title=title)
    )
    _tell(actor, now, meeting, "meeting.edited", what)
    return meeting


def cancel_meeting(
    actor: User, now: datetime, meeting_id: int, *, reason: str, version: int | None = None
) -> Meeting:
    """Call a planned meeting off; the reason stays visible. Raises Refusal, Stale."""
    meeting = _planned(actor, meeting_id, version)
    meeting.state, meeting.cancel_reason = MeetingState.CANCELLED, reason
    _tell(
        actor, now, meeting, "meeting.cancelled", M_("取消了会议「%(title)s」", title=meeting.title)
    )
    return meeting


def hold_meeting(
    actor: User,
    now: datetime,
    meeting_id: int,
    held_at: datetime,
    attendance: Mapping[Party, int],
    minutes: str,
    resolutions: Sequence[tuple[str, ResolutionOutcome]] = (),
    actions: Iterable[tuple[str, int | None, date | None]] = (),
    *,
    version: int | None = None,
) -> Meeting:
    """Record that a meeting took place: who sat there by role, what was said and decided.

    ``actions`` are title, assignee (staff of the committee) and due day; each becomes a
    required task of the stage under way. Raises FieldRefusal for a time to come, for nobody
    present and for empty minutes; Refusal for an action that cannot stand; Stale.
    """
    meeting = _planned(actor, meeting_id, version)
    text = MinutesText(attendance, minutes, resolutions)
    _check_minutes(now, held_at, text)
    lines = [ActionLine(*line) for line in actions]
    _check_actions(meeting, held_at, lines)
    meeting.state = MeetingState.HELD
    _write_minutes(meeting, held_at, text)
    _give_tasks(actor, now, meeting, lines)
    what = M_(
        "召开了会议「%(title)s」，到会 %(people)d 人，决议 %(points)d 条，分派事项 %(tasks)d 件",
        title=meeting.title,
        people=sum(attendance.values()),
        points=len(resolutions),
        tasks=len(lines),
    )
    _tell(actor, now, meeting, "meeting.held", what)
    return meeting


def correct_minutes(
    actor: User,
    now: datetime,
    meeting_id: int,
    *,
    held_at: datetime,
    attendance: Mapping[Party, int],
    minutes: str,
    resolutions: Sequence[tuple[str, ResolutionOutcome]] = (),
    reason: str,
    version: int | None = None,
) -> Meeting:
    """Correct the minutes; the earlier ones stay to be read, with the corrector and the reason.

    Raises the same refusals as ``hold_meeting``; tasks already given are not touched.
    """
    meeting = queries.meeting(actor, meeting_id)
    require_running(meeting.project)
    require(meeting.state is MeetingState.HELD, M_("会议还没有纪要，请先记录会议。"))
    _same_version(meeting, version)
    text = MinutesText(attendance, minutes, resolutions)
    _check_minutes(now, held_at, text)
    _keep_earlier(actor, now, meeting, reason)
    meeting.attendance.clear()
    meeting.resolutions.clear()
    # The old rows must be gone before new ones take their places (unique constraints), and
    # the meeting's version must move even when only its rows change.
    flag_modified(meeting, "minutes")
    db.session.flush()
    _write_minutes(meeting, held_at, text)
    what = M_("更正了会议「%(title)s」的纪要，原纪要保留", title=meeting.title)
    _tell(actor, now, meeting, "meeting.minutes_corrected", what)
    return meeting


def _stage(project: Project) -> Stage:
    stage = queries.stage_of_meetings(project)
    if stage is None:
        raise Refusal(M_("这个项目没有可以开会的阶段。"))
    return stage


def _planned(actor: User, meeting_id: int, version: int | None) -> Meeting:
    meeting = queries.meeting(actor, meeting_id)
    require_running(meeting.project)
    require(meeting.state is not MeetingState.HELD, M_("会议已经召开，请改为更正纪要。"))
    require(meeting.state is MeetingState.PLANNED, M_("会议已经取消，不能再改。"))
    _same_version(meeting, version)
    return meeting


def _same_version(meeting: Meeting, version: int | None) -> None:
    if version is not None and version != meeting.version:
        raise Stale


def _check_minutes(now: datetime, held_at: datetime, text: MinutesText) -> None:
    if held_at > now:
        raise FieldRefusal("held_on", M_("会议时间还没有到，开完会再记录。"))
    numbers = text.attendance.values()
    if any(not 0 <= people <= MOST_PEOPLE for people in numbers):
        raise Refusal(M_("到会人数不对，请核对。"))
    require(sum(numbers) > 0, M_("请填写到会人数：至少有一种身份的人到会。"))
    if not text.minutes.strip():
        raise FieldRefusal("minutes", M_("请写下会议纪要。"))


def _check_actions(meeting: Meeting, held_at: datetime, lines: Sequence[ActionLine]) -> None:
    staff = {user.id for user in people.staff(meeting.committee_id)}
    held_on, reasons = local_date(held_at), []
    for line in lines:
        if line.assignee_id is not None and line.assignee_id not in staff:
            reasons.append(M_("事项「%(title)s」的负责人不在本居委会。", title=line.title))
        if line.due_on is not None and line.due_on < held_on:
            reasons.append(M_("事项「%(title)s」的期限早于会议当天。", title=line.title))
    if reasons:
        raise Refusal(*(Reason(r) for r in reasons))


def _write_minutes(meeting: Meeting, held_at: datetime, text: MinutesText) -> None:
    meeting.held_at, meeting.minutes = held_at, text.minutes
    for party in Party:
        if count := text.attendance.get(party, 0):
            meeting.attendance.append(
                Attendance(committee_id=meeting.committee_id, party=party, people=count)
            )
    for position, (point, outcome) in enumerate(text.resolutions, start=1):
        meeting.resolutions.append(
            Resolution(
                committee_id=meeting.committee_id, position=position, text=point, outcome=outcome
            )
        )
    db.session.flush()


def _give_tasks(actor: User, now: datetime, meeting: Meeting, lines: Sequence[ActionLine]) -> None:
    for line in lines:
        task = add_task(
            actor,
            now,
            _stage(meeting.project),
            title=line.title,
            assignee_id=line.assignee_id,
            due_on=line.due_on,
            origin=TaskOrigin.MEETING,
        )
        meeting.actions.append(MeetingAction(committee_id=meeting.committee_id, task=task))
    db.session.flush()


def _keep_earlier(actor: User, now: datetime, meeting: Meeting, reason: str) -> None:
    meeting.earlier.append(
        EarlierMinutes(
            committee_id=meeting.committee_id,
            number=len(meeting.earlier) + 1,
            held_at=meeting.held_at,
            minutes=meeting.minutes,
            attendance={a.party.value: a.people for a in meeting.attendance},
            resolutions=[[r.text, r.outcome.value] for r in meeting.resolutions],
            reason=reason,
            corrected_by=actor.id,
            corrected_at=now,
        )
    )


def _tell(actor: User, now: datetime, meeting: Meeting, action: str, what: Message) -> None:
    record(
        action,
        what,
        actor_id=actor.id,
        now=now,
        committee_id=meeting.committee_id,
        project_id=meeting.project_id,
    )
