"""The clock, and browsers at a vote, for the tests of its pages."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.factories.people import NOW
from tests.votes.walk import Stage
from tracker.kernel import clock


@pytest.fixture
def at(monkeypatch):
    """Set the clock; it begins at NOW."""

    def set_to(instant: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_to(NOW)
    return set_to


@pytest.fixture
def stage(app, browse, at):
    def make(to=None, **fields):
        return Stage(app, browse, to, **fields)

    return make
