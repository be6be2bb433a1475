"""Finding opinions, and counting them for gates, desks and residents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from tracker.accounts.models import User
from tracker.accounts.rules import Permission, Role
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.opinions.models import Opinion, OpinionRevision
from tracker.opinions.rules import (
    ANSWERED,
    UNANSWERED,
    BuildingCoverage,
    Channel,
    OpinionStatus,
    PublishedReply,
    Stance,
)
from tracker.places.models import Building, LeaderScope, Unit
from tracker.places.rules import building_label
from tracker.projects.models import Project
from tracker.projects.queries import within_reach
from tracker.projects.rules import ProjectState


@dataclass(frozen=True)
class Listing:
    """What the list of opinions is narrowed to; None and empty mean all."""

    text: str = ""
    status: OpinionStatus | None = None
    unanswered: bool = False
    topic: str = ""
    stance: Stance | None = None
    channel: Channel | None = None


@dataclass(frozen=True)
class Counts:
    """Figures above the list; ``by_stance`` names every stance, in order."""

    total: int
    unanswered: int
    by_stance: dict[Stance, int]


def _in_sight(actor: User) -> sa.ColumnElement[bool]:
    """Building leaders see their own buildings and what they wrote themselves."""
    if actor.role is not Role.BUILDING_LEADER:
        return sa.true()
    units = sa.select(Unit.id).where(Unit.building_id.in_(_own_buildings(actor)))
    return sa.or_(Opinion.unit_id.in_(units), Opinion.recorded_by == actor.id)


def _own_buildings(leader: User) -> sa.Select[int]:
    return sa.select(LeaderScope.building_id).where(LeaderScope.user_id == leader.id)


def opinion(actor: User, opinion_id: int) -> Opinion:
    """An opinion with its project; raises NotFound for an unknown, foreign or hidden one."""
    found = db.session.scalar(
        sa.select(Opinion)
        .join(Opinion.project)
        .where(Opinion.id == opinion_id, within_reach(actor), _in_sight(actor))
        .options(
            contains_eager(Opinion.project).selectinload(Project.stages),
            joinedload(Opinion.unit).joinedload(Unit.building),
            joinedload(Opinion.recorder),
            joinedload(Opinion.replier),
            joinedload(Opinion.merged_into),
        )
    )
    if found is None:
        raise NotFound
    return found


def listing(actor: User, project_id: int, chosen: Listing) -> sa.Select[Opinion]:
    """Opinions for a list page, newest first, with all that a row shows."""
    query = sa.select(Opinion).where(Opinion.project_id == project_id, _in_sight(actor))
    if chosen.text:
        query = query.where(
            sa.or_(
                Opinion.text.icontains(chosen.text, autoescape=True),
                Opinion.topic.icontains(chosen.text, autoescape=True),
                Opinion.reply.icontains(chosen.text, autoescape=True),
            )
        )
    if chosen.unanswered:
        query = query.where(Opinion.status.in_(UNANSWERED))
    if chosen.status is not None:
        query = query.where(Opinion.status == chosen.status)
    if chosen.topic:
        query = query.where(Opinion.topic == chosen.topic)
    if chosen.stance is not None:
        query = query.where(Opinion.stance == chosen.stance)
    if chosen.channel is not None:
        query = query.where(Opinion.channel == chosen.channel)
    return query.options(joinedload(Opinion.unit).joinedload(Unit.building)).order_by(
        Opinion.id.desc()
    )


def counts(actor: User, project_id: int) -> Counts:
    """Figures of the opinions that ``actor`` sees."""
    rows = db.session.execute(
        sa.select(Opinion.stance, Opinion.status, sa.func.count())
        .where(Opinion.project_id == project_id, _in_sight(actor))
        .group_by(Opinion.stance, Opinion.status)
    ).all()
    return Counts(
        total=sum(n for _, _, n in rows),
        unanswered=sum(n for _, status, n in rows if status in UNANSWERED),
        by_stance={s: sum(n for stance, _, n in rows if stance is s) for s in Stance},
    )


def _count(*conditions: sa.ColumnElement[bool]) -> int:
    return (
        db.session.scalar(sa.select(sa.func.count()).select_from(Opinion).where(*conditions)) or 0
    )


def count(project_id: int) -> int:
    """All opinions of a project, merged ones too: each was heard."""
    return _count(Opinion.project_id == project_id)


def unanswered(project_id: int) -> int:
    """Opinions that owe a reply."""
    return _count(Opinion.project_id == project_id, Opinion.status.in_(UNANSWERED))


def unpublished(project_id: int) -> int:
    """Replies that residents do not see yet."""
    return _count(
        Opinion.project_id == project_id,
        Opinion.status.in_(ANSWERED),
        Opinion.published_at.is_(None),
    )


def _was_heard() -> sa.ColumnElement[bool]:
    """A household counts when somebody of ours heard it, or took up what it wrote itself.

    Anybody can type any room into the form behind the QR code.
    """
    return sa.or_(Opinion.recorded_by.is_not(None), Opinion.status != OpinionStatus.NEW)


def heard_units(project_id: int) -> int:
    """Households of which at least one opinion was heard."""
    query = sa.select(sa.func.count(Opinion.unit_id.distinct()))
    return db.session.scalar(query.where(Opinion.project_id == project_id, _was_heard())) or 0


def by_stance(project_id: int) -> dict[Stance, int]:
    """Opinions per stance, every stance named."""
    rows = db.session.execute(
        sa.select(Opinion.stance, sa.func.count())
        .where(Opinion.project_id == project_id)
        .group_by(Opinion.stance)
    )
    found = dict(rows.all())
    return {s: found.get(s, 0) for s in Stance}


def by_topic(project_id: int) -> dict[str, int]:
    """Opinions per topic, the most frequent first."""
    rows = db.session.execute(
        sa.select(Opinion.topic, sa.func.count())
        .where(Opinion.project_id == project_id)
        .group_by(Opinion.topic)
        .order_by(sa.func.count().desc(), Opinion.topic)
    )
    return dict(rows.all())


def coverage(project: Project, actor: User | None = None) -> list[BuildingCoverage]:
    """Households heard per building of the project's compound, in the order of the houses.

    With a building leader as ``actor`` only the leader's own buildings are given.
    """
    heard = sa.and_(Opinion.unit_id == Unit.id, Opinion.project_id == project.id, _was_heard())
    query = (
        sa.select(
            Building.id,
            Building.number,
            sa.func.count(Opinion.unit_id.distinct()),
            sa.func.count(Unit.id.distinct()),
        )
        .select_from(Building)
        .outerjoin(Unit, Unit.building_id == Building.id)
        .outerjoin(Opinion, heard)
        .where(Building.compound_id == project.compound_id)
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.number)
    )
    if actor is not None and actor.role is Role.BUILDING_LEADER:
        query = query.where(Building.id.in_(_own_buildings(actor)))
    return [
        BuildingCoverage(building_id, building_label(number), heard, total)
        for building_id, number, heard, total in db.session.execute(query)
    ]


def buildings(project: Project, actor: User | None = None) -> Sequence[Building]:
    """Buildings an opinion may come from; for a building leader, the own ones."""
    query = sa.select(Building).where(Building.compound_id == project.compound_id)
    if actor is not None and actor.role is Role.BUILDING_LEADER:
        query = query.where(Building.id.in_(_own_buildings(actor)))
    return db.session.scalars(query.order_by(Building.position, Building.number)).all()


def units_in(building: Building, room: str) -> Sequence[Unit]:
    """Units of this room number; several when every entrance has one. 2-101 names one."""
    exact = sa.select(Unit).where(Unit.building_id == building.id, Unit.room == room)
    found = db.session.scalars(exact).all()
    entrance, dash, rest = room.partition("-")
    if found or not dash:
        return found
    return db.session.scalars(
        sa.select(Unit).where(
            Unit.building_id == building.id, Unit.entrance_number == entrance, Unit.room == rest
        )
    ).all()


def merge_candidates(opinion: Opinion, text: str, limit: int = 30) -> Sequence[Opinion]:
    """Opinions that ``opinion`` may be merged into: same topic first, then the newest."""
    query = sa.select(Opinion).where(
        Opinion.project_id == opinion.project_id,
        Opinion.id != opinion.id,
        Opinion.status != OpinionStatus.MERGED,
    )
    if text:
        query = query.where(
            sa.or_(
                Opinion.text.icontains(text, autoescape=True),
                Opinion.topic.icontains(text, autoescape=True),
            )
        )
    same_topic = sa.case((Opinion.topic == opinion.topic, 0), else_=1)
    return db.session.scalars(query.order_by(same_topic, Opinion.id.desc()).limit(limit)).all()


def merged_into(opinion_id: int) -> Sequence[Opinion]:
    """Opinions that were merged into this one."""
    return db.session.scalars(
        sa.select(Opinion).where(Opinion.merged_into_id == opinion_id).order_by(Opinion.id)
    ).all()


def revisions(opinion_id: int) -> Sequence[OpinionRevision]:
    """What stood there before each correction, newest first."""
    return db.session.scalars(
        sa.select(OpinionRevision)
        .where(OpinionRevision.opinion_id == opinion_id)
        .options(joinedload(OpinionRevision.replacer))
        .order_by(OpinionRevision.id.desc())
    ).all()


def published(project_id: int) -> list[PublishedReply]:
    """Replies for residents, by topic: never the opinion's text, never a household."""
    same = aliased(Opinion)
    similar = (
        sa.select(sa.func.count())
        .where(same.merged_into_id == Opinion.id)
        .correlate(Opinion)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(Opinion.topic, similar, Opinion.status, Opinion.reply, Opinion.replied_at)
        .where(
            Opinion.project_id == project_id,
            Opinion.status.in_(ANSWERED),
            Opinion.published_at.is_not(None),
        )
        .order_by(Opinion.topic, Opinion.id)
    )
    return [
        PublishedReply(topic, 1 + others, status, reply, clock.local_date(replied_at))
        for topic, others, status, reply, replied_at in rows
    ]


def waiting_for_reply(actor: User, limit: int = 50) -> Sequence[Opinion]:
    """Opinions of running projects that ``actor`` could answer, the most urgent first."""
    if not actor.may(Permission.ANSWER_OPINION):
        return []
    return db.session.scalars(
        sa.select(Opinion)
        .join(Opinion.project)
        .where(
            Opinion.committee_id == actor.committee_id,
            Opinion.status.in_(UNANSWERED),
            Project.state == ProjectState.ACTIVE,
        )
        .options(contains_eager(Opinion.project))
        .order_by(Opinion.reply_due, Opinion.id)
        .limit(limit)
    ).all()


def of_receipt(project: Project, receipt: str) -> Opinion:
    """The opinion that a resident's receipt stands for; raises NotFound."""
    found = db.session.scalar(
        sa.select(Opinion)
        .where(Opinion.project_id == project.id, Opinion.receipt == receipt.strip().upper())
        .options(joinedload(Opinion.merged_into))
    )
    if found is None:
        raise NotFound
    return found


def sent_since(project_id: int, since: datetime) -> int:
    """Opinions that residents sent themselves after ``since``."""
    return _count(
        Opinion.project_id == project_id,
        Opinion.receipt.is_not(None),
        Opinion.recorded_at > since,
    )
