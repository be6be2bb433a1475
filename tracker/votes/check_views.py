"""Pages on which a vote is looked over before it is frozen: findings, roll, objections, files."""

from __future__ import annotations

from io import BytesIO

from flask import flash, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done, refused
from tracker.kernel.errors import NotFound, Refusal, require
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.paging import paginate
from tracker.kernel.storage import storage
from tracker.kernel.words import M_
from tracker.places.queries import unit_label
from tracker.places.rules import building_label
from tracker.votes import check_services, course_services, lint, lint_queries, queries, roll_queries
from tracker.votes.blueprint import Answer, blueprint, may_open, page
from tracker.votes.forms import AnswerForm, AttachForm, BuildingFilter, ObjectionForm
from tracker.votes.models import Vote
from tracker.votes.sealing import fingerprint
from tracker.votes.words import AttachmentKind, TwoPersonStep, VoteState

PER_PAGE = 30
"""Units at a time: on a phone each takes four lines."""


@blueprint.get("/votes/<int:vote_id>/check")
@requires(Permission.WATCH_VOTE)
def check(vote_id: int) -> str:
    """Everything that was found, and what it was found in."""
    vote = queries.vote(actor(), vote_id)
    found = lint.findings(lint_queries.facts(vote, clock.now()))
    form = BuildingFilter(request.args)
    form.building.choices = row_choices(
        roll_queries.scope_buildings(vote), lambda b: building_label(b.number), empty=_("全部")
    )
    chosen = form.building.data if form.validate() else None
    drafting = vote.state is VoteState.DRAFT
    proposal = queries.open_proposal(vote_id, TwoPersonStep.FREEZE)
    units = paginate(roll_queries.unit_rows(vote, chosen), PER_PAGE) if drafting else None
    voters = {u.voting_person_id for u in units or () if u.voting_person_id is not None}
    return page(
        "check",
        vote,
        findings=found,
        musts=lint.musts(found),
        may_open=may_open,
        fingerprint=fingerprint,
        drafting=drafting,
        preview=roll_queries.roll_preview(vote) if drafting else None,
        units=units,
        filter=form,
        filtered=chosen is not None,
        owned=roll_queries.units_of_voters(vote, voters),
        unit_label=unit_label,
        objections=queries.roll_objections(vote_id),
        proposal=proposal,
        changed=proposal is not None and course_services.draft_digest(vote) != proposal.digest,
    )


def _draft(vote_id: int) -> Vote:
    vote = queries.vote(actor(), vote_id)
    require(vote.state is VoteState.DRAFT, M_("名册冻结后，异议和附件都不能再改。"))
    return vote


# ---- files published with it ----


@blueprint.route("/votes/<int:vote_id>/files/new", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def attach(vote_id: int) -> Answer:
    """Add a file; its hash is frozen with the roll."""
    vote = _draft(vote_id)
    form = AttachForm(data={"kind": request.args.get("kind", AttachmentKind.TEXT.value)})
    form.kind.choices = term_choices(AttachmentKind)
    if form.validate_on_submit():
        try:
            check_services.attach(
                actor(),
                clock.now(),
                vote_id,
                kind=AttachmentKind(form.kind.data),
                name=form.name.data,
                data=form.file.data.read(),
            )
            flash(_("附件已添加。"), "success")
            return done(url_for("votes.check", vote_id=vote_id, _anchor="files"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("attach", vote, form=form)


@blueprint.post("/votes/<int:vote_id>/files/<int:attachment_id>/remove")
@requires(Permission.PREPARE_VOTE)
def detach(vote_id: int, attachment_id: int) -> Response:
    """Take a file off the vote."""
    target = url_for("votes.check", vote_id=vote_id, _anchor="files")
    try:
        check_services.detach(actor(), clock.now(), vote_id, attachment_id)
        flash(_("附件已移除。"), "success")
        return done(target)
    except Refusal as refusal:
        return refused(refusal, target)


@blueprint.get("/votes/<int:vote_id>/files/<int:attachment_id>")
@requires(Permission.VIEW_PROJECTS)
def attachment(vote_id: int, attachment_id: int) -> Response:
    """A file published with the motions."""
    vote = queries.vote(actor(), vote_id)
    found = next((file for file in vote.attachments if file.id == attachment_id), None)
    if found is None:
        raise NotFound
    response = send_file(
        BytesIO(storage().get(found.path)),
        "application/pdf",
        as_attachment=True,
        download_name=f"{found.name}.pdf",
        etag=found.sha256,
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


# ---- objections to the roll ----


@blueprint.route("/votes/<int:vote_id>/objections/new", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def object_to_roll(vote_id: int) -> Answer:
    """Record what somebody says is wrong on the roll."""
    vote = _draft(vote_id)
    form = ObjectionForm(data={"received_on": clock.today()})
    if form.validate_on_submit():
        try:
            made = check_services.object_to_roll(
                actor(),
                clock.now(),
                vote_id,
                received_on=form.received_on.data,
                text=form.text.data,
            )
            flash(_("已登记异议第 %(n)d 号。", n=made.number), "success")
            return done(url_for("votes.check", vote_id=vote_id, _anchor="objections"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("object_to_roll", vote, form=form)


@blueprint.route("/votes/<int:vote_id>/objections/<int:number>/answer", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def answer_objection(vote_id: int, number: int) -> Answer:
    """Answer an objection; one that stands is mended on the roll itself."""
    vote = _draft(vote_id)
    objection = queries.roll_objection(vote_id, number)
    form = AnswerForm()
    form.upheld.choices = [("yes", _("成立，已在名册上改正")), ("no", _("不成立"))]
    if form.validate_on_submit():
        try:
            check_services.answer_roll_objection(
                actor(),
                clock.now(),
                vote_id,
                number,
                upheld=form.upheld.data == "yes",
                answer=form.answer.data,
            )
            flash(_("已答复。"), "success")
            return done(url_for("votes.check", vote_id=vote_id, _anchor="objections"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("answer_objection", vote, form=form, objection=objection)
