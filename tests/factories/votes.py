"""Votes carried to a state through the services, with motions of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.factories import meetings, notices, people, places, projects
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.ballots import (
    checking_services,
    closing_services,
    collecting_services,
    entering_services,
    printing_services,
)
from tracker.ballots.models import Ballot
from tracker.ballots.rules import BallotState
from tracker.counts import services as counts
from tracker.counts.services import Signers
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.meetings.models import Motion
from tracker.notices.models import Notice
from tracker.projects.models import Project
from tracker.votes import course_services, roll_queries, services
from tracker.votes.models import RollEntry, Vote
from tracker.votes.rules import Choice, InvalidPolicy
from tracker.votes.services import Draft

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
    scrutineer: User
    officer: User
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
    return Scene(
        director=director,
        worker=people.user(Role.WORKER, home),
        counter=people.user(Role.COUNTER, home),
        scrutineer=people.user(Role.SCRUTINEER, home),
        officer=people.user(Role.OFFICER, home),
        project=project,
    )


def motion_ids(project: Project) -> list[int]:
    """The motions of a project, in order."""
    found = db.session.query(Motion).filter_by(project_id=project.id).order_by(Motion.position)
    return [row.id for row in found]


def draft_of(of: Scene, **fields: object) -> Draft:
    """What the form of a vote says, with all motions and the ordinary rule.

    ``notice_id``: a notice that hung long enough, unless another is given.
    """
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
    if "notice_id" not in given:
        given["notice_id"] = hung_notice(of.project).id
    return Draft(**given)


def hung_notice(project: Project) -> Notice:
    """A notice that hung everywhere for the fifteen days before the voting opens."""
    eve = clock.local_date(OPENS) - timedelta(days=1)
    begin = eve - timedelta(days=14)
    return notices.notice(project, posted_on=begin, starts_on=begin, ends_on=eve)


def draft(of: Scene, *, confirmed: bool = True, **fields: Any) -> Vote:
    """A vote being prepared; its rule confirmed by the director unless told otherwise."""
    vote = services.prepare(of.worker, NOW, of.project, draft_of(of, **fields))
    if confirmed:
        services.confirm_rule(of.director, NOW, vote.id, version=vote.version)
    return vote


def frozen(of: Scene, **fields: Any) -> Vote:
    """A vote whose roll is frozen, and whose papers are numbered."""
    vote = draft(of, **fields)
    persons = roll_queries.roll_preview(vote).persons
    course_services.propose_freeze(of.worker, NOW, vote.id, version=vote.version, persons=persons)
    course_services.approve_freeze(of.director, NOW, vote.id)
    printing_services.number_papers(of.worker, NOW, vote.id)
    return vote


def running(of: Scene, **fields: Any) -> Vote:
    """A vote that takes ballots."""
    return counts.open_vote(of.director, OPENS, frozen(of, **fields).id)


def received(
    of: Scene,
    vote: Vote,
    serial: int,
    *,
    at: datetime = DURING,
    received_at: datetime | None = None,
) -> Ballot:
    """A paper that came back, its identity not looked at yet."""
    return collecting_services.receive(
        of.counter, at, vote.id, paper=str(serial), received_at=received_at or at
    )


def accepted(of: Scene, vote: Vote, serial: int, *, at: datetime = DURING) -> Ballot:
    """A paper that came back and passed the identity check."""
    return checking_services.check(of.counter, at, received(of, vote, serial, at=at).id)


def counting(of: Scene, serials: Iterable[int] = (), **fields: object) -> Vote:
    """A vote that is closed, with accepted papers of these serials and nothing read."""
    vote = running(of, **fields)
    for serial in serials:
        accepted(of, vote, serial)
    return closing_services.close(of.director, AFTER, vote.id)


def read(
    of: Scene,
    vote: Vote,
    serial: int,
    choice: str | Mapping[int, str] = Choice.FOR,
    *,
    by: Sequence[User] | None = None,
) -> None:
    """Both readings of the accepted ballot of a voter; one ``choice`` for all motions, or each."""
    marks = choice if isinstance(choice, Mapping) else dict.fromkeys(motions_of(vote), str(choice))
    ballot = (
        db.session.query(Ballot)
        .join(Ballot.entry)
        .filter(
            Ballot.vote_id == vote.id,
            Ballot.state == BallotState.ACCEPTED,
            RollEntry.serial == serial,
        )
        .one()
    )
    for reader in by or (of.counter, of.worker):
        entering_services.enter(reader, AFTER, vote.id, ballot_id=ballot.id, marks=marks)


def motions_of(vote: Vote) -> list[int]:
    """Ids of the vote's own motions, in the order of the ballot."""
    return [line.id for line in vote.motions]


SIGNERS = Signers("唱票人", "计票人", "监票人")


def certified(of: Scene, *, approving: int = 5, opposing: int = 0, **fields: object) -> Vote:
    """A certified vote: the first serials approve, the next oppose, the rest are silent."""
    serials = range(1, approving + opposing + 1)
    vote = counting(of, serials, **fields)
    for serial in serials:
        read(of, vote, serial, Choice.FOR if serial <= approving else Choice.AGAINST)
    return counts.certify(of.scrutineer, AFTER, vote.id, signers=SIGNERS)


def announced(of: Scene, **fields: object) -> Vote:
    """A vote whose result is public."""
    return counts.announce(of.director, AFTER, certified(of, **fields).id)  # type: ignore[arg-type]
