"""How places are named and areas read."""

from __future__ import annotations

import pytest

from tracker.places import rules
from tracker.places.rules import AreaError, VoterKind


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3号楼", "3"),
        ("3栋", "3"),
        ("3幢", "3"),
        ("3楼", "3"),
        ("第3号楼", "3"),
        ("３ 号楼", "3"),
        ("03", "3"),
        ("0", "0"),
        ("a栋", "A"),
        ("会所", "会所"),
        ("楼", "楼"),
    ],
)
def test_one_building_has_one_number(text, number):
    assert rules.building_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("2门洞", "2"), ("2单元", "2"), ("2号门", "2"), ("２", "2"), ("", ""), ("东门洞", "东")],
)
def test_one_entrance_has_one_number(text, number):
    assert rules.entrance_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"), [("101室", "101"), (" 1０1 ", "101"), ("0101", "0101"), ("12a", "12A")]
)
def test_a_room_keeps_its_zeros(text, number):
    assert rules.room_number(text) == number


def test_buildings_sort_by_number_and_names_come_last():
    numbers = sorted(["10", "会所", "2", "1"], key=rules.building_position)
    assert numbers == ["1", "2", "10", "会所"]


@pytest.mark.parametrize(
    ("place", "label"),
    [
        (("3", "", "101"), "3号楼101室"),
        (("3", "2", "101"), "3号楼2门洞101室"),
        (("A", "", "101"), "A栋101室"),
        (("会所", "", "底层"), "会所底层"),
    ],
)
def test_a_unit_is_called_as_people_say_it(place, label):
    assert rules.unit_label(*place) == label


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("88.5", 8850),
        ("88.50㎡", 8850),
        ("８８．５０", 8850),
        ("88.500", 8850),
        ("0.01", 1),
        ("1,024.25 平方米", 102_425),
        ("1000000", 100_000_000),
    ],
)
def test_an_area_is_whole_hundredths(text, area):
    assert rules.area_of(text) == area


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0", "大于 0"),
        ("0.00", "大于 0"),
        ("-88", "大于 0"),
        ("88.505", "两位小数"),
        ("1000000.01", "太大"),
        ("约88", "只填数字"),
        ("1e3", "只填数字"),
        ("NaN", "只填数字"),
    ],
)
def test_what_is_no_area_says_why(text, why):
    with pytest.raises(AreaError, match=why):
        rules.area_of(text)


@pytest.mark.parametrize(("area", "text"), [(None, ""), (8850, "88.50"), (1, "0.01")])
def test_an_area_goes_back_into_its_field(area, text):
    assert rules.area_text(area) == text
    assert not text or rules.area_of(text) == area


def test_a_persons_name_is_masked_and_an_organisations_is_not():
    assert rules.masked_name("张三丰") == "张**"
    assert rules.masked_name("东方置业", VoterKind.DEVELOPER) == "东方置业"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812345678", "138****5678"), ("65431234", "****34"), (None, ""), ("", "")],
)
def test_a_telephone_number_is_masked(phone, shown):
    assert rules.masked_phone(phone) == shown


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("138 1234-5678", "13812345678"),
        ("(021)65431234", "02165431234"),
        ("138/139", None),
        ("妻子 13812345678", None),
    ],
)
def test_a_telephone_number_is_only_a_number(text, number):
    assert rules.phone_number(text) == number


@pytest.mark.parametrize(
    ("text", "name"),
    [(" 张　三 ", "张三"), ("John  Smith", "John Smith"), ("Ａ公司", "A公司"), ("阿·木", "阿·木")],
)
def test_a_name_is_compared_without_its_padding(text, name):
    assert rules.person_name(text) == name
