"""The clock, browsers at a vote, and phones, for the tests of residents' pages."""

from __future__ import annotations

import pytest

from tests.factories.votes import DURING
from tests.public.phone import Phone
from tests.votes.walk import at, stage

__all__ = ["at", "stage"]


@pytest.fixture
def phone(app, browse, at):
    """Make a ``Phone`` at an open vote."""

    def make(*args, **fields):
        made = Phone(app, browse, *args, **fields)
        at(DURING)
        return made

    return make
