"""The people and places of the demonstration."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time

import sqlalchemy as sa
from openpyxl import Workbook

from tracker.accounts import services as accounts
from tracker.accounts.models import Committee, User
from tracker.accounts.rules import Role
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.places import roll_services, services
from tracker.places.models import Building, Compound, Unit

BUILDINGS = 27
ROOMS = ("101", "102", "201", "202", "301", "302", "401", "402", "501", "502", "601", "602")
"""27 buildings of twelve units are the 324 households of case 6."""

FIRST_GRID = 14
"""Buildings 1–14 are the first grid of the compound, 15–27 the second."""


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant of the demonstration, by the clock in Shanghai."""
    return clock.at_local(day, time(hour, minute))


@dataclass(frozen=True)
class Cast:
    """Who acts in the demonstration."""

    committee: Committee
    officer: User
    director: User
    worker: User
    leaders: tuple[User, User]
    partner: User
    counters: tuple[User, User]
    scrutineer: User


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
    made = {
        login: accounts.add_user(
            officer,
            now,
            role=role,
            committee_id=committee.id,
            display_name=name,
            login=login,
            email="",
            password=password,
        )
        for role, login, name in SIGN_INS
    }
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


def garden(cast: Cast, now: datetime) -> Compound:
    """正文花园一期, from a roll file through the import as on the screen."""
    compound = services.add_compound(
        cast.worker, now, name="正文花园一期", address="政立路 1588 弄"
    )
    reading = roll_services.preview_roll(cast.worker, now, compound.id, "名册.xlsx", _roll_file())
    roll_services.apply_roll(cast.worker, now, reading.id, False)
    db.session.flush()
    houses = db.session.scalars(
        sa.select(Building).where(Building.compound_id == compound.id)
    ).all()
    for leader, low, high in (
        (cast.leaders[0], 1, FIRST_GRID),
        (cast.leaders[1], FIRST_GRID + 1, BUILDINGS),
    ):
        mine = [h.id for h in houses if low <= h.position <= high]
        services.set_leader_buildings(cast.director, now, compound.id, leader.id, mine)
    return compound


def area_of(building: int, place: int) -> int:
    """A plausible area for the unit at ``place`` of a building, in 0.01 m²."""
    return 7_800 + (building * 37 + place * 911) % 5_400


def _roll_file() -> bytes:
    """The roll as a committee would upload it; names are generated and say so."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["楼栋", "室号", "表决权人", "专有面积(㎡)", "面积来源", "微网格"])
    for building in range(1, BUILDINGS + 1):
        grid = "一网格（1–14号楼）" if building <= FIRST_GRID else "二网格（15–27号楼）"
        for place, room in enumerate(ROOMS):
            area = area_of(building, place)
            sheet.append(
                [
                    f"{building}号楼",
                    room,
                    f"示例业主{building:02d}{room}",
                    f"{area // 100}.{area % 100:02d}",
                    "产证",
                    grid,
                ]
            )
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
