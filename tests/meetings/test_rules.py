"""One motion, one question."""

from __future__ import annotations

import pytest

from tracker.meetings.rules import asks_several


@pytest.mark.parametrize(
    ("text", "several"),
    [
        ("是否同意《停车管理规定》？", False),
        ("同意安装门禁。", False),
        ("是否同意《停车管理规定》？是否同意收费？", True),
        ("Do you agree? And to the gate?", True),
        ("是否同意停车规定，以及是否同意安装门禁", True),
        ("是否同意停车规定，并且是否同意安装门禁？", True),
        ("是否同意停车规定以及门禁规定？", False),
        ("", False),
    ],
)
def test_a_motion_with_two_questions_is_noticed(text, several):
    assert asks_several(text) is several
