"""More rows of everything that lists show, and how many statements a page then takes."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import sqlalchemy as sa
from flask import Flask

from tests.factories import feedback, meetings, notices, opinions, people, places, projects, works
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.services import record
from tracker.feedback.rules import Score
from tracker.kernel.database import db
from tracker.kernel.words import M_
from tracker.meetings.models import MeetingAction, Resolution
from tracker.meetings.rules import ResolutionOutcome
from tracker.notifications.models import InboxItem
from tracker.opinions.rules import OpinionStatus
from tracker.places.models import Building, Compound, Entrance, Grid, LeaderScope, Unit
from tracker.projects.models import Override, Project, ProjectDraft, Stage, StageRun, Task
from tracker.projects.rules import RunOutcome
from tracker.reminders.models import PlannedReminder
from tracker.works.models import Acceptance, Approval, Contractor, SiteCheck
from tracker.works.rules import PicturePhase

TODAY = date(2026, 3, 2)


_VALUE = r"(\?|%\([^)]*\)s(::\w+)?)"
_VALUES = re.compile(rf"\({_VALUE}(, {_VALUE})*\)")


@contextmanager
def statements(app: Flask) -> Iterator[Counter[str]]:
    """Count the SQL statements sent meanwhile; lists of values count as one shape."""
    seen: Counter[str] = Counter()
    with app.app_context():
        engine = db.engine

    def note(_connection, _cursor, sql, *_rest):
        seen[_VALUES.sub("(…)", sql)] += 1

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def name() -> str:
    """A word that nothing else is called by."""
    return secrets.token_hex(5)


def add(*rows: object) -> None:
    """Put rows into the database."""
    db.session.add_all(rows)
    db.session.flush()


def someone(project: Project, role: Role = Role.WORKER) -> User:
    """One more person of the project's committee, so that no name is known already."""
    return people.user(role, of=project.committee)


def stage(project: Project, kind: StageKind) -> Stage:
    """A stage of a project."""
    return next(s for s in project.stages if s.kind is kind)


def buildings(project: Project) -> list[Building]:
    """The buildings of the project's compound."""
    query = sa.select(Building).where(Building.compound_id == project.compound_id)
    return list(db.session.scalars(query.order_by(Building.id)))


# ---- one more of each; ``project`` is the one whose pages are opened ----


def more_projects(project: Project) -> None:
    """A project of its own lead and compound, with everything the desk and the lists show."""
    director = someone(project, Role.DIRECTOR)
    home = places.compound(project.committee, buildings=1, rooms=1, name=name())
    made = projects.project(director, home, at=StageKind.COLLECT, start=TODAY - timedelta(40))
    open_stage = made.stages[0]
    # What is on the desk of the one who looks, in projects that others lead.
    open_stage.lead_id = project.lead_id
    projects.task(open_stage, due_on=TODAY, assignee_id=project.lead_id)
    meetings.meeting(made, NOW, created_by=project.lead_id)
    opinions.opinion(made, director)
    made.lead_id = project.lead_id
    add(draft_of(project))


def draft_of(project: Project) -> ProjectDraft:
    """A project that its lead has not finished logging."""
    what = {"title": name()}
    case_id = project.case_id
    assert case_id is not None
    return ProjectDraft(
        committee_id=project.committee_id,
        case_id=case_id,
        author_id=project.lead_id,
        data={"what": what},
        updated_at=NOW,
    )


def more_committees(project: Project) -> None:
    """A committee with a project that is late."""
    other = people.committee(name(), project.committee.subdistrict.name)
    lead = people.user(Role.DIRECTOR, of=other)
    home = places.compound(other, buildings=1, rooms=1)
    projects.project(lead, home, at=StageKind.VOTE, start=TODAY - timedelta(90))


def more_of_the_process(project: Project) -> None:
    """A task, an ended round, an override and a line of history, each by somebody else."""
    person, officer = someone(project), people.user(Role.OFFICER, of=project.committee)
    for current in project.stages:
        projects.task(current, assignee_id=person.id, done_at=NOW, done_by=person.id)
        projects.task(current, assignee_id=someone(project).id, due_on=TODAY)
        own = {"committee_id": project.committee_id, "stage_id": current.id}
        number = db.session.scalar(
            sa.select(sa.func.count()).where(StageRun.stage_id == current.id)
        )
        assert number is not None
        add(
            StageRun(
                **own,
                round=number + 1,
                planned_end=TODAY,
                ended_on=TODAY,
                outcome=RunOutcome.DONE,
                ended_by=person.id,
            ),
            Override(
                **own,
                project_id=project.id,
                round=1,
                officer_id=officer.id,
                at=NOW,
                reason="时间紧",
                missing=[],
            ),
        )
    record(
        "stage.started",
        M_("开始「%(stage)s」", stage="征集意见"),
        actor_id=person.id,
        now=NOW,
        committee_id=project.committee_id,
        project_id=project.id,
    )


def more_opinions(project: Project) -> None:
    """An opinion of another household, one answered and public, one merged."""
    person, house = someone(project), more_buildings(project)
    unit = opinions.unit(project, house.number)
    first = opinions.opinion(project, person, unit_id=unit.id)
    opinions.opinion(project, None, unit_id=unit.id, status=OpinionStatus.ADOPTED, published_at=NOW)
    opinions.opinion(
        project, person, unit_id=unit.id, status=OpinionStatus.MERGED, merged_into_id=first.id
    )


def more_buildings(project: Project) -> Building:
    """A building with a grid, an entrance, three units and a leader of its own."""
    own = {"committee_id": project.committee_id, "compound_id": project.compound_id}
    grid = Grid(**own, name=name())
    add(grid)
    last = len(buildings(project)) + 1
    house = Building(**own, number=str(last), position=last, grid_id=grid.id)
    add(house)
    add(Entrance(committee_id=project.committee_id, building_id=house.id, number="1"))
    more_units(project, house)
    leader = someone(project, Role.BUILDING_LEADER)
    add(LeaderScope(committee_id=house.committee_id, user_id=leader.id, building_id=house.id))
    return house


def more_units(project: Project, house: Building | None = None) -> None:
    """Three rooms with voting persons of their own, in the first building if in none."""
    at = house or buildings(project)[0]
    places_of = {"committee_id": at.committee_id, "compound_id": at.compound_id}
    query = sa.select(sa.func.count()).where(Unit.building_id == at.id)
    first = 101 + (db.session.scalar(query) or 0)
    for room in range(first, first + 3):
        person = places.VotingPerson(**places_of, code=name(), name=name())
        add(person)
        door = Entrance(committee_id=at.committee_id, building_id=at.id, number=name())
        add(door)
        add(
            Unit(
                **places_of,
                building_id=at.id,
                entrance_id=door.id,
                entrance_number=door.number,
                room=str(room),
                voting_person_id=person.id,
            )
        )


def more_compounds(project: Project) -> None:
    """Another compound of the committee."""
    made: Compound = places.compound(project.committee, buildings=2, rooms=2, name=name())
    add(Grid(committee_id=made.committee_id, compound_id=made.id, name="一网格"))


def more_meetings(project: Project) -> None:
    """A meeting held, with resolutions and actions, and one planned."""
    meetings.meeting(project, NOW + timedelta(days=1))
    more_actions(project, meetings.held(project))


def more_actions(project: Project, of: meetings.Meeting | None = None) -> None:
    """Something else that a meeting decided and gave somebody to do."""
    query = sa.select(meetings.Meeting).where(meetings.Meeting.project_id == project.id)
    held = of or db.session.scalars(query.order_by(meetings.Meeting.id)).first()
    assert held is not None
    held.resolutions.append(
        Resolution(
            committee_id=project.committee_id,
            position=len(held.resolutions) + 1,
            text="同意试行",
            outcome=ResolutionOutcome.AGREED,
        )
    )
    done: Task = projects.task(held.stage, assignee_id=someone(project).id, due_on=TODAY)
    held.actions.append(MeetingAction(committee_id=project.committee_id, task_id=done.id))
    db.session.flush()


def more_options(project: Project) -> None:
    """An option and a motion that words it."""
    chosen = meetings.option(project, name())
    count = len(project_motions(project))
    meetings.motion(project, name(), position=count + 1, option_id=chosen.id)


def project_motions(project: Project) -> list[meetings.Motion]:
    """The motions of a project."""
    query = sa.select(meetings.Motion).where(meetings.Motion.project_id == project.id)
    return list(db.session.scalars(query))


def more_notices(project: Project) -> None:
    """A notice that hangs, with an objection."""
    notices.objection(notices.notice(project, posted_on=TODAY))


def more_works(project: Project) -> None:
    """An approval, a contract, a check with its task, an acceptance, money and pictures."""
    person, current = someone(project), stage(project, StageKind.IMPLEMENT)
    own = {"committee_id": project.committee_id, "project_id": project.id}
    at = {**own, "stage_id": current.id, "recorded_by": person.id}
    round = (db.session.scalar(sa.select(sa.func.count()).select_from(Approval)) or 0) + 1
    mend = projects.task(current, assignee_id=someone(project).id)
    add(
        Approval(
            **at,
            round=round,
            authority="街道",
            document_number=name(),
            approved_on=TODAY,
            recorded_at=NOW,
        ),
        Contractor(**own, name=name(), work="道闸", amount=100, starts_on=TODAY, ends_on=TODAY),
        SiteCheck(
            **at,
            checked_on=TODAY,
            committee_present=True,
            finding="螺栓松",
            passed=False,
            task_id=mend.id,
            recorded_at=NOW,
        ),
        Acceptance(**at, round=round, accepted_on=TODAY, passed=True, participants="三方"),
    )
    booked = works.money(project, person)
    works.money(project, someone(project), reverses_id=booked.id)
    spot = name()
    for phase in PicturePhase:
        works.picture(project, someone(project), phase, spot)


def more_answers(project: Project) -> None:
    """What a resident says afterwards."""
    feedback.answers(project, Score.GOOD, comment="停车方便多了。", browser_key=name())


def more_people(project: Project) -> None:
    """A colleague."""
    someone(project)


def more_messages(project: Project) -> None:
    """A message read and one unread."""
    for read_at in (None, NOW):
        add(
            InboxItem(
                key=name(),
                recipient_id=project.lead_id,
                project_id=project.id,
                subject="三天后到期",
                body="请办理。",
                link="/desk",
                created_at=NOW,
                read_at=read_at,
            )
        )


def more_reminders(project: Project) -> None:
    """A reminder that went to somebody, and a deadline that makes more of them."""
    person = someone(project)
    add(
        PlannedReminder(
            committee_id=project.committee_id,
            key=name(),
            kind="stage",
            target_id=project.stages[0].id,
            project_id=project.id,
            recipient_id=person.id,
            channel="inbox",
            occurrence="due",
            phase="lead",
            deadline=TODAY,
            due_at=NOW,
            planned_at=NOW,
        )
    )
    projects.task(project.stages[0], assignee_id=person.id, due_on=TODAY + timedelta(days=20))
