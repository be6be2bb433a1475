"""What a ballot may say, which keys say it, and what readings and co-owners make together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ballots.marks import differing, is_mark, keys_of, mark_of, settled, together
from tracker.votes.rules import Choice, Method

USUAL = ["for", "against", "abstain"]
FOUR = [*USUAL, "follow"]
BIDDERS = [{"key": key, "label": f"投标人{key}"} for key in "ABCD"]
YES_NO, ONE, APPROVAL, RANKED = Method


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (USUAL, "1for 2against 3abstain 0invalid"),
        (FOUR, "1for 2against 3abstain 4follow 0invalid"),
        (["for", "against"], "1for 2against 0invalid"),
    ],
)
def test_each_answer_has_its_key_and_any_paper_may_be_invalid(choices, expected):
    found = keys_of(YES_NO, choices, ())
    assert " ".join(key.key + key.mark for key in found) == expected


@pytest.mark.parametrize("method", [ONE, APPROVAL, RANKED])
def test_the_keys_of_a_poll_are_its_letters_and_a_blank_or_invalid_paper(method):
    found = keys_of(method, [], BIDDERS)
    assert [(key.key, key.mark) for key in found] == [
        *((letter, letter) for letter in "ABCD"),
        ("3", "abstain"),
        ("0", "invalid"),
    ]
    assert [key.words for key in found[:2]] == ["投标人A", "投标人B"]


TYPED = [
    (YES_NO, "1", "for"),
    (YES_NO, "2", "against"),
    (YES_NO, "3", "abstain"),
    (YES_NO, "0", "invalid"),
    (YES_NO, "１", "for"),
    (YES_NO, " 2 ", "against"),
    (YES_NO, "4", None),
    (YES_NO, "9", None),
    (YES_NO, "A", None),
    (YES_NO, "12", None),
    (YES_NO, "11", None),
    (YES_NO, "for", None),
    (YES_NO, "", None),
    (YES_NO, " ", None),
    (ONE, "A", "A"),
    (ONE, "d", "D"),
    (ONE, "ｂ", "B"),
    (ONE, "3", "abstain"),
    (ONE, "0", "invalid"),
    (ONE, "E", None),
    (ONE, "1", None),
    (ONE, "AB", None),
    (APPROVAL, "A", "A"),
    (APPROVAL, "CA", "A,C"),
    (APPROVAL, "a, c", "A,C"),
    (APPROVAL, "ABCD", "A,B,C,D"),
    (APPROVAL, "AA", None),
    (APPROVAL, "AE", None),
    (APPROVAL, "A0", None),
    (APPROVAL, "30", None),
    (APPROVAL, "3", "abstain"),
    (RANKED, "BA", "B>A"),
    (RANKED, "b>a>d", "B>A>D"),
    (RANKED, "ABAB", None),
    (RANKED, "0", "invalid"),
    (RANKED, "A3", None),
]


@pytest.mark.parametrize(("method", "typed", "mark"), TYPED)
def test_keys_stand_for_a_mark_or_for_none(method, typed, mark):
    options = () if method is YES_NO else BIDDERS
    assert mark_of(typed, method, keys_of(method, USUAL, options)) == mark


def test_follow_has_a_key_only_where_the_ballot_offers_it():
    assert mark_of("4", YES_NO, keys_of(YES_NO, FOUR, ())) == "follow"
    assert mark_of("4", YES_NO, keys_of(YES_NO, USUAL, ())) is None


@given(st.sampled_from(list(Method)), st.text(max_size=6))
def test_whatever_is_typed_becomes_a_mark_of_the_ballot_or_none(method, typed):
    options = () if method is YES_NO else BIDDERS
    mark = mark_of(typed, method, keys_of(method, USUAL, options))
    assert mark is None or is_mark(mark, method, USUAL, [o["key"] for o in options])


@pytest.mark.parametrize(
    ("method", "text", "sound"),
    [
        (YES_NO, "for", True),
        (YES_NO, "invalid", True),
        (YES_NO, "follow", False),
        (YES_NO, "A", False),
        (YES_NO, "", False),
        (ONE, "A", True),
        (ONE, "abstain", True),
        (ONE, "invalid", True),
        (ONE, "for", False),
        (ONE, "A,B", False),
        (APPROVAL, "A,B", True),
        (APPROVAL, "B,A", False),
        (APPROVAL, "A,A", False),
        (APPROVAL, "A>B", False),
        (APPROVAL, "", False),
        (RANKED, "B>A", True),
        (RANKED, "B", True),
        (RANKED, "B>B", False),
        (RANKED, "B>E", False),
    ],
)
def test_only_what_a_ballot_of_its_kind_can_say_is_a_mark(method, text, sound):
    assert is_mark(text, method, USUAL, list("ABCD")) is sound


ONE_WAY, OTHER_WAY = {1: "for", 2: "against"}, {1: "for", 2: "for"}
THIRD = {1: "for", 2: "abstain"}


@pytest.mark.parametrize(
    ("readings", "says"),
    [
        ([], None),
        ([ONE_WAY], None),
        ([ONE_WAY, ONE_WAY], ONE_WAY),
        ([ONE_WAY, OTHER_WAY], None),
        ([ONE_WAY, OTHER_WAY, ONE_WAY], ONE_WAY),
        ([ONE_WAY, OTHER_WAY, THIRD], THIRD),
    ],
)
def test_a_ballot_is_read_when_two_agree_or_a_third_has_settled_it(readings, says):
    assert settled(readings) == says


def test_differences_name_their_motions():
    assert differing(ONE_WAY, OTHER_WAY) == [2]
    assert differing(ONE_WAY, ONE_WAY) == []


def test_two_co_owners_agree_motion_by_motion():
    assert together(ONE_WAY, OTHER_WAY) == {1: "for", 2: Choice.INVALID}
    assert together(ONE_WAY, ONE_WAY) == ONE_WAY
