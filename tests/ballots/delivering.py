"""Deliveries as tests record them."""

from __future__ import annotations

from tests.factories.votes import DURING
from tracker.ballots import delivery_services
from tracker.ballots.delivery_services import Brought
from tracker.ballots.rules import DeliveryOutcome, DeliveryWay, Recipient, VisitOutcome

BY_HAND = Brought(DeliveryWay.HAND, DeliveryOutcome.SIGNED, DURING, Recipient.OWNER)
AT_HOME_NOBODY = Brought(DeliveryWay.HAND, DeliveryOutcome.ABSENT, DURING)


def deliver(scene, vote, serial, brought=BY_HAND, *, by=None, now=DURING):
    return delivery_services.deliver(
        by or scene.worker, now, vote.id, serial=serial, brought=brought
    )


def correct(scene, made, brought=BY_HAND, reason="登记错了", *, by=None, now=DURING):
    return delivery_services.correct(
        by or scene.worker, now, made.id, reason=reason, brought=brought
    )


def remind(scene, vote, serial, outcome=VisitOutcome.MET, *, at=DURING, now=None, by=None):
    return delivery_services.remind(
        by or scene.worker, now or at, vote.id, serial=serial, outcome=outcome, at=at
    )
