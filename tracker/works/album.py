"""Services of the pictures of a project: before, during and after."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from tracker.accounts.models import User
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Reason
from tracker.kernel.storage import storage
from tracker.kernel.words import M_, Message
from tracker.projects.models import Project
from tracker.projects.services import require_running
from tracker.works import images
from tracker.works.models import Picture
from tracker.works.rules import PicturePhase, past_day_fault, spot_name
from tracker.works.support import refuse_at, tell

MOST_AT_ONCE = 20
"""Photos in one sending: each takes the server about a third of a second."""


class PicturesRefused(FieldRefusal):
    """Every file that cannot become a picture, with its name and the reason."""

    def __init__(self, faults: Sequence[Message]) -> None:
        super().__init__("files", faults[0])
        self.reasons = tuple(Reason(fault) for fault in faults)


def clean_pictures(files: Iterable[tuple[str, bytes]]) -> list[images.Cleaned]:
    """Photos fit to keep, from pairs of file name and content; touches no database.

    Raises PicturesRefused, naming every bad file, when one is bad: all or nothing.
    """
    good, faults = [], []
    for number, (name, data) in enumerate(files, start=1):
        if number > MOST_AT_ONCE:
            raise PicturesRefused([M_("一次最多上传 %(n)d 张。", n=MOST_AT_ONCE)])
        try:
            good.append(images.cleaned(data))
        except images.BadPicture as bad:
            faults.append(M_("「%(file)s」：%(why)s", file=name, why=bad.message))
    if faults:
        raise PicturesRefused(faults)
    return good


def add_pictures(
    actor: User,
    now: datetime,
    project: Project,
    *,
    photos: Sequence[images.Cleaned],
    phase: PicturePhase,
    spot: str,
    caption: str,
    taken_on: date,
) -> list[Picture]:
    """Keep photos of one spot. Raises FieldRefusal for a day that is yet to come."""
    require_running(project)
    refuse_at("taken_on", past_day_fault(taken_on, local_date(now)))
    shelf = storage()
    kept = [
        Picture(
            committee_id=project.committee_id,
            project_id=project.id,
            phase=phase,
            spot=spot_name(spot),
            caption=caption,
            taken_on=taken_on,
            storage_key=shelf.put(photo.data, ".jpg"),
            width=photo.width,
            height=photo.height,
            uploaded_by=actor.id,
            uploaded_at=now,
        )
        for photo in photos
    ]
    db.session.add_all(kept)
    db.session.flush()
    message = M_("上传了 %(n)d 张照片（%(phase)s）", n=len(kept), phase=phase)
    tell(actor, now, project, "pictures.added", message)
    return kept


def remove_picture(actor: User, now: datetime, picture: Picture) -> None:
    """Show a picture no more; allowed after the project ended too.

    Whoever finds a face on it may ask at any time, and the page for residents stays up.
    """
    picture.removed_at = now
    message = M_("移除了一张照片（%(phase)s）", phase=picture.phase)
    tell(actor, now, picture.project, "picture.removed", message)
