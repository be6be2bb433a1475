"""Pages on which a vote is prepared, changed and voided.

Its check and its steps are in ``check_views`` and ``course_views``, the rule book in
``rule_views``; its own page and what follows the opening in ``ballots`` and ``counts``.
"""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.words import M_
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.votes import check_views as check_views  # its routes join the blueprint
from tracker.votes import course_services, figures, offers, queries, services
from tracker.votes import course_views as course_views
from tracker.votes import rule_views as rule_views
from tracker.votes.blueprint import Answer, blueprint, page
from tracker.votes.forms import CancelForm, EditVoteForm, VoteForm, options_field, vote_form
from tracker.votes.models import Vote
from tracker.votes.rules import Basis, Choice, InvalidPolicy, NonResponsePolicy
from tracker.votes.services import USUAL_CHOICES, Draft
from tracker.votes.words import VoteState

__all__ = ["blueprint"]

PRINTED = (*USUAL_CHOICES, Choice.FOLLOW)
"""Answers that may stand on a ballot; an invalid one is found, not offered."""


@blueprint.route("/projects/<int:project_id>/votes/new", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def prepare(project_id: int) -> Answer:
    """A new vote; ``?runoff_of=`` begins with what the first round asked.

    ``keep=3-A`` says that option A of motion 3 goes on: the others are left out.
    """
    project = projects.project(actor(), project_id)
    form = vote_form(VoteForm, queries.worded_motions(project))
    _offer(form, project, None)
    if not form.is_submitted():
        _suggest(form, project)
    if form.validate_on_submit():
        try:
            vote = services.prepare(actor(), clock.now(), project, _draft(form))
            flash(_("表决已准备好，请逐项检查。"), "success")
            return done(url_for("votes.check", vote_id=vote.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _form_page(form, project, None)


@blueprint.route("/votes/<int:vote_id>/edit", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def edit(vote_id: int) -> Answer:
    """Change a vote that is not frozen."""
    vote = queries.vote(actor(), vote_id)
    require(vote.state is VoteState.DRAFT, M_("名册冻结后，事项、规则和计票办法都不能再改。"))
    form = vote_form(EditVoteForm, queries.worded_motions(vote.project), obj=vote)
    _offer(form, vote.project, vote)
    if not form.is_submitted():
        _show(form, vote)
    if form.validate_on_submit():
        try:
            services.edit(actor(), clock.now(), vote_id, _draft(form), version=form.version.data)
            flash(_("已保存。规则须重新确认。"), "success")
            return done(url_for("votes.check", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _form_page(form, vote.project, vote)


@blueprint.route("/votes/<int:vote_id>/cancel", methods=["GET", "POST"])
@requires(Permission.WATCH_VOTE)
def cancel(vote_id: int) -> Answer:
    """Void a vote, with the reason; who may depends on how far it is."""
    vote = queries.vote(actor(), vote_id)
    course_services.require_may_cancel(actor(), vote)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            course_services.cancel(actor(), clock.now(), vote_id, reason=form.reason.data)
            flash(_("表决已作废，可以重新准备。"), "success")
            return done(url_for("counts.index", project_id=vote.project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("cancel", vote, form=form)


def _offer(form: Any, project: Project, vote: Vote | None) -> None:
    """Give the fields their choices."""
    form.motion_ids.choices = row_choices(form.motions, lambda m: m.title)
    form.rule_id.choices = [(key, _(rule.title)) for key, rule in offers.rules(project).items()]
    form.scope.choices = offers.scopes(project)
    form.basis.choices = [("", _("按规则的规定")), *term_choices(Basis)]
    form.choices.choices = term_choices(PRINTED)
    form.invalid_policy.choices = term_choices(InvalidPolicy)
    form.nonresponse_policy.choices = term_choices(NonResponsePolicy)
    form.notice_id.choices = offers.notices(project)
    others = [other for other in queries.first_tiers(project.id) if other is not vote]
    form.after_id.choices = row_choices(others, lambda v: v.title, empty=_("不需要"))
    polls = [other for other in others if queries.rule_of(other).is_poll]
    form.runoff_of_id.choices = row_choices(polls, lambda v: v.title, empty=_("不是第二轮"))


def _suggest(form: Any, project: Project) -> None:
    """Fill in what is right in the ordinary case, or what a runoff takes over."""
    form.title.data = project.title
    form.motion_ids.data = [motion.id for motion in form.motions]
    form.choices.data = [choice.value for choice in USUAL_CHOICES]
    form.invalid_policy.data = InvalidPolicy.TAKES_PART.value
    form.nonresponse_policy.data = NonResponsePolicy.NONE.value
    form.scope.data = offers.scope_key(project.compound_id)
    if project.vote_rule in dict(form.rule_id.choices):
        form.rule_id.data = project.vote_rule
    times = offers.usual_times(project, clock.now())
    form.notice_id.data = times.notice_id
    form.opens_at.process_data(times.opens_at)
    form.closes_at.process_data(times.closes_at)
    first = request.args.get("runoff_of", type=int)
    for poll in queries.first_tiers(project.id):
        if poll.id == first and queries.rule_of(poll).is_poll:
            _show(form, poll)
            form.title.data = _("%(title)s（第二轮）", title=poll.title)[:120]
            form.runoff_of_id.data, form.rule_id.data = poll.id, poll.rule_id
            form.rule_reason.data = poll.rule_reason
            _keep(form, poll, set(request.args.getlist("keep")))


def _keep(form: Any, poll: Vote, kept: set[str]) -> None:
    """Leave only what goes on to the second round, where the result page has said it."""
    going_on = {
        line.motion_id: [o["label"] for o in line.options if f"{line.motion_id}-{o['key']}" in kept]
        for line in poll.motions
    }
    if not any(going_on.values()):
        return
    form.motion_ids.data = [motion_id for motion_id, labels in going_on.items() if labels]
    for motion_id, labels in going_on.items():
        name = options_field(motion_id)
        if labels and name in form:
            form[name].data = "\n".join(labels)


def _show(form: Any, vote: Vote) -> None:
    """Fill in what the vote says where fields and columns differ."""
    rule = queries.rule_of(vote)
    form.motion_ids.data = [line.motion_id for line in vote.motions]
    form.choices.data = vote.choices or [choice.value for choice in USUAL_CHOICES]
    form.scope.data = offers.scope_key(vote.compound_id, vote.building_id, vote.entrance_id)
    form.basis.data = "" if vote.basis is rule.basis else vote.basis.value
    form.invalid_policy.data = vote.invalid_policy.value
    form.nonresponse_policy.data = vote.nonresponse_policy.value
    form.extension_days.data = vote.extension_days or None
    for line in vote.motions:
        name = options_field(line.motion_id)
        if name in form:
            form[name].data = "\n".join(option["label"] for option in line.options)


def _draft(form: Any) -> Draft:
    """What was filled in; only after the form was found valid."""
    return Draft(
        title=form.title.data,
        motion_ids=form.motion_ids.data,
        rule_id=form.rule_id.data,
        rule_reason=form.rule_reason.data,
        invalid_policy=InvalidPolicy(form.invalid_policy.data),
        opens_at=form.opens_at.instant,
        closes_at=form.closes_at.instant,
        scope=offers.scope_of(form.scope.data),
        basis=Basis(form.basis.data) if form.basis.data else None,
        choices=[Choice(choice) for choice in form.choices.data],
        options={
            motion.id: (form[options_field(motion.id)].data or "").splitlines()
            for motion in form.motions
        },
        nonresponse_policy=NonResponsePolicy(form.nonresponse_policy.data),
        policy_clause=form.policy_clause.data or "",
        notice_id=form.notice_id.data,
        after_id=form.after_id.data,
        runoff_of_id=form.runoff_of_id.data,
        online=form.online.data,
        identity_note=form.identity_note.data or "",
        extension_condition=form.extension_condition.data or "",
        extension_days=form.extension_days.data or 0,
    )


def _form_page(form: Any, project: Project, vote: Vote | None) -> str:
    return render_template(
        "votes/prepare.html",
        form=form,
        project=project,
        vote=vote,
        rule_groups=offers.grouped(offers.rules(project)),
        explained=figures.explained,
        usual=[choice.value for choice in USUAL_CHOICES],
    )
