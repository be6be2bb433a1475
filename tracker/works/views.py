"""Works on site, money and pictures of a project."""

from __future__ import annotations

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
from tracker.kernel.errors import NotFound, Refusal
from tracker.kernel.forms import BaseForm, row_choices, term_choices
from tracker.kernel.paging import paginate
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState
from tracker.works import queries, services
from tracker.works.forms import (
    AcceptanceForm,
    ApprovalForm,
    CheckForm,
    ContractorForm,
    MoneyForm,
    ReversalForm,
)
from tracker.works.rules import (
    AcceptanceResult,
    CheckResult,
    MoneyDirection,
    MoneySource,
    Party,
    total,
)

blueprint = Blueprint("works", __name__)
Answer = str | Response

_LATEST = 5


def page(template: str, project: Project, **values: Any) -> str:
    """A page of ``project``, with what this person may do on it now."""
    me, running = actor(), project.state is ProjectState.ACTIVE
    return render_template(
        f"works/{template}.html",
        project=project,
        running=running,
        today=clock.today(),
        may_manage=running and me.may(Permission.MANAGE_WORKS),
        may_report=running and me.may(Permission.REPORT_WORKS),
        **values,
    )


def refused(form: BaseForm, refusal: Refusal) -> None:
    """Undo what a service began, and show the form again with its reasons."""
    db.session.rollback()
    form.refuse(refusal)


def _overview(project_id: int) -> str:
    return url_for("works.index", project_id=project_id)


@blueprint.get("/projects/<int:project_id>/works")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """The works of a project at a glance."""
    project = projects.project(actor(), project_id)
    sources = queries.balance_by_source(project_id)
    return page(
        "index",
        project,
        works_stage=projects.stage_for(project, StageKind.IMPLEMENT),
        contractors=queries.contractors(project_id),
        sources=sources,
        balance=total(sources.values()),
        checks=db.session.scalars(queries.checks(project_id).limit(_LATEST)).all(),
        open_problems=queries.open_problems(project_id),
        approval_stages=queries.approval_stages(project),
        approvals=queries.approvals(project_id),
        acceptances=queries.acceptances(project_id),
        picture_count=queries.picture_count(project_id),
    )


# ---- contractors ----


@blueprint.route("/projects/<int:project_id>/works/contractors/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def add_contractor(project_id: int) -> Answer:
    """Who was hired."""
    project = projects.project(actor(), project_id)
    form = ContractorForm()
    if form.validate_on_submit():
        try:
            services.hire(actor(), clock.now(), project, _contract(form))
            flash(_("施工单位已登记。"), "success")
            return done(_overview(project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page("contractor", project, form=form, contractor=None)


@blueprint.route("/works/contractors/<int:contractor_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def edit_contractor(contractor_id: int) -> Answer:
    """Correct a contract."""
    contractor = queries.contractor(actor(), contractor_id)
    form = ContractorForm(obj=contractor)
    if form.validate_on_submit():
        try:
            services.edit_contractor(
                actor(),
                clock.now(),
                contractor,
                _contract(form),
                version=form.seen_version() or 0,
            )
            flash(_("施工单位已更正，原来的内容留在历史里。"), "success")
            return done(_overview(contractor.project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page("contractor", contractor.project, form=form, contractor=contractor)


def _contract(form: ContractorForm) -> services.Contract:
    return services.Contract(
        name=form.name.data,
        work=form.work.data,
        contract_number=form.contract_number.data or "",
        amount=form.amount.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
    )


# ---- money ----


@blueprint.get("/projects/<int:project_id>/works/money")
@requires(Permission.VIEW_PROJECTS)
def money(project_id: int) -> str:
    """The ledger of money, latest first."""
    project = projects.project(actor(), project_id)
    entries = paginate(queries.ledger(project_id), per_page=50)
    return page(
        "money",
        project,
        entries=entries,
        running_balances=queries.running_balances(project_id, [e.id for e in entries]),
        balance=queries.balance(project_id),
    )


@blueprint.route("/projects/<int:project_id>/works/money/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def book_money(project_id: int) -> Answer:
    """Money in or out."""
    project = projects.project(actor(), project_id)
    form = MoneyForm(data={"on": clock.today()})
    form.direction.choices = term_choices(MoneyDirection)
    form.source.choices = term_choices(MoneySource, empty=_("请选择"))
    if form.validate_on_submit():
        try:
            services.book_money(
                actor(),
                clock.now(),
                project,
                direction=MoneyDirection(form.direction.data),
                source=MoneySource(form.source.data),
                amount=form.amount.data,
                on=form.on.data,
                party=form.party.data,
                note=form.note.data or "",
            )
            flash(_("已记账。"), "success")
            return done(url_for("works.money", project_id=project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page("book_money", project, form=form)


@blueprint.route("/works/money/<int:entry_id>/reverse", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def reverse_money(entry_id: int) -> Answer:
    """Take a wrong entry back."""
    entry = queries.money_entry(actor(), entry_id)
    form = ReversalForm()
    if form.validate_on_submit():
        try:
            services.reverse_money(actor(), clock.now(), entry, reason=form.reason.data)
            flash(_("已冲销；如有正确的一笔，请重新登记。"), "success")
            return done(url_for("works.money", project_id=entry.project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page("reverse_money", entry.project, form=form, entry=entry)


# ---- site checks ----


@blueprint.get("/projects/<int:project_id>/works/checks")
@requires(Permission.VIEW_PROJECTS)
def checks(project_id: int) -> str:
    """All site checks, latest first."""
    project = projects.project(actor(), project_id)
    found = paginate(queries.checks(project_id), per_page=50)
    return page("checks", project, checks=found)


@blueprint.route("/projects/<int:project_id>/works/checks/new", methods=["GET", "POST"])
@requires(Permission.REPORT_WORKS)
def add_check(project_id: int) -> Answer:
    """A look at the site."""
    project = projects.project(actor(), project_id)
    form = CheckForm(data={"checked_on": clock.today()})
    form.present.choices = term_choices(Party)
    form.result.choices = term_choices(CheckResult)
    form.assignee.choices = row_choices(
        queries.menders(project), lambda u: u.display_name, empty=_("请选择")
    )
    if form.validate_on_submit():
        try:
            check = services.add_check(
                actor(),
                clock.now(),
                project,
                checked_on=form.checked_on.data,
                present={Party(code) for code in form.present.data},
                finding=form.finding.data,
                problem=_problem(form),
            )
            flash(
                _("检查已登记。") if check.passed else _("检查已登记，整改列入组织实施的事项。"),
                "success",
            )
            return done(url_for("works.checks", project_id=project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page("check", project, form=form)


def _problem(form: CheckForm) -> services.Problem | None:
    if form.result.data != CheckResult.PROBLEM.value:
        return None
    return services.Problem(form.to_do.data, form.assignee.data, form.due_on.data)


# ---- approval and acceptance ----


@blueprint.route("/stages/<int:stage_id>/approval", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def approval(stage_id: int) -> Answer:
    """What was approved in the present round of a stage."""
    stage = projects.stage(actor(), stage_id)
    if stage not in queries.approval_stages(stage.project):
        raise NotFound
    known = queries.approval(stage.id, stage.round)
    form = ApprovalForm(obj=known)
    if form.validate_on_submit():
        try:
            services.record_approval(
                actor(),
                clock.now(),
                stage,
                authority=form.authority.data,
                document_number=form.document_number.data,
                approved_on=form.approved_on.data,
                note=form.note.data or "",
                version=form.seen_version(),
            )
            flash(_("批准文件已登记。"), "success")
            return done(_overview(stage.project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page("approval", stage.project, form=form, stage=stage, approval=known)


@blueprint.route("/projects/<int:project_id>/works/acceptance/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def add_acceptance(project_id: int) -> Answer:
    """The works were looked over and taken, or not."""
    project = projects.project(actor(), project_id)
    form = AcceptanceForm(data={"accepted_on": clock.today()})
    form.result.choices = term_choices(AcceptanceResult)
    if form.validate_on_submit():
        try:
            services.record_acceptance(
                actor(),
                clock.now(),
                project,
                accepted_on=form.accepted_on.data,
                passed=form.result.data == AcceptanceResult.PASSED.value,
                participants=form.participants.data,
                note=form.note.data or "",
            )
            flash(_("验收已登记。"), "success")
            return done(_overview(project_id))
        except Refusal as refusal:
            refused(form, refusal)
    open_problems = queries.open_problems(project_id)
    return page("acceptance", project, form=form, open_problems=open_problems)
