"""Sending, seeing and removing pictures."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest

from tests.factories.works import photo
from tests.works.pages import REPORTERS, Site, count, the_only
from tracker.works.models import Picture


def send(site: Site, *files: tuple[str, bytes], **fields: str) -> str:
    data = {"phase": "after", "spot": "主入口", "taken_on": "2026-03-02", **fields}
    data["files"] = [(BytesIO(content), name) for name, content in files]
    return site.browser.post(f"/projects/{site.project}/pictures/new", **data)


@pytest.mark.parametrize("role", REPORTERS)
def test_photos_are_sent_several_at_once_and_paired_by_spot(app, site, role):
    here = site(role)
    page = send(here, ("a.png", photo(kind="PNG")), ("b.jpg", photo(orientation=6)))
    assert count(app, Picture) == 3
    assert 'class="before-after"' in page
    assert f'src="/pictures/{here.picture}"' in page


def test_a_picture_comes_as_a_jpeg_for_this_browser_alone(app, site):
    here = site()
    send(here, ("a.html", photo(kind="WEBP")))
    answer = here.browser.client.get("/pictures/2")
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data.startswith(b"\xff\xd8\xff")
    assert b"neighbour" not in answer.data
    again = here.browser.client.get(
        "/pictures/2", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304


def test_one_bad_file_is_named_at_the_field_and_nothing_is_kept(app, site, tmp_path: Path):
    here = site()
    files = len(list((tmp_path / "uploads").iterdir()))
    page = send(
        here,
        ("good.jpg", photo((50, 50))),
        ("<b>会议.jpg", b"MZ not a picture"),
        caption="刚刷完漆",
    )
    assert 'id="files-error"' in page
    assert "「&lt;b&gt;会议.jpg」：不是 JPEG、PNG 或 WebP 照片。" in page
    assert 'value="刚刷完漆"' in page
    assert 'value="主入口"' in page
    assert re.search(r'value="after"[^>]*checked', page)
    assert count(app, Picture) == 1
    assert len(list((tmp_path / "uploads").iterdir())) == files


@pytest.mark.parametrize(
    ("change", "field"),
    [({"phase": ""}, "phase"), ({"spot": " "}, "spot"), ({"taken_on": "2999-01-01"}, "taken_on")],
)
def test_photos_without_a_phase_a_spot_or_a_day_are_refused(app, site, change, field):
    assert f'id="{field}-error"' in send(site(), ("a.jpg", photo()), caption="门口", **change)
    assert count(app, Picture) == 1


def test_no_file_at_all_is_refused_at_the_field(site):
    page = send(site(), caption="刚刷完漆")
    assert "请选择至少一张照片" in page
    assert 'value="刚刷完漆"' in page


def test_spots_in_use_are_offered(site):
    here = site()
    page = here.browser.get(f"/projects/{here.project}/pictures/new")
    assert 'list="spots"' in page
    assert '<option value="主入口">' in page


def test_a_picture_is_removed_after_asking_and_then_gone(app, site):
    here = site()
    url = f"/pictures/{here.picture}/remove"
    assert "移除这张照片" in here.browser.get(url)
    assert "还没有照片" in here.browser.post(url)
    here.browser.get(f"/pictures/{here.picture}", expect=404)
    here.browser.post(url, expect=404)
    assert the_only(app, Picture, "removed_at") != (None,)
