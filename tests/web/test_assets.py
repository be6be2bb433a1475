"""Browsers keep style sheets and scripts, and still get the new ones after an update."""

from __future__ import annotations

import re

from tests.factories.people import user
from tracker.accounts.rules import Role
from tracker.kernel.database import db
from tracker.web import assets


def test_the_address_changes_with_any_file(tmp_path):
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "base.css").write_text("a")
    first = assets.address(tmp_path)
    assert re.fullmatch(r"/static/[0-9a-f]{12}", first)
    assert assets.address(tmp_path) == first
    (tmp_path / "css" / "base.css").write_text("b")
    assert assets.address(tmp_path) != first
    (tmp_path / "css" / "base.css").write_text("a")
    (tmp_path / "css" / "base.css").rename(tmp_path / "css" / "other.css")
    assert assets.address(tmp_path) != first


def test_a_browser_keeps_files_but_no_page_of_somebody_signed_in(app, browse):
    with app.app_context():
        director = user(Role.DIRECTOR)
        db.session.commit()
        db.session.refresh(director)
    client = browse(director).client
    with client.session_transaction() as session:
        session.permanent = True  # as signing in makes it: each page sends the cookie again
    page = client.get("/desk")
    assert "Set-Cookie" in page.headers
    assert page.headers["Cache-Control"] == "no-store"
    ours, borrowed = "private, max-age=31536000, immutable", "private, max-age=86400"
    found = re.findall(r'(?:href|src)="(/(?:static|bootstrap)/[^"]+)"', page.get_data(as_text=True))
    kept = set()
    for path in found:
        with client.get(path) as answer:
            kept.add(answer.headers["Cache-Control"])
            assert "Cookie" not in answer.headers.get("Vary", "")
            assert "Set-Cookie" not in answer.headers
    assert kept == {ours, borrowed}


def test_a_file_that_is_not_there_is_not_remembered(app, browse):
    answer = browse().client.get(f"{app.static_url_path}/css/none.css")
    assert answer.status_code == 404
    assert "max-age" not in answer.headers.get("Cache-Control", "")
