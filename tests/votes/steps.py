"""Steps that several tests take on the way to what they are about."""

from __future__ import annotations

import sqlalchemy as sa

from tests.factories import votes
from tests.factories.votes import DURING
from tests.votes.walk import Stage
from tracker.kernel.database import db
from tracker.places.models import Unit
from tracker.votes import course_services, roll_queries
from tracker.votes.models import Vote


def frozen_without_area(scene, **fields):
    first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
    first.area = None
    second.voting_person_id = first.voting_person_id
    db.session.flush()
    vote = votes.frozen(scene, **fields)
    [missing] = roll_queries.units_without_area(vote.id)
    return vote, missing


def propose_areas(scene, vote, areas, reason="补交了产证", by=None):
    return course_services.propose_areas(
        by or scene.worker, DURING, vote.id, areas=areas, reason=reason
    )


# ---- on the pages ----


def new(stage: Stage) -> str:
    """Where a vote of the stage's project is prepared."""
    return f"/projects/{stage.project_id}/votes/new"


def with_notice(scene):
    """The notice that a draft refers to; no vote yet."""
    votes.hung_notice(scene.project)


def vote_in() -> Vote:
    """The vote that the pages made, inside a context; None without one."""
    return db.session.scalar(sa.select(Vote))
