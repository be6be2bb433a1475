"""The calendar: the exceptions of a year, one day, and pasting an arrangement."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal
from tracker.kernel.forms import term_choices
from tracker.workdays import queries, services
from tracker.workdays.forms import DayForm, ImportForm
from tracker.workdays.rules import FIRST_YEAR, DayKind

blueprint = Blueprint("workdays", __name__, url_prefix="/workdays")


@blueprint.get("")
@requires(Permission.MANAGE_CALENDAR)
def index() -> str:
    """The days of one year that differ from Monday to Friday."""
    this_year = clock.today().year
    year = request.args.get("year", this_year, type=int)
    known = [row.year for row in queries.years()]
    if not FIRST_YEAR <= year <= 2100:
        raise NotFound
    return render_template(
        "workdays/index.html",
        year=year,
        years=sorted({*known, this_year, this_year + 1, year}, reverse=True),
        announced=year in known,
        days=queries.days_of(year),
    )


@blueprint.route("/day", methods=["GET", "POST"])
@requires(Permission.MANAGE_CALENDAR)
def set_day() -> str | Response:
    """Add a day, or change the one named by ``day`` in the address."""
    day = request.args.get("day", type=date.fromisoformat)
    row = queries.day(day) if day is not None else None
    form = DayForm(obj=row, day=day)
    form.kind.choices = term_choices(DayKind)
    if form.validate_on_submit():
        try:
            services.set_day(
                actor().id,
                clock.now(),
                day=form.day.data,
                kind=DayKind(form.kind.data),
                note=form.note.data or "",
            )
            flash(_("已保存，期限按新的日历计算。"), "success")
            return done(url_for("workdays.index", year=form.day.data.year))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("workdays/set_day.html", form=form, row=row)


@blueprint.post("/day/<day>/remove")
@requires(Permission.MANAGE_CALENDAR)
def remove_day(day: str) -> Response:
    """Let a day be what its weekday says."""
    try:
        chosen = date.fromisoformat(day)
    except ValueError as error:
        raise NotFound from error
    services.remove_day(actor().id, chosen, clock.now())
    flash(_("已恢复为平常的日子。"), "success")
    return done(url_for("workdays.index", year=chosen.year))


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.MANAGE_CALENDAR)
def paste() -> str | Response:
    """Paste the arrangement of a year."""
    form = ImportForm()
    if form.validate_on_submit():
        try:
            days = services.import_lines(actor().id, clock.now(), form.lines.data)
            flash(_("已导入 %(n)d 天，期限按新的日历计算。", n=len(days)), "success")
            return done(url_for("workdays.index", year=days[-1].day.year))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("workdays/paste.html", form=form)
