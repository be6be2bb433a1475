"""The people and places of the demonstration."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from openpyxl import Workbook

from tracker.accounts import services as accounts
from tracker.accounts.models import Committee, User
from tracker.accounts.rules import Role
from tracker.demo.balloting import Hands
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.places import roll_services, services
from tracker.places.models import Building, Compound, LeaderScope, Unit

BUILDINGS = 27
ROOMS = ("101", "102", "201", "202", "301", "302", "401", "402", "501", "502", "601", "602")
"""27 buildings of twelve units are the 324 households of case 6."""

FIRST_GRID = 14
"""Buildings 1–14 are the first grid of the compound, 15–27 the second."""


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of the demonstration, by the clock in Shanghai."""
    return clock.at_local(day, time(hour, minute))


@dataclass(frozen=True)
class Team:
    """Who carries a vote in one committee."""

    committee: Committee
    director: User
    worker: User
    leaders: tuple[User, ...]
    counters: tuple[User, User]
    scrutineer: User

    def hands(self) -> Hands:
        """Who does what in a vote, as the buildings are given to leaders now."""
        rows = db.session.execute(
            sa.select(LeaderScope.building_id, User)
            .join(User, User.id == LeaderScope.user_id)
            .where(LeaderScope.committee_id == self.committee.id)
        )
        return Hands(
            self.director,
            self.worker,
            self.counters,
            self.scrutineer,
            {row.building_id: row.User for row in rows},
        )


@dataclass(frozen=True)
class Cast(Team):
    """Who acts in the demonstration's own committee, and the officer above all."""

    officer: User
    partner: User


SIGN_INS: tuple[tuple[Role, str, str], ...] = (
    (Role.DIRECTOR, "director", "仁德居委主任"),
    (Role.WORKER, "worker", "仁德社工"),
    (Role.BUILDING_LEADER, "leader", "一网格长"),
    (Role.BUILDING_LEADER, "leader2", "二网格长"),
    (Role.PARTNER, "partner", "正文花园业委会"),
    (Role.COUNTER, "counter", "计票人甲"),
    (Role.COUNTER, "counter2", "计票人乙"),
    (Role.SCRUTINEER, "scrutineer", "监票人"),
)


def people(now: datetime, password: str) -> Cast:
    """Found subdistrict and committee, with one account per role and more where needed."""
    officer = accounts.set_up(
        now,
        subdistrict="五角场街道",
        committee="仁德居委会",
        role=Role.OFFICER,
        display_name="街道自治办",
        login="officer",
        password=password,
    )
    committee = db.session.scalars(sa.select(Committee)).one()
    made = _staff(officer, now, committee, SIGN_INS, lambda: password)
    return Cast(
        committee=committee,
        officer=officer,
        director=made["director"],
        worker=made["worker"],
        leaders=(made["leader"], made["leader2"]),
        partner=made["partner"],
        counters=(made["counter"], made["counter2"]),
        scrutineer=made["scrutineer"],
    )


def another_team(officer: User, now: datetime, name: str, login: str) -> Team:
    """Found one more committee, whose people nobody signs in as."""
    committee = accounts.add_committee(officer, now, name=name)
    short = name.removesuffix("居委会")
    who = (
        (Role.DIRECTOR, login, f"{short}居委主任"),
        (Role.WORKER, f"{login}2", f"{short}社工"),
        (Role.BUILDING_LEADER, f"{login}3", f"{short}楼组长"),
        (Role.COUNTER, f"{login}4", f"{short}计票人甲"),
        (Role.COUNTER, f"{login}5", f"{short}计票人乙"),
        (Role.SCRUTINEER, f"{login}6", f"{short}监票人"),
    )
    made = _staff(officer, now, committee, who, lambda: secrets.token_urlsafe(12))
    director, worker, leader, first, second, scrutineer = made.values()
    return Team(committee, director, worker, (leader,), (first, second), scrutineer)


def _staff(
    officer: User,
    now: datetime,
    committee: Committee,
    who: Iterable[tuple[Role, str, str]],
    password: Callable[[], str],
) -> dict[str, User]:
    return {
        login: accounts.add_user(
            officer,
            now,
            role=role,
            committee_id=committee.id,
            display_name=name,
            login=login,
            email="",
            password=password(),
        )
        for role, login, name in who
    }


def garden(cast: Cast, now: datetime) -> Compound:
    """正文花园一期, from a roll file through the import as on the screen."""
    compound = services.add_compound(
        cast.worker, now, name="正文花园一期", address="政立路 1588 弄"
    )
    grids = ("一网格（1–14号楼）", "二网格（15–27号楼）")
    houses = [
        House(str(number), ROOMS, grids[number > FIRST_GRID]) for number in range(1, BUILDINGS + 1)
    ]
    import_roll(cast.worker, now, compound, houses)
    give_buildings(cast.director, now, compound, cast.leaders[0], houses[:FIRST_GRID])
    give_buildings(cast.director, now, compound, cast.leaders[1], houses[FIRST_GRID:])
    return compound


def give_buildings(
    director: User, now: datetime, compound: Compound, leader: User, houses: Iterable[House]
) -> None:
    """Let a building leader walk these buildings."""
    numbers = [house.number for house in houses]
    mine = db.session.scalars(
        sa.select(Building.id).where(
            Building.compound_id == compound.id, Building.number.in_(numbers)
        )
    )
    services.set_leader_buildings(director, now, compound.id, leader.id, list(mine))


def area_of(building: int, place: int) -> int:
    """A plausible area for the unit at ``place`` of a building, in 0.01 m²."""
    return 7_800 + (building * 37 + place * 911) % 5_400


@dataclass(frozen=True)
class House:
    """A building on a roll file: its number, its rooms, its grid, and areas in 0.01 m² if given."""

    number: str
    rooms: Sequence[str]
    grid: str = ""
    area: int | None = None


def import_roll(actor: User, now: datetime, compound: Compound, houses: Iterable[House]) -> None:
    """Bring in a roll as a committee would upload it; names are generated and say so."""
    reading = roll_services.preview_roll(
        actor, now, compound.id, "名册.xlsx", _roll_file(list(houses))
    )
    roll_services.apply_roll(actor, now, reading.id, False)
    db.session.flush()


def _roll_file(houses: Sequence[House]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["楼栋", "室号", "表决权人", "专有面积(㎡)", "面积来源", "微网格"])
    for position, house in enumerate(houses, start=1):
        for place, room in enumerate(house.rooms):
            area = house.area or area_of(position, place)
            text = f"{area // 100}.{area % 100:02d}"
            owner = f"示例业主{house.number}-{room}"
            sheet.append([house.number, room, owner, text, "产证", house.grid])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def units_in_order(compound: Compound) -> list[Unit]:
    """All units, building by building."""
    return list(
        db.session.scalars(
            sa.select(Unit)
            .join(Unit.building)
            .where(Unit.compound_id == compound.id)
            .order_by(Building.position, Unit.room)
        )
    )
