"""Two people do the same at the same moment: one of them does it, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.factories import votes
from tests.factories.votes import AFTER, SIGNERS
from tracker.accounts.models import User
from tracker.counts import objection_services, services
from tracker.counts.models import ResultObjection, TallySheet
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import Refusal

Act = Callable[[User, int], object]


def certify(actor: User, vote_id: int) -> object:
    return services.certify(actor, AFTER, vote_id, signers=SIGNERS)


def announce(actor: User, vote_id: int) -> object:
    return services.announce(actor, AFTER, vote_id)


def send_back(actor: User, vote_id: int) -> object:
    return objection_services.send_back(actor, AFTER, vote_id, reason="漏数一箱")


def object_to(actor: User, vote_id: int) -> object:
    day = local_date(AFTER)
    return objection_services.record_objection(
        actor, AFTER, vote_id, received_on=day, text="票数不对"
    )


def together(app: Flask, act: Act, people: list[int], vote_id: int) -> list[str]:
    """Let several people act at once; what each is told, empty for success."""
    told: list[str] = []
    ready = threading.Barrier(len(people), timeout=60)

    def one(user_id: int) -> None:
        with app.app_context():
            actor = db.session.get_one(User, user_id)
            db.session.commit()
            ready.wait()
            try:
                act(actor, vote_id)
                db.session.commit()
                told.append("")
            except Refusal as refusal:
                db.session.rollback()
                told.append(str(refusal))

    threads = [threading.Thread(target=one, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(told)


def made(app: Flask, make: Callable[[votes.Scene], object]) -> tuple[int, dict[str, int]]:
    """A vote, and the people around it by their part."""
    with app.app_context():
        scene = votes.scene()
        vote = make(scene)
        db.session.commit()
        people = {name: getattr(scene, name).id for name in ("director", "officer", "scrutineer")}
        return vote.id, people  # type: ignore[attr-defined]


def all_read(scene: votes.Scene) -> object:
    vote = votes.counting(scene, [1, 2])
    for serial in (1, 2):
        votes.read(scene, vote, serial)
    return vote


@pytest.mark.parametrize(
    ("make", "act", "people", "told"),
    [
        (all_read, certify, ("director", "scrutineer"), "结果已经由另一个人确认了"),
        (votes.certified, announce, ("director", "officer"), "结果已经公告过了"),
        (votes.certified, send_back, ("director", "officer"), "只有已确认、未公告的结果"),
    ],
)
def test_one_of_two_does_it_and_the_other_is_told(app, make, act, people, told):
    vote_id, known = made(app, make)
    first, second = together(app, act, [known[name] for name in people], vote_id)
    assert first == ""
    assert told in second
    with app.app_context():
        sheets = db.session.scalar(sa.select(sa.func.count()).select_from(TallySheet))
        assert sheets == 1


def test_objections_taken_at_once_are_all_kept_under_numbers_of_their_own(app):
    vote_id, known = made(app, votes.announced)
    told = together(app, object_to, [known["director"]] * 5, vote_id)
    assert told == [""] * 5
    with app.app_context():
        query = sa.select(ResultObjection.number).order_by(ResultObjection.number)
        assert db.session.scalars(query).all() == [1, 2, 3, 4, 5]
