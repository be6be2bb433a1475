"""A building in one go: wrong rows come back as typed, right ones are saved once."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.ballots.desk import COUNTER, WORKER, counted, desk, enter, entries, motions
from tests.conftest import visible
from tests.factories import votes
from tests.votes.walk import stage
from tracker.ballots.models import Ballot
from tracker.kernel.database import db

__all__ = ["desk", "stage"]


def rows(app, desk, keys_by_serial):
    """The form of a batch: keys by serial of the paper."""
    with app.app_context():
        ids = dict(
            db.session.execute(
                sa.select(votes.RollEntry.serial, Ballot.id).join(Ballot.entry)
            ).all()
        )
    return {
        f"mark_{motion}_{ids[serial]}": key
        for serial, keys in keys_by_serial.items()
        for motion, key in zip(motions(desk), keys, strict=True)
    }


def test_a_batch_lists_the_papers_of_one_building_that_the_person_has_still_to_read(app, desk):
    enter(desk, COUNTER, 2, "12")
    page = desk[COUNTER].get(desk.url("/ballots/batch"))
    assert len(re.findall(r'<tr id="row-\d+"', page)) == 2
    words = visible(page)
    assert "1号楼101室" in words
    assert "1号楼102室" not in words
    assert "2号楼" in words


def test_a_batch_saves_what_is_filled_in_and_leaves_the_rest(app, desk):
    filled = rows(app, desk, {1: "12", 2: ["", ""], 3: "00"})
    page = desk[COUNTER].post(desk.url("/ballots/batch"), **filled)
    assert "已录入 2 张" in page
    assert entries(app) == 2


def test_wrong_rows_come_back_as_typed_and_the_right_ones_are_saved_once(app, desk):
    filled = rows(app, desk, {1: "12", 2: "1 ", 3: "93"})
    for _ in range(2):
        page = desk[COUNTER].post(desk.url("/ballots/batch"), **filled, submission="one filling")
    assert entries(app) == 1
    page = desk[COUNTER].post(desk.url("/ballots/batch"), **filled, submission="another")
    assert entries(app) == 1
    names = rows(app, desk, {2: "12", 3: "12"})
    kept = [re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in names]
    assert kept == ["1", "", "9", "3"]
    assert "其余的已经保存" in page
    assert "您已经录过" in page


def test_an_empty_batch_is_told_so(desk):
    page = desk[COUNTER].post(desk.url("/ballots/batch"))
    assert "请至少录入一张票" in page


def test_two_batches_make_a_counted_ballot(app, desk):
    filled = rows(app, desk, {1: "12", 2: "30"})
    for role in (COUNTER, WORKER):
        desk[role].post(desk.url("/ballots/batch"), **filled)
    assert counted(app, desk, 2) == ["abstain", "invalid"]


def test_when_nothing_is_left_the_batch_says_who_reads_next(app, desk):
    filled = rows(app, desk, {1: "12", 2: "30", 3: "11"})
    desk[COUNTER].post(desk.url("/ballots/batch"), **filled)
    with app.app_context():
        building = db.session.scalars(sa.select(votes.RollEntry.building_id)).first()
    page = desk[COUNTER].get(desk.url(f"/ballots/batch?building={building}"))
    assert "第二遍要由另一个人来录" in page


@pytest.mark.parametrize("building", ["0", "x", "99999999999999999999"])
def test_a_building_that_is_none_shows_the_first_with_something_left(desk, building):
    page = desk[COUNTER].get(desk.url(f"/ballots/batch?building={building}"))
    assert "1号楼101室" in page


def test_a_batch_of_foreign_ballots_is_not_found(desk):
    name = f"mark_{motions(desk)[0]}_999999"
    desk[COUNTER].post(desk.url("/ballots/batch"), expect=404, **{name: "1"})
