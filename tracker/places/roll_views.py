"""Pages of the roll import: template, upload, preview, confirmation."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_sqlalchemy.pagination import Pagination
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.places import queries, roll_file, roll_queries, roll_services
from tracker.places.blueprint import blueprint
from tracker.places.forms import ConfirmRollForm, RollForm
from tracker.places.models import RollImport
from tracker.places.roll_plan import Change
from tracker.places.rules import ImportState

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = str | Response

waiting = roll_queries.waiting_imports


class _Pages(Pagination):
    """Pages of a list that is in memory, for the pagination macro."""

    def __init__(self, rows: Sequence[Any], argument: str) -> None:
        self.rows = rows
        page = request.args.get(argument, 1, type=int)
        last = max(1, -(-len(rows) // PER_PAGE))
        super().__init__(min(max(page, 1), last), PER_PAGE, error_out=False)

    def _query_items(self) -> list[Any]:
        return list(self.rows[self._query_offset : self._query_offset + self.per_page])

    def _query_count(self) -> int:
        return len(self.rows)


@blueprint.get("/roll-template.xlsx")
@requires(Permission.MANAGE_PLACES)
def roll_template() -> Response:
    """The file to fill in."""
    return send_file(
        io.BytesIO(roll_file.template()),
        mimetype=XLSX,
        as_attachment=True,
        download_name=_("表决权人名册模板") + ".xlsx",
    )


@blueprint.route("/compounds/<int:compound_id>/roll", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def upload_roll(compound_id: int) -> Answer:
    """Choose a file to read."""
    found = queries.compound(actor(), compound_id)
    form = RollForm()
    if form.validate_on_submit():
        try:
            file = form.file.data
            made = roll_services.preview_roll(
                actor(), clock.now(), compound_id, file.filename or "", file.read()
            )
            return done(url_for("places.show_import", import_id=made.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "places/upload_roll.html", compound=found, form=form, imports=waiting(found.id)
    )


@blueprint.route("/imports/<int:import_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def show_import(import_id: int) -> Answer:
    """What the file would change, and the one confirmation; afterwards, what it did."""
    form = ConfirmRollForm()
    if form.validate_on_submit():
        try:
            roll_services.apply_roll(actor(), clock.now(), import_id, form.skip_bad.data)
            return done(url_for("places.show_import", import_id=import_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _import_page(roll_queries.roll_import(actor(), import_id), form)


def _import_page(found: RollImport, form: ConfirmRollForm) -> str:
    rows = roll_services.rows_of(found)
    bad = [r for r in rows if r.problems]
    shown: dict[str, Any] = {
        "found": found,
        "compound": found.compound,
        "form": form,
        "bad": _Pages(bad, "page"),
    }
    if found.state is not ImportState.PREVIEW:
        return render_template("places/imported.html", **shown)
    plan = roll_services.plan_of(found, rows)
    form.skip_bad.label.text = _(
        "跳过有错误的 %(bad)d 行，只导入其余 %(n)d 行", bad=len(bad), n=len(plan.rows)
    )
    return render_template(
        "places/show_import.html",
        **shown,
        plan=plan,
        new=plan.count(Change.NEW),
        same=plan.count(Change.SAME),
        changed=_Pages(plan.changed, "changed"),
        warnings=_Pages(plan.warnings, "warnings"),
    )


@blueprint.post("/imports/<int:import_id>/discard")
@requires(Permission.MANAGE_PLACES)
def discard_import(import_id: int) -> Response:
    """Give the reading up."""
    found = roll_services.discard_roll(actor(), clock.now(), import_id)
    flash(_("已放弃，台账没有任何改动。"), "success")
    return done(url_for("places.compound", compound_id=found.compound_id))
