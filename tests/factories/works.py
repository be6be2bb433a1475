"""Photos, money and contracts for a test to act on."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from PIL import Image

from tests.factories.people import NOW
from tracker.accounts.models import User
from tracker.kernel.database import db
from tracker.kernel.storage import storage
from tracker.projects.models import Project
from tracker.works.models import MoneyEntry, Picture
from tracker.works.rules import MoneyDirection, MoneySource, PicturePhase

ORIENTATION, MAKE, GPS_FOLDER = 0x0112, 0x010F, 0x8825
TURNED_RIGHT = 6
"""The camera was held upright: the top of the scene is at the right of the stored picture."""


def photo(
    size: tuple[int, int] = (40, 30), *, orientation: int = 1, kind: str = "JPEG", mode: str = "RGB"
) -> bytes:
    """A small photo: its left half is red, it tells where it was taken, and by what camera."""
    image = Image.new(mode, size, "blue" if mode == "RGB" else 0)
    if mode == "RGB":
        image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, "Camera of a neighbour"
    exif.get_ifd(GPS_FOLDER).update({1: "N", 2: (31.0, 18.0, 7.5), 3: "E", 4: (121.0, 30.0, 30.0)})
    out = BytesIO()
    if kind == "JPEG":
        image.save(out, kind, exif=exif, comment=b"at home")
    else:
        image.save(out, kind, exif=exif)
    return out.getvalue()


def picture(
    project: Project,
    by: User,
    phase: PicturePhase = PicturePhase.BEFORE,
    spot: str = "主入口",
    **fields: object,
) -> Picture:
    """A kept picture, with its file; needs an application context."""
    made = Picture(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "phase": phase,
            "spot": spot,
            "taken_on": date(2026, 3, 1),
            "storage_key": storage().put(photo(), ".jpg"),
            "width": 40,
            "height": 30,
            "uploaded_by": by.id,
            "uploaded_at": NOW,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made


def money(
    project: Project,
    by: User,
    amount: int = 100_00,
    direction: MoneyDirection = MoneyDirection.IN,
    **fields: object,
) -> MoneyEntry:
    """An entry of money, in fen."""
    made = MoneyEntry(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "direction": direction,
            "source": MoneySource.PUBLIC,
            "amount": amount,
            "on": date(2026, 3, 1),
            "party": "街道办事处",
            "recorded_by": by.id,
            "recorded_at": NOW,
            **fields,
        }
    )
    db.session.add(made)
    db.session.flush()
    return made
