"""Papers on their way in a replay: brought to every voter, asked for again, and their boxes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time, timedelta

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.ballots import box_services, delivery_services
from tracker.ballots.delivery_services import Brought
from tracker.ballots.paper_models import Paper
from tracker.ballots.rules import (
    DeliveryOutcome,
    DeliveryWay,
    PaperState,
    Recipient,
    VisitOutcome,
)
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.votes.models import RollEntry, Vote

Leaders = Mapping[int, User]
"""Who walks which building."""


def voters(vote: Vote) -> dict[int, int]:
    """The building of every voter of the roll, by serial."""
    rows = db.session.execute(
        sa.select(RollEntry.serial, RollEntry.building_id)
        .where(RollEntry.vote_id == vote.id)
        .order_by(RollEntry.serial)
    )
    return {row.serial: row.building_id for row in rows}


def papers(vote: Vote) -> dict[int, int]:
    """The number of the paper each voter has, by the voter's serial."""
    rows = db.session.execute(
        sa.select(RollEntry.serial, Paper.serial.label("paper"))
        .join(RollEntry, RollEntry.id == Paper.roll_entry_id)
        .where(Paper.vote_id == vote.id, Paper.state == PaperState.LIVE)
    )
    return {row.serial: row.paper for row in rows}


def deliver(
    leaders: Leaders, vote: Vote, first: datetime, silent: Collection[int], at_most: int = 0
) -> None:
    """Bring every voter a paper, on four evenings from ``first`` on.

    Whoever is ``silent`` later is not easily met either. ``at_most``: stop after so many.
    """
    hard_to_meet = 0
    for place, (serial, building_id) in enumerate(voters(vote).items()):
        if at_most and place >= at_most:
            return
        at = first + timedelta(days=place % 4, minutes=place % 90)
        tries = [_met(place, at)]
        if serial in silent:
            hard_to_meet += 1
            tries = _hardly_met(hard_to_meet, at)
        elif place % 29 == 7:
            tries = [_absent(at), _met(place, at + timedelta(days=1))]
        for brought in tries:
            delivery_services.deliver(
                leaders[building_id], brought.at, vote.id, serial=serial, brought=brought
            )


def _met(place: int, at: datetime) -> Brought:
    recipient = Recipient.OWNER
    if place % 13 == 5:
        recipient = Recipient.CO_OWNER
    elif place % 53 == 31:
        recipient = Recipient.PROXY
    return Brought(DeliveryWay.HAND, DeliveryOutcome.SIGNED, at, recipient)


def _absent(at: datetime) -> Brought:
    return Brought(DeliveryWay.HAND, DeliveryOutcome.ABSENT, at)


def _hardly_met(number: int, at: datetime) -> list[Brought]:
    """In turn: signed for and not returned, sent by post, refused, posted at the door."""
    if number % 4 == 0:
        proof = f"挂号信 XA{number:08d}31"
        return [_absent(at), Brought(DeliveryWay.POST, DeliveryOutcome.SENT, at, proof=proof)]
    if number % 4 == 1:
        return [_met(0, at)]
    if number % 4 == 2:
        proof = "楼组长和一位邻居在场"
        return [Brought(DeliveryWay.HAND, DeliveryOutcome.REFUSED, at, proof=proof)]
    proof = "张贴于本单元入口，楼组长见证"
    return [_absent(at), Brought(DeliveryWay.NOTICE, DeliveryOutcome.SENT, at, proof=proof)]


def remind(leaders: Leaders, vote: Vote, silent: Collection[int], at: datetime) -> None:
    """Knock once more at every third door from which nothing has come."""
    outcomes = (VisitOutcome.MET, VisitOutcome.LATER, VisitOutcome.ABSENT, VisitOutcome.MOVED)
    houses = voters(vote)
    for place, serial in enumerate(sorted(silent)[::3]):
        leader = leaders[houses[serial]]
        outcome = outcomes[place % len(outcomes)]
        delivery_services.remind(leader, at, vote.id, serial=serial, outcome=outcome, at=at)


Boxes = Mapping[int, tuple[int, User]]
"""Number of a building's box, and the leader who keeps it."""


def seal_boxes(worker: User, leaders: Leaders, vote: Vote) -> Boxes:
    """Seal one box per leader shortly before the opening."""
    keepers = {building: leaders[building] for building in voters(vote).values()}
    numbers: dict[int, int] = {}
    for leader in keepers.values():
        if leader.id in numbers:
            continue
        numbers[leader.id] = len(numbers) + 1
        box_services.seal(
            worker,
            vote.opens_at - timedelta(minutes=30),
            vote.id,
            number=numbers[leader.id],
            seal_number=f"封{vote.id:03d}-{numbers[leader.id]:02d}",
            place=f"{leader.display_name}值守处",
        )
    return {building: (numbers[leader.id], leader) for building, leader in keepers.items()}


def open_boxes(counter: User, vote: Vote, boxes: Boxes) -> None:
    """After the close each leader hands over a box; it is opened before everybody."""
    handed, opened = vote.closes_at + timedelta(minutes=30), vote.closes_at + timedelta(minutes=50)
    for number, leader in dict(boxes.values()).items():
        box_services.hand_over(
            counter,
            handed,
            vote.id,
            number=number,
            giver=leader.display_name,
            taker=counter.display_name,
            seal_whole=True,
            at=handed,
        )
        note = "监票人、业主代表在场，封条完好"
        box_services.open_box(counter, opened, vote.id, number=number, seal_whole=True, note=note)


def evening_after(of: datetime) -> datetime:
    """Half past six in the evening of the next day."""
    return clock.at_local(clock.local_date(of) + timedelta(days=1), time(18, 30))
