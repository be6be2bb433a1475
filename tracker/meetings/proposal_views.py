"""Pages about options and motions."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import row_choices
from tracker.meetings import proposals, queries
from tracker.meetings.blueprint import blueprint
from tracker.meetings.forms import (
    EditMotionForm,
    MotionForm,
    OptionForm,
    ReviseForm,
    choose_form,
    dropped_field,
)
from tracker.meetings.rules import OptionState, asks_several
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState

Answer = str | Response


def _round(project: Project) -> int:
    stage = queries.deliberation(project)
    return stage.round if stage else 1


def _may_hold(project: Project) -> bool:
    return project.state is ProjectState.ACTIVE and actor().may(Permission.HOLD_MEETING)


@blueprint.get("/projects/<int:project_id>/options")
@requires(Permission.VIEW_PROJECTS)
def options(project_id: int) -> str:
    """Options side by side, and the motions; earlier rounds below."""
    project = projects.project(actor(), project_id)
    round_now = _round(project)
    every = queries.options_of(project.id)
    now = [o for o in every if o.round == round_now]
    wordings = queries.motions_of(project.id)
    return render_template(
        "meetings/options.html",
        project=project,
        round=round_now,
        options=now,
        earlier=[o for o in every if o.round != round_now],
        chosen=next((o for o in now if o.state is OptionState.CHOSEN), None),
        motions=[m for m in wordings if m.round == round_now and m.withdrawn_at is None],
        old_motions=[m for m in wordings if m.round != round_now or m.withdrawn_at is not None],
        may_hold=_may_hold(project),
    )


@blueprint.route("/projects/<int:project_id>/options/new", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def add_option(project_id: int) -> Answer:
    """Put an option beside the others."""
    project = projects.project(actor(), project_id)
    form = OptionForm()
    if form.validate_on_submit():
        try:
            proposals.add_option(
                actor(),
                clock.now(),
                project_id,
                title=form.title.data,
                summary=form.summary.data,
                pros=form.pros.data or "",
                cons=form.cons.data or "",
            )
            flash(_("方案已加入比较。"), "success")
            return done(url_for("meetings.options", project_id=project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("meetings/add_option.html", form=form, project=project)


@blueprint.get("/options/<int:option_id>")
@requires(Permission.VIEW_PROJECTS)
def option(option_id: int) -> str:
    """One option with all its versions."""
    found = queries.option(actor(), option_id)
    return render_template(
        "meetings/option.html",
        option=found,
        project=found.project,
        may_revise=_may_hold(found.project)
        and found.state is not OptionState.DROPPED
        and found.round == _round(found.project),
    )


@blueprint.route("/options/<int:option_id>/revise", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def revise_option(option_id: int) -> Answer:
    """A new version of an option."""
    found = queries.option(actor(), option_id)
    latest = found.latest
    form = ReviseForm(
        summary=latest.summary, pros=latest.pros, cons=latest.cons, version=found.version
    )
    if form.validate_on_submit():
        try:
            proposals.revise_option(
                actor(),
                clock.now(),
                option_id,
                summary=form.summary.data,
                pros=form.pros.data or "",
                cons=form.cons.data or "",
                change_note=form.change_note.data,
                version=form.version.data,
            )
            flash(_("新的一版已保存，以前的版本保留。"), "success")
            return done(url_for("meetings.option", option_id=option_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "meetings/revise_option.html", form=form, option=found, project=found.project
    )


@blueprint.route("/options/<int:option_id>/choose", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def choose_option(option_id: int) -> Answer:
    """Choose one option and say of every other why not."""
    found = queries.option(actor(), option_id)
    others = {
        o.id: o.title
        for o in queries.open_options(found.project_id, found.round)
        if o.id != found.id
    }
    form = choose_form(others)
    if form.validate_on_submit():
        try:
            proposals.choose_option(
                actor(),
                clock.now(),
                found.project_id,
                option_id,
                form.reason.data,
                {number: dropped_field(form, number).data for number in others},
            )
            flash(_("方案已选定。下一步：拟定表决事项。"), "success")
            return done(url_for("meetings.options", project_id=found.project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "meetings/choose_option.html",
        form=form,
        option=found,
        project=found.project,
        others=[dropped_field(form, number) for number in others],
    )


def _offer_chosen(form: MotionForm, project: Project) -> None:
    chosen = queries.chosen_option(project.id, _round(project))
    rows = [chosen] if chosen else []
    form.option.choices = row_choices(rows, lambda o: o.title, empty=_("不对应某个方案"))


@blueprint.route("/projects/<int:project_id>/motions/new", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def word_motion(project_id: int) -> Answer:
    """Word a motion."""
    project = projects.project(actor(), project_id)
    chosen = queries.chosen_option(project.id, _round(project))
    form = MotionForm(option=chosen.id if chosen else None)
    _offer_chosen(form, project)
    if form.validate_on_submit():
        try:
            proposals.word_motion(
                actor(),
                clock.now(),
                project_id,
                title=form.title.data,
                text=form.text.data,
                option_id=form.option.data,
                one_question=form.one_question.data,
            )
            flash(_("表决事项已拟定。"), "success")
            return done(url_for("meetings.options", project_id=project_id, _anchor="motions"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "meetings/word_motion.html",
        form=form,
        project=project,
        suspicious=asks_several(form.text.data or ""),
    )


@blueprint.route("/motions/<int:motion_id>/edit", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def edit_motion(motion_id: int) -> Answer:
    """Change the wording of a motion that is on no ballot."""
    motion = queries.motion(actor(), motion_id)
    form = EditMotionForm(
        title=motion.title, text=motion.text, option=motion.option_id, version=motion.version
    )
    _offer_chosen(form, motion.project)
    if form.validate_on_submit():
        try:
            proposals.edit_motion(
                actor(),
                clock.now(),
                motion_id,
                title=form.title.data,
                text=form.text.data,
                option_id=form.option.data,
                one_question=form.one_question.data,
                version=form.version.data,
            )
            flash(_("表决事项已修改。"), "success")
            return done(
                url_for("meetings.options", project_id=motion.project_id, _anchor="motions")
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "meetings/edit_motion.html",
        form=form,
        motion=motion,
        project=motion.project,
        suspicious=asks_several(form.text.data or ""),
    )


@blueprint.post("/motions/<int:motion_id>/withdraw")
@requires(Permission.HOLD_MEETING)
def withdraw_motion(motion_id: int) -> Response:
    """Take a motion back."""
    motion = proposals.withdraw_motion(actor(), clock.now(), motion_id)
    flash(_("表决事项已撤回。"), "success")
    return done(url_for("meetings.options", project_id=motion.project_id, _anchor="motions"))
