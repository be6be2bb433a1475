"""A subdistrict's ledger of any size, written in bulk, past the services.

The same seed gives the same projects, so the pages that are measured show the same rows
whatever else the database holds: one committee has ``OWN`` running projects of its own at
every size, and history is what grows.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from script.benchmark.process import ProjectPlan, rows_of
from tracker.accounts import passwords
from tracker.accounts.models import Committee, Subdistrict, User
from tracker.accounts.rules import Role
from tracker.anthology import services as anthology
from tracker.anthology.models import CaseTemplate
from tracker.kernel import clock
from tracker.kernel.database import Model, db
from tracker.notifications.models import Heartbeat, InboxItem
from tracker.places.models import Building, Compound, Unit, VotingPerson
from tracker.projects.rules import ProjectState
from tracker.reminders.services import PLAN_JOB
from tracker.workdays import services as workdays

COMMITTEES = 30
OWN = 60
"""Running projects of the committee whose director is measured: more than one page of them."""

OFFICER, DIRECTOR, PASSWORD = "officer", "director1", "long enough to measure"
BUILDINGS, ROOMS = 4, 6
MESSAGES = 60
CHUNK = 500
"""Projects written together."""

Rows = dict[type[Model], list[dict[str, Any]]]


@dataclass(frozen=True)
class Staff:
    """Ids of a committee's people; numbers follow from the committee's own."""

    director: int
    workers: tuple[int, int]


def staff(committee: int) -> Staff:
    """The people of one committee: account 1 is the officer, then three to each."""
    first = 2 + (committee - 1) * 3
    return Staff(first, (first + 1, first + 2))


def fill(projects: int) -> None:
    """Write everything, commit, and let the database look at what it holds.

    Needs an application context and empty tables.
    """
    now = clock.now()
    db.create_all()
    workdays.load_packaged(now)
    anthology.load_folder(anthology.CASES, now)
    _write(_people())
    _write(_places())
    cases = list(db.session.scalars(sa.select(CaseTemplate.id).order_by(CaseTemplate.id)))
    chunk: Rows = defaultdict(list)
    for plan in _plans(projects, cases):
        for model, row in rows_of(plan):
            chunk[model].append(row)
        if plan.number % CHUNK == 0:
            _write(chunk)
            chunk = defaultdict(list)
    _write(chunk)
    _write(_inboxes())
    db.session.commit()
    _settle()


def _write(rows: Rows) -> None:
    order = [table.name for table in db.metadata.sorted_tables]
    for model in sorted(rows, key=lambda model: order.index(model.__tablename__)):
        db.session.execute(sa.insert(model), rows[model])


def _settle() -> None:
    """What time does by itself in a ledger in use: PostgreSQL's sequences and statistics."""
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in db.metadata.sorted_tables:
            if "id" in table.c:
                top = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 1)).scalar_subquery()
                name = sa.func.pg_get_serial_sequence(table.name, "id")
                connection.execute(sa.select(sa.func.setval(name, top)))
        connection.execute(sa.text("VACUUM ANALYZE"))


def _people() -> Rows:
    now, password = clock.now(), passwords.hashed(PASSWORD)
    rows: Rows = {
        Subdistrict: [{"id": 1, "name": "五角场街道"}],
        Committee: [
            {"id": n, "subdistrict_id": 1, "name": f"第{n}居委会"} for n in range(1, COMMITTEES + 1)
        ],
        User: [],
        # The scheduler does not run here; a beat in the future keeps its banner away.
        Heartbeat: [{"job": PLAN_JOB, "at": now + timedelta(days=1)}],
    }

    def add(number: int, role: Role, committee: int | None, login: str) -> None:
        rows[User].append(
            {
                "id": number,
                "subdistrict_id": 1,
                "committee_id": committee,
                "login": login,
                "display_name": f"{role.label}{number}",
                "role": role,
                "password_hash": password,
                "session_key": f"key{number}",
                "created_at": now,
            }
        )

    add(1, Role.OFFICER, None, OFFICER)
    for committee in range(1, COMMITTEES + 1):
        people = staff(committee)
        add(people.director, Role.DIRECTOR, committee, f"director{committee}")
        for number in people.workers:
            add(number, Role.WORKER, committee, f"worker{number}")
    return rows


def _places() -> Rows:
    rows: Rows = defaultdict(list)
    for committee in range(1, COMMITTEES + 1):
        owner = {"committee_id": committee}
        rows[Compound].append({"id": committee, **owner, "name": f"小区{committee}"})
        for number in range(1, BUILDINGS + 1):
            building = (committee - 1) * BUILDINGS + number
            house = {"id": building, **owner, "compound_id": committee}
            rows[Building].append({**house, "number": str(number), "position": number})
            for room in range(101, 101 + ROOMS):
                unit = len(rows[Unit]) + 1
                person = {"id": unit, **owner, "compound_id": committee}
                rows[VotingPerson].append(
                    {**person, "code": f"{number}-{room}", "name": f"示例业主{unit}"}
                )
                rows[Unit].append(
                    {
                        **person,
                        "building_id": building,
                        "room": str(room),
                        "area": 8_000,
                        "voting_person_id": unit,
                        "version": 1,
                    }
                )
    return rows


def _plans(count: int, cases: list[int]) -> Iterator[ProjectPlan]:
    """Projects by number: first those of the measured committee, then the others' and history."""
    dice, today = random.Random(20260302), clock.today()
    for number in range(1, count + 1):
        own = number <= OWN
        committee = 1 if own else dice.randint(1, COMMITTEES)
        people = staff(committee)
        yield ProjectPlan(
            number=number,
            committee=committee,
            lead=people.director if own else dice.choice((people.director, *people.workers)),
            state=ProjectState.ACTIVE if own else _state(dice, committee),
            case=dice.choice(cases),
            stages=dice.choice((5, 6)),
            reached=(number - 1) % 5,
            due=today + timedelta(days=dice.randint(-20, 40)),
            units=_units(committee),
            dice=dice,
        )


def _state(dice: random.Random, committee: int) -> ProjectState:
    """One in ten runs, the rest is history; the measured committee's others have all ended."""
    running = 0 if committee == 1 else 10
    kinds = (
        ProjectState.ACTIVE,
        ProjectState.PAUSED,
        ProjectState.CANCELLED,
        ProjectState.CLOSED,
    )
    return dice.choices(kinds, weights=(running, 3, 7, 80))[0]


def _units(committee: int) -> range:
    each = BUILDINGS * ROOMS
    return range((committee - 1) * each + 1, committee * each + 1)


def _inboxes() -> Rows:
    now = clock.now()
    people = range(1, 2 + COMMITTEES * 3)
    items = [
        {
            "key": f"message:{person}:{number}",
            "recipient_id": person,
            "subject": "三天后到期：征集意见",
            "body": "请在到期前完成。",
            "link": "/",
            "created_at": now - timedelta(hours=number),
            "read_at": None if number <= 5 else now,
        }
        for person in people
        for number in range(1, MESSAGES + 1)
    ]
    return {InboxItem: items}
