"""Words and pure rules of the count: reconciling, tally sheet, objections to the result."""

from __future__ import annotations

from tracker.kernel.words import N_, Term


class Ruling(Term):
    """What became of an objection to a result."""

    DISMISSED = "dismissed", N_("不成立")
    RECOUNT = "recount", N_("成立，重新计票")
    CORRECTED = "corrected", N_("成立，更正公告")


KEPT_YEARS = 3
"""How long the sealed papers are kept at least: beyond the one year in which owners may ask a
court to rescind a decision (Civil Code 280, Judicial Interpretation on strata ownership, 12)."""
