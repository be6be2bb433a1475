"""Codes on papers: what a hand or a scanner gets wrong is noticed."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.ballots.codes import ALPHABET, LENGTH, check_digit, grouped, new_code, read_code

bodies = st.text(alphabet=ALPHABET, min_size=LENGTH, max_size=LENGTH)


def code_of(body: str) -> str:
    return body + check_digit(body)


@given(bodies)
def test_every_code_reads_as_itself(body):
    code = code_of(body)
    assert read_code(code) == code


@given(bodies, st.integers(0, LENGTH), st.sampled_from(ALPHABET))
def test_every_single_wrong_sign_is_found(body, place, sign):
    code = code_of(body)
    wrong = code[:place] + sign + code[place + 1 :]
    assert (read_code(wrong) is None) == (wrong != code)


@given(bodies, st.integers(0, LENGTH - 1))
def test_every_swap_of_neighbours_is_found(body, place):
    code = code_of(body)
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert (read_code(swapped) is None) == (swapped != code)


@given(bodies)
def test_as_people_write_it_down_it_reads_the_same(body):
    code = code_of(body)
    for written in (grouped(code), code.lower(), f" {code[:4]} {code[4:]}\n"):
        assert read_code(written) == code


@pytest.mark.parametrize("text", ["", "12", "0" * 11, "I" * 11, "A" * 10, "A" * 12, "码" * 11])
def test_what_is_no_code_is_none(text):
    assert read_code(text) is None


def test_no_sign_looks_like_another():
    assert not set("01IO") & set(ALPHABET)
    assert set(ALPHABET) < set(string.ascii_uppercase + string.digits)
    assert len(set(ALPHABET)) == 31


def test_new_codes_differ_and_hold_nothing_but_themselves():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(read_code(code) == code for code in codes)


def test_a_code_is_written_in_groups():
    assert grouped("ABCDEFGHJKL") == "ABCD-EFGH-JKL"
