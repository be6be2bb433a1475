"""The library of cases."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from flask import Blueprint, render_template, request

from tracker.accounts.guards import requires
from tracker.accounts.rules import Permission
from tracker.anthology import queries
from tracker.anthology.mechanisms import MECHANISMS
from tracker.anthology.rules import ProblemKind, SizeClass

blueprint = Blueprint("anthology", __name__, url_prefix="/cases")
E = TypeVar("E", bound=Enum)


def chosen(kind: type[E], name: str) -> E | None:
    """A filter's value from the address; anything unknown means no filter."""
    text = request.args.get(name, "")
    return next((member for member in kind if member.value == text), None)


@blueprint.get("/")
@requires(Permission.VIEW_PROJECTS)
def index() -> str:
    """All cases, searched and filtered."""
    number = request.args.get("mechanism", type=int)
    search = queries.Search(
        text=request.args.get("q", "").strip()[:80],
        kind=chosen(ProblemKind, "kind"),
        mechanism=number if number in MECHANISMS else None,
        size=chosen(SizeClass, "size"),
    )
    cases = [row.case for row in queries.library()]
    return render_template(
        "anthology/index.html",
        cases=queries.found(cases, search),
        total=len(cases),
        search=search,
        kinds=sorted({k for c in cases for k in c.problem_kinds}, key=list(ProblemKind).index),
        mechanisms={n: MECHANISMS[n] for n in sorted({m for c in cases for m in c.mechanisms})},
        sizes=[s for s in SizeClass if any(c.size is s for c in cases)],
    )


@blueprint.get("/<slug>")
@requires(Permission.VIEW_PROJECTS)
def show(slug: str) -> str:
    """One case, whole."""
    return render_template(
        "anthology/show.html", case=queries.by_slug(slug).case, mechanisms=MECHANISMS
    )
