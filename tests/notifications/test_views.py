"""The inbox."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.conftest import visible
from tests.factories import people
from tests.factories.people import NOW
from tracker.kernel.database import db
from tracker.notifications import queries, services
from tracker.notifications.models import InboxItem
from tracker.notifications.services import Item


def put(user_id: int, *keys: str) -> list[int]:
    numbers = services.put_in_inbox(
        [Item(key, user_id, f"事项{key}到期", "要做什么：完成它。", "/inbox") for key in keys], NOW
    )
    return [numbers[key] for key in keys]


@pytest.fixture
def worker(app, browse):
    """A signed-in worker's browser, and the ids of two unread messages."""
    with app.app_context():
        user = people.user()
        numbers = put(user.id, "a", "b")
        db.session.commit()
        return browse(user), user.id, numbers


def test_a_message_appears_once_whatever_happens(app, worker):
    _, user_id, _ = worker
    with app.app_context():
        assert services.put_in_inbox([Item("a", user_id, "s", "b", "/")], NOW) == {}
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(InboxItem)) == 2


def test_the_inbox_shows_number_words_and_link_and_the_count_stands_on_every_page(worker):
    browser, _, numbers = worker
    page = browser.get("/inbox")
    assert f"R-{numbers[0]}" in page
    assert "要做什么：完成它。" in page
    assert "去处理" in page
    assert '<span class="count loud">2' in browser.get("/me")


def test_seen_messages_go_below_the_unread(worker):
    browser, _, (first, second) = worker
    page = browser.post(f"/inbox/{second}/read")
    assert visible(page).index("事项a到期") < visible(page).index("事项b到期")
    assert '<span class="count loud">1' in page
    assert f'action="/inbox/{second}/read"' not in page
    assert f'action="/inbox/{first}/read"' in page


def test_all_at_once_leaves_what_came_later_unread(app, worker):
    browser, user_id, numbers = worker
    with app.app_context():
        put(user_id, "c")
        db.session.commit()
    page = browser.post("/inbox/read", up_to=max(numbers))
    assert "2 条提醒已标为看过" in page
    with app.app_context():
        assert queries.unread(user_id) == 1


def test_other_peoples_messages_are_not_found(app, browse, worker):
    _, _, numbers = worker
    with app.app_context():
        stranger = people.user(of=people.committee("国年居委会"))
        db.session.commit()
        other = browse(stranger)
    other.post(f"/inbox/{numbers[0]}/read", expect=404)
    other.post("/inbox/read", up_to=999)
    with app.app_context():
        assert queries.unread(worker[1]) == 2


def test_an_empty_inbox_says_what_will_come(app, browse):
    with app.app_context():
        user = people.user()
        db.session.commit()
        browser = browse(user)
    assert "还没有提醒" in browser.get("/inbox")


def test_strangers_are_asked_to_sign_in(browse):
    assert "登录" in browse().get("/inbox")
    assert browse().client.post("/inbox/read").status_code == 302


def test_a_long_inbox_is_paged(app, worker):
    browser, user_id, _ = worker
    with app.app_context():
        put(user_id, *(f"m{n}" for n in range(60)))
        db.session.commit()
    assert "下一页" in browser.get("/inbox")
    assert "事项a到期" in browser.get("/inbox?page=2")
