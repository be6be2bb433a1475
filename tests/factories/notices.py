"""Public notices, put there without the screens."""

from __future__ import annotations

from datetime import date

from tests.factories.people import NOW
from tracker.kernel.database import db
from tracker.notices import queries
from tracker.notices.models import Notice, NoticePlace, Objection
from tracker.notices.rules import NoticeState
from tracker.projects.models import Project


def notice(project: Project, *, posted_on: date | None = None, **fields: object) -> Notice:
    """A notice of seven days at all usual places, hanging since ``posted_on`` if given."""
    stage = queries.stage_of_notices(project)
    assert stage is not None
    made = Notice(
        **{
            "committee_id": project.committee_id,
            "project_id": project.id,
            "stage_id": stage.id,
            "round": stage.round,
            "title": "关于停车管理规定的公示",
            "body": "现将停车管理规定公示如下。",
            "starts_on": date(2026, 3, 2),
            "ends_on": date(2026, 3, 8),
            "state": NoticeState.POSTED if posted_on else NoticeState.DRAFT,
            "created_by": project.lead_id,
            "created_at": NOW,
            **fields,
        }
    )
    for position, place in enumerate(queries.usual_places(project.compound_id), start=1):
        made.places.append(
            NoticePlace(
                committee_id=project.committee_id,
                position=position,
                label=place.label,
                building_id=place.building_id,
                posted_on=posted_on,
                posted_by=project.lead_id if posted_on else None,
            )
        )
    db.session.add(made)
    db.session.flush()
    return made


def objection(of: Notice, **fields: object) -> Objection:
    """An objection without a reply."""
    made = Objection(
        **{
            "committee_id": of.committee_id,
            "received_on": date(2026, 3, 3),
            "text": "车位太少，先来后到不公平。",
            **fields,
        }
    )
    of.objections.append(made)
    db.session.flush()
    return made
