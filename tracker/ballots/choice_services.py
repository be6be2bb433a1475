"""What ballots say, written down to be counted. Nothing here tells it to anybody.

Papers are read by people (``reading_services``), online ballots are opened by the machine, from
the close on. ``sealed`` stays as evidence: a recount opens it anew, and a paper that falls away
brings it back. Only a ballot that stands is ever opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from tracker.ballots.marks import is_mark
from tracker.ballots.models import Ballot, BallotChoice
from tracker.ballots.seals import open_marks, place
from tracker.kernel.database import db
from tracker.kernel.vault import Altered, vault
from tracker.votes.models import Vote
from tracker.votes.queries import rule_of

AT_ONCE = 500
"""Ids in one statement: databases limit them."""


def write(vote: Vote, choices: Mapping[int, Mapping[int, str]]) -> None:
    """Write what ballots say of which nothing is written; marks by motion, by ballot."""
    rows = [
        {
            "committee_id": vote.committee_id,
            "ballot_id": ballot_id,
            "vote_motion_id": motion,
            "mark": mark,
        }
        for ballot_id, marks in choices.items()
        for motion, mark in marks.items()
    ]
    if rows:
        db.session.execute(sa.insert(BallotChoice), rows)


def forget(ballot_ids: Sequence[int]) -> None:
    """Delete what is written of ballots; their readings and seals stay."""
    for first in range(0, len(ballot_ids), AT_ONCE):
        some = ballot_ids[first : first + AT_ONCE]
        db.session.execute(sa.delete(BallotChoice).where(BallotChoice.ballot_id.in_(some)))


def opened(vote: Vote, ballot: Ballot) -> dict[int, str]:
    """What an online ballot says; raises WrongKey or Altered."""
    marks = open_marks(vault(), place(vote.id, ballot.roll_entry_id, ballot.id), ballot.sealed)
    method = rule_of(vote).method
    keys = {motion.id: [option["key"] for option in motion.options] for motion in vote.motions}
    sound = set(marks) == set(keys) and all(
        is_mark(mark, method, vote.choices, keys[motion]) for motion, mark in marks.items()
    )
    if not sound:
        raise Altered("not the answers that this vote asks for")
    return marks
