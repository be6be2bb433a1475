"""Finding money, contractors, checks, approvals and pictures; what is foreign is not found."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from tracker.accounts.models import User
from tracker.accounts.queries import staff
from tracker.accounts.rules import Permission, roles_that_may
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.projects.models import Project, Stage, Task
from tracker.projects.queries import within_reach
from tracker.works.models import (
    Acceptance,
    Approval,
    Contractor,
    MoneyEntry,
    Picture,
    SiteCheck,
)
from tracker.works.rules import Balance, MoneyDirection, MoneySource, PicturePhase, total

# ---- contractors, approvals, acceptance ----


def contractors(project_id: int) -> Sequence[Contractor]:
    """Who was hired, in the order of their contracts."""
    return db.session.scalars(
        sa.select(Contractor).where(Contractor.project_id == project_id).order_by(Contractor.id)
    ).all()


def contractor(actor: User, contractor_id: int) -> Contractor:
    """A contractor with its project; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Contractor)
        .join(Contractor.project)
        .where(Contractor.id == contractor_id, within_reach(actor))
        .options(contains_eager(Contractor.project))
    )
    if found is None:
        raise NotFound
    return found


def approval(stage_id: int, round: int) -> Approval | None:
    """What was approved in one round of a stage."""
    return db.session.scalar(
        sa.select(Approval).where(Approval.stage_id == stage_id, Approval.round == round)
    )


def approvals(project_id: int) -> Sequence[Approval]:
    """All approvals of a project, in the order of stages and rounds."""
    return db.session.scalars(
        sa.select(Approval)
        .join(Approval.stage)
        .where(Approval.project_id == project_id)
        .options(contains_eager(Approval.stage))
        .order_by(Stage.position, Approval.round)
    ).all()


def approval_stages(project: Project) -> list[Stage]:
    """The stages of a project in which an approval is recorded."""
    return [stage for stage in project.stages if stage.kind is StageKind.APPROVE]


def acceptance(stage_id: int, round: int) -> Acceptance | None:
    """The latest acceptance in one round of a stage: the one that counts."""
    return db.session.scalar(
        sa.select(Acceptance)
        .where(Acceptance.stage_id == stage_id, Acceptance.round == round)
        .order_by(Acceptance.accepted_on.desc(), Acceptance.id.desc())
        .limit(1)
    )


def acceptances(project_id: int) -> Sequence[Acceptance]:
    """All acceptances of a project, latest first."""
    return db.session.scalars(
        sa.select(Acceptance)
        .where(Acceptance.project_id == project_id)
        .options(joinedload(Acceptance.stage))
        .order_by(Acceptance.accepted_on.desc(), Acceptance.id.desc())
    ).all()


# ---- site checks ----


def checks(project_id: int) -> sa.Select[SiteCheck]:
    """Site checks, latest first, each with its task and who recorded it."""
    return (
        sa.select(SiteCheck)
        .where(SiteCheck.project_id == project_id)
        .options(joinedload(SiteCheck.task), joinedload(SiteCheck.recorder))
        .order_by(SiteCheck.checked_on.desc(), SiteCheck.id.desc())
    )


def open_problems(project_id: int) -> int:
    """How many problems found on site are not mended."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(SiteCheck)
            .join(SiteCheck.task)
            .where(SiteCheck.project_id == project_id, Task.done_at.is_(None))
        )
        or 0
    )


def menders(project: Project) -> Sequence[User]:
    """Who a problem on site may be given to: people of the committee that do tasks."""
    return staff(project.committee_id, roles_that_may(Permission.DO_TASKS))


# ---- money ----


def _effect() -> sa.ColumnElement[int]:
    """``rules.effect`` in SQL."""
    sign = sa.case((MoneyEntry.direction == MoneyDirection.IN, 1), else_=-1)
    back = sa.case((MoneyEntry.reverses_id.is_(None), 1), else_=-1)
    return MoneyEntry.amount * sign * back


def _total(value: sa.ColumnElement[int]) -> sa.ColumnElement[int]:
    # PostgreSQL sums long integers to numeric, which would arrive as Decimal.
    return sa.cast(sa.func.coalesce(sa.func.sum(value), 0), sa.BigInteger)


def balance(project_id: int) -> Balance:
    """Money in, out and left of a project, in fen."""
    return total(balance_by_source(project_id).values())


def balance_by_source(project_id: int) -> dict[MoneySource, Balance]:
    """The same by where the money comes from; only sources that were used, in their order."""
    rows = db.session.execute(
        sa.select(MoneyEntry.source, MoneyEntry.direction, _total(_effect()))
        .where(MoneyEntry.project_id == project_id)
        .group_by(MoneyEntry.source, MoneyEntry.direction)
    )
    sums = {(source, direction): effect for source, direction, effect in rows}
    used = {source for source, _direction in sums}
    return {
        source: Balance(
            sums.get((source, MoneyDirection.IN), 0), -sums.get((source, MoneyDirection.OUT), 0)
        )
        for source in MoneySource
        if source in used
    }


def ledger(project_id: int) -> sa.Select[MoneyEntry]:
    """All entries, latest first, each with who recorded it and what reverses it."""
    return (
        sa.select(MoneyEntry)
        .where(MoneyEntry.project_id == project_id)
        .options(
            joinedload(MoneyEntry.recorder),
            joinedload(MoneyEntry.reversal),
            joinedload(MoneyEntry.reverses),
        )
        .order_by(MoneyEntry.on.desc(), MoneyEntry.id.desc())
    )


def running_balances(project_id: int, entry_ids: Collection[int]) -> dict[int, int]:
    """What was left after each of these entries, in fen, by the ledger's order of days."""
    running = (
        sa.select(
            MoneyEntry.id,
            sa.func.sum(_effect())
            .over(order_by=(MoneyEntry.on, MoneyEntry.id))
            .cast(sa.BigInteger)
            .label("rest"),
        )
        .where(MoneyEntry.project_id == project_id)
        .subquery()
    )
    query = sa.select(running.c.id, running.c.rest).where(running.c.id.in_(entry_ids))
    return {row.id: row.rest for row in db.session.execute(query)}


def money_entry(actor: User, entry_id: int) -> MoneyEntry:
    """An entry with its project; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(MoneyEntry)
        .join(MoneyEntry.project)
        .where(MoneyEntry.id == entry_id, within_reach(actor))
        .options(contains_eager(MoneyEntry.project), joinedload(MoneyEntry.reversal))
    )
    if found is None:
        raise NotFound
    return found


# ---- pictures ----


@dataclass(frozen=True)
class Pair:
    """The first picture before and the last picture after, of one spot."""

    spot: str
    before: Picture
    after: Picture


_PHASE_ORDER = sa.case({phase: n for n, phase in enumerate(PicturePhase)}, value=Picture.phase)


def pictures(project_id: int) -> sa.Select[Picture]:
    """Pictures that were not removed, by spot, and within a spot from before to after."""
    return (
        sa.select(Picture)
        .where(Picture.project_id == project_id, Picture.removed_at.is_(None))
        .order_by(Picture.spot, _PHASE_ORDER, Picture.taken_on, Picture.id)
    )


def picture_pairs(project_id: int, spots: Collection[str] | None = None) -> list[Pair]:
    """Before and after of every spot that has both, or of the ``spots`` named."""
    query = pictures(project_id).where(Picture.phase != PicturePhase.DURING)
    if spots is not None:
        query = query.where(Picture.spot.in_(spots))
    first: dict[str, Picture] = {}
    last: dict[str, Picture] = {}
    for found in db.session.scalars(query):
        if found.phase is PicturePhase.BEFORE:
            first.setdefault(found.spot, found)
        else:
            last[found.spot] = found
    return [Pair(spot, before, last[spot]) for spot, before in first.items() if spot in last]


def spots(project_id: int) -> Sequence[str]:
    """Names of spots that have pictures, to choose from."""
    return db.session.scalars(
        sa.select(Picture.spot)
        .where(Picture.project_id == project_id, Picture.removed_at.is_(None))
        .distinct()
        .order_by(Picture.spot)
    ).all()


def picture_count(project_id: int) -> int:
    """How many pictures a project has."""
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(Picture)
            .where(Picture.project_id == project_id, Picture.removed_at.is_(None))
        )
        or 0
    )


def picture(actor: User, picture_id: int) -> Picture:
    """A picture with its project; raises NotFound for an unknown, foreign or removed one."""
    found = db.session.scalar(
        sa.select(Picture)
        .join(Picture.project)
        .where(Picture.id == picture_id, Picture.removed_at.is_(None), within_reach(actor))
        .options(contains_eager(Picture.project))
    )
    if found is None:
        raise NotFound
    return found


def picture_of(project_id: int, picture_id: int) -> Picture:
    """A picture of a project that the caller has found already; raises NotFound."""
    found = db.session.scalar(pictures(project_id).where(Picture.id == picture_id))
    if found is None:
        raise NotFound
    return found
