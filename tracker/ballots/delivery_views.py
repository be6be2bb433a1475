"""Pages for bringing the ballots, building by building, on a phone; and for reminder visits.

Building leaders see and record for their own buildings only; all else is not found.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker.accounts.guards import actor, requires
from tracker.accounts.models import User
from tracker.accounts.queries import staff
from tracker.accounts.rules import Permission, Role, roles_that_may
from tracker.ballots import delivery_queries, delivery_services
from tracker.ballots.blueprint import blueprint
from tracker.ballots.delivery_forms import CorrectionForm, DeliveryForm, VisitForm
from tracker.ballots.delivery_queries import EVERYBODY, LACKING, REMINDING, Door
from tracker.ballots.delivery_services import Brought
from tracker.ballots.paper_models import BallotDelivery
from tracker.ballots.paper_views import PRINTING, Answer, page, vote_with_roll
from tracker.ballots.rules import DeliveryOutcome, DeliveryWay, Recipient, VisitOutcome
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.edge import done, refused
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, require
from tracker.kernel.paging import paginate
from tracker.kernel.storage import storage
from tracker.kernel.words import M_
from tracker.votes.models import Vote
from tracker.votes.words import VoteState
from tracker.works.images import BadPicture, Cleaned, cleaned

DOORS = 100
"""Voters on one page: a whole building of the usual size."""

QUICK = {
    "owner": (DeliveryOutcome.SIGNED, Recipient.OWNER),
    "co_owner": (DeliveryOutcome.SIGNED, Recipient.CO_OWNER),
    "absent": (DeliveryOutcome.ABSENT, None),
}
"""The ordinary cases at the door: one press each."""


@blueprint.get("/votes/<int:vote_id>/delivery")
@requires(Permission.DELIVER_BALLOT)
def delivery(vote_id: int) -> Answer:
    """How far the delivery is in each building; somebody with one building goes straight there."""
    vote = vote_with_roll(vote_id)
    buildings = delivery_queries.progress(vote_id, delivery_queries.own_buildings(actor()))
    if len(buildings) == 1:
        only = buildings[0].building_id
        return redirect(url_for("ballots.delivery_of", vote_id=vote_id, building_id=only))
    return page("delivery", vote, buildings=buildings, reminding=vote.state is VoteState.OPEN)


@blueprint.get("/votes/<int:vote_id>/delivery/<int:building_id>")
@requires(Permission.DELIVER_BALLOT)
def delivery_of(vote_id: int, building_id: int) -> str:
    """The voters of a building, entrance by entrance: who lacks a ballot, who is reminded, all."""
    vote = vote_with_roll(vote_id)
    building = delivery_queries.building(actor(), vote, building_id)
    asked = request.args.get("which", LACKING)
    which = asked if asked in (LACKING, REMINDING, EVERYBODY) else LACKING
    entries = paginate(delivery_queries.doors(vote_id, building_id, which), per_page=DOORS)
    doors = delivery_queries.with_doings(entries.items)
    [progress] = delivery_queries.progress(vote_id, {building_id})
    return page(
        "delivery_of",
        vote,
        building=building,
        progress=progress,
        which=which,
        entries=entries,
        entrances=[(name, list(those)) for name, those in groupby(doors, lambda d: d.entrance)],
        just_done=_just_done(vote),
        recording=_records(vote),
        visits=list(VisitOutcome),
    )


def _just_done(vote: Vote) -> Door | None:
    """The voter of whom something was recorded right now, to be shown where the list goes on."""
    serial = request.args.get("done", type=int)
    if serial is None:
        return None
    try:
        return delivery_queries.door(actor(), vote, serial)
    except NotFound:
        return None


def _records(vote: Vote) -> bool:
    return vote.state in PRINTING


@blueprint.post("/votes/<int:vote_id>/delivery/voters/<int:serial>/quick")
@requires(Permission.DELIVER_BALLOT)
def deliver_quickly(vote_id: int, serial: int) -> Response:
    """The ordinary case at the door: signed for by an owner, or nobody at home."""
    found = delivery_queries.door(actor(), vote_with_roll(vote_id), serial)
    outcome, recipient = QUICK.get(request.form.get("what", ""), QUICK["absent"])
    brought = Brought(DeliveryWay.HAND, outcome, clock.now(), recipient)
    back = _list_url(vote_id, found, LACKING)
    try:
        delivery_services.deliver(actor(), clock.now(), vote_id, serial=serial, brought=brought)
    except Refusal as refusal:
        return refused(refusal, back)
    return done(back)


@blueprint.post("/votes/<int:vote_id>/delivery/voters/<int:serial>/reminded")
@requires(Permission.DELIVER_BALLOT)
def remind_quickly(vote_id: int, serial: int) -> Response:
    """A reminder at the door, just now."""
    found = delivery_queries.door(actor(), vote_with_roll(vote_id), serial)
    back = _list_url(vote_id, found, REMINDING)
    said = request.form.get("outcome", "")
    outcome = VisitOutcome(said) if said in set(VisitOutcome) else VisitOutcome.ABSENT
    try:
        now = clock.now()
        delivery_services.remind(actor(), now, vote_id, serial=serial, outcome=outcome, at=now)
    except Refusal as refusal:
        return refused(refusal, back)
    return done(back)


def _list_url(vote_id: int, found: Door, which: str) -> str:
    return url_for(
        "ballots.delivery_of",
        vote_id=vote_id,
        building_id=found.entry.building_id,
        which=which,
        done=found.entry.serial,
        _anchor="done",
    )


@blueprint.route("/votes/<int:vote_id>/delivery/voters/<int:serial>", methods=["GET", "POST"])
@requires(Permission.DELIVER_BALLOT)
def deliver(vote_id: int, serial: int) -> Answer:
    """One voter: everything recorded so far, and a delivery of any kind."""
    vote = vote_with_roll(vote_id)
    found = delivery_queries.door(actor(), vote, serial)
    form = DeliveryForm()
    _offer(form)
    if not form.is_submitted():
        form.at.process_data(clock.now())
    if form.validate_on_submit():
        try:
            brought = form.brought(_photo(form))
            delivery_services.deliver(actor(), clock.now(), vote_id, serial=serial, brought=brought)
            return done(_list_url(vote_id, found, LACKING))
        except Refusal as refusal:
            _refuse(form, refusal)
    return _voter_page(vote, serial, form=form)


def _voter_page(vote: Vote, serial: int, **values: Any) -> str:
    found = delivery_queries.door(actor(), vote, serial)
    return page(
        "delivery_voter",
        vote,
        door=found,
        deliveries=delivery_queries.deliveries_of(found.entry.id),
        visits=delivery_queries.visits_of(found.entry.id),
        recording=_records(vote),
        reminding=vote.state is VoteState.OPEN and not found.voted,
        **values,
    )


@blueprint.route("/votes/<int:vote_id>/delivery/voters/<int:serial>/visit", methods=["GET", "POST"])
@requires(Permission.DELIVER_BALLOT)
def remind(vote_id: int, serial: int) -> Answer:
    """A reminder visit that was made earlier."""
    vote = vote_with_roll(vote_id)
    require(vote.state is VoteState.OPEN, M_("只有投票期间才登记上门提醒。"))
    found = delivery_queries.door(actor(), vote, serial)
    form = VisitForm()
    form.offer()
    if not form.is_submitted():
        form.at.process_data(clock.now())
    if form.validate_on_submit():
        try:
            delivery_services.remind(
                actor(),
                clock.now(),
                vote_id,
                serial=serial,
                outcome=VisitOutcome(form.outcome.data),
                at=form.at.instant,
            )
            return done(_list_url(vote_id, found, REMINDING))
        except Refusal as refusal:
            _refuse(form, refusal)
    return page("delivery_visit", vote, door=found, form=form)


@blueprint.route("/ballots/deliveries/<int:delivery_id>/correct", methods=["GET", "POST"])
@requires(Permission.DELIVER_BALLOT)
def correct_delivery(delivery_id: int) -> Answer:
    """Say what really became of a delivery, or take it back."""
    old = delivery_queries.delivery(actor(), delivery_id)
    vote = vote_with_roll(old.vote_id)
    require(_records(vote), M_("表决%(state)s，现在不登记送达和提醒。", state=vote.state))
    serial = delivery_queries.serial_of(old)
    form = CorrectionForm()
    _offer(form)
    if not form.is_submitted():
        form.show(old, actor())
    if form.validate_on_submit():
        try:
            _correct(form, delivery_id)
            flash(_("送达登记已更正。"), "success")
            return done(url_for("ballots.deliver", vote_id=vote.id, serial=serial))
        except Refusal as refusal:
            _refuse(form, refusal)
    found = delivery_queries.door(actor(), vote, serial)
    return page("delivery_correct", vote, door=found, form=form)


def _correct(form: CorrectionForm, delivery_id: int) -> BallotDelivery | None:
    brought = None if form.void.data else form.brought(_photo(form))
    return delivery_services.correct(
        actor(), clock.now(), delivery_id, reason=form.reason.data, brought=brought
    )


@blueprint.get("/ballots/deliveries/<int:delivery_id>/photo")
@requires(Permission.DELIVER_BALLOT)
def delivery_photo(delivery_id: int) -> Response:
    """What was photographed as a proof."""
    found = delivery_queries.delivery(actor(), delivery_id)
    if not found.proof_path:
        raise NotFound
    response = make_response(storage().get(found.proof_path))
    response.mimetype = "image/jpeg"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _offer(form: DeliveryForm) -> None:
    me = actor()
    form.offer(me, _colleagues(me))


def _colleagues(me: User) -> list[User]:
    """For whom somebody may record: the office for everybody, a building leader for nobody."""
    if me.role is Role.BUILDING_LEADER or me.committee_id is None:
        return []
    return list(staff(me.committee_id, roles_that_may(Permission.DELIVER_BALLOT)))


def _photo(form: DeliveryForm) -> Cleaned | None:
    upload = form.photo.data
    if not upload:
        return None
    # SQLite has one writer, and this request holds its lock since it looked up the sender:
    # nobody shall wait while a photo is being made smaller.
    db.session.rollback()
    try:
        return cleaned(upload.read())
    except BadPicture as bad:
        raise FieldRefusal("photo", bad.message) from bad


def _refuse(form: Any, refusal: Refusal) -> None:
    db.session.rollback()
    form.refuse(refusal)
