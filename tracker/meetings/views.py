"""Pages about meetings. Options and motions are in ``proposal_views.py``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts import queries as people
from tracker.accounts.guards import actor, requires
from tracker.accounts.models import User
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.paging import paginate
from tracker.meetings import proposal_views as proposal_views  # its routes, on the same blueprint
from tracker.meetings import queries, services
from tracker.meetings.blueprint import blueprint as blueprint
from tracker.meetings.forms import (
    MORE_ROWS,
    MOST_ROWS,
    CancelForm,
    CorrectForm,
    EditMeetingForm,
    HoldForm,
    MeetingForm,
    MinutesForm,
)
from tracker.meetings.models import Meeting
from tracker.meetings.rules import MeetingKind, MeetingState, Party, ResolutionOutcome
from tracker.projects import queries as projects
from tracker.projects.models import Project
from tracker.projects.rules import ProjectState

Answer = str | Response
PAGE = 50


def _may_hold(project: Project) -> bool:
    return project.state is ProjectState.ACTIVE and actor().may(Permission.HOLD_MEETING)


@blueprint.get("/projects/<int:project_id>/meetings")
@requires(Permission.VIEW_PROJECTS)
def index(project_id: int) -> str:
    """The meetings of a project in one state; the first state that has any is shown."""
    project = projects.project(actor(), project_id)
    counts = queries.counts(project.id)
    asked = request.args.get("state", "")
    codes = {state.value: state for state in MeetingState}
    state = codes.get(asked) or next((s for s in MeetingState if counts[s]), MeetingState.PLANNED)
    tabs = [
        {
            "label": _(s.label),
            "url": url_for("meetings.index", project_id=project.id, state=s.value),
            "current": s is state,
            "count": counts[s],
        }
        for s in MeetingState
    ]
    return render_template(
        "meetings/index.html",
        project=project,
        state=state,
        tabs_=tabs,
        page=paginate(queries.of_project(project.id, state), per_page=PAGE),
        may_hold=_may_hold(project),
        now=clock.now(),
    )


@blueprint.route("/projects/<int:project_id>/meetings/new", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def add(project_id: int) -> Answer:
    """Plan a meeting."""
    project = projects.project(actor(), project_id)
    form = MeetingForm()
    form.kind.choices = term_choices(MeetingKind)
    if form.validate_on_submit():
        try:
            meeting = services.plan_meeting(actor(), clock.now(), project_id, **_planned(form))
            flash(_("会议已安排。"), "success")
            return done(url_for("meetings.show", meeting_id=meeting.id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template("meetings/add.html", form=form, project=project)


def _planned(form: MeetingForm) -> dict[str, Any]:
    return {
        "kind": MeetingKind(form.kind.data),
        "title": form.title.data,
        "planned_at": clock.at_local(form.planned_on.data, form.planned_time.data),
        "place": form.place.data,
        "agenda": form.agenda.data or "",
    }


@blueprint.get("/meetings/<int:meeting_id>")
@requires(Permission.VIEW_PROJECTS)
def show(meeting_id: int) -> str:
    """Everything about one meeting."""
    meeting = queries.meeting(actor(), meeting_id)
    return render_template(
        "meetings/show.html",
        meeting=meeting,
        project=meeting.project,
        may_hold=_may_hold(meeting.project),
        overdue=meeting.state is MeetingState.PLANNED and meeting.planned_at < clock.now(),
        earlier=[_earlier(e) for e in reversed(meeting.earlier)],
    )


def _earlier(kept: Any) -> dict[str, Any]:
    return {
        "number": kept.number,
        "held_at": kept.held_at,
        "minutes": kept.minutes,
        "attendance": [(Party(code), people) for code, people in kept.attendance.items()],
        "resolutions": [(text, ResolutionOutcome(code)) for text, code in kept.resolutions],
        "reason": kept.reason,
        "who": kept.corrector.display_name,
        "at": kept.corrected_at,
    }


@blueprint.route("/meetings/<int:meeting_id>/edit", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def edit(meeting_id: int) -> Answer:
    """Move a planned meeting, or change what it is about."""
    meeting = queries.meeting(actor(), meeting_id)
    local = meeting.planned_at.astimezone(clock.SHANGHAI)
    form = EditMeetingForm(obj=meeting, planned_on=local.date(), planned_time=local.time())
    form.kind.choices = term_choices(MeetingKind)
    if form.validate_on_submit():
        try:
            services.edit_meeting(
                actor(), clock.now(), meeting_id, **_planned(form), version=form.version.data
            )
            flash(_("会议安排已修改。"), "success")
            return done(url_for("meetings.show", meeting_id=meeting_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "meetings/edit.html", form=form, meeting=meeting, project=meeting.project
    )


@blueprint.route("/meetings/<int:meeting_id>/cancel", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def cancel(meeting_id: int) -> Answer:
    """Call a meeting off, with a reason."""
    meeting = queries.meeting(actor(), meeting_id)
    form = CancelForm(obj=meeting)
    if form.validate_on_submit():
        try:
            services.cancel_meeting(
                actor(),
                clock.now(),
                meeting_id,
                reason=form.reason.data,
                version=form.version.data,
            )
            flash(_("会议已取消。"), "success")
            return done(url_for("meetings.show", meeting_id=meeting_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "meetings/cancel.html", form=form, meeting=meeting, project=meeting.project
    )


@blueprint.route("/meetings/<int:meeting_id>/hold", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def hold(meeting_id: int) -> Answer:
    """Record what a meeting said and decided."""
    meeting = queries.meeting(actor(), meeting_id)
    local = meeting.planned_at.astimezone(clock.SHANGHAI)
    form = HoldForm(held_on=local.date(), held_time=local.time(), version=meeting.version)
    wants_rows = _more_rows(form)
    _offer_staff(form, people.staff(meeting.committee_id))
    if not wants_rows and form.validate_on_submit():
        try:
            services.hold_meeting(
                actor(),
                clock.now(),
                meeting_id,
                **_minutes(form),
                actions=form.tasks(),
                version=form.version.data,
            )
            flash(_("纪要已记录，分派的事项已列入阶段清单。"), "success")
            return done(url_for("meetings.show", meeting_id=meeting_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _minutes_page("meetings/hold.html", form, meeting)


@blueprint.route("/meetings/<int:meeting_id>/correct", methods=["GET", "POST"])
@requires(Permission.HOLD_MEETING)
def correct(meeting_id: int) -> Answer:
    """Correct minutes; the earlier ones stay."""
    meeting = queries.meeting(actor(), meeting_id)
    if meeting.held_at is None:
        raise NotFound
    local = meeting.held_at.astimezone(clock.SHANGHAI)
    form = CorrectForm(
        held_on=local.date(),
        held_time=local.time(),
        minutes=meeting.minutes,
        resolutions=[{"text": r.text, "outcome": r.outcome.value} for r in meeting.resolutions],
        version=meeting.version,
    )
    if request.method == "GET":
        form.seat({a.party: a.people for a in meeting.attendance})
    if not _more_rows(form) and form.validate_on_submit():
        try:
            services.correct_minutes(
                actor(),
                clock.now(),
                meeting_id,
                **_minutes(form),
                reason=form.reason.data,
                version=form.version.data,
            )
            flash(_("纪要已更正，原纪要保留可查。"), "success")
            return done(url_for("meetings.show", meeting_id=meeting_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _minutes_page("meetings/correct.html", form, meeting)


def _minutes(form: MinutesForm) -> dict[str, Any]:
    return {
        "held_at": clock.at_local(form.held_on.data, form.held_time.data),
        "attendance": form.attendance(),
        "minutes": form.minutes.data,
        "resolutions": form.points(),
    }


def _more_rows(form: MinutesForm) -> bool:
    """Whether the button for more rows was pressed; they are added, and nothing is checked."""
    wanted = request.form.get("more", "")
    if wanted not in ("resolutions", "actions") or wanted not in form:
        return False
    rows = form[wanted]
    for _row in range(min(MORE_ROWS, MOST_ROWS - len(rows))):
        rows.append_entry()
    return True


def _offer_staff(form: HoldForm, staff: Sequence[User]) -> None:
    choices = row_choices(staff, lambda user: user.display_name, empty=_("以后再定"))
    for row in form.actions:
        row.form.assignee.choices = choices


def _minutes_page(template: str, form: MinutesForm, meeting: Meeting) -> str:
    wrong = [
        {"text": f"{field.label.text}：{error}", "url": f"#{field.id}"}
        for row in form.rows()
        for field in row.form
        for error in field.errors
    ]
    return render_template(
        template, form=form, meeting=meeting, project=meeting.project, wrong=wrong
    )


@blueprint.get("/meetings/<int:meeting_id>/minutes")
@requires(Permission.VIEW_PROJECTS)
def minutes(meeting_id: int) -> str:
    """The minutes as a sheet to print and sign."""
    meeting = queries.meeting(actor(), meeting_id)
    if meeting.held_at is None:
        raise NotFound
    return render_template(
        "meetings/minutes.html",
        meeting=meeting,
        project=meeting.project,
        held_on=clock.local_date(meeting.held_at),
    )
