"""Polls of preferences: who wins, who goes on, what is stored and said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tracker.votes import poll_figures
from tracker.votes.poll_figures import Poll, PollCounts
from tracker.votes.rules import InvalidPolicy, Threshold
from tracker.votes.shipped import SHIPPED_RULES
from tracker.votes.tally import Pile

OPTIONS = (("A", "甲公司"), ("B", "乙公司"), ("C", "丙公司"), ("D", "丁公司"))
HALF = Threshold.parse(">1/2")


def counted(marks: Mapping[str, int], *, absent: int = 0) -> PollCounts:
    """Ballots by mark; everybody owns 100 m²."""
    empty = {name: marks.get(name, 0) for name in ("abstain", "invalid")}
    valid = sum(marks.values()) - sum(empty.values())
    numbers = {"valid": valid, **empty, "absent": absent}
    return PollCounts(marks, **{name: Pile(n, n * 10_000) for name, n in numbers.items()})


def judged(rule: str, marks: Mapping[str, int], **rest: object) -> Poll:
    return poll_figures.judge(SHIPPED_RULES[rule], OPTIONS, counted(marks, **rest))


@pytest.mark.parametrize(
    ("marks", "winner", "finalists", "share", "deadlocked"),
    [
        ({"A": 6, "B": 3, "C": 2}, "A", "", (6, 11), False),
        # Exactly half is not above half.
        ({"A": 5, "B": 3, "C": 2}, None, "AB", (5, 10), False),
        # Those without an opinion and the unreadable are no valid ballots.
        ({"A": 6, "B": 3, "C": 2, "abstain": 50, "invalid": 9}, "A", "", (6, 11), False),
        ({"A": 4, "B": 3, "C": 3}, None, "ABC", (4, 10), False),
        ({"A": 5, "B": 5, "C": 1}, None, "AB", (5, 11), False),
        ({"A": 3, "B": 3, "C": 3, "D": 3}, None, "ABCD", (3, 12), True),
        ({"D": 1}, "D", "", (1, 1), False),
    ],
)
def test_choosing_one(marks, winner, finalists, share, deadlocked):
    poll = judged("choose_one", marks)
    assert (poll.winner, "".join(poll.finalists)) == (winner, finalists)
    assert (poll.numerator, poll.denominator) == share
    assert poll.deadlocked is deadlocked


@pytest.mark.parametrize(
    ("marks", "winner", "tied", "votes"),
    [
        ({"A,B": 4, "B": 2, "C,D": 3}, "B", "", {"A": 4, "B": 6, "C": 3, "D": 3}),
        ({"A,B": 4, "C": 1}, None, "AB", {"A": 4, "B": 4, "C": 1, "D": 0}),
    ],
)
def test_approving_several(marks, winner, tied, votes):
    poll = judged("approval", marks)
    assert (poll.winner, "".join(poll.tied), poll.votes) == (winner, tied, votes)
    assert poll.finalists == poll.tied


def test_approved_by_more_than_half_of_the_valid_ballots_is_told():
    poll = judged("approval", {"A,B": 5, "B,C": 5, "abstain": 9})
    assert poll.over_half == ("B",)


def test_ranking_tells_every_round():
    poll = judged("ranked", {"A>B": 4, "B>C": 3, "C>B": 2, "invalid": 3})
    assert [dict(row) for row in poll.rounds] == [
        {"A": 4, "B": 3, "C": 2, "D": 0},
        {"A": 4, "B": 3, "C": 2},
        {"B": 5, "A": 4},
    ]
    assert (poll.winner, poll.numerator, poll.denominator) == ("B", 5, 9)
    row = next(row for row in poll_figures.rows(poll) if row.key == "C")
    assert row.rounds == (2, 2, None)


def test_tie_for_the_last_place_of_a_ranking_stops_it():
    poll = judged("ranked", {"A": 4, "B": 3, "C": 3})
    assert (poll.winner, poll.tied, poll.finalists) == (None, ("B", "C"), ("A", "B", "C"))
    assert "第 2 轮最后一名并列：乙公司 / 丙公司。" in map(str, poll_figures.reasons(poll))


@pytest.mark.parametrize("rule", ["choose_one", "approval", "ranked"])
def test_without_a_valid_ballot_nobody_wins_or_goes_on(rule):
    poll = judged(rule, {"abstain": 2, "invalid": 1})
    assert (poll.winner, poll.finalists, poll.tied, poll.valid) == (None, (), (), 0)
    assert str(poll_figures.sentence("选物业", poll)) == "「选物业」没有有效票"


@pytest.mark.parametrize(
    ("policy", "absent", "met"),
    [
        (InvalidPolicy.TAKES_PART, 9, True),
        (InvalidPolicy.TAKES_PART, 10, False),
        (InvalidPolicy.LEFT_OUT, 5, True),
        (InvalidPolicy.LEFT_OUT, 6, False),
    ],
)
def test_quorum_counts_abstentions_and_the_invalid_as_declared(policy, absent, met):
    rule = replace(SHIPPED_RULES["choose_one"], quorum_persons=HALF)
    counts = counted({"A": 7, "abstain": 1, "invalid": 2}, absent=absent)
    poll = poll_figures.judge(rule, OPTIONS, counts, policy)
    assert poll.quorum_met is met
    assert poll.winner == ("A" if met else None)
    assert [bar.met for bar in poll_figures.quorum_bars(rule, poll)] == [met]


def test_missing_area_leaves_a_quorum_of_area_open():
    rule = replace(SHIPPED_RULES["choose_one"], quorum_area=HALF)
    counts = replace(counted({"A": 7}), absent=Pile(1, 0, 1))
    poll = poll_figures.judge(rule, OPTIONS, counts)
    assert poll.waits_for_areas
    assert not judged("choose_one", {"A": 7}).waits_for_areas


@pytest.mark.parametrize(
    ("rule", "marks"),
    [
        ("choose_one", {"A": 4, "B": 3, "C": 3, "abstain": 2}),
        ("approval", {"A,B": 4, "C": 1, "invalid": 1}),
        ("ranked", {"C>A": 4, "B>C": 3, "A": 2, "B": 1}),
    ],
)
def test_figures_come_back_from_json_as_they_were(rule, marks):
    poll = judged(rule, marks, absent=3)
    plain = json.loads(json.dumps(poll_figures.to_figures(poll), sort_keys=True))
    assert poll_figures.is_poll(plain)
    back = poll_figures.from_figures(plain)
    assert back == replace(poll, counts=replace(poll.counts, marks={}))
    assert [list(row) for row in back.rounds] == [list(row) for row in poll.rounds]


def test_stored_figures_hold_no_single_ranking():
    plain = poll_figures.to_figures(judged("ranked", {"C>A>B": 1, "A": 5}))
    assert ">" not in json.dumps(plain)


def test_the_winner_and_those_who_go_on_are_said():
    first = judged("choose_one", {"A": 12, "B": 10, "C": 5})
    assert str(poll_figures.sentence("选物业", first)) == "「选物业」没有一项过半数"
    assert [str(r) for r in poll_figures.reasons(first)] == ["进入下一轮的是：甲公司 / 乙公司。"]
    second = judged("choose_one", {"A": 14, "B": 13})
    assert str(poll_figures.sentence("选物业", second)) == "「选物业」得票最多的是：甲公司"
    assert [str(r) for r in poll_figures.reasons(second)] == ["得 14 / 27 张有效票（51.8%）。"]


@pytest.mark.parametrize(
    ("rule", "marks"),
    [("choose_one", {"E": 1}), ("approval", {"A,E": 1}), ("ranked", {"E>A": 1})],
)
def test_mark_that_names_no_option_is_refused(rule, marks):
    with pytest.raises(ValueError, match="no options of this poll"):
        judged(rule, marks)


def test_rule_that_decides_is_no_poll():
    with pytest.raises(ValueError, match="no preferences"):
        judged("ord", {"A": 1})
    with pytest.raises(ValueError, match="not the figures of a poll"):
        poll_figures.from_figures({"format": 1})
