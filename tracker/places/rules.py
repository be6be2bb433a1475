"""What places are called, and how a room is written."""

from __future__ import annotations

import re

from tracker.kernel.words import N_, Term


class VoterKind(Term):
    """A developer's unsold units together are one person (Judicial Interpretation, 9)."""

    PERSON = "person", N_("个人")
    ORGANISATION = "organisation", N_("单位")
    DEVELOPER = "developer", N_("开发商")


class ImportState(Term):
    """A roll file between reading and writing."""

    PREVIEW = "preview", N_("待确认")
    APPLIED = "applied", N_("已导入")
    DISCARDED = "discarded", N_("已放弃")


_BUILDING_WORDS = re.compile(r"(号楼|楼|栋|幢|号)$")


def building_number(text: str) -> str:
    """The bare number of a building: 3号楼, 3栋 and 3幢 are all ``3``."""
    return _BUILDING_WORDS.sub("", text.strip())


def building_position(number: str) -> int:
    """A sort key that puts 2 before 10; names without digits come last."""
    digits = re.search(r"\d+", number)
    return int(digits.group()) if digits else 10_000
