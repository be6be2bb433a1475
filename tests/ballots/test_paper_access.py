"""Who may open which page of the papers, in which state of the vote."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.factories import votes
from tests.factories.votes import AFTER, DURING
from tracker.accounts.rules import Role
from tracker.ballots import box_services
from tracker.ballots.models import Ballot
from tracker.ballots.paper_models import BallotDelivery
from tracker.kernel.database import db
from tracker.places.models import Building, LeaderScope

WATCHING = {Role.OFFICER, Role.DIRECTOR, Role.WORKER, Role.COUNTER, Role.SCRUTINEER}
PREPARING = {Role.DIRECTOR, Role.WORKER}
DELIVERING = {Role.DIRECTOR, Role.WORKER, Role.COUNTER, Role.BUILDING_LEADER}
RECORDING = {Role.WORKER, Role.COUNTER}

DRAFT, FROZEN, OPEN, COUNTING, CERTIFIED = "draft", "frozen", "open", "counting", "certified"
EVER = {FROZEN, OPEN, COUNTING, CERTIFIED}
PRINTING = {FROZEN, OPEN}

PAGES = {
    "/votes/{v}/papers": (WATCHING, EVER),
    "/votes/{v}/papers/spares": (PREPARING, PRINTING),
    "/votes/{v}/papers/spoil": (PREPARING, PRINTING),
    "/votes/{v}/papers/reprint": (PREPARING, PRINTING),
    "/votes/{v}/papers/hand-out": (DELIVERING, PRINTING),
    "/votes/{v}/sheets": (PREPARING, PRINTING),
    "/votes/{v}/delivery": (DELIVERING, EVER),
    "/votes/{v}/delivery/{b}": (DELIVERING, EVER),
    "/votes/{v}/delivery/voters/1": (DELIVERING, EVER),
    "/votes/{v}/delivery/voters/1/visit": (DELIVERING, {OPEN}),
    "/ballots/deliveries/{d}/correct": (DELIVERING, PRINTING),
    "/votes/{v}/boxes": (WATCHING, EVER),
    "/votes/{v}/boxes/seal": (RECORDING, PRINTING),
    "/votes/{v}/boxes/1/hand-over": (RECORDING, {OPEN, COUNTING}),
    "/votes/{v}/boxes/1/open": (RECORDING, {COUNTING}),
    "/votes/{v}/receive": (RECORDING, {OPEN, COUNTING}),
    "/votes/{v}/roll": (WATCHING, EVER),
    "/votes/{v}/roll.xlsx": (WATCHING, EVER),
}
"""Pages by who may open them, and in which states there is something to see."""

OF_A_BALLOT = {
    "/ballots/{p}/undo": RECORDING,
    "/ballots/{p}/withdraw": RECORDING,
    "/ballots/{p}/receipt": RECORDING,
}
ACTS = {
    "/votes/{v}/papers/number": PREPARING,
    "/votes/{v}/delivery/voters/1/quick": DELIVERING,
    "/votes/{v}/delivery/voters/1/reminded": DELIVERING,
}

CARRIED_TO = {
    DRAFT: (votes.draft, None),
    FROZEN: (votes.frozen, None),
    OPEN: (votes.running, DURING),
    COUNTING: (lambda scene: votes.counting(scene, [1]), AFTER),
    CERTIFIED: (lambda scene: votes.certified(scene, approving=6), AFTER),
}


def carried(app, stage, at, state):
    """A vote in a state, with a box and a delivery where there is a roll."""
    make, moment = CARRIED_TO[state]
    s = stage(make)
    if moment:
        at(moment)
    with app.app_context():
        building = db.session.scalar(sa.select(Building).order_by(Building.id))
        s.ids = {"v": s.vote_id, "b": building.id, "d": 0, "p": 0}
        entry = db.session.scalar(sa.text("SELECT id FROM roll_entry ORDER BY serial LIMIT 1"))
        if entry is not None:
            _box_and_delivery(s, building.committee_id, entry)
        leaders = db.session.scalars(
            sa.text("SELECT id FROM account WHERE role = 'building_leader'")
        ).all()
        for user_id in leaders:
            for house in db.session.scalars(sa.select(Building)).all():
                db.session.add(
                    LeaderScope(
                        committee_id=house.committee_id, user_id=user_id, building_id=house.id
                    )
                )
        db.session.commit()
    return s


def _box_and_delivery(s, committee_id, entry):
    someone = db.session.scalar(sa.text("SELECT id FROM account WHERE role = 'counter'"))
    brought = BallotDelivery(
        committee_id=committee_id,
        vote_id=s.vote_id,
        roll_entry_id=entry,
        way="hand",
        outcome="absent",
        delivered=False,
        at=DURING,
        served_by=someone,
        recorded_at=DURING,
    )
    db.session.add(brought)
    db.session.flush()
    s.ids["d"] = brought.id
    box = box_services.Box(
        committee_id=committee_id,
        vote_id=s.vote_id,
        number=1,
        place="门卫室",
        seal_number="A1",
        sealed_at=DURING,
        sealed_by=someone,
    )
    db.session.add(box)
    ballot = db.session.scalar(sa.select(Ballot).where(Ballot.vote_id == s.vote_id))
    s.ids["p"] = ballot.id if ballot else 0


@pytest.mark.parametrize("state", [DRAFT, FROZEN, OPEN, COUNTING, CERTIFIED])
def test_each_role_opens_what_it_may_in_each_state(app, stage, at, state):
    s = carried(app, stage, at, state)
    for pattern, (roles, states) in PAGES.items():
        url = pattern.format(**s.ids)
        if state == DRAFT and ("/boxes/1" in url or "/deliveries/" in url):
            continue  # there are none
        for role in Role:
            expected = 403 if role not in roles else (200 if state in states else 409)
            assert s[role].client.get(url, follow_redirects=True).status_code == expected, (
                *(url, role, state),
            )


@pytest.mark.parametrize("state", [OPEN, COUNTING])
def test_a_ballot_s_pages_are_for_those_who_record(app, stage, at, state):
    make = votes.running if state == OPEN else CARRIED_TO[COUNTING][0]

    def with_ballot(scene):
        vote = make(scene)
        votes.received(scene, vote, 2, at=DURING if state == OPEN else AFTER)
        return vote

    s = stage(with_ballot)
    at(DURING if state == OPEN else AFTER)
    with app.app_context():
        number = db.session.scalar(sa.select(sa.func.max(Ballot.id)))
    for pattern, roles in OF_A_BALLOT.items():
        for role in Role:
            expected = 200 if role in roles else 403
            s[role].get(pattern.format(p=number), expect=expected)
        s.stranger.get(pattern.format(p=number), expect=403)


@pytest.mark.parametrize("role", list(Role))
def test_acts_are_for_those_who_may(app, stage, at, role):
    s = carried(app, stage, at, OPEN)
    for pattern, roles in ACTS.items():
        s[role].post(pattern.format(**s.ids), expect=200 if role in roles else 403)


def test_a_stranger_finds_nothing(app, stage, at):
    s = carried(app, stage, at, OPEN)
    for pattern, (roles, _states) in PAGES.items():
        if Role.DIRECTOR in roles:
            s.stranger.get(pattern.format(**s.ids), expect=404)
    for pattern, roles in ACTS.items():
        if Role.DIRECTOR in roles:
            url = pattern.format(**s.ids)
            assert s.stranger.client.post(url).status_code == 404, url


def test_who_is_not_signed_in_is_asked_to(app, stage, at, browse):
    s = carried(app, stage, at, OPEN)
    for pattern in (*PAGES, *OF_A_BALLOT):
        answer = browse(None).client.get(pattern.format(**s.ids))
        assert answer.status_code == 302, pattern
        assert "/sign-in" in answer.location
