"""Pages of voting persons and building leaders."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.queries import staff
from tracker.accounts.rules import Permission, Role
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done
from tracker.kernel.errors import NotFound, Refusal
from tracker.kernel.forms import row_choices, term_choices
from tracker.kernel.paging import paginate
from tracker.places import person_services, queries, services
from tracker.places.blueprint import blueprint
from tracker.places.forms import LeaderForm, MergeForm, PersonForm, SearchForm
from tracker.places.models import Unit, VotingPerson
from tracker.places.rules import VoterKind, building_label

PER_PAGE = 50
Answer = str | Response


def person_label(person: VotingPerson, homes: Sequence[Unit]) -> str:
    """A voting person so that namesakes can be told apart, for those who keep the roll."""
    places = "、".join(queries.unit_label(u) for u in homes[:2])
    more = _("等 %(n)d 户", n=len(homes)) if len(homes) > 2 else ""
    return " · ".join(part for part in (person.name, person.code, places + more) if part)


@blueprint.get("/compounds/<int:compound_id>/persons")
@requires(Permission.VIEW_PLACES)
def persons(compound_id: int) -> str:
    """The voting persons of a compound with their units."""
    found = queries.compound(actor(), compound_id)
    form = SearchForm(request.args)
    page = paginate(queries.persons_of(found.id, form.q.data or ""), per_page=PER_PAGE)
    return render_template(
        "places/persons.html",
        compound=found,
        form=form,
        page=page,
        homes=queries.units_of_persons([p.id for p in page.items]),
    )


@blueprint.route("/persons/<int:person_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_person(person_id: int) -> Answer:
    """One voting person, with all units."""
    found = queries.person(actor(), person_id)
    compound_id = found.compound_id
    form = PersonForm(data={"version": found.version, "name": found.name, "kind": found.kind.value})
    form.kind.choices = term_choices(VoterKind)
    if form.validate_on_submit():
        try:
            person_services.edit_person(
                actor(),
                clock.now(),
                person_id,
                version=form.version.data,
                name=form.name.data,
                kind=VoterKind(form.kind.data),
                phone=form.phone.data or "",
                drop_phone=form.drop_phone.data,
            )
            flash(_("已保存。"), "success")
            return done(url_for("places.persons", compound_id=compound_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    homes = queries.units_of_persons([person_id])[person_id]
    return render_template("places/edit_person.html", person=found, form=form, homes=homes)


@blueprint.route("/persons/<int:person_id>/merge", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def merge_persons(person_id: int) -> Answer:
    """Another entry is the same person: make them one."""
    found = queries.person(actor(), person_id)
    form = MergeForm()
    # The namesakes come first: they are why somebody opens this page.
    text = request.args.get("q", found.name)
    also = [form.other.data] if form.other.data else []
    others = [
        p for p in queries.persons_to_choose(found.compound_id, text, also=also) if p.id != found.id
    ]
    homes = queries.units_of_persons([p.id for p in [*others, found]])
    form.other.choices = row_choices(
        others, lambda p: person_label(p, homes[p.id]), empty=_("请选择")
    )
    if form.validate_on_submit():
        try:
            person_services.merge_persons(actor(), clock.now(), person_id, form.other.data)
            flash(_("已合并，今后算一位表决权人。"), "success")
            return done(url_for("places.edit_person", person_id=person_id))
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "places/merge_persons.html",
        person=found,
        form=form,
        homes=homes[person_id],
        others=others,
        search=SearchForm(data={"q": text}),
    )


@blueprint.get("/compounds/<int:compound_id>/leaders")
@requires(Permission.VIEW_PLACES)
def leaders(compound_id: int) -> str:
    """Who looks after which buildings."""
    found = queries.compound(actor(), compound_id)
    scopes = queries.leader_scopes(found.id)
    return render_template(
        "places/leaders.html",
        compound=found,
        leaders=staff(found.committee_id, [Role.BUILDING_LEADER]),
        scopes=scopes,
        unlooked=[
            b
            for b in queries.buildings(found.id)
            if b.id not in {h.id for houses in scopes.values() for h in houses}
        ],
    )


@blueprint.route("/compounds/<int:compound_id>/leaders/<int:user_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit_leader(compound_id: int, user_id: int) -> Answer:
    """Tick the buildings of one building leader."""
    found = queries.compound(actor(), compound_id)
    people = {u.id: u for u in staff(found.committee_id, [Role.BUILDING_LEADER])}
    if user_id not in people:
        raise NotFound
    present = queries.leader_scopes(found.id).get(user_id, [])
    form = LeaderForm(data={"buildings": [b.id for b in present]})
    form.buildings.choices = row_choices(
        queries.buildings(found.id), lambda b: building_label(b.number)
    )
    if form.validate_on_submit():
        services.set_leader_buildings(
            actor(), clock.now(), compound_id, user_id, form.buildings.data
        )
        flash(_("已保存。"), "success")
        return done(url_for("places.leaders", compound_id=compound_id))
    return render_template(
        "places/edit_leader.html", compound=found, leader=people[user_id], form=form
    )
