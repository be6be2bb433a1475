"""What came of polls of preferences, certified: their results, and who goes to another round."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.counts.models import MotionResult
from tracker.kernel.database import db
from tracker.kernel.errors import Reason
from tracker.kernel.words import M_
from tracker.votes import poll_figures
from tracker.votes.models import Vote
from tracker.votes.poll_figures import Poll


def polls(vote: Vote, number: int | None = None) -> dict[int, Poll]:
    """The certified result of each question by id of the vote's motion.

    ``number`` is that of the count, None the latest. Empty before it is certified, and for a
    vote on motions.
    """
    query = sa.select(MotionResult).where(MotionResult.vote_id == vote.id)
    if number is not None:
        query = query.where(MotionResult.number == number)
    rows = db.session.scalars(query.order_by(MotionResult.number))
    latest = {row.vote_motion_id: row.figures for row in rows}
    return {
        motion.id: poll_figures.from_figures(latest[motion.id])
        for motion in vote.motions
        if motion.id in latest and poll_figures.is_poll(latest[motion.id])
    }


def finalists(vote: Vote, number: int | None = None) -> dict[int, list[str]]:
    """Who goes to another round, as they are called, by id of the project's motion.

    Motions that have a winner, or whose poll too few took part in, are left out.
    """
    found = polls(vote, number)
    return {
        motion.motion_id: [found[motion.id].label(key) for key in found[motion.id].finalists]
        for motion in vote.motions
        if motion.id in found and found[motion.id].finalists
    }


def runoff_obstacles(vote: Vote) -> list[Reason]:
    """Why a runoff may not be held: it is one among exactly the finalists of the poll before.

    Nothing for a vote that is no runoff.
    """
    if vote.runoff_of_id is None:
        return []
    first = db.session.get_one(Vote, vote.runoff_of_id)
    going_on = finalists(first)
    where = ("votes.edit", (("vote_id", vote.id),), "options")
    found = []
    for motion in vote.motions:
        wanted = going_on.get(motion.motion_id)
        if wanted is None:
            text = M_("「%(title)s」在上一轮没有需要再选的结果。", title=motion.title)
            found.append(Reason(text, *where))
        elif {option["label"] for option in motion.options} != set(wanted):
            text = M_(
                "「%(title)s」要在上一轮进入下一轮的几项中再选：%(names)s。",
                title=motion.title,
                names=" / ".join(wanted),
            )
            found.append(Reason(text, *where))
    return found
