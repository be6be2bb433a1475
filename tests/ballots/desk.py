"""A vote being counted, as the pages of reading show it to those who read."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.ballots.reading import choices
from tests.factories import votes
from tests.factories.votes import AFTER
from tracker.accounts.rules import Role
from tracker.ballots.models import BallotEntry
from tracker.kernel.database import db
from tracker.votes.models import Vote

COUNTER, WORKER, SCRUTINEER = Role.COUNTER, Role.WORKER, Role.SCRUTINEER


@pytest.fixture
def desk(stage, at):
    """A vote being counted, with four accepted papers and nothing read."""
    made = stage(lambda scene: votes.counting(scene, [1, 2, 3, 4]))
    at(AFTER)
    return made


def motions(desk):
    return [name.removeprefix("choice_") for name in desk.choice_fields]


def keyed(desk, paper, keys, **more):
    """The form of one paper: its serial and the keys of its motions in order."""
    return {
        "paper": str(paper),
        **{f"mark_{m}": key for m, key in zip(motions(desk), keys, strict=True)},
        **more,
    }


def enter(desk, role, paper, keys, expect=200, **more):
    return desk[role].post(
        desk.url("/ballots/enter"), expect=expect, **keyed(desk, paper, keys, **more)
    )


def value_of(page, name):
    return re.search(rf'<input[^>]*name="{name}"[^>]*>', page)[0]


def counted(app, desk, serial):
    with app.app_context():
        return choices(db.session.get_one(Vote, desk.vote_id), serial)


def entries(app):
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(BallotEntry))


def untold(body):
    """The whole answer, without what differs between any two requests: keys, serials, counts."""
    body = re.sub(r'name="(submission|csrf_token)"[^>]*value="[^"]*"', "", body)
    return re.sub(r"\d+", "#", body)
