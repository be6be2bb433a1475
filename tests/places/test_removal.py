"""Taking wrong entries off the list of places."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import notices, opinions, people, places, projects
from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.places import queries, roll_services
from tracker.places.models import Building, Compound, Entrance, Grid, LeaderScope, Unit
from tracker.places.models import VotingPerson as Person

WHY = {"reason": "导入时多录了一行"}


@pytest.fixture
def worker(app, browse):
    """A worker's browser, and the ids of a compound, its first building and unit."""
    with app.app_context():
        user = people.user(Role.WORKER)
        home = places.compound(user.committee)
        unit = queries.units_of(home.id)[0]
        db.session.commit()
        ids = {"compound": home.id, "building": unit.building_id, "unit": unit.id, "user": user.id}
        return browse(user), ids


def test_a_unit_is_removed_with_its_voting_person_after_a_reason(app, worker):
    browser, ids = worker
    url = f"/places/units/{ids['unit']}/remove"
    assert url in browser.get(f"/places/units/{ids['unit']}/edit")
    assert "请写清楚原因" in browser.post(url, reason="错")
    assert "已删除" in browser.post(url, **WHY)
    with app.app_context():
        assert db.session.get(Unit, ids["unit"]) is None
        codes = db.session.scalars(sa.select(Person.code)).all()
        assert "1-101" not in codes
        assert "1-102" in codes
        (entry,) = db.session.scalars(sa.select(AuditEntry))
        assert entry.action == "unit.removed"
        assert "业主" not in str(entry.values)
    browser.get(url, expect=404)


def test_a_unit_with_an_opinion_stays_and_the_page_says_why(app, worker):
    browser, ids = worker
    with app.app_context():
        director = people.user(Role.DIRECTOR, of=db.session.get(User, ids["user"]).committee)
        made = projects.project(
            director, db.session.get(Compound, ids["compound"]), at=StageKind.COLLECT
        )
        opinions.opinion(made, director, unit_id=ids["unit"])
        db.session.commit()
    assert "不能删除" in browser.post(f"/places/units/{ids['unit']}/remove", **WHY)
    with app.app_context():
        assert db.session.get(Unit, ids["unit"]) is not None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == 0


def test_a_building_is_removed_only_without_units_and_takes_doors_and_leaders_along(app, worker):
    browser, ids = worker
    url = f"/places/buildings/{ids['building']}/remove"
    assert "还有 3 户" in browser.post(url, **WHY)
    with app.app_context():
        db.session.execute(sa.delete(Unit).where(Unit.building_id == ids["building"]))
        house = db.session.get(Building, ids["building"])
        home = house.committee_id
        user = db.session.get(User, ids["user"])
        leader = people.user(Role.BUILDING_LEADER, of=user.committee)
        db.session.add(Entrance(committee_id=home, building_id=house.id, number="1"))
        db.session.add(LeaderScope(committee_id=home, building_id=house.id, user_id=leader.id))
        db.session.commit()
    assert "已删除" in browser.post(url, **WHY)
    with app.app_context():
        assert db.session.get(Building, ids["building"]) is None
        assert db.session.scalar(sa.select(Entrance)) is None
        assert db.session.scalar(sa.select(LeaderScope)) is None


def test_a_building_that_a_notice_hangs_on_stays_with_all_that_belongs_to_it(app, worker):
    browser, ids = worker
    with app.app_context():
        db.session.execute(sa.delete(Unit).where(Unit.building_id == ids["building"]))
        home = db.session.get(Compound, ids["compound"])
        director = people.user(Role.DIRECTOR, of=db.session.get(User, ids["user"]).committee)
        notices.notice(projects.project(director, home, at=StageKind.COLLECT))
        number = ids["building"]
        db.session.add(Entrance(committee_id=home.committee_id, building_id=number, number="1"))
        db.session.commit()
    assert "不能删除" in browser.post(f"/places/buildings/{ids['building']}/remove", **WHY)
    with app.app_context():
        assert db.session.get(Building, ids["building"]) is not None
        assert db.session.scalar(sa.select(Entrance)) is not None


def test_an_entrance_and_a_grid_are_removed_only_when_nothing_is_in_them(app, worker):
    browser, ids = worker
    with app.app_context():
        house = db.session.get(Building, ids["building"])
        door = Entrance(committee_id=house.committee_id, building_id=house.id, number="1")
        grid = Grid(committee_id=house.committee_id, compound_id=house.compound_id, name="东")
        db.session.add_all([door, grid])
        db.session.flush()
        house.grid_id = grid.id
        db.session.get(Unit, ids["unit"]).entrance_id = door.id
        db.session.commit()
        at_door, at_grid = f"/places/entrances/{door.id}/remove", f"/places/grids/{grid.id}/remove"
    assert "还有 1 户" in browser.post(at_door, **WHY)
    assert "还有 1 栋楼" in browser.post(at_grid, **WHY)
    with app.app_context():
        db.session.get(Unit, ids["unit"]).entrance_id = None
        db.session.get(Building, ids["building"]).grid_id = None
        db.session.commit()
    assert "已删除" in browser.post(at_door, **WHY)
    assert "已删除" in browser.post(at_grid, **WHY)
    with app.app_context():
        actions = db.session.scalars(sa.select(AuditEntry.action)).all()
        assert actions == ["entrance.removed", "grid.removed"]


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_keep_the_roll_remove_from_it(app, browse, worker, role):
    _browser, ids = worker
    with app.app_context():
        user = people.user(role, of=db.session.get(User, ids["user"]).committee)
        db.session.commit()
        other = browse(user)
    allowed = role in (Role.DIRECTOR, Role.WORKER)
    other.get(f"/places/units/{ids['unit']}/remove", expect=200 if allowed else 403)


def test_another_committee_finds_nothing_to_remove(app, browse, worker):
    _browser, ids = worker
    with app.app_context():
        stranger = people.user(Role.WORKER, of=people.committee("国年居委会"))
        db.session.commit()
        other = browse(stranger)
    for kind in ("unit", "building"):
        other.post(f"/places/{kind}s/{ids[kind]}/remove", expect=404, **WHY)


STALE = {
    "compounds": {"name": "三湘", "address": ""},
    "buildings": {"number": "1", "grid": ""},
    "entrances": {"number": "3"},
    "grids": {"name": "西"},
    "persons": {"name": "张三", "kind": "person", "phone": ""},
}


@pytest.mark.parametrize("kind", STALE)
def test_a_form_about_a_place_that_somebody_else_changed_is_a_polite_conflict(app, worker, kind):
    browser, ids = worker
    with app.app_context():
        house = db.session.get(Building, ids["building"])
        home = {"committee_id": house.committee_id}
        db.session.add(Entrance(**home, building_id=house.id, number="1"))
        db.session.add(Grid(**home, compound_id=house.compound_id, name="东"))
        db.session.commit()
    url = f"/places/{kind}/1/edit"
    assert "页面不完整" in browser.post(url, **STALE[kind])
    assert "页面不完整" in browser.post(url, version="abc", **STALE[kind])
    changed = {k: f"{v}0" if k in ("name", "number") else v for k, v in STALE[kind].items()}
    browser.post(url, version=1, **changed)
    assert "别人已经改动" in browser.post(url, expect=409, version=1, **STALE[kind])


def test_the_form_of_a_voting_person_never_shows_the_whole_number(app, worker):
    browser, _ids = worker
    url = "/places/persons/1/edit"
    given = {"name": "张三", "kind": "person"}
    browser.post(url, version=1, phone="13812345678", **given)
    page = browser.get(url)
    assert "138****5678" in page
    assert "13812345678" not in page
    browser.post(url, version=2, phone="", **{**given, "name": "李四"})
    with app.app_context():
        assert db.session.get(Person, 1).phone == "13812345678"
    both = browser.post(url, version=3, phone="13900000000", drop_phone="y", **given)
    assert "不要勾选删除" in both
    browser.post(url, version=3, phone="", drop_phone="y", **given)
    with app.app_context():
        assert db.session.get(Person, 1).phone is None


def test_a_roll_that_changes_a_person_makes_open_forms_stale(app, worker):
    _browser, ids = worker
    with app.app_context():
        home = db.session.get(Compound, ids["compound"])
        user = people.user(Role.WORKER, of=db.session.get(User, ids["user"]).committee)
        person = db.session.get(Person, 1)
        before = person.version
        row = ("1", None, "101", person.name, person.code, 80, None, None, "13900000000", None)
        from_file = places.roll_file([row])
        made = roll_services.preview_roll(user, NOW, home.id, "a.xlsx", from_file)
        roll_services.apply_roll(user, NOW, made.id, False)
        db.session.commit()
        assert db.session.get(Person, 1).version == before + 1
