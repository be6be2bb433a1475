"""Votes carried to a state through the services, with motions of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.factories import meetings, people, places, projects
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.meetings.models import Motion
from tracker.projects.models import Project
from tracker.votes import services
from tracker.votes.models import Ballot, Vote
from tracker.votes.rules import Choice, InvalidPolicy
from tracker.votes.services import Draft
from tracker.votes.words import RejectReason

OPENS = NOW + timedelta(hours=1)
CLOSES = NOW + timedelta(days=3)
DURING = NOW + timedelta(days=1)
AFTER = CLOSES + timedelta(minutes=1)


@dataclass(frozen=True)
class Scene:
    """A committee with a project at its vote stage, and the people a vote needs."""

    director: User
    worker: User
    counter: User
    project: Project


def scene(
    *,
    buildings: int = 2,
    rooms: int = 3,
    area: int | None = 8_000,
    motions: tuple[str, ...] = ("车辆管理制度", "门禁管理公约"),
    committee: str = "仁德居委会",
) -> Scene:
    """A project at its vote stage with ``motions`` worded; every room has its own voter."""
    director = people.user(Role.DIRECTOR, people.committee(committee))
    home = director.committee
    assert home is not None
    compound = places.compound(home, buildings=buildings, rooms=rooms, area=area)
    project = projects.project(director, compound, at=StageKind.VOTE)
    for position, title in enumerate(motions, start=1):
        # Not 是否同意: tests look for words of choices on pages that must not show any.
        meetings.motion(project, title, position=position, text=f"是否通过《{title}》？")
    return Scene(director, people.user(Role.WORKER, home), people.user(Role.COUNTER, home), project)


def motion_ids(project: Project) -> list[int]:
    """The motions of a project, in order."""
    found = db.session.query(Motion).filter_by(project_id=project.id).order_by(Motion.position)
    return [row.id for row in found]


def draft_of(of: Scene, **fields: object) -> Draft:
    """What the form of a vote says, with all motions and the ordinary rule."""
    given: dict[str, Any] = {
        "title": "停车与门禁表决",
        "motion_ids": motion_ids(of.project),
        "rule_id": "ord",
        "rule_reason": "属于管理规约，按一般事项",
        "invalid_policy": InvalidPolicy.TAKES_PART,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        **fields,
    }
    return Draft(**given)


def draft(of: Scene, **fields: object) -> Vote:
    """A vote being prepared."""
    return services.prepare(of.worker, NOW, of.project, **vars(draft_of(of, **fields)))


def frozen(of: Scene, **fields: object) -> Vote:
    """A vote whose roll is frozen."""
    return services.freeze(of.director, NOW, draft(of, **fields).id)


def running(of: Scene, **fields: object) -> Vote:
    """A vote that takes ballots."""
    return services.open_vote(of.director, OPENS, frozen(of, **fields).id)


def ballot(
    of: Scene,
    vote: Vote,
    serial: int,
    choice: Choice | Mapping[int, Choice] = Choice.FOR,
    *,
    by: User | None = None,
    at: datetime = DURING,
    received_at: datetime | None = None,
    rejected: RejectReason | None = None,
) -> Ballot:
    """A recorded paper; one ``choice`` for all motions, or one by id of the vote's motion."""
    choices = choice if isinstance(choice, Mapping) else dict.fromkeys(motions_of(vote), choice)
    return services.record_ballot(
        by or of.counter,
        at,
        vote.id,
        serial=serial,
        choices=choices,
        received_at=received_at or at,
        rejected=rejected,
    )


def motions_of(vote: Vote) -> list[int]:
    """Ids of the vote's own motions, in the order of the ballot."""
    return [line.id for line in vote.motions]


def closed(of: Scene, *, approving: int = 5, opposing: int = 0, **fields: object) -> Vote:
    """A counted vote: the first serials approve, the next oppose, the rest are silent."""
    vote = running(of, **fields)
    for serial in range(1, approving + opposing + 1):
        ballot(of, vote, serial, Choice.FOR if serial <= approving else Choice.AGAINST)
    return services.close(of.director, AFTER, vote.id)


def announced(of: Scene, **fields: object) -> Vote:
    """A vote whose result is public."""
    return services.announce(of.director, AFTER, closed(of, **fields).id)  # type: ignore[arg-type]
