"""Finding votes, rolls and turnout. Nothing here reads a choice: see ``counting``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound
from tracker.kernel.words import Message
from tracker.meetings import queries as meetings
from tracker.meetings.models import Motion
from tracker.places.models import Building
from tracker.projects.models import Project
from tracker.projects.queries import stage_for, within_reach
from tracker.votes import figures
from tracker.votes.figures import Bar, Counted, Turnout
from tracker.votes.models import Ballot, MotionResult, RollEntry, Vote, VoteMotion
from tracker.votes.rules import SHIPPED_RULES, Outcome, Rule
from tracker.votes.tally import Pile
from tracker.votes.words import COUNTED_STATES, CURRENT_STATES, BallotState, VoteState

OFFERED_RULES: dict[str, Rule] = {i: rule for i, rule in SHIPPED_RULES.items() if not rule.blank}
"""The rules a vote may be prepared with: all whose article has been entered."""


# ---- votes ----


def _votes(actor: User) -> sa.Select[Vote]:
    return (
        sa.select(Vote)
        .join(Vote.project)
        .where(within_reach(actor))
        .options(
            contains_eager(Vote.project).joinedload(Project.committee),
            contains_eager(Vote.project).joinedload(Project.compound),
            joinedload(Vote.stage),
            joinedload(Vote.building),
            selectinload(Vote.motions),
        )
    )


def vote(actor: User, vote_id: int) -> Vote:
    """A vote with its motions and project; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(_votes(actor).where(Vote.id == vote_id))
    if found is None:
        raise NotFound
    return found


def locked_vote(actor: User, vote_id: int, *, shared: bool = False) -> Vote:
    """The same, held until the transaction ends, as it stands in the database.

    ``shared``: many may hold it together (recording), nobody may change it meanwhile.
    """
    query = _votes(actor).where(Vote.id == vote_id)
    query = query.with_for_update(read=shared, of=Vote)
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return found


def votes_of(project_id: int) -> Sequence[Vote]:
    """All votes of a project, the latest round first."""
    return db.session.scalars(
        sa.select(Vote)
        .where(Vote.project_id == project_id)
        .options(selectinload(Vote.motions))
        .order_by(Vote.round.desc(), Vote.id.desc())
    ).all()


def vote_of(stage_id: int, round: int) -> Vote | None:
    """The vote of a stage in a round, cancelled ones aside."""
    return db.session.scalar(
        sa.select(Vote).where(
            Vote.stage_id == stage_id, Vote.round == round, Vote.state != VoteState.CANCELLED
        )
    )


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


def buildings_of(compound_id: int) -> Sequence[Building]:
    """The buildings a vote may be narrowed to."""
    return db.session.scalars(
        sa.select(Building)
        .where(Building.compound_id == compound_id)
        .order_by(Building.position, Building.id)
    ).all()


# ---- ballots, without their choices ----


def ballot(actor: User, ballot_id: int) -> Ballot:
    """A recorded paper; raises NotFound for an unknown or foreign one."""
    found = db.session.scalar(
        sa.select(Ballot)
        .join(Vote, Ballot.vote_id == Vote.id)
        .join(Vote.project)
        .where(Ballot.id == ballot_id, within_reach(actor))
        .options(joinedload(Ballot.entry).selectinload(RollEntry.units))
    )
    if found is None:
        raise NotFound
    return found


def current_ballots(entry_ids: Sequence[int]) -> dict[int, list[Ballot]]:
    """The standing papers of roll entries, oldest first."""
    found: dict[int, list[Ballot]] = {}
    query = (
        sa.select(Ballot)
        .where(Ballot.roll_entry_id.in_(entry_ids), Ballot.state.in_(CURRENT_STATES))
        .options(joinedload(Ballot.recorder))
        .order_by(Ballot.id)
    )
    for paper in db.session.scalars(query):
        found.setdefault(paper.roll_entry_id, []).append(paper)
    return found


def recent_ballots(vote_id: int, limit: int = 10) -> Sequence[Ballot]:
    """The papers recorded last."""
    return db.session.scalars(
        sa.select(Ballot)
        .where(Ballot.vote_id == vote_id, Ballot.state.in_(CURRENT_STATES))
        .options(
            joinedload(Ballot.entry).selectinload(RollEntry.units), joinedload(Ballot.recorder)
        )
        .order_by(Ballot.id.desc())
        .limit(limit)
    ).all()


def papers(vote_id: int) -> int:
    """Papers recorded so far, accepted or not."""
    query = sa.select(sa.func.count()).select_from(Ballot)
    query = query.where(Ballot.vote_id == vote_id, Ballot.state.in_(CURRENT_STATES))
    return db.session.scalar(query) or 0


def has_recorded(vote_id: int, user_id: int) -> bool:
    """Whether this person entered or corrected any ballot of the vote."""
    query = sa.exists().where(Ballot.vote_id == vote_id, Ballot.recorded_by == user_id)
    return db.session.scalar(sa.select(query)) or False


def rule_of(vote: Vote) -> Rule:
    """The rule the vote keeps its own copy of."""
    return Rule.from_dict(vote.rule)


def turnout(vote: Vote) -> Turnout:
    """Ballots returned against the roll and its quorum, by building; never what they say."""
    accepted = sa.and_(Ballot.roll_entry_id == RollEntry.id, Ballot.state == BallotState.ACCEPTED)
    returned_area = sa.case((Ballot.id.is_not(None), RollEntry.area))
    rows = db.session.execute(
        sa.select(
            Building.number,
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(RollEntry.area), 0),
            sa.func.count() - sa.func.count(RollEntry.area),
            sa.func.count(Ballot.id),
            sa.func.coalesce(sa.func.sum(returned_area), 0),
        )
        .select_from(RollEntry)
        .join(Building, RollEntry.building_id == Building.id)
        .join(Ballot, accepted, isouter=True)
        .where(RollEntry.vote_id == vote.id)
        .group_by(Building.id, Building.number, Building.position)
        .order_by(Building.position, Building.id)
    )
    buildings = {
        number: (Pile(persons, int(area), missing), Pile(back, int(back_area)))
        for number, persons, area, missing, back, back_area in rows
    }
    others = _papers_by_state(vote.id)
    return figures.turnout_of(
        rule_of(vote),
        buildings,
        rejected=others.get(BallotState.REJECTED, 0),
        late=others.get(BallotState.LATE, 0),
    )


def _papers_by_state(vote_id: int) -> dict[BallotState, int]:
    query = sa.select(Ballot.state, sa.func.count()).where(Ballot.vote_id == vote_id)
    return {row[0]: row[1] for row in db.session.execute(query.group_by(Ballot.state))}


# ---- results ----


@dataclass(frozen=True)
class Result:
    """The counted result of one motion."""

    motion: VoteMotion
    outcome: Outcome
    counted: Counted


def results(vote: Vote) -> list[Result]:
    """Results by motion, the latest version of each; none before the close."""
    latest = _latest_results([vote.id])
    return [
        Result(motion, latest[motion.id].outcome, figures.from_figures(latest[motion.id].figures))
        for motion in vote.motions
        if motion.id in latest
    ]


def outcomes(votes: Sequence[Vote]) -> dict[int, Outcome]:
    """Outcome by id of the vote's motion, for those counted."""
    latest = _latest_results([vote.id for vote in votes])
    return {motion_id: result.outcome for motion_id, result in latest.items()}


def _latest_results(vote_ids: Sequence[int]) -> dict[int, MotionResult]:
    rows = db.session.scalars(
        sa.select(MotionResult)
        .where(MotionResult.vote_id.in_(vote_ids))
        .order_by(MotionResult.number)
    )
    return {row.vote_motion_id: row for row in rows}


def carried(stage_id: int, round: int) -> bool:
    """Whether the stage's vote is counted, every motion decided, and at least one carried."""
    held = vote_of(stage_id, round)
    if held is None or held.state not in COUNTED_STATES:
        return False
    found = [result.outcome for result in _latest_results([held.id]).values()]
    return Outcome.HOLD not in found and Outcome.CARRIED in found


@dataclass(frozen=True)
class PublicResult:
    """What residents see of one motion; ``tests`` are drawn by the ``bar`` component."""

    title: str
    outcome: Outcome
    sentence: Message
    tests: list[Bar]


def public_results(project_id: int) -> list[PublicResult]:
    """Results of the announced votes of a project, motion by motion, the latest vote first."""
    shown = []
    for held in votes_of(project_id):
        if held.state is not VoteState.ANNOUNCED:
            continue
        rule = rule_of(held)
        for result in results(held):
            title, checks = result.motion.title, result.counted.verdict.checks
            said = figures.sentence(title, result.outcome)
            shown.append(PublicResult(title, result.outcome, said, figures.bars(rule, checks)))
    return shown
