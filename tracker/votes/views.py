"""Pages of a vote: preparing, watching, closing, its result. Ballots are in ``ballot_views``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.anthology.rules import StageKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.words import M_
from tracker.places.rules import building_label
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState
from tracker.votes import figures, queries, roll_queries, services
from tracker.votes.forms import CancelForm, ConfirmForm, EditVoteForm, VoteForm
from tracker.votes.models import Vote
from tracker.votes.rules import SHIPPED_RULES, InvalidPolicy, Outcome
from tracker.votes.services import Draft
from tracker.votes.words import COUNTED_STATES, OBJECTION_DAYS, VoteState

blueprint = Blueprint("votes", __name__)
Answer = str | Response


def page(template: str, vote: Vote, **values: Any) -> str:
    """A page of a vote in the frame of its project."""
    return render_template(
        f"votes/{template}.html",
        project=vote.project,
        vote=vote,
        rule=queries.rule_of(vote),
        scope=building_label(vote.building.number) if vote.building else "",
        running=vote.project.state is ProjectState.ACTIVE,
        figures=figures,
        objection_days=OBJECTION_DAYS,
        **values,
    )


@blueprint.get("/projects/<int:project_id>/votes")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """The votes of a project, round by round."""
    project = projects.project(actor(), project_id)
    votes = queries.votes_of(project_id)
    stage = projects.stage_for(project, StageKind.VOTE)
    free = stage is not None and queries.vote_of(stage.id, stage.round) is None
    return render_template(
        "votes/index.html",
        project=project,
        votes=votes,
        outcomes=queries.outcomes(votes),
        stage=stage,
        may_prepare=actor().may(Permission.PREPARE_VOTE)
        and project.state is ProjectState.ACTIVE
        and stage is not None
        and stage.is_open
        and free,
        has_motions=bool(queries.worded_motions(project)),
    )


@blueprint.route("/projects/<int:project_id>/votes/new", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def prepare(project_id: int) -> Answer:
    """A new vote."""
    project = projects.project(actor(), project_id)
    form = VoteForm()
    _offer(form, project)
    if not form.is_submitted():
        form.title.data = project.title
        form.motion_ids.data = [motion.id for motion in queries.worded_motions(project)]
        form.invalid_policy.data = InvalidPolicy.TAKES_PART.value
        if project.vote_rule in queries.OFFERED_RULES:
            form.rule_id.data = project.vote_rule
    if form.validate_on_submit():
        try:
            vote = services.prepare(actor(), clock.now(), project, **vars(_draft(form)))
            flash(_("表决已准备好，请核对名册。"), "success")
            return done(url_for("votes.show", vote_id=vote.id))
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
    form = EditVoteForm(obj=vote)
    _offer(form, vote.project)
    if not form.is_submitted():
        form.motion_ids.data = [line.motion_id for line in vote.motions]
        form.invalid_policy.data = vote.invalid_policy.value
    if form.validate_on_submit():
        try:
            services.edit(actor(), clock.now(), vote_id, _draft(form), version=form.version.data)
            flash(_("已保存。"), "success")
            return done(url_for("votes.show", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _form_page(form, vote.project, vote)


def _offer(form: VoteForm, project: Project) -> None:
    form.motion_ids.choices = row_choices(queries.worded_motions(project), lambda m: m.title)
    form.rule_id.choices = [(i, _(rule.title)) for i, rule in queries.OFFERED_RULES.items()]
    form.invalid_policy.choices = term_choices(InvalidPolicy)
    form.building_id.choices = row_choices(
        queries.buildings_of(project.compound_id),
        lambda b: building_label(b.number),
        empty=_("整个小区"),
    )


def _draft(form: VoteForm) -> Draft:
    return Draft(
        title=form.title.data,
        motion_ids=form.motion_ids.data,
        rule_id=form.rule_id.data,
        rule_reason=form.rule_reason.data,
        invalid_policy=InvalidPolicy(form.invalid_policy.data),
        opens_at=form.opens_at.instant,
        closes_at=form.closes_at.instant,
        building_id=form.building_id.data,
    )


def _form_page(form: VoteForm, project: Project, vote: Vote | None) -> str:
    return render_template(
        "votes/prepare.html",
        form=form,
        project=project,
        vote=vote,
        rules=SHIPPED_RULES,
        explained=figures.explained,
    )


@blueprint.get("/votes/<int:vote_id>")
@requires(Permission.VIEW_PROJECTS)
def show(vote_id: int) -> str:
    """One vote: what it is about, where it stands, what comes next."""
    vote = queries.vote(actor(), vote_id)
    watching = actor().may(Permission.WATCH_VOTE)
    preview, obstacles, turnout = None, [], None
    if watching and vote.state is VoteState.DRAFT:
        preview = roll_queries.roll_preview(vote)
        obstacles = services.freeze_obstacles(vote, preview, clock.now())
    if watching and vote.roll_hash:
        turnout = queries.turnout(vote)
    return page(
        "show",
        vote,
        now=clock.now(),
        preview=preview,
        obstacles=obstacles,
        turnout=turnout,
        bars=_turnout_bars(vote, turnout),
        may_cancel=_may_cancel(vote),
    )


def _turnout_bars(vote: Vote, turnout: figures.Turnout | None) -> list[figures.Bar]:
    if turnout is None:
        return []
    rule = queries.rule_of(vote)
    return [figures.bar_of(check, rule) for check in (turnout.persons, turnout.area)]


def _may_cancel(vote: Vote) -> bool:
    if vote.state is VoteState.DRAFT:
        return actor().may(Permission.PREPARE_VOTE)
    if vote.state is VoteState.CLOSED and not _held(vote):
        return False
    ended = (VoteState.ANNOUNCED, VoteState.CANCELLED)
    return vote.state not in ended and actor().may(Permission.CLOSE_VOTE)


def _held(vote: Vote) -> bool:
    return any(result.outcome is Outcome.HOLD for result in queries.results(vote))


@blueprint.route("/votes/<int:vote_id>/cancel", methods=["GET", "POST"])
@requires(Permission.PREPARE_VOTE)
def cancel(vote_id: int) -> Answer:
    """Void a vote, with the reason."""
    vote = queries.vote(actor(), vote_id)
    form = CancelForm()
    if form.validate_on_submit():
        try:
            services.cancel(actor(), clock.now(), vote_id, reason=form.reason.data)
            flash(_("表决已作废，可以重新准备。"), "success")
            return done(url_for("votes.index", project_id=vote.project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return page("cancel", vote, form=form)


# ---- steps that cannot be undone ----


@blueprint.route("/votes/<int:vote_id>/freeze", methods=["GET", "POST"])
@requires(Permission.CLOSE_VOTE)
def freeze(vote_id: int) -> Answer:
    """Fix the roll."""
    return _step(vote_id, "freeze", VoteState.DRAFT, (_("冻结"), "冻结", "FREEZE"))


@blueprint.route("/votes/<int:vote_id>/open", methods=["GET", "POST"])
@requires(Permission.CLOSE_VOTE)
def open_vote(vote_id: int) -> Answer:
    """Begin taking ballots."""
    return _step(vote_id, "open", VoteState.FROZEN, (_("开始"), "开始", "OPEN"))


@blueprint.route("/votes/<int:vote_id>/close", methods=["GET", "POST"])
@requires(Permission.CLOSE_VOTE)
def close(vote_id: int) -> Answer:
    """End the voting and count."""
    return _step(vote_id, "close", VoteState.OPEN, (_("截止"), "截止", "CLOSE"))


@blueprint.route("/votes/<int:vote_id>/announce", methods=["GET", "POST"])
@requires(Permission.PUBLISH)
def announce(vote_id: int) -> Answer:
    """Publish the result."""
    return _step(vote_id, "announce", VoteState.CLOSED, (_("公告"), "公告", "ANNOUNCE"))


def _step(vote_id: int, step: str, state: VoteState, words: tuple[str, ...]) -> Answer:
    """The page that names consequence and number and asks for a typed word, and the step."""
    vote = queries.vote(actor(), vote_id)
    require(
        vote.state is state, M_("表决%(state)s，这一步已经过去或还没有轮到。", state=vote.state)
    )
    preview = roll_queries.roll_preview(vote) if step == "freeze" else None
    form = ConfirmForm(obj=vote)
    form.words = tuple(word.upper() for word in words)
    if not form.is_submitted() and preview is not None:
        form.persons.data = preview.persons
    if form.validate_on_submit():
        try:
            _STEPS[step](vote_id, form)
            flash(_STEP_DONE[step](), "success")
            return done(url_for("votes.show", vote_id=vote_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    turnout = None if preview is not None else queries.turnout(vote)
    return page("confirm", vote, form=form, step=step, preview=preview, turnout=turnout)


_STEPS: dict[str, Callable[[int, ConfirmForm], object]] = {
    "freeze": lambda vote_id, form: services.freeze(
        actor(), clock.now(), vote_id, version=form.version.data, persons=form.persons.data
    ),
    "open": lambda vote_id, _form: services.open_vote(actor(), clock.now(), vote_id),
    "close": lambda vote_id, _form: services.close(actor(), clock.now(), vote_id),
    "announce": lambda vote_id, _form: services.announce(actor(), clock.now(), vote_id),
}

_STEP_DONE: dict[str, Callable[[], str]] = {
    "freeze": lambda: _("名册已冻结，可以印票了。"),
    "open": lambda: _("已开始投票，可以登记收回的表决票。"),
    "close": lambda: _("已截止并计票。请核对结果，然后公告。"),
    "announce": lambda: _("结果已公告。请打印张贴。"),
}


# ---- the result ----


@blueprint.get("/votes/<int:vote_id>/result")
@requires(Permission.VIEW_PROJECTS)
def result(vote_id: int) -> str:
    """The counted result, motion by motion."""
    vote = _counted(vote_id)
    return page("result", vote, results=queries.results(vote), turnout=queries.turnout(vote))


@blueprint.get("/votes/<int:vote_id>/announcement")
@requires(Permission.VIEW_PROJECTS)
def announcement(vote_id: int) -> str:
    """The result for printing and posting."""
    vote = _counted(vote_id)
    require(not _held(vote), M_("有事项因面积缺失不能认定，结果不能公告。"))
    announced = clock.local_date(vote.announced_at) if vote.announced_at else None
    return page(
        "announcement",
        vote,
        results=queries.results(vote),
        turnout=queries.turnout(vote),
        announced=announced,
        objections_until=announced + timedelta(days=OBJECTION_DAYS) if announced else None,
    )


def _counted(vote_id: int) -> Vote:
    vote = queries.vote(actor(), vote_id)
    require(
        vote.state in COUNTED_STATES,
        M_("表决%(state)s，还没有结果。截止之前谁也看不到票上的意见。", state=vote.state),
    )
    return vote
