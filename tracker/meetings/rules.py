"""Words of deliberation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.kernel.words import N_, Term


class MeetingKind(Term):
    """What sort of meeting it is."""

    COUNCIL = "council", N_("议事堂")
    THREE_PARTY = "three_party", N_("三驾马车例会")
    FIVE_PARTY = "five_party", N_("五位一体会议")
    FORUM = "forum", N_("座谈会")
    OTHER = "other", N_("其他会议")


class MeetingState(Term):
    """A meeting is planned, held, or called off."""

    PLANNED = "planned", N_("已安排")
    HELD = "held", N_("已召开")
    CANCELLED = "cancelled", N_("已取消")


class Party(Term):
    """Who sits at the table, by role."""

    COMMITTEE = "committee", N_("居委会")
    OWNERS = "owners", N_("业委会")
    MANAGER = "manager", N_("物业")
    RESIDENTS = "residents", N_("居民代表")
    LEADERS = "leaders", N_("楼组长/微网格长")
    VOLUNTEERS = "volunteers", N_("党员和志愿者")
    SUBDISTRICT = "subdistrict", N_("街道部门")
    EXPERTS = "experts", N_("专业人员")


THREE_PARTIES = frozenset({Party.COMMITTEE, Party.OWNERS, Party.MANAGER})
"""三驾马车."""


class ResolutionOutcome(Term):
    """What a meeting said about a point."""

    AGREED = "agreed", N_("一致同意")
    MAJORITY = "majority", N_("多数同意")
    DEFERRED = "deferred", N_("再议")
    REJECTED = "rejected", N_("不同意")


class OptionState(Term):
    """An option is compared, chosen or dropped."""

    OPEN = "open", N_("比较中")
    CHOSEN = "chosen", N_("选定")
    DROPPED = "dropped", N_("放弃")


MINUTES_WORKDAYS = 3
"""Working days after a meeting within which its minutes are owed."""


MOST_PEOPLE = 2_000
"""More of one role at one meeting is a slip of the keyboard."""

_SECOND_QUESTION = re.compile(r"以及是否|并且是否|并是否|和是否")


def asks_several(text: str) -> bool:
    """Whether the wording of a motion seems to hold more than one question.

    A ballot paper is answered once per motion, so two questions in one cannot be counted.
    """
    marks = text.count("？") + text.count("?")
    return marks > 1 or _SECOND_QUESTION.search(text) is not None


@dataclass(frozen=True)
class ActionLine:
    """What a meeting asks of somebody: ``assignee_id`` of the committee's staff, or nobody yet."""

    title: str
    assignee_id: int | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class MinutesText:
    """What was written down of a meeting: people by role, text, and points with their outcome."""

    attendance: Mapping[Party, int]
    minutes: str
    resolutions: Sequence[tuple[str, ResolutionOutcome]]
