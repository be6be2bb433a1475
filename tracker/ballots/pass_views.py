"""The page on which passes to vote online are handed out."""

from __future__ import annotations

from flask import current_app, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.ballots import delivery_queries, online_queries, online_services
from tracker.ballots.blueprint import blueprint
from tracker.ballots.pass_forms import PassForm
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done, refused
from tracker.kernel.errors import FieldRefusal, Refusal, require
from tracker.kernel.paging import paginate
from tracker.kernel.qr import qr_code
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes.models import Vote


@blueprint.route("/votes/<int:vote_id>/passes", methods=["GET", "POST"])
@requires(Permission.DELIVER_BALLOT)
def passes(vote_id: int) -> str:
    """Give a voter a pass after the identity check; its secret is shown this once."""
    form = PassForm()
    if form.validate_on_submit():
        try:
            return _issue(vote_id, form)
        except FieldRefusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    vote = votes.vote(actor(), vote_id)
    require(vote.online, M_("这次表决不接受线上投票。"))
    return render_template(
        "ballots/passes.html",
        project=vote.project,
        vote=vote,
        form=form,
        may_issue=online_services.takes_passes(vote, clock.now()),
        count=online_queries.pass_count(vote.id),
        page=paginate(online_queries.passes(vote.id, delivery_queries.own_buildings(actor()))),
    )


def _issue(vote_id: int, form: PassForm) -> str:
    """The slip with the secret. No redirect leads to it: the secret is kept nowhere."""
    made, secret = online_services.issue_pass(
        actor(), clock.now(), vote_id, voter=form.voter.data, told=form.told.data
    )
    vote = votes.vote(actor(), vote_id)
    page = _slip(vote, made.entry.serial, secret)
    db.session.commit()
    return page


def _slip(vote: Vote, serial: int, secret: str) -> str:
    base = current_app.config["BASE_URL"]
    address = base + url_for("public.cast", secret=secret)
    return render_template(
        "ballots/pass_slip.html",
        project=vote.project,
        vote=vote,
        serial=serial,
        secret=secret,
        address=address,
        typing=base + url_for("public.cast_code"),
        code=qr_code(address),
    )


@blueprint.post("/votes/<int:vote_id>/passes/<int:pass_id>/end")
@requires(Permission.DELIVER_BALLOT)
def end_pass(vote_id: int, pass_id: int) -> Response:
    """End a pass that was lost; the voter may get a new one."""
    back = url_for("ballots.passes", vote_id=vote_id)
    try:
        ended = online_services.end_pass(actor(), clock.now(), pass_id)
    except Refusal as refusal:
        return refused(refusal, back)
    flash(_("第 %(n)d 号的线上投票凭证已停用。", n=ended.entry.serial), "success")
    return done(back)
