"""When to try again, what a reply means, and the quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tracker.notifications.rules import (
    BACKOFF,
    GIVE_UP,
    RATE_WAIT,
    Failure,
    after_quiet,
    failure_of_reply,
    jittered,
    next_step,
)

YOUNG = timedelta(minutes=1)


def test_waits_grow_as_promised_with_up_to_a_fifth_of_jitter():
    promised = [30, 60, 120, 300, 600, 1800, 3600, 3600, 7200]
    assert [w.total_seconds() for w in BACKOFF] == promised
    for attempts, wait in enumerate(BACKOFF):
        step = next_step(Failure.TEMPORARY, attempts, YOUNG, "key")
        assert step.attempts == attempts + 1
        assert wait <= step.wait <= wait * 1.2


def test_after_the_last_wait_the_message_is_dead():
    assert next_step(Failure.TEMPORARY, len(BACKOFF), YOUNG, "key").wait is None


def test_a_refused_recipient_is_dead_at_once():
    assert next_step(Failure.PERMANENT, 0, YOUNG, "key").wait is None


def test_slowing_down_uses_up_no_attempt():
    step = next_step(Failure.SLOW_DOWN, 3, YOUNG, "key")
    assert step.attempts == 3
    assert step.wait >= RATE_WAIT


@pytest.mark.parametrize(
    ("attempts", "age", "alive"),
    [
        (9, timedelta(hours=6), True),
        (40, GIVE_UP - timedelta(seconds=1), True),
        (40, GIVE_UP, False),
    ],
)
def test_an_outage_of_the_server_outlasts_the_table_but_not_three_days(attempts, age, alive):
    assert (next_step(Failure.OUTAGE, attempts, age, "key").wait is not None) is alive


def test_jitter_is_the_same_for_the_same_message_and_differs_between_messages():
    wait = timedelta(minutes=10)
    assert jittered(wait, "a", 1) == jittered(wait, "a", 1)
    assert len({jittered(wait, str(n), 1) for n in range(20)}) > 10


@pytest.mark.parametrize(
    ("code", "text", "failure"),
    [
        (550, "5.1.1 User unknown", Failure.PERMANENT),
        (553, "mailbox name not allowed", Failure.PERMANENT),
        (550, "Ip frequency limited", Failure.SLOW_DOWN),
        (450, "4.2.0 greylisted", Failure.TEMPORARY),
        (452, "too many recipients", Failure.SLOW_DOWN),
        (421, "closing", Failure.OUTAGE),
    ],
)
def test_replies_are_told_apart(code, text, failure):
    assert failure_of_reply(code, text) is failure


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ((2, 12, 59), (2, 12, 59)),  # 20:59 in Shanghai
        ((2, 13, 0), (3, 0, 0)),  # 21:00: until 08:00 the next morning
        ((2, 15, 59), (3, 0, 0)),  # 23:59
        ((2, 16, 0), (3, 0, 0)),  # midnight
        ((2, 23, 59), (3, 0, 0)),  # 07:59
        ((3, 0, 0), (3, 0, 0)),  # 08:00
    ],
)
def test_quiet_hours_defer_to_eight_in_the_morning(at, until):
    instant = datetime(2026, 3, *at, tzinfo=UTC)
    assert after_quiet(instant) == datetime(2026, 3, *until, tzinfo=UTC)
