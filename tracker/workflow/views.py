"""The project page, the stage page, and the buttons that move a project on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.audit import queries as audit
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.paging import paginate
from tracker.kernel.words import unpack
from tracker.projects import queries as projects
from tracker.projects.models import Project, Stage
from tracker.projects.rules import ProjectState
from tracker.workdays.queries import calendar
from tracker.workflow import pages, queries, services
from tracker.workflow.forms import MoveForm, ReasonForm
from tracker.workflow.rules import NOT_RUNNING, WRONG_STATE, ProjectStep, Step

blueprint = Blueprint("workflow", __name__, url_prefix="/projects")
Answer = str | Response


@blueprint.get("/<int:project_id>")
@requires(Permission.VIEW_PROJECTS)
def project(project_id: int) -> str:
    """Where the project stands, and what comes next."""
    found = projects.project(actor(), project_id)
    today = clock.today()
    gate = queries.gate(found.current, today) if found.current else []
    entries = db.session.scalars(audit.of_project(project_id).limit(5)).all()
    return render_template(
        "workflow/project.html",
        project=found,
        path=pages.stage_path(found, today, calendar()),
        next=queries.next_step(found, gate),
        current=found.current,
        tasks=projects.tasks_of(found.current.id) if found.current else [],
        gate=gate,
        steps=queries.steps(actor(), found.current) if found.current else [],
        overrides=projects.overrides_of(project_id),
        unpack=unpack,
        history=pages.history_rows(entries),
        project_steps=pages.project_steps(found, actor()),
        today=today,
        calendar=calendar(),
    )


@blueprint.get("/<int:project_id>/logged")
@requires(Permission.LOG_PROJECT)
def logged(project_id: int) -> str:
    """The project exists: its number, and what happens next."""
    return render_template("workflow/logged.html", project=projects.project(actor(), project_id))


@blueprint.get("/<int:project_id>/history")
@requires(Permission.VIEW_PROJECTS)
def history(project_id: int) -> str:
    """Who did what, when."""
    found = projects.project(actor(), project_id)
    page = paginate(audit.of_project(project_id), per_page=50)
    return render_template(
        "workflow/history.html",
        project=found,
        page=page,
        rows=pages.history_rows(list(page.items)),
        runs=projects.runs_of(project_id),
    )


@blueprint.get("/stages/<int:stage_id>")
@requires(Permission.VIEW_PROJECTS)
def stage(stage_id: int) -> str:
    """One stage: what its gate asks, what is to be done, and the steps it may take."""
    found = projects.stage(actor(), stage_id)
    today = clock.today()
    return render_template(
        "workflow/stage.html",
        project=found.project,
        stage=found,
        gate=queries.gate(found, today),
        tasks=projects.tasks_of(stage_id),
        steps=queries.steps(actor(), found),
        Step=Step,
        runs=[r for r in projects.runs_of(found.project_id) if r.stage_id == stage_id],
        today=today,
        calendar=calendar(),
    )


@blueprint.post("/stages/<int:stage_id>/start")
@requires(Permission.RUN_STAGE)
def start(stage_id: int) -> Response:
    """Begin the next stage."""
    return _simple(stage_id, services.start_stage, _("阶段已开始。"))


@blueprint.post("/stages/<int:stage_id>/complete")
@requires(Permission.RUN_STAGE)
def complete(stage_id: int) -> Response:
    """End a stage whose gate is met; a refusal says all that is missing."""
    return _simple(stage_id, services.complete_stage, _("阶段已完成。"))


@blueprint.post("/stages/<int:stage_id>/unblock")
@requires(Permission.RUN_STAGE)
def unblock(stage_id: int) -> Response:
    """Go on with a blocked stage."""
    return _simple(stage_id, services.unblock_stage, _("已解除受阻。"))


def _simple(stage_id: int, service: Callable[[User, datetime, Stage], None], said: str) -> Response:
    found = projects.stage(actor(), stage_id)
    service(actor(), clock.now(), found)
    flash(said, "success")
    return done(url_for("workflow.project", project_id=found.project_id))


@blueprint.route("/stages/<int:stage_id>/block", methods=["GET", "POST"])
@requires(Permission.RUN_STAGE)
def block(stage_id: int) -> Answer:
    """Say what stands in the way."""
    return _with_reason(projects.stage(actor(), stage_id), Step.BLOCK, services.block_stage)


@blueprint.route("/stages/<int:stage_id>/skip", methods=["GET", "POST"])
@requires(Permission.DECIDE_STAGE)
def skip(stage_id: int) -> Answer:
    """Leave a stage out, with a reason."""
    return _with_reason(projects.stage(actor(), stage_id), Step.SKIP, services.skip_stage)


@blueprint.route("/stages/<int:stage_id>/override", methods=["GET", "POST"])
@requires(Permission.OVERRIDE_GATE)
def override(stage_id: int) -> Answer:
    """The subdistrict lets a stage pass; the reason stays for good."""
    return _with_reason(projects.stage(actor(), stage_id), Step.OVERRIDE, services.override_gate)


@blueprint.route("/stages/<int:stage_id>/go-back", methods=["GET", "POST"])
@requires(Permission.DECIDE_STAGE)
def go_back(stage_id: int) -> Answer:
    """Another round from an earlier stage on."""

    def with_calendar(user: User, now: datetime, found: Stage, *, reason: str) -> None:
        services.go_back(user, now, found, reason=reason, calendar=calendar())

    return _with_reason(projects.stage(actor(), stage_id), Step.GO_BACK, with_calendar)


def _with_reason(
    found: Stage | Project, step: Step | ProjectStep, service: Callable[..., None]
) -> Answer:
    """The page of a step that wants a reason, for a stage or for the whole project."""
    stage, project = (found, found.project) if isinstance(found, Stage) else (None, found)
    form, project_id = ReasonForm(), project.id
    if form.validate_on_submit():
        try:
            service(actor(), clock.now(), found, reason=form.reason.data)
            return done(url_for("workflow.project", project_id=project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    overridden = stage if step is Step.OVERRIDE else None
    return render_template(
        "workflow/reason.html",
        form=form,
        project=project,
        title=_(step.label) + (f"「{stage.title}」" if stage is not None else ""),
        consequence=pages.CONSEQUENCES[step],
        gate=queries.gate(overridden, clock.today()) if overridden is not None else [],
        danger=step in (Step.SKIP, Step.OVERRIDE, ProjectStep.CANCEL),
    )


@blueprint.route("/stages/<int:stage_id>/move", methods=["GET", "POST"])
@requires(Permission.RUN_STAGE)
def move(stage_id: int) -> Answer:
    """Another last day: first the effect on later stages, then the change."""
    found = projects.stage(actor(), stage_id)
    require(found.project.state is ProjectState.ACTIVE, NOT_RUNNING)
    require(Step.MOVE in queries.steps(actor(), found), WRONG_STATE)
    form = MoveForm(
        data={"end": found.planned_end, "version": found.project.version, "follow": True}
    )
    changes = None
    if form.validate_on_submit():
        days = calendar()
        if form.confirm.data:
            try:
                services.move_stage(
                    actor(),
                    clock.now(),
                    found,
                    end=form.end.data,
                    follow=form.follow.data,
                    version=form.version.data,
                    calendar=days,
                )
                flash(_("日期已调整，提醒会按新日期发出。"), "success")
                return done(url_for("workflow.project", project_id=found.project_id))
            except Refusal as refusal:
                db.session.rollback()
                form.refuse(refusal)
        else:
            changes = services.preview_move(found, form.end.data, days, follow=form.follow.data)
    return render_template(
        "workflow/move.html",
        form=form,
        project=found.project,
        stage=found,
        changes=changes,
        calendar=calendar(),
    )


@blueprint.route("/<int:project_id>/pause", methods=["GET", "POST"])
@requires(Permission.DECIDE_STAGE)
def pause(project_id: int) -> Answer:
    """Stop the clock."""
    return _with_reason(projects.project(actor(), project_id), ProjectStep.PAUSE, services.pause)


@blueprint.route("/<int:project_id>/cancel", methods=["GET", "POST"])
@requires(Permission.DECIDE_STAGE)
def cancel(project_id: int) -> Answer:
    """Give the project up."""
    return _with_reason(projects.project(actor(), project_id), ProjectStep.CANCEL, services.cancel)


@blueprint.post("/<int:project_id>/resume")
@requires(Permission.DECIDE_STAGE)
def resume(project_id: int) -> Response:
    """Start the clock again."""
    return _project_simple(project_id, services.resume, _("项目已恢复，期限已顺延。"))


@blueprint.post("/<int:project_id>/close")
@requires(Permission.DECIDE_STAGE)
def close(project_id: int) -> Response:
    """Finish the project."""
    return _project_simple(project_id, services.close, _("项目已办结。"))


def _project_simple(
    project_id: int, service: Callable[[User, datetime, Project], None], said: str
) -> Response:
    found = projects.project(actor(), project_id)
    service(actor(), clock.now(), found)
    flash(said, "success")
    return done(url_for("workflow.project", project_id=project_id))
