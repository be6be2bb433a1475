"""The check page: roll, objections, files."""

from __future__ import annotations

import io
import re

import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import votes
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.places.models import Building, Unit
from tracker.votes.models import RollObjection

# ---- the check ----


def test_the_roll_is_listed_by_building_and_names_nobody(app, stage):
    def merged(scene):
        first, second = db.session.scalars(sa.select(Unit).order_by(Unit.id).limit(2)).all()
        second.voting_person_id = first.voting_person_id
        first.area_source = "不动产权证"
        second.area = None
        db.session.flush()
        return votes.draft(scene)

    s = stage(merged)
    page = visible(s[Role.SCRUTINEER].get(s.url("/check")))
    for words in ("1号楼101室", "业**", "2 套算一人", "不动产权证", "缺失", "2号楼103室"):
        assert words in page
    assert "业主1" not in page
    with app.app_context():
        house = db.session.scalar(sa.select(Building).where(Building.number == "2")).id
    page = visible(s[Role.SCRUTINEER].get(s.url(f"/check?building={house}")))
    assert "2号楼103室" in page
    assert "1号楼101室" not in page
    s[Role.SCRUTINEER].get(s.url("/check?building=nonsense&page=x"))


def test_a_long_roll_comes_page_by_page(stage):
    s = stage(votes.draft, buildings=1, rooms=60)
    first = visible(s[Role.WORKER].get(s.url("/check")))
    second = visible(s[Role.WORKER].get(s.url("/check?page=2")))
    assert ("1号楼101室" in first, "1号楼160室" in first) == (True, False)
    assert ("1号楼101室" in second, "1号楼160室" in second) == (False, True)


def test_objections_are_recorded_answered_and_hold_up_the_freezing(app, stage):
    s = stage(votes.draft)
    worker = s[Role.WORKER]
    fields = {"received_on": "2026-03-02", "text": "3号楼 <i>101</i> 室面积不对"}
    page = worker.post(s.url("/objections/new"), **{**fields, "text": "打 13812345678"})
    assert "请不要写电话号码" in page
    assert "已登记异议第 1 号" in worker.post(s.url("/objections/new"), **fields)
    page = worker.get(s.url("/check"))
    assert "&lt;i&gt;101" in page
    assert "还有 1 条名册异议没有答复" in page
    assert "还没有答复" not in visible(s[Role.OFFICER].get(s.url("/freeze")))
    target = s.url("/objections/1/answer")
    assert "请选择" in worker.post(target, answer="已按产证改正")
    assert "已答复" in worker.post(target, upheld="yes", answer="已按产证改正")
    assert "成立：已按产证改正" in visible(worker.get(s.url("/check")))
    assert "已经答复过" in worker.post(target, upheld="no", answer="再答一次")
    worker.get(s.url("/objections/7/answer"), expect=404)
    with app.app_context():
        assert db.session.scalar(sa.select(RollObjection)).upheld is True


def test_a_file_is_published_with_its_hash_and_can_be_read(stage):
    s = stage(votes.draft)
    data = b"%PDF-1.4 full text"

    def sent(content):
        return {"kind": "clause", "name": "议事规则", "file": (io.BytesIO(content), "x.pdf")}

    worker = s[Role.WORKER]
    assert "请选择一个文件" in worker.post(s.url("/files/new"), kind="clause", name="议事规则")
    assert "请上传 PDF 文件" in worker.post(s.url("/files/new"), **sent(b"PK"))
    page = worker.post(s.url("/files/new"), **sent(data))
    link = re.search(rf'href="({s.url("/files/")}\d+)"', page).group(1)
    answer = s[Role.PARTNER].client.get(link)
    assert (answer.data, answer.mimetype) == (data, "application/pdf")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    s.stranger.get(link, expect=404)
    assert "附件已移除" in worker.post(f"{link}/remove")
    assert "附件已经移除" in worker.post(f"{link}/remove")
    s[Role.PARTNER].get(link, expect=404)
