"""The list of projects, the three screens of a new one, and tasks."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts import queries as accounts
from tracker.accounts.guards import actor, requires
from tracker.accounts.models import User
from tracker.accounts.rules import Permission, Role
from tracker.anthology import queries as anthology
from tracker.anthology.rules import Case, ProblemKind, StageKind
from tracker.anthology.views import chosen
from tracker.kernel import clock
from tracker.kernel.addresses import row_id
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal, require
from tracker.kernel.forms import BaseForm, row_choices, term_choices
from tracker.kernel.paging import paginate
from tracker.kernel.words import M_
from tracker.places import queries as places
from tracker.projects import drafts, queries, services
from tracker.projects.forms import (
    EditProjectForm,
    EditTaskForm,
    StageForm,
    TaskForm,
    WhatForm,
    people_form,
    stages_form,
)
from tracker.projects.models import ProjectDraft
from tracker.projects.rules import Light, ProjectState
from tracker.workdays.queries import calendar

blueprint = Blueprint("projects", __name__, url_prefix="/projects")
Answer = str | Response

LEADS = (Role.DIRECTOR, Role.WORKER)
"""Who may lead a project or a stage."""


@blueprint.get("/")
@requires(Permission.VIEW_PROJECTS)
def index() -> str:
    """All projects I may see, searched and filtered."""
    me = actor()
    everything = request.args.get("state") == "all"
    listing = queries.Listing(
        text=request.args.get("q", "").strip()[:80],
        state=None if everything else chosen(ProjectState, "state") or ProjectState.ACTIVE,
        kind=chosen(ProblemKind, "kind"),
        stage_kind=chosen(StageKind, "stage"),
        committee_id=row_id("committee"),
        light=chosen(Light, "light"),
        blocked=bool(request.args.get("blocked")),
    )
    lamps = queries.lamps(clock.today(), calendar())
    page = paginate(queries.listing(me, listing, lamps), per_page=50)
    return render_template(
        "projects/index.html",
        page=page,
        lines=queries.lines(page.items),
        listing=listing,
        calendar=calendar(),
        today=clock.today(),
        drafts=queries.open_drafts(me),
        committees=[] if me.committee_id else accounts.committees(me.subdistrict_id),
        states=ProjectState,
        kinds=ProblemKind,
        stage_kinds=StageKind,
    )


@blueprint.route("/new/<slug>", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def new(slug: str) -> Answer:
    """First screen: what and where."""
    template = anthology.by_slug(slug)
    form = _what_form(template.case)
    if form.validate_on_submit():
        draft = drafts.begin(actor(), clock.now(), _committee_id(), template, _what_answers(form))
        return done(url_for("projects.new_stages", draft_id=draft.id))
    return render_template("projects/new_what.html", form=form, case=template.case)


@blueprint.route("/drafts/<int:draft_id>", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def edit_what(draft_id: int) -> Answer:
    """First screen again, with what was said."""
    draft = queries.draft(actor(), draft_id)
    form = _what_form(draft.case.case, draft.data["what"], drafts.first_day(draft))
    if form.validate_on_submit():
        drafts.save(draft, clock.now(), what=_what_answers(form))
        return done(url_for("projects.new_stages", draft_id=draft.id))
    return render_template("projects/new_what.html", form=form, case=draft.case.case)


@blueprint.post("/drafts/<int:draft_id>/discard")
@requires(Permission.LOG_PROJECT)
def discard_draft(draft_id: int) -> Response:
    """The draft is not wanted any more."""
    drafts.discard(queries.draft(actor(), draft_id))
    flash(_("草稿已放弃。"), "success")
    return done(url_for("projects.index"))


def _committee_id() -> int:
    committee_id = actor().committee_id
    assert committee_id is not None, "only roles of a committee may log projects"
    return committee_id


def _what_form(
    case: Case, said: dict[str, Any] | None = None, start: date | None = None
) -> WhatForm:
    compounds = places.compounds(_committee_id())
    given: dict[str, Any] = {
        "problem_kind": case.problem_kinds[0].value,
        "start": calendar().add(clock.today(), 0),
        "compound": compounds[0].id if len(compounds) == 1 else None,
    }
    if said is not None:
        given |= {**said, "compound": said["compound_id"], "start": start or given["start"]}
    form = WhatForm(data=given)
    form.problem_kind.choices = term_choices(ProblemKind)
    form.compound.choices = row_choices(compounds, lambda c: c.name, empty=_("请选择"))
    return form


def _what_answers(form: WhatForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "problem": form.problem.data,
        "problem_kind": form.problem_kind.data,
        "compound_id": places.compound(actor(), form.compound.data).id,
        "place": form.place.data or "",
        "start": form.start.data.isoformat(),
    }


@blueprint.route("/drafts/<int:draft_id>/stages", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def new_stages(draft_id: int) -> Answer:
    """Second screen: the stages, how long each takes, and the dates that follow."""
    draft = queries.draft(actor(), draft_id)
    stages = draft.case.case.stages
    kept = draft.data["days"]
    given = {f"days_{s.key}": kept.get(s.key, s.duration.days) for s in stages}
    given |= {f"use_{s.key}": s.key in kept for s in stages}
    form = stages_form(stages, actor().language == "en")(data=given)
    if form.validate_on_submit():
        days = {s.key: form[f"days_{s.key}"].data for s in stages if form[f"use_{s.key}"].data}
        try:
            require(bool(days), M_("至少保留一个阶段。"))
            drafts.save(draft, clock.now(), days=days)
            here = "projects.new_stages" if "recompute" in request.form else "projects.new_people"
            return done(url_for(here, draft_id=draft.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "projects/new_stages.html", form=form, draft=draft, stages=stages, dates=_dates(draft)
    )


def _dates(draft: ProjectDraft) -> dict[str, Any]:
    start = drafts.require_first_day(draft)
    planned = services.plan_dates(draft.case, draft.data["days"], start, calendar())
    return {key: dates for key, _unit, dates in planned}


@blueprint.route("/drafts/<int:draft_id>/people", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def new_people(draft_id: int) -> Answer:
    """Third screen: who is responsible; then the project exists."""
    draft = queries.draft(actor(), draft_id)
    stages = tuple(s for s in draft.case.case.stages if s.key in draft.data["days"])
    form = _people_form(draft, stages)
    if form.validate_on_submit():
        lead = form.project.data
        leads = {s.key: form[f"lead_{s.key}"].data or lead for s in stages}
        try:
            drafts.save(draft, clock.now(), leads={"project": lead, **leads})
            project = drafts.finish(actor(), clock.now(), draft, calendar())
            return done(url_for("workflow.logged", project_id=project.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "projects/new_people.html", form=form, draft=draft, stages=stages, dates=_dates(draft)
    )


def _people_form(draft: ProjectDraft, stages: tuple[Any, ...]) -> BaseForm:
    said = draft.data.get("leads", {"project": actor().id})
    given = {"project": said["project"], **{f"lead_{k}": v for k, v in said.items()}}
    form = people_form(stages, actor().language == "en")(data=given)
    form.project.choices = _lead_choices(empty=_("请选择"))
    for stage in stages:
        form[f"lead_{stage.key}"].choices = _lead_choices(empty=_("同项目负责人"))
    return form


def _lead_choices(empty: str | None = None, committee_id: int | None = None) -> list[Any]:
    staff = accounts.staff(committee_id or _committee_id(), LEADS)
    return row_choices(staff, _with_role, empty=empty)


def _with_role(user: User) -> str:
    return f"{user.display_name}（{_(user.role.label)}）"


@blueprint.route("/<int:project_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def edit(project_id: int) -> Answer:
    """What the project is about."""
    project = queries.project(actor(), project_id)
    form = EditProjectForm(obj=project)
    form.problem_kind.choices = term_choices(ProblemKind)
    form.lead_id.choices = _lead_choices()
    if form.validate_on_submit():
        try:
            services.edit_project(
                actor(),
                clock.now(),
                project,
                version=form.version.data,
                title=form.title.data,
                problem=form.problem.data,
                problem_kind=ProblemKind(form.problem_kind.data),
                place=form.place.data or "",
                lead_id=form.lead_id.data,
            )
            flash(_("已保存。"), "success")
            return done(url_for("workflow.project", project_id=project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("projects/edit.html", form=form, project=project)


@blueprint.route("/stages/<int:stage_id>/edit", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def edit_stage(stage_id: int) -> Answer:
    """Who leads a stage."""
    stage = queries.stage(actor(), stage_id)
    form = StageForm(obj=stage)
    form.lead_id.choices = _lead_choices()
    if form.validate_on_submit():
        try:
            services.edit_stage(
                actor(),
                clock.now(),
                stage,
                version=form.version.data,
                lead_id=form.lead_id.data,
                review_on=form.review_on.data,
            )
            return done(url_for("workflow.stage", stage_id=stage_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "projects/edit_stage.html", form=form, stage=stage, project=stage.project
    )


@blueprint.route("/stages/<int:stage_id>/tasks/new", methods=["GET", "POST"])
@requires(Permission.RUN_STAGE)
def add_task(stage_id: int) -> Answer:
    """One more thing to do."""
    stage = queries.stage(actor(), stage_id)
    form = TaskForm()
    form.assignee_id.choices = _assignees(stage.committee_id)
    if form.validate_on_submit():
        try:
            services.add_task(
                actor(),
                clock.now(),
                stage,
                title=form.title.data,
                assignee_id=form.assignee_id.data,
                due_on=form.due_on.data,
                note=form.note.data or "",
            )
            return done(url_for("workflow.stage", stage_id=stage_id, _anchor="tasks"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("projects/task.html", form=form, stage=stage, project=stage.project)


@blueprint.route("/tasks/<int:task_id>", methods=["GET", "POST"])
@requires(Permission.RUN_STAGE)
def edit_task(task_id: int) -> Answer:
    """One thing to do: who, until when."""
    task = queries.task(actor(), task_id)
    form = EditTaskForm(obj=task)
    form.assignee_id.choices = _assignees(task.committee_id)
    if form.validate_on_submit():
        try:
            services.edit_task(
                actor(),
                clock.now(),
                task,
                version=form.version.data,
                title=form.title.data,
                assignee_id=form.assignee_id.data,
                due_on=form.due_on.data,
                note=form.note.data or "",
            )
            return done(url_for("workflow.stage", stage_id=task.stage_id, _anchor="tasks"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "projects/task.html", form=form, stage=task.stage, project=task.project, task=task
    )


def _assignees(committee_id: int) -> list[Any]:
    return row_choices(accounts.staff(committee_id), _with_role, empty=_("阶段负责人"))


@blueprint.post("/tasks/<int:task_id>/tick")
@requires(Permission.DO_TASKS)
def tick_task(task_id: int) -> Response:
    """Done, or not done after all."""
    task = queries.task(actor(), task_id)
    services.tick_task(actor(), clock.now(), task, done=request.form.get("done") == "yes")
    return done(url_for("workflow.stage", stage_id=task.stage_id, _anchor="tasks"))
