"""Finding votes and what they are made of. Nothing here reads a ballot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.meetings import queries as meetings
from tracker.meetings.models import Motion
from tracker.notices.models import Notice
from tracker.notices.rules import NoticeState
from tracker.places.models import Building, Compound, Entrance
from tracker.projects.models import Project
from tracker.projects.queries import stage_for, within_reach
from tracker.votes.models import Approval, RollObjection, Vote, VoteMotion
from tracker.votes.rules import Rule
from tracker.votes.words import TwoPersonStep, VoteState

# Put together once: what is loaded along takes as long to say as to load.
_VOTES = (
    sa.select(Vote)
    .join(Vote.project)
    .options(
        contains_eager(Vote.project).joinedload(Project.committee),
        contains_eager(Vote.project).joinedload(Project.compound),
        joinedload(Vote.stage),
        joinedload(Vote.compound),
        joinedload(Vote.building),
        joinedload(Vote.entrance),
        selectinload(Vote.motions),
    )
)
_HELD = (
    sa.select(Vote)
    .join(Vote.project)
    .options(contains_eager(Vote.project))
    .execution_options(populate_existing=True)
    .with_for_update(of=Vote)
)
_HELD_TOGETHER = _HELD.with_for_update(read=True, of=Vote)


def vote(actor: User, vote_id: int) -> Vote:
    """A vote with its motions and project; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(_VOTES.where(Vote.id == vote_id, within_reach(actor)))
    if found is None:
        raise NotFound
    return found


def locked_vote(actor: User, vote_id: int, *, shared: bool = False) -> Vote:
    """The same, held until the transaction ends, as it stands in the database.

    ``shared``: many may hold it together (recording), nobody may change it meanwhile.
    """
    query = _HELD_TOGETHER if shared else _HELD
    found = db.session.scalar(query.where(Vote.id == vote_id, within_reach(actor)))
    if found is None:
        raise NotFound
    return found


def votes_of(project_id: int) -> Sequence[Vote]:
    """All votes of a project, the latest round first, in each the order they were prepared in."""
    return db.session.scalars(
        sa.select(Vote)
        .where(Vote.project_id == project_id)
        .options(
            selectinload(Vote.motions),
            joinedload(Vote.compound),
            joinedload(Vote.building),
            joinedload(Vote.entrance),
        )
        .order_by(Vote.round.desc(), Vote.id)
    ).all()


def standing_votes(stage_id: int, round: int) -> Sequence[Vote]:
    """The votes of a stage in a round, cancelled ones aside."""
    return db.session.scalars(
        sa.select(Vote)
        .where(Vote.stage_id == stage_id, Vote.round == round, Vote.state != VoteState.CANCELLED)
        .order_by(Vote.id)
    ).all()


def first_tiers(project_id: int) -> Sequence[Vote]:
    """The votes of a project that another may wait for."""
    return db.session.scalars(
        sa.select(Vote)
        .where(Vote.project_id == project_id, Vote.state != VoteState.CANCELLED)
        .order_by(Vote.id)
    ).all()


def worded_motions(project: Project) -> list[Motion]:
    """The motions a vote may be held on: those worded in this round of deliberation."""
    stage = stage_for(project, StageKind.DELIBERATE)
    if stage is None:
        return []
    return list(meetings.motions(project.id, stage.round))


def motions_on_other_ballots(vote: Vote) -> set[int]:
    """Motions of this vote that stand on the frozen ballot of another vote as well."""
    others = (
        sa.select(VoteMotion.motion_id)
        .join(Vote, Vote.id == VoteMotion.vote_id)
        .where(
            Vote.project_id == vote.project_id,
            Vote.id != vote.id,
            Vote.roll_hash != "",
            Vote.state != VoteState.CANCELLED,
        )
    )
    return set(db.session.scalars(others))


def rule_of(vote: Vote) -> Rule:
    """The rule the vote keeps its own copy of."""
    return Rule.from_dict(vote.rule)


# ---- whose vote it may be ----


def compounds_of(committee_id: int) -> Sequence[Compound]:
    """The compounds whose owners may be asked."""
    return db.session.scalars(
        sa.select(Compound).where(Compound.committee_id == committee_id).order_by(Compound.id)
    ).all()


def buildings_of(compound_id: int) -> Sequence[Building]:
    """The buildings a vote may be narrowed to."""
    return db.session.scalars(
        sa.select(Building)
        .where(Building.compound_id == compound_id)
        .order_by(Building.position, Building.id)
    ).all()


def committee_buildings(committee_id: int) -> Sequence[Building]:
    """The buildings of all compounds of a committee, compound by compound."""
    return db.session.scalars(
        sa.select(Building)
        .where(Building.committee_id == committee_id)
        .options(joinedload(Building.compound))
        .order_by(Building.compound_id, Building.position, Building.id)
    ).all()


def committee_entrances(committee_id: int) -> Sequence[Entrance]:
    """The entrances of all buildings of a committee."""
    return db.session.scalars(
        sa.select(Entrance)
        .join(Entrance.building)
        .where(Entrance.committee_id == committee_id)
        .options(contains_eager(Entrance.building).joinedload(Building.compound))
        .order_by(Building.compound_id, Building.position, Entrance.number)
    ).all()


def posted_notices(project_id: int) -> Sequence[Notice]:
    """The notices of a project that hang or hung, with their places."""
    return db.session.scalars(
        sa.select(Notice)
        .where(Notice.project_id == project_id, Notice.state == NoticeState.POSTED)
        .options(selectinload(Notice.places))
        .order_by(Notice.id.desc())
    ).all()


# ---- steps of two people, objections to the roll ----


def open_proposal(vote_id: int, step: TwoPersonStep) -> Approval | None:
    """The proposal of a step that waits for a second person."""
    return db.session.scalar(
        sa.select(Approval)
        .where(
            Approval.vote_id == vote_id,
            Approval.step == step,
            Approval.approved_by.is_(None),
            Approval.withdrawn_at.is_(None),
        )
        .options(joinedload(Approval.proposer))
    )


def approvals_of(vote_id: int) -> Sequence[Approval]:
    """All that was proposed and approved for a vote, oldest first."""
    return db.session.scalars(
        sa.select(Approval)
        .where(Approval.vote_id == vote_id)
        .options(joinedload(Approval.proposer), joinedload(Approval.approver))
        .order_by(Approval.id)
    ).all()


def approval_of(vote_id: int, step: TwoPersonStep) -> Approval | None:
    """The latest approved proposal of a step."""
    return db.session.scalar(
        sa.select(Approval)
        .where(
            Approval.vote_id == vote_id, Approval.step == step, Approval.approved_by.is_not(None)
        )
        .options(joinedload(Approval.proposer), joinedload(Approval.approver))
        .order_by(Approval.id.desc())
        .limit(1)
    )


def names(account_ids: Iterable[int | None]) -> dict[int, str]:
    """What accounts are called, by id."""
    wanted = {account_id for account_id in account_ids if account_id is not None}
    query = sa.select(User.id, User.display_name).where(User.id.in_(wanted))
    return {row.id: row.display_name for row in db.session.execute(query)}


def roll_objections(vote_id: int) -> Sequence[RollObjection]:
    """What was objected to the roll, in the order received."""
    return db.session.scalars(
        sa.select(RollObjection)
        .where(RollObjection.vote_id == vote_id)
        .order_by(RollObjection.number)
    ).all()


def roll_objection(vote_id: int, number: int) -> RollObjection:
    """One objection to the roll; raises NotFound for an unknown number."""
    found = db.session.scalar(
        sa.select(RollObjection).where(
            RollObjection.vote_id == vote_id, RollObjection.number == number
        )
    )
    if found is None:
        raise NotFound
    return found
