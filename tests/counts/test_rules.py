"""Participation without small cells, the objection period, how long papers are kept."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.counts.rules import (
    Milestone,
    Participation,
    is_late,
    kept_at_least_until,
    milestones,
    participation,
)
from tracker.votes.figures import BuildingTurnout, Counted
from tracker.votes.rules import InvalidPolicy
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.tally import Counts, Pile
from tracker.votes.verdict import decide


def rows(*buildings: tuple[int, int]) -> list[tuple[str, int, int]]:
    """(labels, persons, returned) of what is shown of buildings 1, 2, …"""
    given = [BuildingTurnout(str(n), *of) for n, of in enumerate(buildings, start=1)]
    shown = participation(given)
    assert sum(row.returned for row in shown) == sum(of[1] for of in buildings)
    assert sum(row.persons for row in shown) == sum(of[0] for of in buildings)
    return [("+".join(row.labels), row.persons, row.returned) for row in shown]


@pytest.mark.parametrize(
    ("buildings", "shown"),
    [
        ([(12, 12), (12, 3), (12, 0)], ["1号楼", "2号楼", "3号楼"]),
        # One ballot from a building is told with the building that had fewest besides.
        ([(12, 12), (12, 1), (12, 5)], ["1号楼", "2号楼+3号楼"]),
        ([(12, 12), (12, 2), (12, 2)], ["1号楼", "2号楼+3号楼"]),
        # A building of two voters is a small cell whatever they did.
        ([(12, 12), (2, 2), (12, 4)], ["1号楼", "2号楼+3号楼"]),
        ([(12, 12), (2, 0), (12, 4)], ["1号楼", "2号楼+3号楼"]),
        ([(12, 2)], ["1号楼"]),
        ([(12, 1), (12, 1)], ["1号楼+2号楼"]),
        ([], []),
    ],
)
def test_a_building_with_few_ballots_is_told_with_others(buildings, shown):
    assert [label for label, _, _ in rows(*buildings)] == shown


def test_several_buildings_join_until_nobody_stands_out():
    assert rows((9, 9), (9, 1), (9, 0), (9, 6)) == [
        ("1号楼", 9, 9),
        ("2号楼+3号楼+4号楼", 27, 7),
    ]


def test_three_of_a_building_are_no_small_cell():
    assert not Participation(("1号楼",), 3, 3).is_small
    assert Participation(("1号楼",), 2, 2).is_small
    assert Participation(("1号楼",), 9, 2).is_small


@pytest.mark.parametrize(
    ("received", "late"),
    [
        (date(2026, 3, 5), False),
        (date(2026, 3, 20), False),
        (date(2026, 3, 21), True),
        # The correction of 1 April opens a period of its own.
        (date(2026, 4, 1), False),
        (date(2026, 4, 16), False),
        (date(2026, 4, 17), True),
    ],
)
def test_an_objection_is_in_time_up_to_the_fifteenth_day(received, late):
    assert is_late(received, [date(2026, 3, 5), date(2026, 4, 1)]) is late


def test_nothing_can_be_late_before_an_announcement():
    with pytest.raises(ValueError, match="announced"):
        is_late(date(2026, 3, 4), [date(2026, 3, 5)])


@pytest.mark.parametrize(
    ("announced", "until"),
    [(date(2026, 3, 5), date(2029, 3, 5)), (date(2028, 2, 29), date(2031, 3, 1))],
)
def test_papers_are_kept_three_years(announced, until):
    assert kept_at_least_until(announced) == until


def signed(signatures: int, roll: int) -> Counted:
    counts = Counts(favour=Pile(signatures, 0), unreached=Pile(roll - signatures, 0))
    verdict = decide(SHIPPED_RULES["rebuild_sign"], counts, InvalidPolicy.TAKES_PART)
    return Counted(counts, verdict, policy_matters=False)


@pytest.mark.parametrize(
    ("signatures", "lacking"),
    [(89, [1, 6, 11]), (90, [0, 5, 10]), (94, [0, 1, 6]), (95, [0, 0, 5]), (100, [0, 0, 0])],
)
def test_a_sign_up_is_measured_against_its_milestones(signatures, lacking):
    assert milestones(SHIPPED_RULES["rebuild_sign"], signed(signatures, 100)) == [
        Milestone(percent, percent, missing, reached=not missing)
        for percent, missing in zip((90, 95, 100), lacking, strict=True)
    ]


def test_other_rules_have_no_milestones():
    assert milestones(SHIPPED_RULES["ord"], signed(5, 6)) == []
