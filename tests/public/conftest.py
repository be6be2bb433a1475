"""The clock, and browsers at a vote, for the tests of residents' pages."""

from __future__ import annotations

from tests.votes.walk import at, stage

__all__ = ["at", "stage"]
