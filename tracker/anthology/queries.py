"""Finding cases in the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import Case, ProblemKind, SizeClass
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound


@dataclass(frozen=True)
class Search:
    """What the library is narrowed to; None and empty mean all."""

    text: str = ""
    kind: ProblemKind | None = None
    mechanism: int | None = None
    size: SizeClass | None = None


def library() -> Sequence[CaseTemplate]:
    """All cases, in the anthology's order."""
    rows = db.session.scalars(sa.select(CaseTemplate).order_by(CaseTemplate.number)).all()
    unknown = [row.id for row in rows if not row.is_known]
    if unknown:
        # The rows above get their data by this, all together.
        whole = sa.select(CaseTemplate).options(undefer(CaseTemplate.data))
        db.session.scalars(whole.where(CaseTemplate.id.in_(unknown))).all()
    return rows


def by_slug(slug: str) -> CaseTemplate:
    """One case; raises NotFound."""
    found = db.session.scalar(sa.select(CaseTemplate).where(CaseTemplate.slug == slug))
    if found is None:
        raise NotFound
    return found


def by_number(number: int) -> CaseTemplate:
    """One case by its number in the anthology; raises NotFound."""
    found = db.session.scalar(sa.select(CaseTemplate).where(CaseTemplate.number == number))
    if found is None:
        raise NotFound
    return found


def found(cases: Sequence[Case], search: Search) -> list[Case]:
    """The cases that fit: every word of the text occurs, and every filter holds.

    A few dozen cases are filtered in memory: their sentences are nested in both languages,
    and no index would make this faster.
    """
    return [case for case in cases if _fits(case, search)]


def _fits(case: Case, search: Search) -> bool:
    if search.kind is not None and search.kind not in case.problem_kinds:
        return False
    if search.mechanism is not None and search.mechanism not in case.mechanisms:
        return False
    if search.size is not None and search.size is not case.size:
        return False
    words = search.text.lower().split()
    if not words:
        return True
    body = case.model_dump_json().lower()
    return all(word in body for word in words)
