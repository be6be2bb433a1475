"""The inbox."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, signed_in
from tracker.kernel import clock
from tracker.kernel.edge import done
from tracker.kernel.paging import paginate
from tracker.notifications import queries, rules, services

blueprint = Blueprint("notifications", __name__, url_prefix="/inbox")

PER_PAGE = 50


@blueprint.get("")
@signed_in
def inbox() -> str:
    """My messages, unread first."""
    page = paginate(queries.inbox(actor().id), per_page=PER_PAGE)
    return render_template("notifications/inbox.html", page=page, number=rules.number)


@blueprint.post("/<int:item_id>/read")
@signed_in
def read(item_id: int) -> Response:
    """I have seen one message."""
    services.mark_read(actor().id, item_id, clock.now())
    return done(url_for("notifications.inbox", page=request.form.get("page", type=int)))


@blueprint.post("/read")
@signed_in
def read_all() -> Response:
    """I have seen all messages that the page could show."""
    newest = request.form.get("up_to", 0, type=int)
    count = services.mark_all_read(actor().id, clock.now(), up_to=newest)
    flash(_("%(n)d 条提醒已标为看过。", n=count), "success")
    return done(url_for("notifications.inbox"))
