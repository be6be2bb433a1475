"""The rule book: every rule that may decide a vote, where it comes from, and who entered it."""

from __future__ import annotations

from flask import render_template

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.votes import figures, rule_queries
from tracker.votes.blueprint import blueprint
from tracker.votes.words import Confidence


@blueprint.get("/rules")
@requires(Permission.VIEW_PROJECTS)
def rules() -> str:
    """All rules, shipped and entered, with what each asks and how surely that is known."""
    subdistrict = actor().subdistrict_id
    return render_template(
        "votes/rules.html",
        book=rule_queries.versions(subdistrict),
        entries=rule_queries.entries(subdistrict),
        today=clock.today(),
        explained=figures.explained,
        confidence=Confidence,
        may_manage=actor().may(Permission.MANAGE_RULES),
    )
