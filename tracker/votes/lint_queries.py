"""Gathering what ``lint`` looks at."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.notices.rules import days_hung
from tracker.places.models import Unit, VotingPerson
from tracker.votes import queries, roll_queries
from tracker.votes.lint import Facts, MotionText
from tracker.votes.models import Vote
from tracker.votes.rules import NonResponsePolicy
from tracker.votes.words import AttachmentKind, VoteState
from tracker.workdays.queries import calendar


def facts(vote: Vote, now: datetime) -> Facts:
    """Everything about a vote that is looked at before it is frozen."""
    preview = roll_queries.roll_preview(vote)
    closes_on = local_date(vote.ends_at)
    objections = queries.roll_objections(vote.id)
    return Facts(
        vote_id=vote.id,
        project_id=vote.project_id,
        compound_id=vote.compound_id,
        rule=queries.rule_of(vote),
        rule_confirmed=vote.rule_confirmed_by is not None,
        motions=_motions(vote),
        choices=tuple(vote.choices),
        nonresponse=NonResponsePolicy(vote.nonresponse_policy),
        has_clause_file=any(f.kind is AttachmentKind.CLAUSE for f in vote.attachments),
        closes_on=closes_on,
        close_is_workday=calendar().is_workday(closes_on),
        close_has_passed=vote.ends_at <= now,
        notice_days=_notice_days(vote),
        persons=preview.persons,
        units_without_person=preview.units_without_person,
        persons_without_area=preview.persons_without_area,
        same_names=_same_names(vote),
        open_objections=sum(objection.answered_on is None for objection in objections),
        online=vote.online,
        opens_before_first_tier=vote.after is not None
        and vote.after.state not in (VoteState.CERTIFIED, VoteState.ANNOUNCED, VoteState.ARCHIVED),
    )


def _motions(vote: Vote) -> tuple[MotionText, ...]:
    """The lines of a draft beside their present wording; a frozen ballot no longer moves."""
    worded = {motion.id: motion for motion in queries.worded_motions(vote.project)}

    def changed(title: str, text: str, motion_id: int) -> bool:
        motion = worded.get(motion_id)
        return motion is None or (motion.title, motion.text) != (title, text)

    return tuple(
        MotionText(
            line.title,
            line.text,
            len(line.options),
            vote.state is VoteState.DRAFT and changed(line.title, line.text, line.motion_id),
        )
        for line in vote.motions
    )


def _notice_days(vote: Vote) -> int | None:
    """Whole days that the notice will have hung before the day on which voting opens."""
    if vote.notice is None:
        return None
    notice = vote.notice
    eve = local_date(vote.opens_at) - timedelta(days=1)
    return days_hung(notice.starts_on, notice.ends_on, [p.posted_on for p in notice.places], eve)


def _same_names(vote: Vote) -> int:
    """Names that more than one voting person of the roll bears."""
    named = (
        sa.select(VotingPerson.name)
        .where(
            VotingPerson.id.in_(
                sa.select(Unit.voting_person_id).where(*roll_queries.in_scope(vote))
            )
        )
        .group_by(VotingPerson.name)
        .having(sa.func.count() > 1)
    )
    return db.session.scalar(sa.select(sa.func.count()).select_from(named.subquery())) or 0
