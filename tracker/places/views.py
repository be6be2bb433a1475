"""Pages of compounds, grids, buildings, entrances and units."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.rules import Permission
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import Refusal
from tracker.kernel.forms import BaseForm, row_choices
from tracker.kernel.paging import paginate
from tracker.places import person_views as person_views  # its routes join the blueprint
from tracker.places import queries, services
from tracker.places import removal_views as removal_views
from tracker.places import roll_views as roll_views
from tracker.places.blueprint import blueprint as blueprint
from tracker.places.forms import (
    BuildingForm,
    CompoundForm,
    EditBuildingForm,
    EditCompoundForm,
    EditEntranceForm,
    EditGridForm,
    EditUnitForm,
    EntranceForm,
    GridForm,
    SearchForm,
    UnitForm,
)
from tracker.places.models import Building, Compound, Unit
from tracker.places.person_views import PER_PAGE, person_label
from tracker.places.rules import AREA_SOURCES, area_of, area_text, entrance_label

Answer = str | Response


def _save(form: BaseForm, act: Callable[[], str], template: str, **shown: object) -> Answer:
    """Handle one form: ``act`` does it and says where to go on; a refusal is shown again."""
    if form.validate_on_submit():
        try:
            location = act()
            flash(_("已保存。"), "success")
            return done(location)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(template, form=form, **shown)


@blueprint.get("")
@requires(Permission.VIEW_PLACES)
def index() -> str:
    """The compounds of the committee and how large they are."""
    home = actor().committee_id
    found = queries.compounds(home) if home is not None else []
    figures = queries.figures([c.id for c in found])
    return render_template("places/index.html", compounds=found, figures=figures)


@blueprint.route("/compounds/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def add_compound() -> Answer:
    """A new compound."""
    form = CompoundForm()

    def act() -> str:
        made = services.add_compound(
            actor(), clock.now(), name=form.name.data, address=form.address.data or ""
        )
        return url_for("places.compound", compound_id=made.id)

    return _save(form, act, "places/add_compound.html")


@blueprint.get("/compounds/<int:compound_id>")
@requires(Permission.VIEW_PLACES)
def compound(compound_id: int) -> str:
    """One compound: its size, its grids and buildings."""
    found = queries.compound(actor(), compound_id)
    page = paginate(queries.buildings_of(found.id), per_page=PER_PAGE)
    return render_template(
        "places/compound.html",
        compound=found,
        figures=queries.figures([found.id])[found.id],
        grids=queries.grids(found.id),
        page=page,
        doors=queries.units_by_entrance([b.id for b in page.items]),
        imports=roll_views.waiting(found.id),
    )


@blueprint.route("/compounds/<int:compound_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_compound(compound_id: int) -> Answer:
    """Name and address of a compound."""
    found = queries.compound(actor(), compound_id)
    form = EditCompoundForm(obj=found)

    def act() -> str:
        services.edit_compound(
            actor(),
            clock.now(),
            compound_id,
            version=form.version.data,
            name=form.name.data,
            address=form.address.data or "",
        )
        return url_for("places.compound", compound_id=compound_id)

    return _save(form, act, "places/edit_compound.html", compound=found)


@blueprint.get("/compounds/<int:compound_id>/units")
@requires(Permission.VIEW_PLACES)
def units(compound_id: int) -> str:
    """The units of a compound, to be searched."""
    found = queries.compound(actor(), compound_id)
    form = SearchForm(request.args)
    text, missing = form.q.data or "", form.missing.data
    page = paginate(queries.unit_search(found.id, text, without_area=missing), per_page=PER_PAGE)
    return render_template(
        "places/units.html", compound=found, form=form, page=page, searched=text or missing
    )


@blueprint.route("/compounds/<int:compound_id>/grids/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def add_grid(compound_id: int) -> Answer:
    """A new grid."""
    found = queries.compound(actor(), compound_id)
    form = GridForm()

    def act() -> str:
        services.add_grid(actor(), clock.now(), compound_id, name=form.name.data)
        return url_for("places.compound", compound_id=compound_id)

    return _save(form, act, "places/edit_grid.html", compound=found, grid=None)


@blueprint.route("/grids/<int:grid_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_grid(grid_id: int) -> Answer:
    """The name of a grid."""
    found = queries.grid(actor(), grid_id)
    compound_id = found.compound_id
    form = EditGridForm(obj=found)

    def act() -> str:
        services.edit_grid(
            actor(), clock.now(), grid_id, version=form.version.data, name=form.name.data
        )
        return url_for("places.compound", compound_id=compound_id)

    return _save(form, act, "places/edit_grid.html", compound=found.compound, grid=found)


def _building_form(compound: Compound, building: Building | None = None) -> BuildingForm:
    form = BuildingForm()
    if building is not None:
        version, number, grid = building.version, building.number, building.grid_id
        form = EditBuildingForm(data={"version": version, "number": number, "grid": grid})
    form.grid.choices = row_choices(
        queries.grids(compound.id), lambda g: g.name, empty=_("不属于微网格")
    )
    return form


@blueprint.route("/compounds/<int:compound_id>/buildings/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def add_building(compound_id: int) -> Answer:
    """A new building."""
    found = queries.compound(actor(), compound_id)
    form = _building_form(found)

    def act() -> str:
        made = services.add_building(
            actor(), clock.now(), compound_id, number=form.number.data, grid_id=form.grid.data
        )
        return url_for("places.building", building_id=made.id)

    return _save(form, act, "places/add_building.html", compound=found)


@blueprint.get("/buildings/<int:building_id>")
@requires(Permission.VIEW_PLACES)
def building(building_id: int) -> str:
    """One building and its units."""
    found = queries.building(actor(), building_id)
    return render_template(
        "places/building.html",
        building=found,
        entrances=queries.entrances(found.id),
        page=paginate(queries.units_in(found.id), per_page=PER_PAGE),
    )


@blueprint.route("/buildings/<int:building_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_building(building_id: int) -> Answer:
    """Number and grid of a building."""
    found = queries.building(actor(), building_id)
    form = _building_form(found.compound, found)

    def act() -> str:
        services.edit_building(
            actor(),
            clock.now(),
            building_id,
            version=form.version.data,
            number=form.number.data,
            grid_id=form.grid.data,
        )
        return url_for("places.building", building_id=building_id)

    return _save(form, act, "places/edit_building.html", building=found)


@blueprint.route("/buildings/<int:building_id>/entrances/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def add_entrance(building_id: int) -> Answer:
    """A new entrance."""
    found = queries.building(actor(), building_id)
    form = EntranceForm()

    def act() -> str:
        services.add_entrance(actor(), clock.now(), building_id, number=form.number.data)
        return url_for("places.building", building_id=building_id)

    return _save(form, act, "places/edit_entrance.html", building=found, entrance=None)


@blueprint.route("/entrances/<int:entrance_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_entrance(entrance_id: int) -> Answer:
    """The number of an entrance."""
    found = queries.entrance(actor(), entrance_id)
    building_id = found.building_id
    form = EditEntranceForm(obj=found)

    def act() -> str:
        services.edit_entrance(
            actor(), clock.now(), entrance_id, version=form.version.data, number=form.number.data
        )
        return url_for("places.building", building_id=building_id)

    return _save(form, act, "places/edit_entrance.html", building=found.building, entrance=found)


def _unit_form(building: Building, unit: Unit | None = None) -> UnitForm:
    data: dict[str, object] = {}
    if unit is not None:
        data = {
            "version": unit.version,
            "room": unit.room,
            "entrance": unit.entrance_id,
            "area": area_text(unit.area),
            "area_source": unit.area_source,
            "person": unit.voting_person_id,
            "co_owned": unit.co_owned,
        }
    form = UnitForm() if unit is None else EditUnitForm(data=data)
    form.entrance.choices = row_choices(
        queries.entrances(building.id), lambda e: entrance_label(e.number), empty=_("没有门洞")
    )
    chosen = {unit.voting_person_id if unit is not None else None, form.person.data} - {None}
    persons = queries.persons_to_choose(
        building.compound_id, request.args.get("q", ""), also=chosen
    )
    homes = queries.units_of_persons([p.id for p in persons])
    form.person.choices = row_choices(
        persons, lambda p: person_label(p, homes[p.id]), empty=_("还没有确定")
    )
    return form


def _unit_answers(form: UnitForm) -> dict[str, object]:
    return {
        "room": form.room.data,
        "entrance_id": form.entrance.data,
        "area": area_of(form.area.data) if form.area.data else None,
        "area_source": form.area_source.data or "",
        "person_id": form.person.data,
        "new_person": form.new_person.data or "",
        "co_owned": form.co_owned.data,
    }


@blueprint.route("/buildings/<int:building_id>/units/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def add_unit(building_id: int) -> Answer:
    """A new unit."""
    found = queries.building(actor(), building_id)
    form = _unit_form(found)

    def act() -> str:
        services.add_unit(actor(), clock.now(), building_id, **_unit_answers(form))  # type: ignore[arg-type]
        return url_for("places.building", building_id=building_id)

    return _save(form, act, "places/edit_unit.html", **_unit_page(form, found, None))


@blueprint.route("/units/<int:unit_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_unit(unit_id: int) -> Answer:
    """One unit: area, source, and who votes for it."""
    found = queries.unit(actor(), unit_id)
    building_id = found.building_id
    form = _unit_form(found.building, found)

    def act() -> str:
        services.edit_unit(
            actor(),
            clock.now(),
            unit_id,
            version=form.version.data,
            **_unit_answers(form),  # type: ignore[arg-type]
        )
        return url_for("places.building", building_id=building_id)

    return _save(form, act, "places/edit_unit.html", **_unit_page(form, found.building, found))


def _unit_page(form: UnitForm, building: Building, unit: Unit | None) -> dict[str, object]:
    return {
        "crowded": request.args.get("q") or len(form.person.choices) > queries.FOUND_AT_MOST,
        "building": building,
        "unit": unit,
        "search": SearchForm(request.args),
        "sources": AREA_SOURCES,
    }
