"""Works on site: money, checks and pictures."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from tracker.kernel.words import N_, Term


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


def parse_yuan(text: str) -> int:
    """Fen from an amount in yuan such as ``12,000.50``; full-width digits are understood.

    Raises ValueError for anything that is not a positive amount with at most two decimals.
    """
    try:
        amount = Decimal(text.replace(",", "").replace("，", "").strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    fen = amount * 100
    if not amount.is_finite() or fen != fen.to_integral_value() or not 0 < fen < 10**14:
        raise ValueError(text)
    return int(fen)


def yuan(fen: int) -> str:
    """An amount of fen as yuan, with thousands separated: ``1,500,000.00``."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"
