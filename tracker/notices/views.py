"""Pages about public notices."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.anthology.rules import StageKind
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import row_choices
from tracker.kernel.paging import paginate
from tracker.meetings import queries as meetings
from tracker.notices import queries, services
from tracker.notices.forms import (
    EditNoticeForm,
    NoticeForm,
    ObjectionForm,
    PostForm,
    ReplyForm,
    WithdrawForm,
)
from tracker.notices.models import Notice
from tracker.notices.rules import (
    DEFAULT_DAYS,
    NoticeState,
    Place,
    days_hung,
    length,
    standing,
)
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState

blueprint = Blueprint("notices", __name__)
Answer = str | Response
PAGE = 50


def _may_post(project: Project) -> bool:
    return project.state is ProjectState.ACTIVE and actor().may(Permission.HOLD_MEETING)


def _figures(notice: Notice) -> dict[str, Any]:
    """What a page says in numbers about a notice."""
    today = clock.today()
    posted = [place.posted_on for place in notice.places]
    return {
        "notice": notice,
        "standing": standing(notice.state, notice.starts_on, notice.ends_on, today),
        "days": length(notice.starts_on, notice.ends_on),
        "hung": days_hung(notice.starts_on, notice.ends_on, posted, today),
        "places_posted": sum(day is not None for day in posted),
        "places": len(posted),
        "unanswered": sum(not o.reply for o in notice.objections),
    }


@blueprint.get("/projects/<int:project_id>/notices")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """All notices of a project."""
    project = projects.project(actor(), project_id)
    page = paginate(queries.of_project(project.id), per_page=PAGE)
    return render_template(
        "notices/index.html",
        project=project,
        page=page,
        rows=[_figures(notice) for notice in page.items],
        may_post=_may_post(project),
    )


@blueprint.route("/projects/<int:project_id>/notices/new", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def add(project_id: int) -> Answer:
    """Draft a notice; on the first visit it is filled in from what is known."""
    project = projects.project(actor(), project_id)
    usual = queries.usual_places(project.compound_id)
    form = NoticeForm(**({} if request.method == "POST" else _prefilled(project)))
    form.offer(usual)
    if form.validate_on_submit():
        try:
            notice = services.draft(
                actor(), clock.now(), project_id, **_written(form), places=form.chosen(usual)
            )
            flash(_("公示已起草。请核对后打印张贴，再登记张贴日期。"), "success")
            return done(url_for("notices.show", notice_id=notice.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "notices/add.html", form=form, project=project, asked=_days_asked(project)
    )


def _days_asked(project: Project) -> int | None:
    stage = queries.stage_of_notices(project)
    return queries.days_asked(stage) if stage else None


def _prefilled(project: Project) -> dict[str, Any]:
    stage = queries.stage_of_notices(project)
    voting = stage is not None and stage.kind is StageKind.VOTE
    motions = []
    if voting and (talks := meetings.deliberation(project)) is not None:
        motions = list(meetings.motions(project.id, talks.round))
    today = clock.today()
    days = _days_asked(project) or DEFAULT_DAYS
    return {
        "title": render_template(
            "notices/prefilled_title.txt", project=project, voting=voting
        ).strip(),
        "body": render_template(
            "notices/prefilled_body.txt", project=project, voting=voting, motions=motions
        ).strip(),
        "starts_on": today,
        "ends_on": today + timedelta(days=days - 1),
    }


def _written(form: NoticeForm) -> dict[str, Any]:
    return {
        "title": form.title.data,
        "body": form.body.data,
        "starts_on": form.starts_on.data,
        "ends_on": form.ends_on.data,
    }


@blueprint.route("/notices/<int:notice_id>/edit", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def edit(notice_id: int) -> Answer:
    """Change a draft."""
    notice = queries.notice(actor(), notice_id)
    usual = queries.usual_places(notice.project.compound_id)
    form = EditNoticeForm(
        title=notice.title,
        body=notice.body,
        starts_on=notice.starts_on,
        ends_on=notice.ends_on,
        version=notice.version,
    )
    form.offer(usual, [Place(p.label, p.building_id) for p in notice.places])
    if form.validate_on_submit():
        try:
            services.edit(
                actor(),
                clock.now(),
                notice_id,
                **_written(form),
                places=form.chosen(usual),
                version=form.version.data,
            )
            flash(_("公示已修改。"), "success")
            return done(url_for("notices.show", notice_id=notice_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "notices/edit.html",
        form=form,
        notice=notice,
        project=notice.project,
        asked=_days_asked(notice.project),
    )


@blueprint.get("/notices/<int:notice_id>")
@requires(Permission.VIEW_PROJECTS)
def show(notice_id: int) -> str:
    """One notice: where it hangs, what was objected."""
    return _page(queries.notice(actor(), notice_id), _post_form())


def _post_form() -> PostForm:
    return PostForm(posted_on=clock.today())


def _offer_places(form: PostForm, notice: Notice) -> None:
    left = [place for place in notice.places if place.posted_on is None]
    form.places.choices = row_choices(left, lambda place: place.label)


def _page(notice: Notice, form: PostForm) -> str:
    _offer_places(form, notice)
    may_post = _may_post(notice.project) and notice.state is not NoticeState.WITHDRAWN
    return render_template(
        "notices/show.html",
        **_figures(notice),
        project=notice.project,
        form=form,
        may_post=may_post,
        may_answer=_may_post(notice.project),
    )


@blueprint.post("/notices/<int:notice_id>/posted")
@requires(Permission.HOLD_MEETING)
def mark_posted(notice_id: int) -> Answer:
    """Record where the notice was put up; ``all`` takes every place that is left."""
    notice = queries.notice(actor(), notice_id)
    form = _post_form()
    _offer_places(form, notice)
    everywhere = "all" in request.form
    if form.validate_on_submit():
        chosen = None if everywhere else form.places.data
        try:
            services.mark_posted(actor(), clock.now(), notice_id, chosen, form.posted_on.data)
            flash(_("张贴已登记。"), "success")
            return done(url_for("notices.show", notice_id=notice_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _page(queries.notice(actor(), notice_id), form)


@blueprint.post("/notices/<int:notice_id>/places/<int:place_id>/unposted")
@requires(Permission.HOLD_MEETING)
def unmark_posted(notice_id: int, place_id: int) -> Response:
    """Take back a place recorded by mistake."""
    services.unmark_posted(actor(), clock.now(), notice_id, place_id)
    flash(_("已取消这一处的登记，请重新登记正确的日期。"), "success")
    return done(url_for("notices.show", notice_id=notice_id))


@blueprint.route("/notices/<int:notice_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def withdraw(notice_id: int) -> Answer:
    """Take a notice back."""
    notice = queries.notice(actor(), notice_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            services.withdraw(actor(), clock.now(), notice_id, reason=form.reason.data)
            flash(_("公示已撤回。"), "success")
            return done(url_for("notices.show", notice_id=notice_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "notices/withdraw.html", form=form, notice=notice, project=notice.project
    )


@blueprint.route("/notices/<int:notice_id>/objections/new", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def add_objection(notice_id: int) -> Answer:
    """Record an objection."""
    notice = queries.notice(actor(), notice_id)
    form = ObjectionForm(received_on=clock.today())
    if form.validate_on_submit():
        try:
            services.add_objection(
                actor(),
                clock.now(),
                notice_id,
                received_on=form.received_on.data,
                text=form.text.data,
                reply=form.reply.data or "",
            )
            flash(_("异议已登记。"), "success")
            return done(url_for("notices.show", notice_id=notice_id, _anchor="objections"))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "notices/add_objection.html", form=form, notice=notice, project=notice.project
    )


@blueprint.route("/objections/<int:objection_id>/answer", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def answer_objection(objection_id: int) -> Answer:
    """Reply to an objection."""
    objection = queries.objection(actor(), objection_id)
    form = ReplyForm()
    if form.validate_on_submit():
        try:
            services.answer_objection(actor(), clock.now(), objection_id, reply=form.reply.data)
            flash(_("答复已保存。"), "success")
            return done(
                url_for("notices.show", notice_id=objection.notice_id, _anchor="objections")
            )
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "notices/answer_objection.html",
        form=form,
        objection=objection,
        project=objection.notice.project,
    )


@blueprint.get("/notices/<int:notice_id>/sheet")
@requires(Permission.VIEW_PROJECTS)
def sheet(notice_id: int) -> str:
    """The notice on A4, to print and hang up."""
    notice = queries.notice(actor(), notice_id)
    return render_template(
        "notices/sheet.html",
        notice=notice,
        project=notice.project,
        days=length(notice.starts_on, notice.ends_on),
    )
