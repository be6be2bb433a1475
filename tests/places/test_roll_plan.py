"""Who is who, and what an import would change."""

from __future__ import annotations

from tracker.places.roll import RollRow
from tracker.places.roll_columns import Column
from tracker.places.roll_plan import Change, Known, KnownPerson, KnownUnit, plan
from tracker.places.rules import VoterKind


def rows(*given: dict[str, object]) -> list[RollRow]:
    return [
        RollRow(**{"line": n, "building": "1", "room": f"10{n}", "person": "张三", **g})
        for n, g in enumerate(given, start=1)
    ]


def persons(*given: dict[str, object], known: Known | None = None) -> int:
    made = plan(rows(*given), known or Known())
    return len({id(r.person) for r in made.rows})


def holding(name: str = "张三", code: str = "#0001", phone: str = "", units: int = 1) -> Known:
    return Known(
        {("1", "", f"10{n}"): KnownUnit(n, None, "", False, 7) for n in range(1, units + 1)},
        [KnownPerson(7, code, name, VoterKind.PERSON, phone)],
    )


def test_the_same_code_is_one_person():
    assert persons({"code": "A"}, {"code": "A", "building": "2"}, {"code": "B"}) == 2


def test_the_same_name_is_one_person_only_with_the_same_phone():
    assert persons({"phone": "1"}, {"phone": "1"}) == 1
    assert persons({"phone": "1"}, {"phone": "2"}) == 2
    assert persons({}, {}) == 2


def test_a_developers_units_are_one_person():
    assert persons({"kind": VoterKind.DEVELOPER}, {"kind": VoterKind.DEVELOPER}) == 1


def test_namesakes_without_a_code_are_pointed_out():
    warned = plan(rows({}, {}, {"person": "李四"}), Known()).warnings
    assert [line for line, _ in warned] == [1, 2]
    assert "按两人计" in str(warned[0][1])
    assert plan(rows({"code": "A"}, {"code": "B"}), Known()).warnings == []


def test_rows_with_problems_are_left_out():
    found = rows({}, {"problems": ("any",)})
    assert [r.row.line for r in plan(found, Known()).rows] == [1]


def test_the_same_again_changes_nothing_and_warns_of_nothing():
    again = plan(rows({}), holding())
    assert [r.change for r in again.rows] == [Change.SAME]
    assert again.warnings == []


def test_blank_cells_change_nothing():
    known = Known(
        {("1", "", "101"): KnownUnit(1, 8850, "产权证", True, 7)},
        [KnownPerson(7, "A", "张三", VoterKind.DEVELOPER, "13800000000")],
        {"1": "一网格"},
    )
    assert plan(rows({}), known).rows[0].change is Change.SAME


def test_what_changes_is_named():
    (row,) = plan(
        rows({"area": 9000, "source": "测绘", "co_owned": True, "grid": "一"}), holding()
    ).rows
    assert row.change is Change.CHANGED
    assert row.fields == (Column.AREA, Column.SOURCE, Column.CO_OWNED, Column.GRID)


def test_a_new_name_is_a_new_person_and_the_old_one_leaves():
    (row,) = plan(rows({"person": "李四"}), holding()).rows
    assert (row.person.id, row.left_id, row.fields) == (None, 7, (Column.PERSON,))


def test_a_known_code_with_a_new_name_renames_and_warns():
    made = plan(rows({"code": "A", "person": "李四"}), holding(code="A"))
    assert (made.rows[0].person.id, made.rows[0].fields) == (7, (Column.PERSON,))
    assert "改名" in str(made.warnings[0][1])


def test_a_code_takes_the_place_of_one_that_the_ledger_gave():
    (row,) = plan(rows({"code": "A"}), holding()).rows
    assert (row.person.id, row.person.code, row.fields) == (7, "A", (Column.CODE,))


def test_a_code_of_the_committees_own_is_not_overwritten():
    (row,) = plan(rows({"code": "B"}), holding(code="A")).rows
    assert (row.person.id, row.person.code) == (None, "B")


def test_two_codes_for_the_units_of_one_split_them():
    made = plan(rows({"code": "A"}, {"code": "B"}), holding(units=2))
    assert [(r.person.id, r.person.code) for r in made.rows] == [(7, "A"), (None, "B")]


def test_persons_merged_by_hand_stay_merged():
    made = plan(rows({}, {}), holding(units=2))
    assert {r.person.id for r in made.rows} == {7}
    assert {r.change for r in made.rows} == {Change.SAME}


def test_a_name_and_phone_in_the_ledger_are_found_again():
    known = holding(phone="13800000000")
    made = plan(rows({"room": "201", "phone": "13800000000"}), known)
    assert made.rows[0].person.id == 7
    assert made.untouched == 1
