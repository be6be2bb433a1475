"""Sending through a real SMTP server: nothing lost, nothing finished by the wrong hands."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories.mail import MailBox, free_port, smtp_server
from tests.factories.people import NOW
from tracker.kernel.database import db
from tracker.notifications import dispatch as sending
from tracker.notifications import services
from tracker.notifications.dispatch import Asked, claim, dispatch
from tracker.notifications.mail import MailServer, MailSettings
from tracker.notifications.models import Delivery
from tracker.notifications.rules import LEASE, DeliveryState

pytestmark = pytest.mark.usefixtures("arrange")


class Clock:
    """A clock that a test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Heard:
    """Everything the dispatcher asks, with answers to choose."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.unwanted: set[str] = set()
        self.dead: list[str] = []

    def asked(self) -> Asked:
        return Asked(
            self.clock,
            lambda key: key not in self.unwanted,
            lambda delivery: self.dead.append(delivery.key),
        )


@pytest.fixture
def heard() -> Heard:
    return Heard()


def server_at(port: int) -> MailServer:
    return MailServer(MailSettings("127.0.0.1", port, "", "", "ledger@example.org", "none"))


def queue(*keys: str, address: str = "wang@example.org") -> None:
    for key in keys:
        services.queue_email(
            key=key,
            recipient_id=None,
            address=address,
            subject="阶段「征集意见」还剩 3 个工作日",
            body="要做什么：完成这个阶段。",
            now=NOW,
        )
    db.session.commit()


def row(key: str) -> Delivery:
    db.session.expire_all()
    return db.session.scalars(sa.select(Delivery).where(Delivery.key == key)).one()


def test_letters_arrive_readable_on_one_connection(heard):
    queue("a", "b", "c")
    with smtp_server(MailBox()) as box:
        tally = dispatch(server_at(box.port), heard.asked())
    assert (tally.sent, box.connections) == (3, 1)
    letter = box.letters[0]
    assert letter["Subject"] == "阶段「征集意见」还剩 3 个工作日"
    assert letter["From"] == "ledger@example.org"
    assert letter.get_content().strip() == "要做什么：完成这个阶段。"
    assert row("a").state is DeliveryState.SENT
    assert row("a").sent_at == NOW


def test_a_repeat_carries_the_same_message_id_and_others_differ(heard):
    queue("a", "b")
    with smtp_server(MailBox()) as box:
        dispatch(server_at(box.port), heard.asked())
        again = row("a")
        again.state, again.sent_at = DeliveryState.QUEUED, None
        db.session.commit()
        dispatch(server_at(box.port), heard.asked())
    ids = [letter["Message-ID"] for letter in box.letters]
    assert ids[0] == ids[2]
    assert ids[0] != ids[1]


def test_a_server_that_is_down_delays_and_loses_nothing(heard):
    queue("a", "b")
    port = free_port()
    tally = dispatch(server_at(port), heard.asked())
    assert tally.postponed == 2
    waiting = row("a")
    assert (waiting.state, waiting.attempts) == (DeliveryState.QUEUED, 1)
    assert NOW + timedelta(seconds=30) <= waiting.next_try_at <= NOW + timedelta(seconds=36)
    assert "refused" in waiting.last_error
    with smtp_server(MailBox(), port) as box:
        assert dispatch(server_at(port), heard.asked()).sent == 0  # not yet
        heard.clock.now += timedelta(minutes=1)
        assert dispatch(server_at(port), heard.asked()).sent == 2
    assert len(box.letters) == 2
    assert row("a").last_error == ""


def test_an_outage_over_a_weekend_kills_no_letter(heard):
    queue("a")
    port = free_port()
    for _ in range(45):
        heard.clock.now = max(heard.clock.now, row("a").next_try_at)
        dispatch(server_at(port), heard.asked())
        if heard.clock.now - NOW > timedelta(hours=60):
            break
    assert row("a").state is DeliveryState.QUEUED
    with smtp_server(MailBox(), port):
        heard.clock.now = row("a").next_try_at
        assert dispatch(server_at(port), heard.asked()).sent == 1


def test_an_unknown_recipient_is_dead_at_once_and_the_others_are_served(heard):
    queue("a", address="nobody@example.org")
    queue("b")
    box = MailBox()
    box.refuse_recipient["nobody@example.org"] = "550 5.1.1 User unknown"
    with smtp_server(box):
        tally = dispatch(server_at(box.port), heard.asked())
    assert (tally.sent, tally.dead) == (1, 1)
    assert heard.dead == ["a"]
    assert row("a").state is DeliveryState.DEAD
    assert row("a").last_error == "550 5.1.1 User unknown"


def test_a_server_that_asks_to_slow_down_uses_up_no_attempt(heard):
    queue("a")
    box = MailBox()
    box.refuse_data.append("550 Ip frequency limited")
    with smtp_server(box):
        assert dispatch(server_at(box.port), heard.asked()).postponed == 1
        assert row("a").attempts == 0
        heard.clock.now += timedelta(minutes=15)
        assert dispatch(server_at(box.port), heard.asked()).sent == 1


def test_ten_failures_in_turn_end_visibly(heard):
    queue("a")
    box = MailBox()
    box.refuse_data.extend(["451 try later"] * 10)
    with smtp_server(box):
        for _ in range(10):
            heard.clock.now = row("a").next_try_at
            dispatch(server_at(box.port), heard.asked())
    assert row("a").state is DeliveryState.DEAD
    assert row("a").attempts == 10
    assert heard.dead == ["a"]


def test_what_is_no_longer_wanted_is_not_sent(heard):
    queue("a", "b")
    heard.unwanted.add("a")
    with smtp_server(MailBox()) as box:
        tally = dispatch(server_at(box.port), heard.asked())
    assert (tally.sent, tally.dropped, len(box.letters)) == (1, 1, 1)
    assert row("a").state is DeliveryState.DROPPED


def test_an_address_that_no_server_can_take_is_dead_and_harms_nothing(heard):
    queue("a", address="王@example.org")
    queue("b")
    with smtp_server(MailBox(), utf8=False) as box:
        tally = dispatch(server_at(box.port), heard.asked())
    assert (tally.sent, tally.dead) == (1, 1)
    assert box.letters[0]["To"] == "wang@example.org"


def test_two_dispatchers_never_hold_the_same_letter(heard):
    queue("a", "b", "c")
    first, second = claim(NOW, 2), claim(NOW, 2)
    assert [letter.key for letter in first] == ["a", "b"]
    assert [letter.key for letter in second] == ["c"]
    assert claim(NOW, 2) == []


def test_letters_of_a_dead_dispatcher_are_free_when_the_lease_ends(heard):
    queue("a")
    claim(NOW, 5)
    assert claim(NOW + LEASE - timedelta(seconds=1), 5) == []
    heard.clock.now = NOW + LEASE + timedelta(seconds=1)
    with smtp_server(MailBox()) as box:
        assert dispatch(server_at(box.port), heard.asked()).sent == 1


def test_whoever_lost_the_lease_finishes_nothing(heard):
    queue("a")
    (slow,) = claim(NOW, 1)
    (quick,) = claim(NOW + LEASE + timedelta(seconds=1), 1)
    assert sending._finish(slow, state=DeliveryState.SENT, sent_at=NOW) == 0
    assert row("a").state is DeliveryState.SENDING
    assert sending._finish(quick, state=DeliveryState.SENT, sent_at=NOW) == 1


def test_no_transaction_is_open_while_a_letter_travels(heard, monkeypatch):
    queue("a")
    open_ones = []

    def send(self: MailServer, **letter: object) -> None:
        open_ones.append(db.session().in_transaction())

    monkeypatch.setattr(MailServer, "send", send)
    with smtp_server(MailBox()) as box:
        dispatch(server_at(box.port), heard.asked())
    assert open_ones == [False]


def test_asked_to_stop_it_gives_back_what_it_has_not_begun(heard):
    queue("a", "b")
    asked = heard.asked()
    calls = iter([False, False, True])
    stopping = Asked(asked.clock, asked.wanted, asked.died, lambda: next(calls, True))
    with smtp_server(MailBox()) as box:
        assert dispatch(server_at(box.port), stopping).sent == 1
    assert row("b").state is DeliveryState.QUEUED
    assert row("b").attempts == 0


def test_a_wrong_password_delays_and_is_said(heard):
    queue("a")
    with smtp_server(MailBox()) as box:
        settings = MailSettings("127.0.0.1", box.port, "me", "secret!", "l@example.org", "none")
        assert dispatch(MailServer(settings), heard.asked()).postponed == 1
    assert row("a").state is DeliveryState.QUEUED
    assert row("a").last_error
    assert "secret!" not in row("a").last_error


def test_a_title_with_a_line_break_cannot_forge_a_header(heard):
    queue("a")
    row("a").subject = "好\r\nBcc: all@example.org"
    db.session.commit()
    with smtp_server(MailBox()) as box:
        dispatch(server_at(box.port), heard.asked())
    assert box.letters[0]["Bcc"] is None
