"""How opinions come in and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.kernel.words import N_, Term


class Channel(Term):
    """Where an opinion was heard (the anthology's channels)."""

    DOOR = "door", N_("上门走访")
    FORUM = "forum", N_("座谈会")
    RECEPTION = "reception", N_("居民接待日")
    POSTER = "poster", N_("扫码填写")
    WECHAT = "wechat", N_("微信群汇总")
    SURVEY = "survey", N_("问卷")
    PHONE = "phone", N_("电话")


class Stance(Term):
    """Where an opinion stands."""

    SUPPORT = "support", N_("支持")
    CONDITIONAL = "conditional", N_("有条件支持")
    OPPOSE = "oppose", N_("反对")
    QUESTION = "question", N_("询问")


class OpinionStatus(Term):
    """What became of an opinion."""

    NEW = "new", N_("待处理")
    ACKNOWLEDGED = "acknowledged", N_("已受理")
    ADOPTED = "adopted", N_("已采纳")
    PARTLY = "partly", N_("部分采纳")
    EXPLAINED = "explained", N_("已解释")
    MERGED = "merged", N_("已合并")


ANSWERED = frozenset({OpinionStatus.ADOPTED, OpinionStatus.PARTLY, OpinionStatus.EXPLAINED})
"""Statuses that a written reply may lead to."""

REPLY_WORKDAYS = 10
"""Working days within which a reply is owed; the desk counts down to it."""

UNANSWERED = frozenset({OpinionStatus.NEW, OpinionStatus.ACKNOWLEDGED})
"""Statuses that still owe a reply; a merged opinion is answered with its target."""

EARLIEST = timedelta(days=366)
"""How long before its project an opinion may have been heard; an older date is a slip."""

RECEIPT_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Signs of a receipt: none that is mistaken for another on paper (0 O, 1 I L)."""

RECEIPT_LENGTH = 10

PER_WINDOW = 30
WINDOW = timedelta(minutes=10)
"""At most so many residents' forms per project in so long: enough for a whole meeting,
too few to flood the ledger."""


class RevisedPart(Term):
    """Which part of an opinion was corrected."""

    CONTENT = "content", N_("意见内容")
    REPLY = "reply", N_("答复")


@dataclass(frozen=True)
class Household:
    """A household as people write it: a building and a room such as 101 or 2-101."""

    building_id: int
    room: str


@dataclass(frozen=True)
class Heard:
    """What was heard; ``household`` is None for somebody who stays anonymous."""

    channel: Channel
    topic: str
    stance: Stance
    text: str
    heard_on: date
    household: Household | None = None


@dataclass(frozen=True)
class BuildingCoverage:
    """How many of a building's households were heard; both count units."""

    building_id: int
    label: str
    heard: int
    total: int

    @property
    def fraction(self) -> float:
        """The share heard, 0..1, for drawing only."""
        return self.heard / self.total if self.total else 0.0


@dataclass(frozen=True)
class PublishedReply:
    """What residents see of an opinion: its topic, how many said so, and the reply."""

    topic: str
    similar: int
    status: OpinionStatus
    reply: str
    replied_on: date
