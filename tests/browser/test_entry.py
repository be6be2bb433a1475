"""Reading ballots by keyboard alone, with and without scripts; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK, MAY_TAKE_MS, PHONE
from tests.browser.looks import assert_looks_right
from tests.factories import votes
from tests.factories.people import NOW
from tests.factories.votes import AFTER, DURING
from tracker.ballots.models import BallotEntry
from tracker.ballots.paper_models import Paper
from tracker.kernel import clock
from tracker.kernel.database import db


def cookie_of(app: Flask, address: str, identity: str) -> Any:
    """The cookie of somebody signed in: accounts of the factories have no password."""
    serializer = app.session_interface.get_signing_serializer(app)
    value = serializer.dumps({"_user_id": identity, "_fresh": True})
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": address}


class Room:
    """A vote being counted, and a counter at a keyboard."""

    def __init__(self, app: Flask, address: str) -> None:
        with app.app_context():
            scene = votes.scene(buildings=2, rooms=4)
            vote = votes.counting(scene, range(1, 8))
            votes.received(scene, vote, 8, at=AFTER, received_at=DURING)
            db.session.commit()
            self.address = f"/votes/{vote.id}/ballots"
            identity = scene.counter.get_id()
            self.codes = list(db.session.scalars(sa.select(Paper.code).order_by(Paper.serial)))
        self.cookie = cookie_of(app, address, identity)

    def enter(self, context: BrowserContext) -> Page:
        """The page of entering, signed in."""
        context.add_cookies([self.cookie])
        page = context.new_page()
        page.goto(f"{self.address}/enter")
        return page


@pytest.fixture
def room(app: Flask, site: str, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(clock, "now", lambda: AFTER)
    return Room(app, site)


@pytest.fixture
def desk(room: Room, window: Callable[..., Page], site: str) -> Page:
    return room.enter(window(site).context)


def focused(page: Page) -> str:
    """The id of the field with the cursor, or the word on the button."""
    found: str = page.evaluate(
        "document.activeElement.id || document.activeElement.textContent.trim()"
    )
    return found


def typed(page: Page, text: str) -> None:
    """Press keys one after the other; ⏎ is Enter and ⎋ is Esc."""
    for sign in text:
        page.keyboard.press({"⏎": "Enter", "⎋": "Escape"}.get(sign, sign))


def read(app: Flask) -> list[int]:
    """How often each ballot was read."""
    with app.app_context():
        query = sa.select(BallotEntry.ballot_id).order_by(BallotEntry.id)
        return list(db.session.scalars(query))


def told(page: Page, words: str) -> None:
    """Wait until the last paper is told to be kept."""
    expect(page.locator(".flash.success")).to_contain_text(words)


def test_papers_are_read_without_leaving_the_keyboard(app, room, desk):
    assert focused(desk) == "paper"
    typed(desk, "1⏎12")
    assert focused(desk) == "提交，下一张"
    expect(desk.locator(".entry-summary")).to_have_text(
        "第 1 号 1号楼101室；1. 车辆管理制度 同意；2. 门禁管理公约 反对"
    )
    assert read(app) == []
    typed(desk, "⏎")
    told(desk, "第 1 号已录入：1号楼101室")
    assert focused(desk) == "paper"
    expect(desk.locator("#paper")).to_have_value("")
    typed(desk, f"{room.codes[1]}⏎30⏎")
    told(desk, "第 2 号已录入")
    assert len(read(app)) == 2


def test_keys_pressed_while_a_paper_is_on_its_way_belong_to_the_next(app, desk):
    typed(desk, "1⏎12⏎2⏎11⏎3⏎33⏎")
    told(desk, "第 3 号已录入")
    assert len(set(read(app))) == 3


def test_escape_clears_and_begins_anew(app, desk):
    typed(desk, "1⏎19⎋")
    assert focused(desk) == "paper"
    for field in desk.locator("#paper, .mark").all():
        expect(field).to_have_value("")
    expect(desk.locator(".entry-word").first).to_have_text("")
    typed(desk, "2⏎11⏎")
    told(desk, "第 2 号已录入")
    assert len(read(app)) == 1


def test_a_wrong_key_keeps_its_place_and_the_right_one_replaces_it(app, desk):
    typed(desk, "1⏎19")
    expect(desk.locator(".entry-word").nth(1)).to_have_text("没有这个键")
    assert focused(desk).startswith("mark_")
    typed(desk, "2⏎")
    told(desk, "第 1 号已录入")


def test_a_refused_paper_comes_back_with_everything_typed(app, desk):
    typed(desk, "8⏎12")
    expect(desk.locator("#paper-error")).to_contain_text("先核对再录入")
    typed(desk, "⏎")
    expect(desk.locator(".error-summary")).to_contain_text("先核对再录入")
    assert focused(desk) == "paper"
    assert [field.input_value() for field in desk.locator(".mark").all()] == ["1", "2"]
    typed(desk, "4⏎⏎⏎")
    told(desk, "第 4 号已录入")
    assert len(read(app)) == 1


def test_one_goes_back_with_backspace_and_arrows_to_mend_a_key(app, desk):
    typed(desk, "1⏎1")
    desk.keyboard.press("Backspace")
    typed(desk, "2")
    desk.keyboard.press("ArrowUp")
    assert focused(desk).startswith("mark_")
    typed(desk, "33⏎")
    told(desk, "第 1 号已录入")


def test_without_the_network_nothing_typed_is_lost(app, room, desk, complaints):
    desk.context.set_offline(True)
    typed(desk, "1⏎12⏎")
    expect(desk.locator(".entry-summary")).to_contain_text("没有送到")
    assert focused(desk) == "提交，下一张"
    desk.context.set_offline(False)
    typed(desk, "⏎")
    told(desk, "第 1 号已录入")
    assert len(read(app)) == 1
    assert all("ERR_INTERNET_DISCONNECTED" in text for text in complaints)
    complaints.clear()


def test_whoever_was_signed_out_meanwhile_is_asked_to_sign_in(desk, complaints):
    desk.context.clear_cookies()
    typed(desk, "1⏎12⏎")
    expect(desk.locator("h1")).to_be_visible()
    expect(desk.locator("form[data-entry]")).to_have_count(0)
    complaints.clear()


def test_a_building_is_read_cell_by_cell(app, desk):
    desk.get_by_role("link", name="按楼栋成批录入").click()
    first, second, third, fourth = desk.locator(".mark").all()[:4]
    expect(first).to_be_focused()
    typed(desk, "12")
    expect(third).to_be_focused()
    desk.keyboard.press("ArrowUp")
    expect(first).to_be_focused()
    desk.keyboard.press("ArrowRight")
    expect(second).to_be_focused()
    desk.keyboard.press("ArrowDown")
    expect(fourth).to_be_focused()
    typed(desk, "9")
    desk.get_by_role("button", name="保存已录的").click()
    expect(desk.locator(".error-summary")).to_be_visible()
    expect(desk.locator(".flash.success")).to_contain_text("已录入 1 张")
    [left, right] = desk.locator(".wrong-row .mark").all()
    assert (left.input_value(), right.input_value()) == ("", "9")
    expect(left).to_be_focused()
    typed(desk, "33")
    desk.keyboard.press("Enter")
    expect(desk.locator(".flash.success")).to_contain_text("已录入 1 张")
    assert len(set(read(app))) == 2


def test_without_scripts_the_same_form_works_with_tab_and_enter(app, room, site, new_context):
    page = room.enter(new_context(base_url=site, java_script_enabled=False, locale="zh-CN"))
    page.set_default_timeout(MAY_TAKE_MS)
    page.locator("#paper").fill("1")
    page.keyboard.press("Enter")
    expect(page.locator(".entry-room")).to_have_text("1号楼101室")
    page.locator("#paper").focus()
    for key in ("Tab", "1", "Tab", "2", "Enter"):
        page.keyboard.press(key)
    told(page, "第 1 号已录入")
    assert len(read(app)) == 1


def test_a_poll_is_read_by_letters_and_enter(app, site, monkeypatch, window):
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def poll(rule_id: str) -> Page:
        with app.app_context():
            scene = votes.scene(motions=("助餐点由谁来办",), committee=f"居委会{rule_id}")
            [motion] = votes.motion_ids(scene.project)
            options = {motion: ["甲食堂", "乙食堂", "丙食堂"]}
            vote = votes.counting(scene, [1], rule_id=rule_id, options=options)
            db.session.commit()
            path, identity = f"/votes/{vote.id}/ballots", scene.counter.get_id()
        page = window(site)
        page.context.add_cookies([cookie_of(app, site, identity)])
        monkeypatch.setattr(clock, "now", lambda: AFTER)
        page.goto(f"{path}/enter")
        return page

    for rule_id, keys, summary in (
        ("choose_one", "1⏎b", "乙食堂"),
        ("approval", "1⏎ca⏎", "丙食堂、甲食堂"),
        ("ranked", "1⏎bca⏎", "乙食堂 > 丙食堂 > 甲食堂"),
    ):
        page = poll(rule_id)
        typed(page, keys)
        expect(page.locator(".entry-summary")).to_contain_text(summary)
        typed(page, "⏎")
        told(page, "第 1 号已录入")


@pytest.mark.parametrize("path", ["enter", "batch", "check", "check?paper=8", "check?shown=done"])
@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_pages_fit_a_phone_and_a_pc(room, window, site, path, width):
    page = room.enter(window(site, width).context)
    page.goto(f"{room.address}/{path}")
    assert_looks_right(page)
