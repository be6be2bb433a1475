"""Signing in, and who may create whom."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.conftest import Browser
from tests.factories import people
from tracker.accounts import passwords
from tracker.accounts.models import User
from tracker.accounts.rules import Role
from tracker.audit.models import AuditEntry
from tracker.kernel.database import db
from tracker.notifications.models import Delivery

SETUP = {
    "subdistrict": "五角场街道",
    "committee": "仁德居委会",
    "role": "director",
    "display_name": "李主任",
    "login": "Director",
    "password": "a garden for all of us",
    "repeat": "a garden for all of us",
}


def test_the_first_visit_asks_to_set_up(browse):
    assert "第一次设置" in browse().get("/")


def test_setting_up_signs_the_first_user_in_and_closes_the_door(app, browse):
    first = browse()
    first.post("/setup", **SETUP)
    with app.app_context():
        user = db.session.scalars(sa.select(User)).one()
        assert (user.login, user.role) == ("director", Role.DIRECTOR)
        assert user.password_hash.startswith("$argon2id$")
    assert "登录" in browse().get("/setup")


def test_a_weak_password_is_refused_at_its_field_and_the_rest_is_kept(browse):
    page = browse().post("/setup", **{**SETUP, "password": "director123", "repeat": "director123"})
    assert "这个密码太容易被猜到" in page
    assert 'value="仁德居委会"' in page


def test_signing_in_needs_the_right_password(app, browse):
    with app.app_context():
        people.user(login="wang", password_hash=passwords.hashed("correct horse battery"))
        db.session.commit()
    page = browse().post("/sign-in", login="wang", password="wrong")
    assert "登录名或密码不对" in page
    page = browse().post("/sign-in", login="Wang ", password="correct horse battery")
    assert "登录名或密码不对" not in page


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_off_the_site(app, browse, target):
    with app.app_context():
        people.user(login="wang", password_hash=passwords.hashed("correct horse battery"))
        db.session.commit()
    client = browse().client
    answer = client.post(
        "/sign-in",
        query_string={"next": target},
        data={"login": "wang", "password": "correct horse battery"},
    )
    assert answer.location == "/"


def test_a_changed_password_ends_other_sessions(app, browse):
    with app.app_context():
        user = people.user(password_hash=passwords.hashed("correct horse battery"))
        db.session.commit()
        here, there = browse(user), browse(user)
    here.post(
        "/me",
        current="correct horse battery",
        password="another fine day",
        repeat="another fine day",
    )
    assert "我的账号" in here.get("/me")
    assert "忘记密码" in there.get("/me")


def test_a_reset_link_works_once(app, browse):
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        worker = people.user(of=director.committee)
        db.session.commit()
        number, boss = worker.id, browse(director)
    page = boss.post(f"/people/{number}/reset-link")
    path = re.search(r"/reset/[\w.-]+", page).group()
    data = {"password": "another fine day", "repeat": "another fine day"}
    assert "密码已修改" in browse().post(path, **data)
    assert "已失效" in browse().post(path, expect=409, **data)


@pytest.mark.parametrize(
    ("role", "expect"),
    [(r, 200 if r in (Role.DIRECTOR, Role.OFFICER) else 403) for r in Role],
)
def test_only_directors_and_officers_see_accounts(app, browse, role, expect):
    with app.app_context():
        browser = browse(_committed(role))
    browser.get("/people", expect=expect)


def test_a_director_cannot_make_a_second_officer(app, browse):
    with app.app_context():
        officer = people.user(Role.OFFICER)
        director = people.user(Role.DIRECTOR, of=people.committee("国年居委会"))
        assert officer.subdistrict_id == director.subdistrict_id
        db.session.commit()
        browser = browse(director)
    page = browser.post(
        "/people/new",
        role="officer",
        display_name="某人",
        login="someone",
        password="a garden for all of us",
    )
    assert "建立账号" in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def test_people_of_another_committee_are_not_found(app, browse):
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        stranger = people.user(of=people.committee("国年居委会"))
        db.session.commit()
        number, browser = stranger.id, browse(director)
    browser.get(f"/people/{number}", expect=404)


def test_a_disabled_account_is_signed_out_at_once(app, browse):
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        worker = people.user(of=director.committee)
        db.session.commit()
        number, boss, staff = worker.id, browse(director), browse(worker)
    assert "我的账号" in staff.get("/me")
    boss.post(f"/people/{number}/state", disabled="yes")
    assert "忘记密码" in staff.get("/me")


def test_a_second_press_of_the_button_makes_no_second_account(app, browse):
    with app.app_context():
        browser: Browser = browse(_committed(Role.DIRECTOR))
    data = {
        "role": "worker",
        "display_name": "王社工",
        "login": "wang",
        "password": "a garden for all of us",
        "submission": "one-form",
    }
    browser.post("/people/new", **data)
    assert "已有人使用" not in browser.post("/people/new", **data)
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 2


def _committed(role: Role) -> User:
    user = people.user(role)
    db.session.commit()
    return user


def _ask_for_a_link(app, browse, email):
    with app.app_context():
        people.user(login="wang", email=email)
        db.session.commit()
    return browse().post("/forgotten", login="wang")


def test_a_forgotten_password_without_mail_server_says_whom_to_ask(app, browse):
    assert "当面给您重设链接" in _ask_for_a_link(app, browse, "wang@example.org")
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0


@pytest.mark.parametrize(("email", "letters"), [("wang@example.org", 1), (None, 0)])
def test_a_reset_letter_goes_only_to_a_known_address(app, browse, email, letters):
    app.config.update(MAIL_HOST="127.0.0.1", MAIL_FROM="ledger@example.org")
    page = _ask_for_a_link(app, browse, email)
    assert "如果这个账号留有邮箱" in page
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == letters


def test_a_reset_link_made_for_another_is_on_record_and_told(app, browse):
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        counter = people.user(Role.COUNTER, of=director.committee, login="counter9")
        db.session.commit()
        number, boss, owner = counter.id, browse(director), browse(counter)
        director_id = director.id
    page = boss.post(f"/people/{number}/reset-link")
    assert "有人为您的账号生成了重设密码的链接" in owner.get("/inbox")
    path = re.search(r"/reset/[\w.-]+", page).group()
    browse().post(path, password="another fine day", repeat="another fine day")
    with app.app_context():
        made, used = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
        assert (made.action, made.actor_id) == ("user.reset_link_made", director_id)
        assert (used.action, used.actor_id) == ("user.password_changed", None)


def test_a_form_filled_in_anew_with_an_old_key_is_a_new_form(app, browse):
    """The back button restores a page with its key; other words make it another form."""
    with app.app_context():
        browser = browse(_committed(Role.DIRECTOR))
    data = {"role": "worker", "password": "a garden for all of us", "submission": "one-form"}
    browser.post("/people/new", **data, display_name="王社工", login="wang")
    browser.post("/people/new", **data, display_name="李社工", login="lili")
    with app.app_context():
        logins = db.session.scalars(sa.select(User.login).order_by(User.id)).all()
        assert logins[1:] == ["wang", "lili"]


def test_a_stale_form_about_an_account_is_a_polite_conflict(app, browse):
    with app.app_context():
        director = people.user(Role.DIRECTOR)
        worker = people.user(of=director.committee)
        db.session.commit()
        url, boss, staff = f"/people/{worker.id}", browse(director), browse(worker)
    staff.post("/language", language="en")
    assert "已保存" in boss.post(url, version=1, display_name="王社工", email="")
    assert "别人已经改动" in boss.post(url, expect=409, version=1, display_name="李", email="")
    assert "页面不完整" in boss.post(url, version="abc", display_name="李", email="")
