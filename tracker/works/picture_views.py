"""Pages of the pictures of a project; they belong to the blueprint of ``views``."""

from __future__ import annotations

from itertools import groupby

from flask import flash, make_response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import BaseForm, term_choices
from tracker.kernel.paging import paginate
from tracker.kernel.storage import storage
from tracker.projects import queries as projects
from tracker.works import album, queries
from tracker.works.forms import PicturesForm
from tracker.works.rules import PicturePhase
from tracker.works.views import Answer, page, refused
from tracker.works.views import blueprint as blueprint


@blueprint.get("/projects/<int:project_id>/pictures")
@requires(Permission.VIEW_PROJECTS)
def pictures(project_id: int) -> str:
    """All pictures by spot, each spot with its before and after."""
    project = projects.project(actor(), project_id)
    found = paginate(queries.pictures(project_id), per_page=50)
    by_spot = [(spot, list(those)) for spot, those in groupby(found, lambda p: p.spot)]
    pairs = queries.picture_pairs(project_id, [spot for spot, _those in by_spot])
    return page(
        "pictures",
        project,
        pictures=found,
        by_spot=by_spot,
        pairs={pair.spot: pair for pair in pairs},
        may_remove=actor().may(Permission.MANAGE_WORKS),
    )


@blueprint.route("/projects/<int:project_id>/pictures/new", methods=["GET", "POST"])
@requires(Permission.REPORT_WORKS)
def add_pictures(project_id: int) -> Answer:
    """Send photos of one spot."""
    project = projects.project(actor(), project_id)
    form = PicturesForm(data={"taken_on": clock.today()})
    form.phase.choices = term_choices(PicturePhase)
    if form.validate_on_submit():
        # SQLite has one writer, and this request holds its lock since it looked up the
        # sender: nobody shall wait while photos are being made smaller.
        db.session.rollback()
        try:
            photos = album.clean_pictures((f.filename, f.read()) for f in form.files.data)
            album.add_pictures(
                actor(),
                clock.now(),
                project,
                photos=photos,
                phase=PicturePhase(form.phase.data),
                spot=form.spot.data,
                caption=form.caption.data or "",
                taken_on=form.taken_on.data,
            )
            flash(_("已上传 %(n)d 张照片。", n=len(photos)), "success")
            return done(url_for("works.pictures", project_id=project_id))
        except Refusal as refusal:
            refused(form, refusal)
    return page(
        "add_pictures",
        project,
        form=form,
        spots=queries.spots(project_id),
        most=album.MOST_AT_ONCE,
    )


@blueprint.get("/pictures/<int:picture_id>")
@requires(Permission.VIEW_PROJECTS)
def picture(picture_id: int) -> Response:
    """The picture itself."""
    found = queries.picture(actor(), picture_id)
    response = make_response(storage().get(found.storage_key))
    response.mimetype = "image/jpeg"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The browser may keep it but asks each time, so that a removed picture is gone.
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(found.storage_key)
    return response.make_conditional(request.environ)


@blueprint.route("/pictures/<int:picture_id>/remove", methods=["GET", "POST"])
@requires(Permission.MANAGE_WORKS)
def remove_picture(picture_id: int) -> Answer:
    """Show a picture no more, after asking."""
    found = queries.picture(actor(), picture_id)
    form = BaseForm()
    if form.validate_on_submit():
        album.remove_picture(actor(), clock.now(), found)
        flash(_("照片已移除。"), "success")
        return done(url_for("works.pictures", project_id=found.project_id))
    return page("remove_picture", found.project, form=form, picture=found)
