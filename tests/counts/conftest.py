"""The clock, and browsers at a vote."""

from tests.votes.walk import at, stage

__all__ = ["at", "stage"]
