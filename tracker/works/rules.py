"""Works on site: money, checks and pictures."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker.kernel.words import M_, N_, Message, Term


class MoneyDirection(Term):
    """Where money goes."""

    IN = "in", N_("收入")
    OUT = "out", N_("支出")


class MoneySource(Term):
    """Where money comes from (the anthology's cases 3, 11, 12 and 14 used most of these)."""

    PUBLIC = "public", N_("财政资金")
    REPAIR_FUND = "repair_fund", N_("维修资金")
    COMMON_INCOME = "common_income", N_("公共收益")
    COMPANY = "company", N_("企业捐助")
    FOUNDATION = "foundation", N_("基金会")
    RESIDENTS = "residents", N_("居民自筹")
    OTHER = "other", N_("其他")


class PicturePhase(Term):
    """When a picture was taken."""

    BEFORE = "before", N_("改造前")
    DURING = "during", N_("施工中")
    AFTER = "after", N_("改造后")


class Party(Term):
    """三驾马车: the three parties that look at a site together."""

    COMMITTEE = "committee", N_("居委会")
    OWNERS = "owners", N_("业委会")
    MANAGER = "manager", N_("物业")


class CheckResult(Term):
    """What a look at the site found."""

    PASSED = "passed", N_("没有问题")
    PROBLEM = "problem", N_("发现问题，要整改")


class AcceptanceResult(Term):
    """How an acceptance ended."""

    PASSED = "passed", N_("验收通过")
    FAILED = "failed", N_("未通过，整改后再验")


# ---- amounts ----

_AMOUNT = re.compile(
    r"¥? ?(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(?:\.[0-9]{1,6})?)"
    r" ?(?P<unit>万元|万|元)?"
)
_MOST = 10**14
"""Amounts stay below a trillion yuan, in fen: sums of them fit a 64-bit column."""


def parse_yuan(text: str) -> int:
    """Fen from an amount in yuan such as ``12,000.50``, ``１２０００元`` or ``1.2万``.

    Full-width digits and signs, ``¥``, ``元`` and ``万`` are understood. Commas must part
    thousands: ``12,50`` is more likely a slip than an amount. Raises ValueError for anything
    that is not a positive amount in whole fen.
    """
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise ValueError(text)
    scale = 10_000 if (found["unit"] or "").startswith("万") else 1
    fen = Decimal(found["number"].replace(",", "")) * scale * 100
    if fen != fen.to_integral_value() or not 0 < fen < _MOST:
        raise ValueError(text)
    return int(fen)


def yuan(fen: int) -> str:
    """An amount of fen as yuan, with thousands separated: ``1,500,000.00``."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


@dataclass(frozen=True)
class Balance:
    """Money in and out, in fen; reversed entries count in neither."""

    income: int = 0
    spent: int = 0

    @property
    def rest(self) -> int:
        """What is left; negative when more was spent than came in."""
        return self.income - self.spent


def total(parts: Iterable[Balance]) -> Balance:
    """The balance of several together, such as of all sources."""
    income, spent = 0, 0
    for part in parts:
        income, spent = income + part.income, spent + part.spent
    return Balance(income, spent)


def effect(direction: MoneyDirection, amount: int, *, reverses: bool) -> int:
    """What an entry does to the balance, in fen.

    A reversal is a red-letter entry (红字冲销): it stands in the column of the entry that it
    takes back, with a minus, so that a mistake inflates neither income nor spending.
    """
    signed = -amount if reverses else amount
    return signed if direction is MoneyDirection.IN else -signed


# ---- days ----

EARLIEST_DAY = date(2000, 1, 1)
LATEST_DAY = date(2099, 12, 31)
"""A day outside of these is a slip of the keyboard, such as the year 0206."""


def past_day_fault(day: date, today: date) -> Message | None:
    """Why ``day`` cannot be the day of something that has happened, or None."""
    if day > today:
        return M_("日期不能晚于今天。")
    return any_day_fault(day)


def any_day_fault(day: date) -> Message | None:
    """Why ``day`` cannot be meant, or None."""
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        return M_("请核对年份。")
    return None


# ---- pictures ----


def spot_name(text: str) -> str:
    """A spot without stray spaces, so that before and after meet under one name."""
    return " ".join(text.split())
