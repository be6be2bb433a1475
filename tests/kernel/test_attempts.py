"""Wrong guesses are counted for all workers together, and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.people import NOW
from tracker.kernel.attempts import KEPT, Attempt, Limit, source_of
from tracker.kernel.database import db

LIMIT = Limit("pass", most=3, within=timedelta(minutes=10))
HERE, THERE = source_of("secret", "10.0.0.1"), source_of("secret", "10.0.0.2")

pytestmark = pytest.mark.usefixtures("arrange")


def guess(times: int, source: str = HERE, at=NOW, limit: Limit = LIMIT) -> None:
    for _ in range(times):
        limit.count(source, at)
    db.session.flush()


def test_the_limit_is_reached_by_the_last_guess_allowed_and_not_before():
    guess(2)
    assert not LIMIT.reached(HERE, NOW)
    guess(1)
    assert LIMIT.reached(HERE, NOW)


def test_guesses_of_others_and_of_another_kind_do_not_count():
    guess(3, source=THERE)
    guess(3, limit=Limit("receipt", most=3, within=timedelta(minutes=10)))
    assert not LIMIT.reached(HERE, NOW)


def test_after_the_time_one_may_guess_again():
    guess(3)
    assert LIMIT.reached(HERE, NOW + timedelta(minutes=9, seconds=59))
    assert not LIMIT.reached(HERE, NOW + timedelta(minutes=10))


def test_old_guesses_are_deleted():
    guess(3)
    guess(1, at=NOW + KEPT + timedelta(seconds=1))
    assert db.session.query(Attempt).count() == 1


def test_a_source_is_a_digest_that_holds_no_address():
    assert "10.0.0.1" not in HERE
    assert source_of("another secret", "10.0.0.1") != HERE
    assert source_of("secret", "10.0.0", "1") != HERE
