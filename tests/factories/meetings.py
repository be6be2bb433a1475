"""Meetings, options and motions, put there without the screens."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.factories.people import NOW
from tracker.kernel.database import db
from tracker.meetings import queries
from tracker.meetings.models import Attendance, Meeting, Motion, Option, OptionVersion
from tracker.meetings.rules import MeetingKind, MeetingState, OptionState, Party
from tracker.projects.models import Project


def meeting(project: Project, at: datetime = NOW, **fields: object) -> Meeting:
    """A planned meeting about the project."""
    stage = queries.stage_of_meetings(project)
    assert stage is not None
    made = Meeting(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "stage_id": stage.id,
            "round": stage.round,
            "kind": MeetingKind.COUNCIL,
            "title": "停车管理议事会",
            "planned_at": at,
            "place": "居委会二楼会议室",
            "agenda": "车位怎么分\n门禁怎么管",
            "created_by": project.lead_id,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made


def held(project: Project, at: datetime = NOW - timedelta(days=1), **fields: object) -> Meeting:
    """A meeting that took place, with ten people and minutes."""
    made = meeting(
        project,
        at,
        **{
            "state": MeetingState.HELD,
            "held_at": at,
            "minutes": "各方说了意见，同意先试行。",
            **fields,
        },
    )
    made.attendance.append(
        Attendance(committee_id=project.committee_id, party=Party.RESIDENTS, people=10)
    )
    db.session.flush()
    return made


def option(
    project: Project,
    title: str = "划线停车",
    state: OptionState = OptionState.OPEN,
    **fields: object,
) -> Option:
    """An option of the present round with one version."""
    stage = queries.deliberation(project)
    assert stage is not None
    made = Option(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "stage_id": stage.id,
            "round": stage.round,
            "title": title,
            "state": state,
            "reason": "" if state is OptionState.OPEN else "议事会比较后决定",
            "decided_at": None if state is OptionState.OPEN else NOW,
            **fields,
        }
    )
    made.versions.append(
        OptionVersion(
            committee_id=project.committee_id,
            number=1,
            summary=f"{title}的做法",
            pros="花钱少",
            cons="要腾地方",
            written_by=project.lead_id,
            written_at=NOW,
        )
    )
    db.session.add(made)
    db.session.flush()
    return made


def motion(project: Project, title: str = "停车管理规定", **fields: object) -> Motion:
    """A motion of the present round; give ``position`` when there are several."""
    stage = queries.deliberation(project)
    assert stage is not None
    made = Motion(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "stage_id": stage.id,
            "round": stage.round,
            "position": 1,
            "title": title,
            "text": f"是否同意《{title}》？",
            "created_by": project.lead_id,
            "created_at": NOW,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made
