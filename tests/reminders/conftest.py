"""The scene of most tests about reminders."""

from __future__ import annotations

import pytest

from tests.factories.reminders import Scene


@pytest.fixture
def scene(arrange: None) -> Scene:
    return Scene()
