"""Opinions for a test to act on."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa

from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.opinions.models import Opinion
from tracker.opinions.rules import ANSWERED, Channel, OpinionStatus, Stance
from tracker.places.models import Building, LeaderScope, Unit
from tracker.projects.models import Project
from tracker.projects.queries import stage_for


def opinion(project: Project, by: User | None, **fields: object) -> Opinion:
    """An opinion heard on 2 March 2026, answered when its status says so."""
    stage = stage_for(project, StageKind.COLLECT)
    assert stage is not None
    status = fields.get("status", OpinionStatus.NEW)
    reply = {"reply": "会装道闸。", "replied_at": NOW, "replied_by": project.lead_id}
    made = Opinion(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "stage_id": stage.id,
            "round": stage.round,
            "channel": Channel.DOOR,
            "topic": "停车",
            "stance": Stance.SUPPORT,
            "text": "晚上回来没有车位。",
            "heard_on": date(2026, 3, 2),
            "reply_due": date(2026, 3, 2) + timedelta(days=14),
            "recorded_by": by.id if by else None,
            "recorded_at": NOW,
            "status": OpinionStatus.NEW,
            **(reply if status in ANSWERED else {}),
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made


def unit(project: Project, building: str = "1", room: str = "101") -> Unit:
    """A unit of the project's compound."""
    return db.session.scalars(
        sa.select(Unit)
        .join(Unit.building)
        .where(
            Building.compound_id == project.compound_id,
            Building.number == building,
            Unit.room == room,
        )
    ).one()


def leads(leader: User, project: Project, building: str = "1") -> Building:
    """Give a building to its leader."""
    house = db.session.scalars(
        sa.select(Building).where(
            Building.compound_id == project.compound_id, Building.number == building
        )
    ).one()
    db.session.add(
        LeaderScope(committee_id=house.committee_id, user_id=leader.id, building_id=house.id)
    )
    db.session.flush()
    return house
