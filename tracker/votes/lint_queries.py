"""Gathering what ``lint`` looks at."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.notices.rules import NoticeState, days_hung
from tracker.places.models import Unit, VotingPerson
from tracker.votes import queries, roll_queries, rule_queries
from tracker.votes.lint import Facts, MotionText, RollFacts, Ties, Times
from tracker.votes.models import RollEntry, RollUnit, Vote, VoteMotion
from tracker.votes.rules import NonResponsePolicy, Rule
from tracker.votes.words import (
    CERTIFIED_STATES,
    RUNNING_STATES,
    AttachmentKind,
    VoteState,
)
from tracker.workdays.queries import calendar


def facts(vote: Vote, now: datetime) -> Facts:
    """Everything about a vote that is looked at before it is frozen, and again before it opens."""
    rule = queries.rule_of(vote)
    return Facts(
        vote_id=vote.id,
        project_id=vote.project_id,
        compound_id=vote.compound_id,
        rule=rule,
        offered=_offered(vote, rule),
        rule_confirmed=vote.rule_confirmed_by is not None,
        motions=_motions(vote),
        choices=tuple(vote.choices),
        nonresponse=NonResponsePolicy(vote.nonresponse_policy),
        has_clause_file=any(f.kind is AttachmentKind.CLAUSE for f in vote.attachments),
        basis=vote.basis,
        whole_compound=vote.building_id is None,
        roll=_roll(vote),
        times=_times(vote, now),
        ties=_ties(vote),
    )


def _offered(vote: Vote, rule: Rule) -> Rule | None:
    """The rule as the rule book has it for this close; a frozen vote keeps its own."""
    if vote.state is not VoteState.DRAFT:
        return rule
    subdistrict = vote.project.committee.subdistrict_id
    return rule_queries.offered(subdistrict, local_date(vote.closes_at)).get(vote.rule_id)


def _motions(vote: Vote) -> tuple[MotionText, ...]:
    """The lines of a draft beside their present wording; a frozen ballot no longer moves."""
    worded = {motion.id: motion for motion in queries.worded_motions(vote.project)}

    def changed(line: VoteMotion) -> bool:
        motion = worded.get(line.motion_id)
        return motion is None or (motion.title, motion.text) != (line.title, line.text)

    drafting = vote.state is VoteState.DRAFT
    return tuple(
        MotionText(line.title, line.text, len(line.options), drafting and changed(line))
        for line in vote.motions
    )


# ---- the roll ----


def _roll(vote: Vote) -> RollFacts:
    """The roll to be; once frozen, what happens to the units no longer reaches it."""
    if vote.state is not VoteState.DRAFT:
        without = sa.select(sa.func.count()).where(
            RollEntry.vote_id == vote.id, RollEntry.area.is_(None)
        )
        return RollFacts(
            persons=roll_queries.roll_size(vote.id),
            persons_without_area=db.session.scalar(without) or 0,
        )
    preview = roll_queries.roll_preview(vote)
    objections = queries.roll_objections(vote.id)
    return RollFacts(
        persons=preview.persons,
        units_without_person=preview.units_without_person,
        persons_without_area=preview.persons_without_area,
        areas_without_source=_count(
            sa.select(Unit.id).where(
                *roll_queries.in_scope(vote), Unit.area.is_not(None), Unit.area_source == ""
            )
        ),
        same_names=_count(_same_names(vote)),
        doubled_rooms=_count(_doubled_rooms(vote)),
        asked_elsewhere=_count(_asked_elsewhere(vote)),
        open_objections=sum(objection.answered_on is None for objection in objections),
    )


def _count(query: sa.Select[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def _same_names(vote: Vote) -> sa.Select[str]:
    """Names that more than one voting person of the roll bears."""
    voters = sa.select(Unit.voting_person_id).where(*roll_queries.in_scope(vote))
    return (
        sa.select(VotingPerson.name)
        .where(VotingPerson.id.in_(voters))
        .group_by(VotingPerson.name)
        .having(sa.func.count() > 1)
    )


def _doubled_rooms(vote: Vote) -> sa.Select[int]:
    """Rooms without an entrance whose number stands in the same building with one as well."""
    alone = sa.and_(*roll_queries.in_scope(vote), Unit.entrance_number == "")
    # One pass over the compound: asked room by room whether it exists again, a database that
    # has not counted its rows yet takes minutes for a hundred thousand.
    return (
        sa.select(Unit.building_id)
        .where(Unit.compound_id == vote.compound_id)
        .group_by(Unit.building_id, Unit.room)
        .having(
            sa.func.max(sa.case((alone, 1), else_=0)) == 1,
            sa.func.max(Unit.entrance_number) != "",
        )
    )


def _asked_elsewhere(vote: Vote) -> sa.Select[int]:
    """Units that stand on the frozen roll of another running vote on one of these motions.

    The tier before, the tiers after and the first round of a poll ask the same on purpose.
    """
    asked = {line.motion_id for line in vote.motions}
    tied = [other for other in (vote.after_id, vote.runoff_of_id) if other is not None]
    others = (
        sa.select(Vote.id)
        .join(VoteMotion, VoteMotion.vote_id == Vote.id)
        .where(
            VoteMotion.motion_id.in_(asked),
            Vote.id != vote.id,
            Vote.id.not_in(tied),
            Vote.state.in_(RUNNING_STATES),
            sa.or_(Vote.after_id.is_(None), Vote.after_id != vote.id),
        )
    )
    taken = sa.select(RollUnit.unit_id).where(RollUnit.vote_id.in_(others))
    return sa.select(Unit.id).where(*roll_queries.in_scope(vote), Unit.id.in_(taken))


# ---- other votes, notice and times ----


def _ties(vote: Vote) -> Ties:
    first = db.session.get(Vote, vote.runoff_of_id) if vote.runoff_of_id else None
    return Ties(
        first_tier_undecided=vote.after is not None and vote.after.state not in CERTIFIED_STATES,
        is_runoff=first is not None,
        first_round_undecided=first is not None and first.state not in CERTIFIED_STATES,
    )


def _times(vote: Vote, now: datetime) -> Times:
    closes_on = local_date(vote.ends_at)
    return Times(
        opens_on=local_date(vote.opens_at),
        closes_on=closes_on,
        close_is_workday=calendar().is_workday(closes_on),
        open_has_passed=vote.opens_at < now,
        close_has_passed=vote.ends_at <= now,
        notice_days=_notice_days(vote),
        buildings_without_notice=_buildings_without_notice(vote),
    )


def _notice_days(vote: Vote) -> int | None:
    """Whole days that the notice will have hung before the day on which voting opens."""
    notice = vote.notice
    if notice is None or notice.state is not NoticeState.POSTED:
        return None
    eve = local_date(vote.opens_at) - timedelta(days=1)
    return days_hung(notice.starts_on, notice.ends_on, [p.posted_on for p in notice.places], eve)


def _buildings_without_notice(vote: Vote) -> int:
    """Buildings with units of the roll at which the notice does not hang."""
    if vote.notice is None:
        return 0
    hung = {p.building_id for p in vote.notice.places if p.posted_on is not None}
    query = sa.select(Unit.building_id).where(*roll_queries.in_scope(vote)).distinct()
    return len(set(db.session.scalars(query)) - hung)
