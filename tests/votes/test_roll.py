"""The roll made from units, and the hash over what is frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.votes.roll import UnitRow, make_roll, room_key
from tracker.votes.rules import Basis
from tracker.votes.sealing import (
    SealedEntry,
    SealedUnit,
    Terms,
    canonical,
    fingerprint,
    frozen_content,
    person_text,
    seal,
)
from tracker.votes.shipped import SHIPPED_RULES

TERMS = Terms(
    title="停车",
    scope="",
    opens_at=datetime(2026, 3, 2, tzinfo=UTC),
    closes_at=datetime(2026, 3, 9, tzinfo=UTC),
    motions=(("车辆管理制度", "是否通过？"),),
    rule=SHIPPED_RULES["ord"].to_dict(),
    invalid_policy="part",
    nonresponse_policy="none",
    options=((),),
    choices=("for", "against", "abstain"),
)
ROLL = (
    SealedEntry(1, "a1", "张三", 8_000, "1", (SealedUnit("1号楼101室", 8_000, "产证"),)),
    SealedEntry(2, "b2", "李四", None, "2", (SealedUnit("2号楼101室", None, ""),)),
)


def unit(
    number: int, building: str, room: str, person: int, area: int | None = 8_000, entrance: str = ""
) -> UnitRow:
    return UnitRow(
        number, int(building), building, int(building), entrance, room, area, "产证", person, "业主"
    )


def numbered() -> object:
    codes = count()
    return lambda: f"code{next(codes)}"


def test_serials_follow_the_way_through_the_compound():
    units = [
        unit(1, "10", "101", 1),
        unit(2, "2", "1001", 2),
        unit(3, "2", "201", 3),
        unit(4, "2", "101", 4, entrance="2"),
        unit(5, "2", "101", 5, entrance="1"),
    ]
    roll = make_roll(units, numbered())
    assert [(e.sealed.serial, e.units[0].label) for e in roll] == [
        (1, "2号楼201室"),
        (2, "2号楼1001室"),
        (3, "2号楼1门洞101室"),
        (4, "2号楼2门洞101室"),
        (5, "10号楼101室"),
    ]


def test_several_units_of_one_owner_are_one_person_with_their_areas_added():
    roll = make_roll(
        [unit(1, "1", "101", 7, 8_000), unit(2, "1", "102", 8), unit(3, "2", "101", 7, 9_050)],
        numbered(),
    )
    assert [(e.sealed.area, len(e.units)) for e in roll] == [(17_050, 2), (8_000, 1)]
    assert roll[0].building_id == 1


def test_by_households_each_unit_votes_and_shares_nothing():
    units = [unit(1, "1", "101", 7, 8_000), unit(2, "1", "102", 7, None)]
    roll = make_roll(units, numbered(), Basis.HOUSEHOLDS)
    assert [(e.sealed.serial, e.sealed.area, len(e.units)) for e in roll] == [
        (1, 8_000, 1),
        (2, None, 1),
    ]


def test_one_missing_area_makes_the_person_s_missing():
    roll = make_roll([unit(1, "1", "101", 7, 8_000), unit(2, "2", "101", 7, None)], numbered())
    assert roll[0].sealed.area is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("3号楼101室", "3-101"),
        ("3栋101", "3-101"),
        ("3幢 101 室", "3-101"),
        ("3-101", "3-101"),
        ("３－１０１", "3-101"),
        ("03-101", "3-101"),
        ("3号楼2门洞101室", "3-2-101"),
        ("3-2单元-101", "3-2-101"),
        ("A栋10b室", "A-10B"),
        ("12", "12"),
        ("第12号", "12"),
        ("", ""),
    ],
)
def test_rooms_are_compared_however_they_are_written(text, key):
    assert room_key(text) == key


def test_equal_content_has_one_hash_whatever_the_order_of_its_rows():
    assert seal(TERMS, ROLL, "key") == seal(TERMS, ROLL[::-1], "key")


@pytest.mark.parametrize(
    ("terms", "roll"),
    [
        (replace(TERMS, motions=(("车辆管理制度", "是否修改？"),)), ROLL),
        (replace(TERMS, rule=SHIPPED_RULES["spec"].to_dict()), ROLL),
        (replace(TERMS, invalid_policy="excl"), ROLL),
        (replace(TERMS, nonresponse_policy="deliv"), ROLL),
        (replace(TERMS, closes_at=datetime(2026, 3, 10, tzinfo=UTC)), ROLL),
        (replace(TERMS, scope="1"), ROLL),
        (replace(TERMS, title="停车与门禁"), ROLL),
        (replace(TERMS, opens_at=datetime(2026, 3, 3, tzinfo=UTC)), ROLL),
        (replace(TERMS, options=((("A", "甲"), ("B", "乙")),)), ROLL),
        (replace(TERMS, basis="households"), ROLL),
        (replace(TERMS, choices=("for", "abstain")), ROLL),
        (replace(TERMS, clause="议事规则第九条"), ROLL),
        (replace(TERMS, extension=("不到三分之二", 7)), ROLL),
        (replace(TERMS, extension=("", 7)), ROLL),
        (replace(TERMS, online=True), ROLL),
        (replace(TERMS, attachments=(("全文", "ab" * 32),)), ROLL),
        (replace(TERMS, after="cd" * 32), ROLL),
        (TERMS, ROLL[:1]),
        (TERMS, (ROLL[0]._replace(area=8_001), ROLL[1])),
        (TERMS, (ROLL[0]._replace(name="王五"), ROLL[1])),
        (TERMS, (ROLL[0]._replace(person="c3"), ROLL[1])),
        (TERMS, (ROLL[0]._replace(building="3"), ROLL[1])),
        (TERMS, (ROLL[0]._replace(units=(SealedUnit("1号楼101室", 8_000, "自报"),)), ROLL[1])),
        (TERMS, (ROLL[0]._replace(units=(SealedUnit("1号楼102室", 8_000, "产证"),)), ROLL[1])),
    ],
)
def test_any_alteration_changes_the_hash(terms, roll):
    assert seal(terms, roll, "key") != seal(TERMS, ROLL, "key")


def test_another_key_or_another_format_gives_another_hash():
    assert seal(TERMS, ROLL, "other") != seal(TERMS, ROLL, "key")
    assert seal(TERMS, ROLL, "key", 1) != seal(TERMS, ROLL, "key", 2)


def test_format_1_holds_what_the_first_release_froze_and_no_more():
    content = frozen_content(TERMS, ROLL, "key", 1)
    assert set(content) == {"format", "vote", "motions", "rule", "policies", "roll"}
    assert set(content["vote"]) == {"title", "scope", "opens_at", "closes_at"}
    assert content["motions"] == [{"title": "车辆管理制度", "text": "是否通过？"}]
    later = replace(TERMS, choices=(), online=True, clause="议事规则第九条")
    assert seal(later, ROLL, "key", 1) == seal(TERMS, ROLL, "key", 1)


@pytest.mark.parametrize("format", [0, 3])
def test_an_unknown_format_is_refused(format):
    with pytest.raises(ValueError, match="unknown format"):
        seal(TERMS, ROLL, "key", format)


@given(
    st.text(),
    st.lists(
        st.builds(SealedUnit, st.text(), st.none() | st.integers(1), st.text()),
        unique_by=lambda unit: unit.label,
    ),
)
def test_a_person_s_text_is_canonical_json(name, units):
    entry = SealedEntry(1, "a1", name, None, "1", tuple(units))
    plain = {"name": name, "units": sorted(list(unit) for unit in entry.units)}
    assert person_text(entry) == canonical(plain)


def test_the_frozen_content_names_nobody():
    content = canonical(frozen_content(TERMS, ROLL, "key"))
    assert not [word for word in ("张三", "李四", "101") if word in content]


def test_a_fingerprint_is_short():
    assert fingerprint("3f2a91bc" + "0" * 56) == "3F2A-91BC"
    assert fingerprint("") == ""
