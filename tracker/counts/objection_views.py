"""Objections to a result and their rulings, and having a result counted again."""

from __future__ import annotations

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts import queries as accounts
from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.counts import objection_services, queries
from tracker.counts.blueprint import blueprint
from tracker.counts.forms import ObjectionForm, RulingForm, SendBackForm
from tracker.counts.pages import page
from tracker.counts.rules import Ruling, is_late
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import term_choices
from tracker.kernel.words import M_
from tracker.votes import queries as votes
from tracker.votes.words import VoteState

Answer = str | Response


@blueprint.get("/votes/<int:vote_id>/result/objections")
@requires(Permission.WATCH_VOTE)
def objections(vote_id: int) -> str:
    """What was objected to the result, and what became of it."""
    vote = votes.vote(actor(), vote_id)
    found, announced = queries.objections(vote.id), queries.announced_on(vote)
    new = request.args.get("new", "")
    return page(
        "objections",
        vote,
        objections=found,
        late={one.number for one in found if is_late(one.received_on, announced)},
        names=accounts.names({i for one in found for i in (one.recorded_by, one.ruled_by) if i}),
        announced=announced,
        until=queries.objections_until(vote),
        new=next((one for one in found if str(one.number) == new), None),
        may_rule=actor().may(Permission.ANNOUNCE_RESULT) and queries.certifier(vote) != actor().id,
    )


@blueprint.route("/votes/<int:vote_id>/result/objections/new", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def objection(vote_id: int) -> Answer:
    """Record an objection to the result."""
    vote = votes.vote(actor(), vote_id)
    require(bool(queries.announced_on(vote)), M_("结果还没有公告，不能登记对结果的异议。"))
    form = ObjectionForm()
    if not form.is_submitted():
        form.received_on.data = clock.today()
    if form.validate_on_submit():
        try:
            made = objection_services.record_objection(
                actor(),
                clock.now(),
                vote_id,
                received_on=form.received_on.data,
                text=form.text.data,
            )
            return done(url_for("counts.objections", vote_id=vote_id, new=made.number))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("objection", vote, form=form)


@blueprint.route("/votes/<int:vote_id>/result/objections/<int:number>", methods=["GET", "POST"])
@requires(Permission.ANNOUNCE_RESULT)
def ruling(vote_id: int, number: int) -> Answer:
    """Rule on an objection."""
    vote = votes.vote(actor(), vote_id)
    found = queries.objection(vote.id, number)
    require(found.ruling is None, M_("这条异议已经裁定过了。"))
    form = RulingForm()
    form.ruling.choices = term_choices(Ruling)
    if form.validate_on_submit():
        try:
            ruled = Ruling(form.ruling.data)
            objection_services.rule_on(
                actor(), clock.now(), vote_id, number, ruling=ruled, text=form.text.data
            )
            if ruled is Ruling.RECOUNT:
                flash(_("已裁定重新计票：全部纸质票由两个人重新录入。"), "success")
            else:
                flash(_("已裁定，请把理由告诉提出异议的人。"), "success")
            return done(url_for("counts.objections", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    late = is_late(found.received_on, queries.announced_on(vote))
    return page("ruling", vote, form=form, objection=found, late=late)


@blueprint.route("/votes/<int:vote_id>/recount", methods=["GET", "POST"])
@requires(Permission.ANNOUNCE_RESULT)
def recount(vote_id: int) -> Answer:
    """Have a certified result counted again before it is announced."""
    vote = votes.vote(actor(), vote_id)
    require(
        vote.state is VoteState.CERTIFIED,
        M_("只有已确认、未公告的结果可以退回重新计票；公告之后要有成立的异议。"),
    )
    form = SendBackForm()
    form.words = (_("重新计票").upper(), "重新计票", "RECOUNT")
    if form.validate_on_submit():
        try:
            objection_services.send_back(actor(), clock.now(), vote_id, reason=form.reason.data)
            flash(_("已退回，全部纸质票由两个人重新录入。"), "success")
            return done(url_for("counts.show", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("recount", vote, form=form)
