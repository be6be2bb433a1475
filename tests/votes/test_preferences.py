"""Polls of preference, seats, sign-ups and tiers, ties above all."""

from __future__ import annotations

import pytest

from tracker.votes.preferences import (
    ChooseOne,
    InstantRunoff,
    Seats,
    Tiers,
    approval_poll,
    choose_one,
    elect_seats,
    instant_runoff,
    judge_tiers,
    may_open_tier,
    milestones_reached,
    runoff,
    signatures_lacking,
)
from tracker.votes.rules import Outcome

CARRIED, NOT_FORMED, HOLD = Outcome


def test_more_than_half_wins_without_a_runoff() -> None:
    assert choose_one({"A": 5, "B": 4}) == ChooseOne("A", (), 5, 9)


def test_exactly_half_goes_to_a_runoff() -> None:
    assert choose_one({"A": 5, "B": 3, "C": 2}).finalists == ("A", "B")


@pytest.mark.parametrize(
    ("votes", "finalists", "deadlocked"),
    [
        ({"A": 5, "B": 3, "C": 3, "D": 1}, ("A", "B", "C"), False),
        ({"A": 3, "B": 3, "C": 3, "D": 1}, ("A", "B", "C"), False),
        ({"A": 4, "B": 4, "C": 3}, ("A", "B"), False),
        ({"A": 4, "B": 4}, ("A", "B"), True),
        ({"A": 0, "B": 0}, ("A", "B"), True),
        ({"A": 0}, ("A",), True),
    ],
)
def test_everyone_tied_for_the_runoff_goes_on(
    votes: dict[str, int], finalists: tuple[str, ...], deadlocked: bool
) -> None:
    first = choose_one(votes)
    assert (first.winner, first.finalists, first.deadlocked) == (None, finalists, deadlocked)


def test_runoff_is_held_among_exactly_the_finalists() -> None:
    first = choose_one({"A": 5, "B": 4, "C": 2})
    with pytest.raises(ValueError, match="not a runoff"):
        runoff(first, {"A": 5, "C": 6})
    with pytest.raises(ValueError, match="not a runoff"):
        runoff(runoff(first, {"A": 6, "B": 5}), {"A": 1, "B": 2})


def test_impossible_counts_are_refused() -> None:
    for votes in ({}, {"A": -1}):
        with pytest.raises(ValueError, match=r"nothing to choose|impossible count"):
            choose_one(votes)
    with pytest.raises(ValueError, match="impossible count"):
        approval_poll({"A": 11}, 10)


def test_approval_needs_more_than_half_and_shows_a_tie() -> None:
    poll = approval_poll({"P": 6, "Q": 6, "R": 5}, 10)
    assert (poll.leading, poll.over_half) == (("P", "Q"), ("P", "Q"))


def test_approval_poll_leads_even_below_half() -> None:
    poll = approval_poll({"P": 3, "Q": 2}, 10)
    assert (poll.leading, poll.over_half) == (("P",), ())


def irv(text: str, **more: object) -> InstantRunoff:
    """Read ``A>B 4, B 3``."""
    pairs = (part.split() for part in text.split(", "))
    return instant_runoff({tuple(r.split(">")): int(n) for r, n in pairs}, **more)  # type: ignore[arg-type]


def test_ranked_majority_ends_in_the_first_round() -> None:
    result = irv("A>B 5, B>A 4")
    assert (result.winner, len(result.rounds), result.support) == ("A", 1, 5)


def test_exhausted_ballots_leave_the_count_but_not_the_total() -> None:
    result = irv("A 4, B 3, C 2")
    assert (result.winner, result.support, result.ballots) == ("A", 4, 9)
    assert [sum(r.values()) for r in result.rounds] == [9, 7]


def test_option_nobody_ranked_first_drops_out_first() -> None:
    result = irv("A>D 4, B 3, C>B 2", options=("D", "E"))
    assert result.rounds[0] == {"A": 4, "B": 3, "C": 2, "D": 0, "E": 0}
    assert set(result.rounds[1]) == {"A", "B", "C"}
    assert result.winner == "B"


def test_tie_for_last_looks_back_to_an_earlier_round() -> None:
    # Round 2 is A6 B5 C5; in round 1 C had 3 and B 5, so C drops.
    result = irv("A 6, B 5, C>B 3, D>C 2")
    assert [dict(r) for r in result.rounds[:2]] == [
        {"A": 6, "B": 5, "C": 3, "D": 2},
        {"A": 6, "B": 5, "C": 5},
    ]
    assert "C" not in result.rounds[2]
    assert result.winner == "B"


def test_unbreakable_tie_stops_the_count_and_is_named() -> None:
    result = irv("A 4, B>A 3, C>B 3")
    assert (result.winner, result.tied) == (None, ("B", "C"))


def test_lot_breaks_the_tie_against_the_last_drawn() -> None:
    assert irv("A 4, B>A 3, C>B 3", lots=("A", "B", "C")).winner == "B"
    assert irv("A 4, B>A 3, C>B 3", lots=("C", "B")).winner == "A"


def test_dead_heat_of_all_has_no_winner() -> None:
    assert irv("A 3, B 3").tied == ("A", "B")
    assert instant_runoff({}, options=("A",)).tied == ("A",)


@pytest.mark.parametrize("ballots", [{("A", "A"): 1}, {("A",): -1}, {}])
def test_impossible_rankings_are_refused(ballots: dict[tuple[str, ...], int]) -> None:
    with pytest.raises(ValueError, match=r"impossible ranking|nothing to choose"):
        instant_runoff(ballots)


def test_candidate_with_exactly_half_is_not_elected() -> None:
    assert elect_seats({"a": 9, "b": 5}, 10, 2) == Seats(("a",), 1, ())


def test_most_votes_take_the_seats() -> None:
    assert elect_seats({"a": 6, "b": 9, "c": 8}, 10, 2) == Seats(("b", "c"), 0, ())


def test_tie_across_the_last_seat_leaves_it_vacant() -> None:
    assert elect_seats({"a": 9, "b": 7, "c": 7}, 10, 2) == Seats(("a",), 1, ("b", "c"))
    assert elect_seats({"a": 7, "b": 7, "c": 7}, 10, 2) == Seats((), 2, ("a", "b", "c"))


def test_tie_within_the_seats_elects_both() -> None:
    assert elect_seats({"a": 7, "b": 7, "c": 6}, 10, 2) == Seats(("a", "b"), 0, ())


def test_election_without_seats_is_refused() -> None:
    with pytest.raises(ValueError, match="no seats"):
        elect_seats({"a": 1}, 1, 0)


@pytest.mark.parametrize(
    ("signed", "reached"), [(179, ()), (180, (90,)), (190, (90, 95)), (199, (90, 95))]
)
def test_milestone_is_reached_at_its_exact_share(signed: int, reached: tuple[int, ...]) -> None:
    assert milestones_reached(signed, 200, (90, 95, 100)) == reached


def test_empty_roll_reaches_no_milestone() -> None:
    assert milestones_reached(0, 0, (90, 95, 100)) == ()


@pytest.mark.parametrize(("signed", "rescinded"), [(5, 6), (11, 0), (5, -1)])
def test_impossible_sign_up_is_refused(signed: int, rescinded: int) -> None:
    with pytest.raises(ValueError, match="impossible sign-up"):
        milestones_reached(signed, 10, (90,), rescinded)


def test_signatures_lacking_are_exact() -> None:
    assert signatures_lacking(2004, 2110, 95) == 1
    assert signatures_lacking(2005, 2110, 95) == 0
    assert signatures_lacking(189, 200, 95) == 1


@pytest.mark.parametrize(
    ("outcomes", "outcome", "stopped_at"),
    [
        ((CARRIED, CARRIED), CARRIED, None),
        ((CARRIED, NOT_FORMED), NOT_FORMED, 2),
        ((NOT_FORMED, CARRIED), NOT_FORMED, 1),
        ((HOLD, CARRIED), HOLD, 1),
        ((CARRIED, None), None, 2),
    ],
)
def test_second_tier_cannot_carry_before_the_first(
    outcomes: tuple[Outcome | None, ...], outcome: Outcome | None, stopped_at: int | None
) -> None:
    assert judge_tiers(outcomes) == Tiers(outcome, stopped_at)


def test_second_tier_opens_only_when_the_first_carried() -> None:
    assert may_open_tier(1, (None, None))
    assert may_open_tier(2, (CARRIED, None))
    for first in (None, NOT_FORMED, HOLD):
        assert not may_open_tier(2, (first, None))


@pytest.mark.parametrize("outcomes", [(), (None, CARRIED)])
def test_tiers_out_of_order_are_refused(outcomes: tuple[Outcome | None, ...]) -> None:
    with pytest.raises(ValueError, match="tier"):
        judge_tiers(outcomes)
