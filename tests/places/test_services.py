"""Keeping compounds, units and voting persons; importing a roll."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import people, places
from tests.factories.people import NOW
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale
from tracker.places import person_services, queries, roll_services, services
from tracker.places.models import Building, Compound, Unit, VotingPerson
from tracker.places.rules import ImportState, VoterKind

pytestmark = pytest.mark.usefixtures("arrange")


def row(building="1", entrance=None, room="101", person="张三", code=None, area=88.5, source=None,
        grid=None, phone=None, co_owned=None):  # fmt: skip
    return (building, entrance, room, person, code, area, source, grid, phone, co_owned)


def imported(actor, compound, *rows, skip_bad=False):
    made = roll_services.preview_roll(actor, NOW, compound.id, "a.xlsx", places.roll_file(rows))
    return roll_services.apply_roll(actor, NOW, made.id, skip_bad)


def count(model) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


def history() -> list[str]:
    return [f"{e.text} {e.values}" for e in db.session.scalars(sa.select(AuditEntry))]


@pytest.fixture
def worker(arrange):
    return people.user(Role.WORKER)


@pytest.fixture
def empty(worker) -> Compound:
    return services.add_compound(worker, NOW, name="正文花园")


# ---- places ----


def test_one_building_cannot_be_added_under_two_names(worker, empty):
    services.add_building(worker, NOW, empty.id, number="3号楼")
    with pytest.raises(FieldRefusal, match="已有这栋楼"):
        services.add_building(worker, NOW, empty.id, number="3栋")


def test_a_building_takes_only_a_grid_of_its_compound(worker, empty):
    other = services.add_compound(worker, NOW, name="别处")
    grid = services.add_grid(worker, NOW, other.id, name="一网格")
    with pytest.raises(FieldRefusal, match="这个小区的微网格"):
        services.add_building(worker, NOW, empty.id, number="3", grid_id=grid.id)


def test_a_renumbered_entrance_renames_its_units(worker, empty):
    building = services.add_building(worker, NOW, empty.id, number="3")
    door = services.add_entrance(worker, NOW, building.id, number="1单元")
    unit = services.add_unit(worker, NOW, building.id, room="101室", entrance_id=door.id)
    assert queries.unit_label(unit) == "3号楼1门洞101室"
    services.edit_entrance(worker, NOW, door.id, version=1, number="2")
    db.session.expire_all()
    assert queries.unit_label(unit) == "3号楼2门洞101室"


def edit(actor, unit, **fields):
    given = {
        "version": unit.version,
        "room": unit.room,
        "entrance_id": unit.entrance_id,
        "area": unit.area,
        "area_source": unit.area_source,
        "person_id": unit.voting_person_id,
        "new_person": "",
        "co_owned": unit.co_owned,
    }
    return services.edit_unit(actor, NOW, unit.id, **(given | fields))


def test_a_sold_unit_gets_a_new_person_and_the_old_name_is_forgotten(worker):
    compound = places.compound(worker.committee, buildings=1, rooms=2)
    unit, _ = queries.units_of(compound.id)
    gone = unit.voting_person_id
    edit(worker, unit, person_id=None, new_person="李 四")
    assert unit.voting_person.name == "李四"
    assert db.session.get(VotingPerson, gone, populate_existing=True) is None


def test_a_unit_that_somebody_else_changed_is_stale(worker):
    compound = places.compound(worker.committee, buildings=1, rooms=1)
    (unit,) = queries.units_of(compound.id)
    seen = unit.version
    edit(worker, unit, area=9000)
    with pytest.raises(Stale):
        edit(worker, unit, version=seen, area=9100)


def test_a_unit_cannot_take_the_place_of_another(worker):
    compound = places.compound(worker.committee, buildings=1, rooms=2)
    unit, other = queries.units_of(compound.id)
    with pytest.raises(FieldRefusal, match="已经有了"):
        edit(worker, unit, room=f"{other.room}室")


def test_a_unit_takes_no_person_of_another_compound(worker):
    here = places.compound(worker.committee, buildings=1, rooms=1)
    there = places.compound(worker.committee, buildings=1, rooms=1, name="别处")
    (unit,), (foreign,) = queries.units_of(here.id), queries.units_of(there.id)
    with pytest.raises(FieldRefusal, match="这个小区"):
        edit(worker, unit, person_id=foreign.voting_person_id)


def test_two_answers_to_who_votes_are_refused(worker):
    compound = places.compound(worker.committee, buildings=1, rooms=1)
    (unit,) = queries.units_of(compound.id)
    with pytest.raises(FieldRefusal, match="不要再填"):
        edit(worker, unit, new_person="李四")


def test_merging_makes_one_person_whose_areas_add_up(worker):
    compound = places.compound(worker.committee, buildings=1, rooms=3)
    first, second, _ = queries.units_of(compound.id)
    keep, other = first.voting_person_id, second.voting_person_id
    second.voting_person.phone = "13800000000"
    person_services.merge_persons(worker, NOW, keep, other)
    homes = queries.units_of_persons([keep])[keep]
    assert sum(u.area for u in homes) == 16_000
    assert queries.figures([compound.id])[compound.id].persons == 2
    assert queries.person(worker, keep).phone == "13800000000"
    with pytest.raises(NotFound):
        queries.person(worker, other)


def test_a_person_is_not_merged_with_themselves_or_over_compounds(worker):
    here = places.compound(worker.committee, buildings=1, rooms=1)
    there = places.compound(worker.committee, buildings=1, rooms=1, name="别处")
    mine, theirs = (queries.units_of(c.id)[0].voting_person_id for c in (here, there))
    with pytest.raises(Refusal):
        person_services.merge_persons(worker, NOW, mine, mine)
    with pytest.raises(NotFound):
        person_services.merge_persons(worker, NOW, mine, theirs)


def test_a_leader_has_the_buildings_that_were_ticked_last(worker):
    compound = places.compound(worker.committee, buildings=3)
    other = places.compound(worker.committee, buildings=1, name="别处")
    leader = people.user(Role.BUILDING_LEADER, of=worker.committee)
    one, two, three = queries.buildings(compound.id)
    (far,) = queries.buildings(other.id)
    services.set_leader_buildings(worker, NOW, other.id, leader.id, [far.id])
    services.set_leader_buildings(worker, NOW, compound.id, leader.id, [one.id, two.id])
    services.set_leader_buildings(worker, NOW, compound.id, leader.id, [three.id])
    assert {b.id for b in queries.buildings_of_leader(leader.id)} == {far.id, three.id}


def test_only_building_leaders_of_the_committee_get_buildings(worker):
    compound = places.compound(worker.committee)
    stranger = people.user(Role.BUILDING_LEADER, of=people.committee("国年居委会"))
    for user in (worker, stranger):
        with pytest.raises(NotFound):
            services.set_leader_buildings(worker, NOW, compound.id, user.id, [])


# ---- finding ----


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("101", ["1号楼101室", "2号楼101室"]),
        ("2号楼101", ["2号楼101室"]),
        ("２栋 101室", ["2号楼101室"]),
        ("2-10", ["2号楼101室", "2号楼102室"]),
        ("业主1-102", ["1号楼102室"]),
        ("3号楼", []),
        ("%", []),
    ],
)
def test_a_household_is_found_by_room_place_or_name(worker, text, labels):
    compound = places.compound(worker.committee, buildings=2, rooms=2)
    found = queries.search_units(compound.id, text)
    assert [queries.unit_label(u) for u in found] == labels


def test_a_search_stays_within_the_buildings_given(worker):
    compound = places.compound(worker.committee, buildings=2, rooms=1)
    two = queries.buildings(compound.id)[1]
    found = queries.search_units(compound.id, "101", [two.id])
    assert [u.building_id for u in found] == [two.id]
    assert queries.search_units(compound.id, "101", []) == []


def test_an_entrance_can_be_part_of_the_search(worker, empty):
    imported(worker, empty, row(entrance="1"), row(entrance="2"))
    for text in ("1号楼2门洞101", "1-2-101", "1号楼2单元"):
        (found,) = queries.search_units(empty.id, text)
        assert queries.unit_label(found) == "1号楼2门洞101室"


# ---- the roll ----


def test_nothing_is_written_before_the_confirmation(worker, empty):
    data = places.roll_file([row()])
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    assert made.state is ImportState.PREVIEW
    assert (count(Building), count(Unit), count(VotingPerson)) == (0, 0, 0)


def test_a_roll_builds_the_whole_compound(worker, empty):
    made = imported(
        worker,
        empty,
        row("1号楼", "2", "101", "张三", "A", 88.5, "产权证", "一网格", "13800000000", "是"),
        row("2栋", None, "201", "张三", "A", None, None, "一网格"),
        row("2栋", None, "202", "李四"),
    )
    assert made.result == {"new": 3, "changed": 0, "same": 0, "bad": 0}
    figures = queries.figures([empty.id])[empty.id]
    assert figures == queries.Figures(1, 2, 3, 2, 8850 * 2, 1, 0)
    one, two, three = queries.units_of(empty.id)
    assert [queries.unit_label(u) for u in (one, two, three)] == [
        "1号楼2门洞101室",
        "2号楼201室",
        "2号楼202室",
    ]
    assert one.voting_person_id == two.voting_person_id
    assert (one.area_source, one.co_owned, one.voting_person.phone) == (
        "产权证",
        True,
        "13800000000",
    )
    assert three.voting_person.code == "#0001"
    assert {b.grid.name for b in queries.buildings(empty.id)} == {"一网格"}


def test_the_same_roll_again_changes_nothing(worker, empty):
    roll = [row(), row(room="102"), row(room="103", person="李四", code="A", phone="13800000000")]
    imported(worker, empty, *roll)
    before = [(u.id, u.version, u.voting_person_id) for u in queries.units_of(empty.id)]
    made = imported(worker, empty, *roll)
    assert made.result == {"new": 0, "changed": 0, "same": 3, "bad": 0}
    assert [(u.id, u.version, u.voting_person_id) for u in queries.units_of(empty.id)] == before
    assert count(VotingPerson) == 3


def test_what_is_new_and_changed_is_written_and_blanks_erase_nothing(worker, empty):
    imported(worker, empty, row(source="产权证"), row(room="102", person="李四"))
    gone = queries.units_of(empty.id)[1].voting_person_id
    made = imported(
        worker, empty, row(area=None), row(room="102", person="王五", area=70), row(room="103")
    )
    assert made.result == {"new": 1, "changed": 1, "same": 1, "bad": 0}
    one, two, _ = queries.units_of(empty.id)
    assert (one.area, one.area_source) == (8850, "产权证")
    assert (two.area, two.voting_person.name, two.version) == (7000, "王五", 2)
    assert db.session.get(VotingPerson, gone, populate_existing=True) is None


def test_codes_given_later_join_two_entries_of_one_person(worker, empty):
    imported(worker, empty, row(phone="13800000000"), row(room="102"))
    assert count(VotingPerson) == 2
    imported(worker, empty, row(code="A"), row(room="102", code="A"))
    (person,) = db.session.scalars(sa.select(VotingPerson))
    assert (person.code, person.phone) == ("A", "13800000000")


def test_kinds_are_written(worker, empty):
    headings = (*places.ROLL_HEADINGS, "表决权人类型")
    data = places.roll_file(
        [(*row(person="东方置业"), "开发商"), (*row(room="102", person="东方置业"), "开发商")],
        headings,
    )
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    roll_services.apply_roll(worker, NOW, made.id, skip_bad=False)
    (person,) = db.session.scalars(sa.select(VotingPerson))
    assert person.kind is VoterKind.DEVELOPER


def test_bad_rows_stop_the_import_unless_they_are_skipped(worker, empty):
    data = places.roll_file([row(), row(room="102", area=0)])
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    with pytest.raises(FieldRefusal, match="有 1 行有错误"):
        roll_services.apply_roll(worker, NOW, made.id, skip_bad=False)
    assert count(Unit) == 0
    roll_services.apply_roll(worker, NOW, made.id, skip_bad=True)
    assert (count(Unit), made.result["bad"]) == (1, 1)


def test_a_roll_without_a_sound_row_is_refused(worker, empty):
    data = places.roll_file([row(area=0)])
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    with pytest.raises(Refusal, match="没有可以导入的"):
        roll_services.apply_roll(worker, NOW, made.id, skip_bad=True)


def test_confirming_twice_does_it_once(worker, empty):
    made = imported(worker, empty, row())
    entries = len(history())
    again = roll_services.apply_roll(worker, NOW, made.id, skip_bad=False)
    assert (again.result["new"], count(Unit), len(history())) == (1, 1, entries)


def test_names_and_numbers_leave_the_import_once_it_is_closed(worker, empty):
    bad = row(room="102", area=0, phone="13811112222")
    rows = [row(phone="13800000000"), bad]
    data = places.roll_file(rows)
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    assert "13800000000" in str(made.rows)
    roll_services.apply_roll(worker, NOW, made.id, skip_bad=True)
    assert [r["room"] for r in made.rows] == ["102"]
    assert not any(word in str(made.rows) for word in ("张三", "138"))
    given_up = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    roll_services.discard_roll(worker, NOW, given_up.id)
    assert given_up.rows == []


def test_a_discarded_import_cannot_be_confirmed_nor_an_applied_one_discarded(worker, empty):
    data = places.roll_file([row()])
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    roll_services.discard_roll(worker, NOW, made.id)
    with pytest.raises(Refusal, match="已经放弃"):
        roll_services.apply_roll(worker, NOW, made.id, skip_bad=False)
    with pytest.raises(Refusal, match="不能放弃"):
        roll_services.discard_roll(worker, NOW, imported(worker, empty, row()).id)


def test_uploading_again_gives_up_the_reading_before(worker, empty):
    data = places.roll_file([row()])
    first = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    roll_services.preview_roll(worker, NOW, empty.id, "b.xlsx", data)
    assert (first.state, first.rows) == (ImportState.DISCARDED, [])


def test_the_plan_is_made_again_at_the_confirmation(worker, empty):
    data = places.roll_file([row()])
    made = roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", data)
    imported(people.user(Role.WORKER, of=worker.committee), empty, row())
    roll_services.apply_roll(worker, NOW, made.id, skip_bad=False)
    assert (made.result["same"], count(Unit)) == (1, 1)


def test_an_unreadable_file_is_refused_at_its_field(worker, empty):
    with pytest.raises(FieldRefusal) as refusal:
        roll_services.preview_roll(worker, NOW, empty.id, "a.xlsx", b"rubbish")
    assert refusal.value.field == "file"


def test_another_committees_compound_and_import_are_unknown(worker, empty):
    made = imported(worker, empty, row())
    stranger = people.user(Role.WORKER, of=people.committee("国年居委会"))
    with pytest.raises(NotFound):
        roll_services.preview_roll(stranger, NOW, empty.id, "a.xlsx", b"")
    with pytest.raises(NotFound):
        roll_services.apply_roll(stranger, NOW, made.id, skip_bad=False)


def test_the_history_tells_of_everything_and_names_nobody(worker, empty):
    imported(worker, empty, row(phone="13800000000"))
    (unit,) = queries.units_of(empty.id)
    edit(worker, unit, person_id=None, new_person="李四")
    person_services.edit_person(
        worker,
        NOW,
        unit.voting_person_id,
        version=1,
        name="李五",
        kind=VoterKind.PERSON,
        phone="13811112222",
    )
    told = " ".join(history())
    for expected in ("新增小区", "导入", "的登记", "表决权人"):
        assert expected in told
    for private in ("张三", "李四", "李五", "138"):
        assert private not in told
