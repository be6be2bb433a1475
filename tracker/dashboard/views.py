"""My desk, and the subdistrict's overview."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.dashboard import queries
from tracker.kernel import clock
from tracker.projects.queries import lamps
from tracker.workdays.queries import calendar

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/desk")
@requires(Permission.VIEW_PROJECTS)
def desk() -> str:
    """Overdue, today, this week, waiting for my reply."""
    me, today = actor(), clock.today()
    everybody = request.args.get("scope") == "all" or me.committee_id is None
    return render_template(
        "dashboard/desk.html",
        desk=queries.desk(me, today, everybody=everybody),
        everybody=everybody,
        projects=queries.my_projects(me),
        running=queries.running_count(me),
        today=today,
        calendar=calendar(),
    )


@blueprint.get("/overview")
@requires(Permission.OVERSEE)
def overview() -> str:
    """All committees with lights, and what is stuck."""
    me, today = actor(), clock.today()
    lines = queries.overview(me, lamps(today, calendar()))
    return render_template(
        "dashboard/overview.html",
        lines=lines,
        stuck=queries.stuck(me, today),
        today=today,
        calendar=calendar(),
    )
