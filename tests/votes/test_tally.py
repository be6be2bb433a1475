"""Which ballot of a voter stands, who is one voter, and what the policies do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tracker.votes.rules import Channel, Choice, InvalidPolicy, NonResponsePolicy, Refusal
from tracker.votes.tally import (
    Counts,
    Event,
    Group,
    Pile,
    Settled,
    Sides,
    Voter,
    groups_of,
    merge_units,
    settle,
    sides_of,
    tally,
)

FOR, AGAINST, ABSTAIN, INVALID = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN, Choice.INVALID
PAPER, ONLINE = Channel.PAPER, Channel.ONLINE


def stands(*events: Event[int]) -> Settled:
    """What stands for the only voter, the close being at 10."""
    return settle(events, 10)["v"]


def cast(at: int, choice: Choice | None, channel: Channel = PAPER, **more: bool) -> Event[int]:
    return Event("v", at, choice, channel, **more)


def test_ballot_at_the_very_close_is_in_time_and_one_after_is_late() -> None:
    assert stands(cast(10, FOR)) == Settled(FOR)
    assert stands(cast(11, FOR)) == Settled(None, Refusal.LATE)


def test_late_recast_leaves_the_ballot_in_time_standing() -> None:
    assert stands(cast(1, FOR), cast(11, AGAINST)) == Settled(FOR)


def test_last_ballot_in_time_counts_whatever_order_they_are_entered_in() -> None:
    assert stands(cast(3, AGAINST), cast(1, FOR)) == Settled(AGAINST)


def test_at_the_same_moment_the_later_entry_counts() -> None:
    assert stands(cast(1, FOR), cast(1, AGAINST)) == Settled(AGAINST)


def test_paper_beats_online_before_and_after_it() -> None:
    assert stands(cast(1, FOR), cast(2, AGAINST, ONLINE)) == Settled(FOR)
    assert stands(cast(1, AGAINST, ONLINE), cast(2, FOR)) == Settled(FOR)


def test_refused_paper_does_not_beat_online() -> None:
    assert stands(cast(1, FOR, identity_ok=False), cast(2, AGAINST, ONLINE)) == Settled(AGAINST)


def test_identity_failure_is_refused_even_when_late() -> None:
    assert stands(cast(11, FOR, identity_ok=False)) == Settled(None, Refusal.IDENTITY)


def test_withdrawn_ballot_leaves_none_until_recast() -> None:
    assert stands(cast(1, FOR), cast(2, None)) == Settled(None)
    assert stands(cast(1, FOR), cast(2, None), cast(3, AGAINST)) == Settled(AGAINST)


def test_late_or_unidentified_withdrawal_withdraws_nothing() -> None:
    assert stands(cast(1, FOR), cast(11, None)) == Settled(FOR)
    assert stands(cast(1, FOR), cast(2, None, identity_ok=False)) == Settled(FOR)


def test_online_withdrawal_cannot_clear_paper_but_paper_clears_online() -> None:
    assert stands(cast(1, FOR), cast(2, None, ONLINE)) == Settled(FOR)
    assert stands(cast(1, FOR, ONLINE), cast(2, None)) == Settled(None)


def test_two_co_owners_in_conflict_make_the_ballot_invalid() -> None:
    assert stands(cast(1, FOR), cast(2, AGAINST, second_owner=True)) == Settled(INVALID)
    assert stands(cast(1, FOR), cast(2, AGAINST, ONLINE, second_owner=True)) == Settled(INVALID)


def test_two_co_owners_who_agree_count_once() -> None:
    assert stands(cast(1, FOR), cast(2, FOR, second_owner=True)) == Settled(FOR)


def test_conflict_ends_when_one_co_owner_withdraws_or_comes_round() -> None:
    conflict = (cast(1, FOR), cast(2, AGAINST, second_owner=True))
    assert stands(*conflict, cast(3, None, second_owner=True)) == Settled(FOR)
    assert stands(*conflict, cast(3, FOR, second_owner=True)) == Settled(FOR)


def test_real_times_work_as_well_as_numbers() -> None:
    close = datetime(2026, 5, 1, 18, tzinfo=UTC)
    event = Event("v", close + timedelta(microseconds=1), FOR)
    assert settle([event], close) == {"v": Settled(None, Refusal.LATE)}


def test_units_of_one_person_are_one_voter_and_their_areas_add_up() -> None:
    units = [("b", 5000), ("a", 8000), ("b", 1)]
    assert merge_units(units) == [Voter("b", 5001), Voter("a", 8000)]


@pytest.mark.parametrize("areas", [(None, 100), (100, None), (None, None)])
def test_one_missing_area_makes_the_persons_area_missing(areas: tuple[int | None, ...]) -> None:
    assert merge_units(("a", area) for area in areas) == [Voter("a", None)]


def test_area_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="area of 0"):
        Voter("a", 0)


@pytest.mark.parametrize(("area", "missing"), [(-1, 0), (0, 3), (0, -1)])
def test_impossible_group_is_refused(area: int, missing: int) -> None:
    with pytest.raises(ValueError, match="impossible group"):
        Group(FOR, True, 2, area, missing)


def test_every_voter_of_the_roll_is_in_exactly_one_pile() -> None:
    voters = [Voter("a", 100), Voter("b", None), Voter("c", 5, delivered=True), Voter("d", 7)]
    settled = {"a": Settled(FOR), "d": Settled(None, Refusal.LATE)}
    counts = tally(groups_of(voters, settled))
    assert counts == Counts(
        favour=Pile(1, 100, 0), unreached=Pile(1, 0, 1), silent=Pile(1, 5, 0), void=Pile(1, 7, 0)
    )
    assert counts.roll == Pile(4, 112, 1)
    assert counts.accepted == Pile(1, 100, 0)


def test_groups_of_one_kind_add_up() -> None:
    groups = [Group(FOR, True, 2, 200), Group(FOR, False, 3, 100, 1)]
    assert tally(iter(groups)) == Counts(favour=Pile(5, 300, 1))


COUNTS = Counts(
    favour=Pile(5, 50),
    against=Pile(3, 30),
    abstain=Pile(1, 10),
    invalid=Pile(2, 20),
    follow=Pile(4, 40),
    silent=Pile(6, 60),
    unreached=Pile(7, 70),
    void=Pile(8, 80),
)
PART, EXCL = InvalidPolicy
NONE, DELIV, FOLLOW = NonResponsePolicy


@pytest.mark.parametrize(
    ("invalid", "silence", "approving", "other", "absent"),
    [
        (PART, NONE, 9, 6, 21),
        (EXCL, NONE, 9, 4, 23),
        (PART, DELIV, 9, 12, 15),
        (EXCL, DELIV, 9, 10, 17),
        (PART, FOLLOW, 15, 6, 15),
        (EXCL, FOLLOW, 15, 4, 17),
    ],
)
def test_policies_move_only_the_invalid_and_the_silent(
    invalid: InvalidPolicy, silence: NonResponsePolicy, approving: int, other: int, absent: int
) -> None:
    piles = (Pile(n, 10 * n) for n in (approving, other, absent))
    assert sides_of(COUNTS, invalid, silence) == Sides(*piles)


@pytest.mark.parametrize(
    ("votes", "majority"),
    [
        ((5, 3, 1), FOR),
        ((3, 5, 1), AGAINST),
        ((3, 1, 5), ABSTAIN),
        ((5, 5, 0), None),
        ((5, 0, 5), None),
        ((0, 0, 0), None),
    ],
)
def test_followers_approve_only_when_most_were_for(
    votes: tuple[int, int, int], majority: Choice | None
) -> None:
    favour, against, abstain = (Pile(n) for n in votes)
    counts = Counts(favour, against, abstain, follow=Pile(4), silent=Pile(6))
    assert counts.majority() is majority
    sides = sides_of(counts, PART, FOLLOW)
    assert sides.approving.persons == votes[0] + (10 if majority is FOR else 0)
    assert (sides.approving + sides.other).persons == sum(votes) + 10


def test_undelivered_and_refused_never_follow() -> None:
    counts = Counts(favour=Pile(5), unreached=Pile(3), void=Pile(2))
    assert sides_of(counts, PART, FOLLOW).absent == Pile(5)
