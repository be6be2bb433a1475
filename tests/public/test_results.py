"""What residents read of votes, from the first announcement to the corrected one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import visible
from tests.factories import votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, SIGNERS
from tracker.counts import objection_services, services
from tracker.counts.rules import Ruling
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.votes.models import Vote

TOKEN = "residents"


@pytest.fixture
def page(app, browse) -> Callable[[Callable[[votes.Scene], object]], str]:
    """The residents' page of a public project after something was arranged."""

    def of(arrange: Callable[[votes.Scene], object]) -> str:
        with app.app_context():
            scene = votes.scene()
            scene.project.public_token, scene.project.public_since = TOKEN, NOW
            arrange(scene)
            db.session.commit()
        return visible(browse().get(f"/p/{TOKEN}"))

    return of


def objected(scene: votes.Scene, ruling: Ruling, text: str) -> Vote:
    """An announced vote with an objection that was ruled on."""
    vote = votes.announced(scene)
    day = clock.local_date(AFTER)
    objection_services.record_objection(
        scene.worker, AFTER, vote.id, received_on=day, text="第二叠票的唱票有误"
    )
    objection_services.rule_on(scene.director, AFTER, vote.id, 1, ruling=ruling, text=text)
    return vote


def test_an_announced_result_is_drawn_as_totals(page):
    shown = page(votes.announced)
    for words in (
        "停车与门禁表决",
        "「车辆管理制度」通过",
        "5 / 6 人 · 83.3%",
        "5 / 5 人 · 100.0%",
        "须过半数",
        "已达到",
        "异议期到 3月20日 周五",
    ):
        assert words in shown
    assert "业主1" not in shown
    assert "101室" not in shown


@pytest.mark.parametrize("make", [votes.running, votes.counting, votes.certified])
def test_nothing_is_shown_before_the_announcement(page, make):
    shown = page(make)
    assert "表决结果" not in shown
    assert "通过" not in shown


def test_a_recount_leaves_the_announced_result_standing(page):
    shown = page(lambda scene: objected(scene, Ruling.RECOUNT, "两叠票放反"))
    assert "正在重新计票" in shown
    assert "「车辆管理制度」通过" in shown
    assert "第二叠票的唱票有误" not in shown


def test_a_corrected_result_replaces_the_first_and_says_why(page):
    def corrected(scene: votes.Scene) -> None:
        vote = objected(scene, Ruling.RECOUNT, "两叠票放反")
        for serial in range(1, 6):
            votes.read(scene, vote, serial, "against")
        services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS, reason="两叠票放反")
        services.announce(scene.director, AFTER, vote.id)

    shown = page(corrected)
    assert "这是重新计票后更正的结果。原因：两叠票放反" in shown
    assert "「车辆管理制度」未形成决定" in shown
    assert "「车辆管理制度」通过" not in shown


def test_a_correction_of_the_announcement_is_read_beside_it(page):
    shown = page(lambda scene: objected(scene, Ruling.CORRECTED, "截止时间应为下午三点"))
    assert "更正：截止时间应为下午三点" in shown
    assert "「车辆管理制度」通过" in shown


def test_a_poll_is_shown_as_advice(page):
    def poll(scene: votes.Scene) -> None:
        motion = votes.motion_ids(scene.project)[0]
        vote = votes.counting(
            scene,
            range(1, 6),
            rule_id="choose_one",
            motion_ids=[motion],
            options={motion: ("甲公司", "乙公司")},
        )
        for serial in range(1, 6):
            votes.read(scene, vote, serial, "A" if serial < 5 else "B")
        services.certify(scene.scrutineer, AFTER, vote.id, signers=SIGNERS)
        services.announce(scene.director, AFTER, vote.id)

    shown = page(poll)
    assert "得票最多的是：甲公司" in shown
    assert "仅供参考" in shown
