"""Letters that go along with reminders."""

from __future__ import annotations

from datetime import date, time

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories.people import NOW
from tests.factories.reminders import morning, received
from tracker.kernel.clock import at_local
from tracker.kernel.database import db
from tracker.notifications.models import Delivery, InboxItem
from tracker.notifications.rules import DeliveryState
from tracker.reminders import services

pytestmark = pytest.mark.usefixtures("arrange")


@pytest.fixture
def with_mail(app: Flask) -> None:
    app.config["MAIL_HOST"] = "127.0.0.1"


@pytest.mark.usefixtures("with_mail")
def test_a_letter_goes_along_with_number_and_whole_address(scene):
    services.plan(morning(date(2026, 3, 4)))
    letter = db.session.scalars(sa.select(Delivery)).one()  # only the lead has an address
    item = db.session.scalars(
        sa.select(InboxItem).where(InboxItem.recipient_id == scene.lead.id)
    ).one()
    assert letter.address == "wang@example.org"
    assert f"提醒号 R-{item.id}" in letter.body
    assert f"打开：http://127.0.0.1:8000/projects/stages/{scene.stage.id}" in letter.body
    assert services.plan(morning(date(2026, 3, 4))) == 0


def test_without_a_mail_server_there_are_no_letters(scene):
    services.plan(morning(date(2026, 3, 4)))
    assert db.session.scalars(sa.select(Delivery)).all() == []
    assert len(received(scene.lead)) == 1


@pytest.mark.usefixtures("with_mail")
def test_an_address_given_later_brings_no_old_letters(scene):
    services.plan(morning(date(2026, 3, 4)))
    scene.boss.email = "zhao@example.org"
    db.session.flush()
    assert services.plan(morning(date(2026, 3, 5))) == 0
    assert len(db.session.scalars(sa.select(Delivery)).all()) == 1


@pytest.mark.usefixtures("with_mail")
def test_in_quiet_hours_the_letter_waits_and_the_inbox_does_not(scene):
    services.plan(at_local(date(2026, 3, 4), time(22)))
    letter = db.session.scalars(sa.select(Delivery)).one()
    assert letter.next_try_at == at_local(date(2026, 3, 5), time(8))
    assert len(received(scene.lead)) == 1


@pytest.mark.usefixtures("with_mail")
def test_a_letter_is_not_wanted_once_the_matter_is_done_or_moved(scene):
    at = morning(date(2026, 3, 4))
    services.plan(at)
    key = db.session.scalars(sa.select(Delivery.key)).one()
    assert services.is_wanted(key, at)
    assert services.is_wanted("reset:1:abc", at)
    scene.stage.deadline_revision = 2
    db.session.flush()
    assert not services.is_wanted(key, at)
    scene.stage.deadline_revision = 1
    scene.lead.disabled_at = NOW
    db.session.flush()
    assert not services.is_wanted(key, at)


@pytest.mark.usefixtures("with_mail")
def test_a_dead_letter_is_told_in_the_inbox(scene):
    services.plan(morning(date(2026, 3, 4)))
    letter = db.session.scalars(sa.select(Delivery)).one()
    letter.state, letter.last_error = DeliveryState.DEAD, "550 User unknown"
    services.tell_of_dead_letter(letter, NOW)
    services.tell_of_dead_letter(letter, NOW)
    assert received(scene.lead)[1:] == [f"邮件没有送达：{letter.subject}"]
