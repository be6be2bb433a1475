"""Pages of the last stage: figures, comments, paper answers, the poster, the report."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.feedback import queries, services
from tracker.feedback.forms import AnswerForm, ReportForm
from tracker.feedback.rules import FeedbackChannel, Score, figures
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import term_choices
from tracker.kernel.paging import paginate
from tracker.kernel.qr import qr_code
from tracker.opinions import queries as opinions
from tracker.opinions import services as opinion_services
from tracker.projects import queries as projects
from tracker.projects.models import Project

blueprint = Blueprint("feedback", __name__)
Answer = str | Response

ROWS = 50


@blueprint.get("/projects/<int:project_id>/feedback")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """What residents say afterwards, and what the committee says of itself."""
    me = actor()
    project = projects.project(me, project_id)
    scores = queries.scores(project.id)
    comments = None
    if me.may(Permission.ANSWER_OPINION):
        comments = paginate(queries.comments(project.id), per_page=ROWS)
    return render_template(
        "feedback/index.html",
        project=project,
        scores=scores,
        figures=figures(scores),
        comments=comments,
        report=queries.report(project.id),
        unpublished=opinions.unpublished(project.id),
        unanswered=opinions.unanswered(project.id),
        address=_address(project),
        is_open=services.is_open(project),
    )


def _address(project: Project) -> str:
    path = url_for("public.feedback", token=project.public_token)
    return str(current_app.config["BASE_URL"]) + path


@blueprint.route("/projects/<int:project_id>/feedback/new", methods=["GET", "POST"])
@requires(Permission.RECORD_OPINION)
def add(project_id: int) -> Answer:
    """Copy a paper answer."""
    me = actor()
    project = projects.project(me, project_id)
    form = AnswerForm()
    form.score.choices = term_choices(Score)
    if form.validate_on_submit():
        try:
            services.answer(
                project,
                clock.now(),
                Score(form.score.data),
                form.comment.data or "",
                FeedbackChannel.PAPER,
                None,
                me,
            )
            flash(_("这份评价已录入，可以接着录下一份。"), "success")
            return done(url_for("feedback.add", project_id=project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "feedback/add.html", form=form, project=project, total=queries.responses(project.id)
    )


@blueprint.get("/projects/<int:project_id>/feedback/poster")
@requires(Permission.RECORD_OPINION)
def poster(project_id: int) -> str:
    """An A4 sheet with the QR code by which residents answer."""
    project = projects.project(actor(), project_id)
    address = _address(project)
    return render_template(
        "feedback/poster.html", project=project, address=address, code=qr_code(address)
    )


@blueprint.post("/projects/<int:project_id>/feedback/publish-replies")
@requires(Permission.PUBLISH)
def publish_replies(project_id: int) -> Response:
    """Show all replies to residents."""
    project = projects.project(actor(), project_id)
    number = opinion_services.publish_replies(actor(), clock.now(), project)
    flash(_("已公开 %(n)d 条答复。", n=number), "success")
    return done(url_for("feedback.index", project_id=project_id))


@blueprint.route("/projects/<int:project_id>/feedback/report", methods=["GET", "POST"])
@requires(Permission.LOG_PROJECT)
def report(project_id: int) -> Answer:
    """Write what came of the project."""
    me = actor()
    project = projects.project(me, project_id)
    written = queries.report(project.id)
    form = ReportForm(obj=written, data={"version": 0})
    if form.validate_on_submit():
        try:
            services.write_report(
                me,
                clock.now(),
                project,
                form.results.data,
                form.lessons.data,
                form.version.data,
            )
            flash(_("总结已保存。"), "success")
            return done(url_for("feedback.index", project_id=project_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("feedback/report.html", form=form, project=project, report=written)
