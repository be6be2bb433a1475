"""Residents' pages, which need no account, and the switch that opens them."""

from __future__ import annotations

import re
import secrets

from flask import (
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice

from tracker.accounts.guards import actor, open_to_all, requires
from tracker.accounts.rules import Permission
from tracker.anthology.rules import StageKind
from tracker.counts import public_queries as votes
from tracker.feedback import queries as feedback_queries
from tracker.feedback import services as feedback_services
from tracker.feedback.rules import FeedbackChannel, Score, public_figures
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.qr import qr_code
from tracker.kernel.storage import storage
from tracker.notices import queries as notices
from tracker.opinions import queries as opinions
from tracker.opinions import services as opinion_services
from tracker.opinions.forms import household
from tracker.opinions.rules import ANSWERED, Channel, Heard, Stance
from tracker.places.rules import building_label
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.public import bulletin_views as bulletin_views  # its routes join the blueprint
from tracker.public import casting_views as casting_views
from tracker.public import queries, services
from tracker.public.blueprint import blueprint
from tracker.public.forms import ResidentAnswerForm, ResidentOpinionForm
from tracker.votes import poll_figures
from tracker.works import queries as works

__all__ = ["blueprint"]

Answer = str | Response | tuple[str, int]

COOKIE = "answer_key"
COOKIE_SECONDS = 365 * 24 * 3600
_KEY = re.compile(r"[A-Za-z0-9_-]{20,40}")


@blueprint.get("/p/<token>")
@open_to_all
def show(token: str) -> str:
    """The project as residents see it."""
    project = queries.public_project(token)
    return render_template(
        "public/show.html",
        project=project,
        notices=notices.posted(project.id),
        votes=votes.public_votes(project.id),
        polls=poll_figures,
        held=queries.public_votes(project.id),
        replies=opinions.published(project.id),
        pairs=works.picture_pairs(project.id),
        satisfaction=public_figures(feedback_queries.scores(project.id)),
        report=feedback_queries.report(project.id),
        may_write=queries.collecting(project, StageKind.COLLECT),
        may_rate=queries.collecting(project, StageKind.FEEDBACK),
    )


@blueprint.get("/p/<token>/pictures/<int:picture_id>")
@open_to_all
def picture(token: str, picture_id: int) -> Response:
    """A picture of a pair that the summary shows."""
    found = queries.public_picture(queries.public_project(token), picture_id)
    response = make_response(storage().get(found.storage_key))
    response.mimetype = "image/jpeg"
    # The browser may keep it but asks each time, so that a withdrawn picture is gone.
    response.headers["Cache-Control"] = "no-cache"
    response.set_etag(found.storage_key)
    return response.make_conditional(request.environ)


# ---- a resident's opinion ----


@blueprint.route("/p/<token>/opinion", methods=["GET", "POST"])
@open_to_all
def opinion(token: str) -> Answer:
    """A resident writes; the receipt leads to the reply."""
    project = projects.by_token(token)
    if not queries.collecting(project, StageKind.COLLECT):
        return render_template("public/closed.html", project=project, opinions=True), 404
    form = _opinion_form(project)
    if form.validate_on_submit():
        if form.sprung():
            return redirect(url_for("public.thanks", token=token), 303)
        try:
            sent = opinion_services.add_from_resident(project, clock.now(), _heard(form))
            code = str(sent.receipt)
            return done(url_for("public.receipt", token=token, receipt=code, new="yes"))
        except opinion_services.TooMany as refusal:
            return _page("opinion", project, form, refusal), 429
        except Refusal as refusal:
            return _page("opinion", project, form, refusal)
    return _page("opinion", project, form)


def _page(
    name: str,
    project: Project,
    form: ResidentOpinionForm | ResidentAnswerForm,
    refusal: Refusal | None = None,
) -> str:
    """A resident's form, after a refusal with the reason and all that was typed."""
    if refusal is not None:
        db.session.rollback()
        form.refuse(refusal)
    return render_template(f"public/{name}.html", project=project, form=form)


def _opinion_form(project: Project) -> ResidentOpinionForm:
    form = ResidentOpinionForm()
    other = _("其他")
    form.topic.choices = [
        SelectChoice("", _("请选择")),
        *(SelectChoice(t, t) for t in project.topics if t != other),
        SelectChoice(other, other),
    ]
    form.stance.choices = term_choices(Stance)
    form.building.choices = row_choices(
        opinions.buildings(project), lambda b: building_label(b.number), empty=_("匿名，不写住户")
    )
    return form


def _heard(form: ResidentOpinionForm) -> Heard:
    return Heard(
        channel=Channel.POSTER,
        topic=form.topic.data,
        stance=Stance(form.stance.data),
        text=form.text.data,
        heard_on=clock.today(),
        household=household(form),
    )


@blueprint.get("/p/<token>/opinion/<receipt>")
@open_to_all
def receipt(token: str, receipt: str) -> str:
    """What became of an opinion; never its text, for a receipt may be seen by others."""
    project = projects.by_token(token)
    found = opinions.of_receipt(project, receipt)
    answer = found.merged_into or found
    return render_template(
        "public/receipt.html",
        project=project,
        opinion=found,
        answer=answer,
        replied=answer.status in ANSWERED,
        new=request.args.get("new") == "yes",
    )


@blueprint.get("/p/<token>/receipt")
@open_to_all
def find_receipt(token: str) -> Response:
    """Lead from a receipt that was typed to its page."""
    project = projects.by_token(token)
    code = request.args.get("code", "").strip().upper()[:20]
    try:
        found = opinions.of_receipt(project, code)
    except NotFound:
        flash(_("没有这个回执号，请核对后再查。"), "error")
        return redirect(url_for("public.opinion", token=token))
    return redirect(url_for("public.receipt", token=token, receipt=found.receipt))


# ---- a resident's satisfaction ----


@blueprint.route("/p/<token>/feedback", methods=["GET", "POST"])
@open_to_all
def feedback(token: str) -> Answer:
    """A resident says how satisfied; each browser once."""
    project = projects.by_token(token)
    if not queries.collecting(project, StageKind.FEEDBACK):
        return render_template("public/closed.html", project=project, opinions=False), 404
    key = _browser_key()
    if feedback_queries.answered(project.id, key):
        return redirect(url_for("public.thanks", token=token, again="yes"), 303)
    form = ResidentAnswerForm()
    form.score.choices = term_choices(Score)
    if not form.validate_on_submit():
        return _with_key(make_response(_page("feedback", project, form)), token, key)
    if form.sprung():
        return redirect(url_for("public.thanks", token=token), 303)
    try:
        feedback_services.answer(
            project,
            clock.now(),
            Score(form.score.data),
            form.comment.data or "",
            FeedbackChannel.LINK,
            key,
            None,
        )
        return _with_key(done(url_for("public.thanks", token=token)), token, key)
    except feedback_services.TooMany as refusal:
        return _page("feedback", project, form, refusal), 429
    except Refusal as refusal:
        return _page("feedback", project, form, refusal)


def _browser_key() -> str:
    """The random key of this browser for this project; a new one when it has none."""
    known = request.cookies.get(COOKIE, "")
    return known if _KEY.fullmatch(known) else secrets.token_urlsafe(24)


def _with_key(response: Response, token: str, key: str) -> Response:
    """Leave the key with the browser, for this project's pages only: projects stay unlinked."""
    response.set_cookie(
        COOKIE,
        key,
        max_age=COOKIE_SECONDS,
        path=url_for("public.show", token=token),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.get("/p/<token>/thanks")
@open_to_all
def thanks(token: str) -> str:
    """Thank a resident, for the first answer or for coming again."""
    project = projects.by_token(token)
    again = request.args.get("again") == "yes"
    return render_template("public/thanks.html", project=project, again=again)


# ---- the switch ----


@blueprint.route("/projects/<int:project_id>/public", methods=["GET", "POST"])
@requires(Permission.PUBLISH)
def publish(project_id: int) -> Answer:
    """Say what residents will see, and then show it to them."""
    project = projects.project(actor(), project_id)
    if request.method == "POST":
        services.publish(actor(), clock.now(), project)
        flash(_("已公开，居民现在就能看到。"), "success")
        return done(url_for("public.publish", project_id=project_id))
    path = url_for("public.show", token=project.public_token)
    address = current_app.config["BASE_URL"] + path
    return render_template(
        "public/publish.html",
        project=project,
        visible=queries.visible(project),
        address=address,
        code=qr_code(address),
    )


@blueprint.post("/projects/<int:project_id>/public/withdraw")
@requires(Permission.PUBLISH)
def withdraw(project_id: int) -> Response:
    """Close the residents' page."""
    services.withdraw(actor(), clock.now(), projects.project(actor(), project_id))
    flash(_("已收回，居民看不到这个项目了。"), "success")
    return done(url_for("public.publish", project_id=project_id))
