"""Photos are kept small and anonymous, in pairs, and can be taken away."""

from __future__ import annotations

from datetime import date

import pytest

from tests.factories.people import NOW
from tests.factories.works import photo, picture
from tests.works.arranged import TODAY, TOMORROW, sentences, started
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal
from tracker.kernel.storage import storage
from tracker.projects.rules import ProjectState
from tracker.works import album, queries
from tracker.works.models import Picture
from tracker.works.rules import PicturePhase

pytestmark = pytest.mark.usefixtures("arrange")


def keep(worker, project, files=None, **fields):
    return album.add_pictures(
        worker,
        NOW,
        project,
        photos=album.clean_pictures(files or [("a.jpg", photo())]),
        **{
            "phase": PicturePhase.BEFORE,
            "spot": " 主入口  东侧 ",
            "caption": "",
            "taken_on": TODAY,
            **fields,
        },
    )


def test_kept_photos_are_small_upright_and_anonymous():
    worker, project = started()
    kept = keep(worker, project, [("a.jpg", photo((80, 60), orientation=6)), ("b", photo())])
    assert [(p.width, p.height) for p in kept] == [(60, 80), (40, 30)]
    assert {p.spot for p in kept} == {"主入口 东侧"}
    assert b"neighbour" not in storage().get(kept[0].storage_key)


def test_every_bad_file_is_named_and_no_good_one_is_kept():
    with pytest.raises(FieldRefusal) as refused:
        album.clean_pictures([("a.jpg", photo()), ("b.txt", b"text"), ("c.jpg", photo()[:200])])
    assert refused.value.field == "files"
    told = [str(r.message) for r in refused.value.reasons]
    assert len(told) == 2
    assert "b.txt" in told[0]
    assert "c.jpg" in told[1]


def test_twenty_photos_at_once_and_no_more():
    files = [(f"{n}.jpg", photo((4, 4))) for n in range(album.MOST_AT_ONCE)]
    assert len(album.clean_pictures(files)) == 20
    with pytest.raises(FieldRefusal):
        album.clean_pictures([*files, ("one more.jpg", photo((4, 4)))])


def test_a_photo_is_not_taken_tomorrow():
    worker, project = started()
    with pytest.raises(FieldRefusal) as refused:
        keep(worker, project, taken_on=TOMORROW)
    assert refused.value.field == "taken_on"


def test_a_pair_is_the_first_before_and_the_last_after_of_a_spot():
    worker, project = started()
    before = picture(project, worker, taken_on=date(2026, 1, 5))
    picture(project, worker, taken_on=date(2026, 2, 5))
    picture(project, worker, PicturePhase.DURING)
    picture(project, worker, PicturePhase.AFTER, taken_on=date(2026, 2, 27))
    after = picture(project, worker, PicturePhase.AFTER, taken_on=date(2026, 3, 1))
    picture(project, worker, PicturePhase.AFTER, taken_on=date(2026, 3, 2), removed_at=NOW)
    picture(project, worker, PicturePhase.BEFORE, "花坛")
    picture(project, worker, PicturePhase.AFTER, "车棚")
    pairs = queries.picture_pairs(project.id)
    assert [(p.spot, p.before.id, p.after.id) for p in pairs] == [("主入口", before.id, after.id)]
    assert queries.picture_pairs(project.id, ["花坛"]) == []


def test_a_removed_picture_is_shown_nowhere_and_kept_in_the_table():
    worker, project = started()
    shown = picture(project, worker)
    album.remove_picture(worker, NOW, shown)
    db.session.flush()
    assert queries.picture_count(project.id) == 0
    assert queries.spots(project.id) == []
    assert db.session.get(Picture, shown.id).removed_at == NOW
    assert "picture.removed" in sentences(project)[-1]


def test_a_picture_may_be_removed_after_the_project_was_closed():
    worker, project = started(state=ProjectState.CLOSED, closed_on=TODAY)
    album.remove_picture(worker, NOW, picture(project, worker))
    assert queries.picture_count(project.id) == 0


@pytest.mark.parametrize("state", [ProjectState.PAUSED, ProjectState.CANCELLED])
def test_no_photo_is_kept_while_the_project_does_not_run(state):
    worker, project = started(state=state)
    with pytest.raises(Refusal):
        keep(worker, project)
