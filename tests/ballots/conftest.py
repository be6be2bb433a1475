"""The clock, browsers at a vote, and a vote whose papers are on their way."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import people, votes
from tests.votes.walk import at, stage
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.places.models import Building, LeaderScope

__all__ = ["at", "stage"]


@pytest.fixture
def scene(arrange):
    return votes.scene()


@pytest.fixture
def vote(scene):
    """An open vote of six voters, whose papers are numbered."""
    return votes.running(scene)


@pytest.fixture
def leader(scene, vote):
    """A building leader who looks after the first building."""
    user = people.user(Role.BUILDING_LEADER, scene.director.committee)
    first = db.session.scalar(sa.select(Building).order_by(Building.id))
    db.session.add(
        LeaderScope(committee_id=vote.committee_id, user_id=user.id, building_id=first.id)
    )
    db.session.flush()
    return user
