"""Pages of the steps that need two people: the rule, freezing, missing areas, extending.

One page serves both: the first proposes, the second approves, either takes it back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done, refused
from tracker.kernel.errors import NotFound, Refusal, Stale, require
from tracker.kernel.forms import BaseForm
from tracker.kernel.words import M_
from tracker.places.rules import AREA_SOURCES
from tracker.votes import (
    course_services,
    lint,
    lint_queries,
    queries,
    roll_queries,
    services,
)
from tracker.votes.blueprint import Answer, blueprint, may_open, page
from tracker.votes.forms import (
    ApproveForm,
    ConfirmForm,
    ExtendForm,
    RuleConfirmForm,
    areas_form,
)
from tracker.votes.models import Approval, Vote
from tracker.votes.words import RUNNING_STATES, Confidence, TwoPersonStep, VoteState

MOST_AREAS = 50
"""Units whose areas are supplied in one proposal: what fits a page and can be checked."""


# ---- the rule ----


@blueprint.route("/votes/<int:vote_id>/rule", methods=["GET", "POST"])
@requires(Permission.APPROVE_VOTE)
def confirm_rule(vote_id: int) -> Answer:
    """Agree, as another person than the one who chose it, that the rule is the right one."""
    vote = queries.vote(actor(), vote_id)
    require(
        vote.state in (VoteState.DRAFT, VoteState.FROZEN) or vote.rule_confirmed_by is not None,
        M_("表决%(state)s，规则不再确认。", state=vote.state),
    )
    form = RuleConfirmForm(obj=vote)
    if form.validate_on_submit():
        try:
            services.confirm_rule(actor(), clock.now(), vote_id, version=form.version.data)
            flash(_("规则已确认。"), "success")
            return done(url_for("votes.check", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page(
        "confirm_rule",
        vote,
        form=form,
        confidence=Confidence,
        names=queries.names((vote.rule_chosen_by, vote.rule_confirmed_by)),
    )


# ---- freezing ----


@blueprint.route("/votes/<int:vote_id>/freeze", methods=["GET", "POST"])
@requires(Permission.WATCH_VOTE)
def freeze(vote_id: int) -> Answer:
    """Fix the roll: one proposes, another approves; afterwards, who did and the hash."""
    vote = queries.vote(actor(), vote_id)
    if vote.state is not VoteState.DRAFT:
        return _frozen(vote)
    proposal = _waiting(vote_id, TwoPersonStep.FREEZE)
    preview = roll_queries.roll_preview(vote)
    form: Any
    if proposal is None:
        form = ConfirmForm(obj=vote)
        form.words = _words(_("冻结"), "冻结", "FREEZE")
        if not form.is_submitted():
            form.persons.data = preview.persons
        sent = form.validate_on_submit() and _propose_freeze(vote_id, form)
    else:
        form = _approving(proposal)
        sent = form.validate_on_submit() and _approve(
            vote_id, form, course_services.approve_freeze, _("名册已冻结，可以编号印票了。")
        )
    if sent:
        return done(url_for("votes.freeze", vote_id=vote_id))
    found = lint.findings(lint_queries.facts(vote, clock.now()))
    changed = proposal is not None and course_services.draft_digest(vote) != proposal.digest
    return page(
        "freeze",
        vote,
        form=form,
        proposal=proposal,
        preview=preview,
        findings=found,
        musts=lint.musts(found),
        may_open=may_open,
        changed=changed,
    )


def _propose_freeze(vote_id: int, form: ConfirmForm) -> bool:
    version, persons = form.version.data, form.persons.data
    try:
        course_services.propose_freeze(
            actor(), clock.now(), vote_id, version=version, persons=persons
        )
        flash(_("已提请冻结，等另一个人同意。"), "success")
        return True
    except Refusal as refusal:
        return _refuse(form, refusal)


def _frozen(vote: Vote) -> str:
    require(bool(vote.roll_hash), M_("表决%(state)s，名册没有冻结过。", state=vote.state))
    return page(
        "frozen",
        vote,
        approval=queries.approval_of(vote.id, TwoPersonStep.FREEZE),
        size=roll_queries.roll_size(vote.id),
        amendments=[
            row
            for row in queries.approvals_of(vote.id)
            if row.step is TwoPersonStep.AMEND and row.approved_by is not None
        ],
    )


# ---- areas that were missing ----


@blueprint.route("/votes/<int:vote_id>/areas", methods=["GET", "POST"])
@requires(Permission.WATCH_VOTE)
def areas(vote_id: int) -> Answer:
    """Supply areas that were missing when the roll was frozen."""
    vote = queries.vote(actor(), vote_id)
    require(vote.state in RUNNING_STATES, M_("表决%(state)s，名册不能再补。", state=vote.state))
    proposal = _waiting(vote_id, TwoPersonStep.AMEND)
    missing = roll_queries.units_without_area(vote_id)
    form: Any
    if proposal is None:
        form = areas_form(missing[:MOST_AREAS])
        sent = form.validate_on_submit() and _propose_areas(vote_id, form)
    else:
        form = _approving(proposal)
        sent = form.validate_on_submit() and _approve(
            vote_id, form, course_services.approve_areas, _("面积已补录，名册有了新的指纹。")
        )
    if sent:
        return done(url_for("votes.areas" if proposal is None else "votes.freeze", vote_id=vote_id))
    labels = {str(unit.id): unit.label for unit in missing}
    return page(
        "areas",
        vote,
        form=form,
        proposal=proposal,
        missing=missing,
        labels=labels,
        sources=AREA_SOURCES,
    )


def _propose_areas(vote_id: int, form: Any) -> bool:
    try:
        course_services.propose_areas(
            actor(), clock.now(), vote_id, areas=form.areas, reason=form.reason.data
        )
        flash(_("已提请补录，等另一个人同意。"), "success")
        return True
    except Refusal as refusal:
        return _refuse(form, refusal)


# ---- extending ----


@blueprint.route("/votes/<int:vote_id>/extend", methods=["GET", "POST"])
@requires(Permission.WATCH_VOTE)
def extend(vote_id: int) -> Answer:
    """Extend the voting, on the condition that was published, by the days that were."""
    vote = queries.vote(actor(), vote_id)
    course_services.require_extendable(vote, clock.now())
    proposal = _waiting(vote_id, TwoPersonStep.EXTEND)
    form: Any
    if proposal is None:
        form = ExtendForm()
        sent = form.validate_on_submit() and _propose_extension(vote_id, form)
    else:
        form = _approving(proposal)
        sent = form.validate_on_submit() and _approve(
            vote_id,
            form,
            course_services.approve_extension,
            _("投票时间已延长。请把延长的通知张贴出去。"),
        )
    if sent:
        return done(url_for("votes.extend" if proposal is None else "counts.show", vote_id=vote_id))
    until = vote.closes_at + timedelta(days=vote.extension_days)
    return page("extend", vote, form=form, proposal=proposal, until=until)


def _propose_extension(vote_id: int, form: ExtendForm) -> bool:
    try:
        course_services.propose_extension(actor(), clock.now(), vote_id, reason=form.reason.data)
        flash(_("已提请延长，等另一个人同意。"), "success")
        return True
    except Refusal as refusal:
        return _refuse(form, refusal)


# ---- what all steps share ----


@blueprint.post("/votes/<int:vote_id>/proposals/<step>/withdraw")
@requires(Permission.WATCH_VOTE)
def withdraw(vote_id: int, step: str) -> Response:
    """Take back what waits for a second person."""
    pages = {
        TwoPersonStep.FREEZE: "votes.freeze",
        TwoPersonStep.AMEND: "votes.areas",
        TwoPersonStep.EXTEND: "votes.extend",
    }
    kind = next((kind for kind in pages if kind.value == step), None)
    if kind is None:
        raise NotFound
    target = url_for(pages[kind], vote_id=vote_id)
    try:
        course_services.withdraw_proposal(actor(), clock.now(), vote_id, kind)
        flash(_("提请已撤回。"), "success")
        return done(target)
    except Refusal as refusal:
        return refused(refusal, target)


def _waiting(vote_id: int, step: TwoPersonStep) -> Approval | None:
    """What waits for a second person; Stale when the form sent was that of the other person."""
    proposal = queries.open_proposal(vote_id, step)
    if request.method == "POST" and ("proposal" in request.form) != (proposal is not None):
        raise Stale
    return proposal


def _approving(proposal: Approval) -> ApproveForm:
    form = ApproveForm()
    form.words = _words(_("同意"), "同意", "APPROVE")
    if not form.is_submitted():
        form.proposal.data = proposal.id
    return form


def _approve(vote_id: int, form: ApproveForm, service: Callable[..., Vote], message: str) -> bool:
    """Let the second person's service decide; False when it refused, with why in the form."""
    try:
        service(actor(), clock.now(), vote_id, proposal_id=form.proposal.data)
        flash(message, "success")
        return True
    except Refusal as refusal:
        return _refuse(form, refusal)


def _refuse(form: BaseForm, refusal: Refusal) -> bool:
    db.session.rollback()
    form.refuse(refusal)
    return False


def _words(*words: str) -> tuple[str, ...]:
    return tuple(word.upper() for word in words)
