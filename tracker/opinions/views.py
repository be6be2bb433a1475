"""Pages of opinions: the list, one opinion, coverage, and the poster that asks for them."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from tracker.accounts.guards import actor, requires
from tracker.accounts.models import User
from tracker.accounts.rules import Permission, Role
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.figures import percent
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.paging import paginate
from tracker.kernel.qr import qr_code
from tracker.opinions import queries, services
from tracker.opinions.forms import EditOpinionForm, ListingForm, MergeForm, OpinionForm, ReplyForm
from tracker.opinions.models import Opinion
from tracker.opinions.queries import Listing
from tracker.opinions.rules import (
    ANSWERED,
    UNANSWERED,
    Channel,
    OpinionStatus,
    Stance,
)
from tracker.places.models import Unit
from tracker.places.queries import unit_label
from tracker.places.rules import building_label
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.projects.rules import Light, due_words, light
from tracker.workdays.queries import calendar

blueprint = Blueprint("opinions", __name__)
Answer = str | Response

ROWS = 50
EXCERPT = 34
"""Characters of an opinion that tell it apart in a list to choose from."""

STATUS_KIND = {
    OpinionStatus.NEW: "amber",
    OpinionStatus.ACKNOWLEDGED: "blue",
    OpinionStatus.ADOPTED: "green",
    OpinionStatus.PARTLY: "green",
    OpinionStatus.EXPLAINED: "green",
    OpinionStatus.MERGED: "grey",
}
"""Tint of a status; the word always stands beside it."""


@blueprint.app_template_filter("household")
def _household(unit: Unit | None) -> str:
    """A household's address inside its compound; empty for an anonymous one."""
    return unit_label(unit) if unit else ""


def sees_rooms(user: User) -> bool:
    """Households are for those who talk with them: staff and building leaders."""
    return user.may(Permission.RECORD_OPINION)


blueprint.add_app_template_global(percent, "percent_of")


@blueprint.app_template_global()
def opinion_kind(status: OpinionStatus) -> str:
    """The tint of a status tag."""
    return STATUS_KIND[status]


@blueprint.app_template_global()
def reply_light(opinion: Opinion) -> dict[str, object]:
    """Light and words of an owed reply, for the macro ``light``."""
    today = clock.today()
    return {
        "kind": Light(light(opinion.reply_due, today, calendar())).value,
        "text": due_words(opinion.reply_due, today, calendar()),
    }


@blueprint.get("/projects/<int:project_id>/opinions")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """The opinions of a project."""
    me = actor()
    project = projects.project(me, project_id)
    form = _listing_form(project)
    chosen = _chosen(form)
    houses = queries.coverage(project, me)
    return render_template(
        "opinions/index.html",
        project=project,
        page=paginate(queries.listing(me, project.id, chosen), per_page=ROWS),
        form=form,
        narrowed=chosen != Listing(),
        counts=queries.counts(me, project.id),
        heard=sum(h.heard for h in houses),
        households=sum(h.total for h in houses),
        rooms=sees_rooms(me),
        unanswered=UNANSWERED,
    )


def _listing_form(project: Project) -> ListingForm:
    form = ListingForm(request.args)
    form.status.choices = [
        SelectChoice("", _("全部")),
        SelectChoice("unanswered", _("待答复（未办完）")),
        *term_choices(OpinionStatus),
    ]
    used = [*project.topics, *(t for t in queries.by_topic(project.id) if t not in project.topics)]
    form.topic.choices = [SelectChoice("", _("全部")), *(SelectChoice(t, t) for t in used)]
    form.stance.choices = term_choices(Stance, empty=_("全部"))
    form.channel.choices = term_choices(Channel, empty=_("全部"))
    return form


def _chosen(form: ListingForm) -> Listing:
    """What the address asks for; words it does not know narrow nothing."""

    def known(field: SelectField) -> str:
        return str(field.data) if field.data in {c.value for c in field.choices} else ""

    status, stance, channel = known(form.status), known(form.stance), known(form.channel)
    return Listing(
        text=(form.text.data or "")[:60],
        status=OpinionStatus(status) if status not in ("", "unanswered") else None,
        unanswered=status == "unanswered",
        topic=known(form.topic),
        stance=Stance(stance) if stance else None,
        channel=Channel(channel) if channel else None,
    )


@blueprint.get("/projects/<int:project_id>/opinions/coverage")
@requires(Permission.VIEW_PROJECTS)
def coverage(project_id: int) -> str:
    """How many households of each building were heard."""
    me = actor()
    project = projects.project(me, project_id)
    houses = queries.coverage(project, me)
    return render_template(
        "opinions/coverage.html",
        project=project,
        houses=houses,
        heard=sum(h.heard for h in houses),
        households=sum(h.total for h in houses),
    )


@blueprint.route("/projects/<int:project_id>/opinions/new", methods=["GET", "POST"])
@requires(Permission.RECORD_OPINION)
def add(project_id: int) -> Answer:
    """Record an opinion, and perhaps another one like it."""
    me = actor()
    project = projects.project(me, project_id)
    form = OpinionForm(data=_kept())
    _with_choices(project, me, form)
    if form.validate_on_submit():
        try:
            services.add(me, clock.now(), project, form.heard())
            flash(_("意见已登记。"), "success")
            return done(_after_adding(project, form))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("opinions/add.html", form=form, project=project)


def _kept() -> dict[str, object]:
    """What the opinion before said, when several are recorded in a row."""
    kept: dict[str, object] = {
        k: request.args[k] for k in ("channel", "topic") if k in request.args
    }
    try:
        kept["heard_on"] = date.fromisoformat(request.args["heard_on"])
    except (KeyError, ValueError):
        kept["heard_on"] = clock.today()
    return kept


def _after_adding(project: Project, form: OpinionForm) -> str:
    if "again" not in request.form:
        return url_for("opinions.index", project_id=project.id)
    return url_for(
        "opinions.add",
        project_id=project.id,
        channel=form.channel.data,
        topic=form.topic.data,
        heard_on=form.heard_on.data.isoformat(),
    )


def _with_choices(project: Project, me: User, form: OpinionForm) -> None:
    form.channel.choices = term_choices(Channel, empty=_("请选择"))
    form.stance.choices = term_choices(Stance)
    form.building.choices = row_choices(
        queries.buildings(project, me),
        lambda b: building_label(b.number),
        empty=_("匿名，不记住户"),
    )


@blueprint.get("/opinions/<int:opinion_id>")
@requires(Permission.VIEW_PROJECTS)
def show(opinion_id: int) -> str:
    """One opinion, what was answered, and what may be done with it."""
    opinion = queries.opinion(actor(), opinion_id)
    return _opinion_page(opinion, _reply_form(opinion))


def _opinion_page(opinion: Opinion, form: ReplyForm) -> str:
    me = actor()
    return render_template(
        "opinions/show.html",
        opinion=opinion,
        project=opinion.project,
        form=form,
        rooms=sees_rooms(me),
        editable=opinion.status in UNANSWERED and services.may_edit(me, opinion),
        answered=ANSWERED,
        unanswered=UNANSWERED,
        linked=me.role is not Role.BUILDING_LEADER,
        others=queries.merged_into(opinion.id),
        revisions=queries.revisions(opinion.id),
    )


def _reply_form(opinion: Opinion) -> ReplyForm:
    earlier = opinion.status if opinion.status in ANSWERED else None
    form = ReplyForm(data={"text": opinion.reply, "status": earlier, "version": opinion.version})
    form.status.choices = term_choices(s for s in OpinionStatus if s in ANSWERED)
    return form


@blueprint.post("/opinions/<int:opinion_id>/reply")
@requires(Permission.ANSWER_OPINION)
def reply(opinion_id: int) -> Answer:
    """Answer the opinion, or correct the answer."""
    opinion = queries.opinion(actor(), opinion_id)
    form = _reply_form(opinion)
    if form.validate_on_submit():
        try:
            status = OpinionStatus(form.status.data)
            services.reply(actor(), clock.now(), opinion, status, form.text.data, form.version.data)
            flash(_("答复已保存；公开后居民才能看到。"), "success")
            return done(url_for("opinions.show", opinion_id=opinion_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _opinion_page(opinion, form)


@blueprint.post("/opinions/<int:opinion_id>/acknowledge")
@requires(Permission.ANSWER_OPINION)
def acknowledge(opinion_id: int) -> Response:
    """Tell that the opinion was read."""
    services.acknowledge(actor(), clock.now(), queries.opinion(actor(), opinion_id))
    flash(_("已受理，请按期答复。"), "success")
    return done(url_for("opinions.show", opinion_id=opinion_id))


@blueprint.route("/opinions/<int:opinion_id>/edit", methods=["GET", "POST"])
@requires(Permission.RECORD_OPINION)
def edit(opinion_id: int) -> Answer:
    """Correct an opinion before it is answered."""
    me = actor()
    opinion = queries.opinion(me, opinion_id)
    if not services.may_edit(me, opinion):
        abort(403)
    unit = opinion.unit
    form = EditOpinionForm(
        obj=opinion,
        data={
            "channel": opinion.channel.value,
            "stance": opinion.stance.value,
            "building": unit.building_id if unit else None,
            "room": _room_as_written(unit),
        },
    )
    _with_choices(opinion.project, me, form)
    if unit and unit.building_id not in {c.value for c in form.building.choices}:
        number = building_label(unit.building.number)
        form.building.choices.append(SelectChoice(unit.building_id, number))
    if opinion.receipt is not None:
        del form.text
    if form.validate_on_submit():
        try:
            services.edit(me, clock.now(), opinion, form.heard(), form.version.data)
            flash(_("已更正，原来的内容留在下面。"), "success")
            return done(url_for("opinions.show", opinion_id=opinion_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "opinions/edit.html", form=form, opinion=opinion, project=opinion.project
    )


def _room_as_written(unit: Unit | None) -> str:
    if unit is None:
        return ""
    return f"{unit.entrance_number}-{unit.room}" if unit.entrance_number else unit.room


@blueprint.route("/opinions/<int:opinion_id>/merge", methods=["GET", "POST"])
@requires(Permission.ANSWER_OPINION)
def merge(opinion_id: int) -> Answer:
    """Choose the opinion that says the same."""
    opinion = queries.opinion(actor(), opinion_id)
    text = request.args.get("q", "")[:60].strip()
    found = queries.merge_candidates(opinion, text)
    form = MergeForm()
    form.target.choices = row_choices(
        found,
        lambda o: _("%(n)d　%(topic)s：%(text)s", n=o.id, topic=o.topic, text=_excerpt(o.text)),
    )
    if form.validate_on_submit():
        try:
            target = services.merge(actor(), clock.now(), opinion, form.target.data)
            flash(_("已合并；答复那一条，就是答复这一条。"), "success")
            return done(url_for("opinions.show", opinion_id=target.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "opinions/merge.html",
        form=form,
        opinion=opinion,
        project=opinion.project,
        text=text,
        found=found,
    )


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT else line[:EXCERPT] + "…"


@blueprint.get("/projects/<int:project_id>/opinions/poster")
@requires(Permission.RECORD_OPINION)
def poster(project_id: int) -> str:
    """An A4 sheet with the QR code by which residents write themselves."""
    project = projects.project(actor(), project_id)
    path = url_for("public.opinion", token=project.public_token)
    address = current_app.config["BASE_URL"] + path
    return render_template(
        "opinions/poster.html", project=project, address=address, code=qr_code(address)
    )
