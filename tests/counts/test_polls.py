"""Polls on the pages: what came of them, and the way to a second round."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.conftest import visible
from tests.factories import packs, votes
from tracker.kernel.database import db

LABELS = ("甲公司", "乙公司", "丙公司")


@pytest.fixture
def held(app, browse):
    """Hold a poll with these marks; returns the director's browser and the vote's address."""

    def hold(rule: str, marks: list[str]):
        with app.app_context():
            scene = votes.scene(motions=("选物业", "选食堂"))
            first, second = votes.motion_ids(scene.project)
            options = {first: LABELS, second: LABELS}
            serials = range(1, len(marks) + 1)
            vote = votes.counting(scene, serials, rule_id=rule, options=options)
            ids = votes.motions_of(vote)
            for serial, mark in enumerate(marks, start=1):
                votes.read(scene, vote, serial, {ids[0]: mark, ids[1]: "C"})
            packs.certify_by(scene.scrutineer, vote)
            director, vote_id = scene.director, vote.id
            db.session.commit()
            db.session.refresh(director)
            db.session.expunge(director)
        return browse(director), f"/votes/{vote_id}"

    return hold


def test_result_page_tells_votes_and_that_a_poll_decides_nothing(held):
    browser, vote = held("choose_one", ["A", "A", "A", "B", "abstain"])
    shown = visible(browser.get(f"{vote}/result"))
    assert "「选物业」得票最多的是：甲公司" in shown
    assert "得 3 / 4 张有效票（75.0%）。" in shown
    assert "这是意向征询，结果仅供参考，由表决事项决定。" in shown
    assert "准备第二轮" not in shown


def test_second_round_begins_with_those_who_go_on(held):
    browser, vote = held("choose_one", ["A", "A", "B", "B", "C"])
    page = browser.get(f"{vote}/result")
    assert "进入下一轮的是：甲公司 / 乙公司。" in visible(page)
    [link] = re.findall(r'href="([^"]*/votes/new\?[^"]*)"', page)
    form = browser.get(unescape(link))
    [areas] = [re.findall(r"<textarea[^>]*>\s*([^<]*)</textarea>", form)]
    assert "甲公司\n乙公司" in [text.replace("\r", "").strip() for text in areas]
    ticked = re.findall(r'<input type="checkbox" name="motion_ids"[^>]*checked', form)
    assert len(ticked) == 1, "the other motion has its winner"


@pytest.mark.parametrize("page", ["result", "announcement", "sheet"])
@pytest.mark.parametrize(
    ("rule", "marks"),
    [
        ("choose_one", ["A", "A", "B", "B", "C"]),
        ("approval", ["A,B", "B", "B,C", "invalid"]),
        ("ranked", ["A>B", "A>C", "B>A", "B>C", "C>B"]),
    ],
)
def test_every_page_of_a_result_shows_polls(held, rule, marks, page):
    browser, vote = held(rule, marks)
    shown = visible(browser.get(f"{vote}/{page}"))
    assert "甲公司" in shown
    assert "乙公司" in shown
