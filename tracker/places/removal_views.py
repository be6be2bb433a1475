"""Pages that take a unit, a building, an entrance or a grid off the list."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.places import queries, removal_services
from tracker.places.blueprint import blueprint
from tracker.places.forms import RemoveForm
from tracker.places.models import Building, Compound
from tracker.places.rules import building_label, entrance_label

Answer = str | Response


@blueprint.route("/units/<int:unit_id>/remove", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def remove_unit(unit_id: int) -> Answer:
    """A unit that should not be there."""
    found = queries.unit(actor(), unit_id)
    return _remove(
        unit_id,
        removal_services.remove_unit,
        _("删除%(place)s", place=queries.unit_label(found)),
        _("这一户的面积会一并删除；名下再没有房屋的表决权人也会从名册里去掉。"),
        cancel=url_for("places.edit_unit", unit_id=unit_id),
        back=url_for("places.building", building_id=found.building_id),
        compound=found.building.compound,
        building=found.building,
    )


@blueprint.route("/buildings/<int:building_id>/remove", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def remove_building(building_id: int) -> Answer:
    """A building that should not be there."""
    found = queries.building(actor(), building_id)
    return _remove(
        building_id,
        removal_services.remove_building,
        _("删除%(place)s", place=building_label(found.number)),
        _("没有住户的楼栋才能删除；它的门洞和楼组长的分工一并删除。"),
        cancel=url_for("places.edit_building", building_id=building_id),
        back=url_for("places.compound", compound_id=found.compound_id),
        compound=found.compound,
        building=found,
    )


@blueprint.route("/entrances/<int:entrance_id>/remove", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def remove_entrance(entrance_id: int) -> Answer:
    """An entrance that should not be there."""
    found = queries.entrance(actor(), entrance_id)
    return _remove(
        entrance_id,
        removal_services.remove_entrance,
        _("删除%(place)s", place=entrance_label(found.number)),
        _("没有住户的门洞才能删除。"),
        cancel=url_for("places.edit_entrance", entrance_id=entrance_id),
        back=url_for("places.building", building_id=found.building_id),
        compound=found.building.compound,
        building=found.building,
    )


@blueprint.route("/grids/<int:grid_id>/remove", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def remove_grid(grid_id: int) -> Answer:
    """A grid that should not be there."""
    found = queries.grid(actor(), grid_id)
    return _remove(
        grid_id,
        removal_services.remove_grid,
        _("删除%(place)s", place=f"「{found.name}」"),
        _("没有楼栋的微网格才能删除。"),
        cancel=url_for("places.edit_grid", grid_id=grid_id),
        back=url_for("places.compound", compound_id=found.compound_id),
        compound=found.compound,
    )


def _remove(
    number: int,
    service: Callable[..., None],
    title: str,
    consequence: str,
    *,
    cancel: str,
    back: str,
    compound: Compound,
    building: Building | None = None,
) -> Answer:
    form = RemoveForm()
    if form.validate_on_submit():
        try:
            service(actor(), clock.now(), number, reason=form.reason.data)
            flash(_("已删除。"), "success")
            return done(back)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "places/remove.html",
        form=form,
        title=title,
        consequence=consequence,
        cancel=cancel,
        compound=compound,
        building=building,
    )
