"""What happens to a public notice: drafted, posted place by place, objected to, withdrawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy.orm.attributes import flag_modified

from tracker.accounts.models import User
from tracker.audit.services import record
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, NotFound, Refusal, Stale, require
from tracker.kernel.words import M_, Message
from tracker.notices import queries
from tracker.notices.models import Notice, NoticePlace, Objection
from tracker.notices.rules import NoticeState, Place, length, names_a_telephone
from tracker.projects import queries as projects
from tracker.projects.services import require_running

LONGEST = 366
"""Calendar days; a longer period is a slip in the year."""


def draft(
    actor: User,
    now: datetime,
    project_id: int,
    *,
    title: str,
    body: str,
    starts_on: date,
    ends_on: date,
    places: Sequence[Place] | None = None,
) -> Notice:
    """Draft a notice for the days ``starts_on`` to ``ends_on``, both included.

    ``places`` defaults to the board and every building of the compound. Raises FieldRefusal
    for a period that ends before it begins and for no place at all; Refusal when the project
    does not run.
    """
    project = projects.project(actor, project_id)
    require_running(project)
    stage = queries.stage_of_notices(project)
    if stage is None:
        raise Refusal(M_("这个项目没有可以公示的阶段。"))
    chosen = queries.usual_places(project.compound_id) if places is None else list(places)
    _check(starts_on, ends_on, chosen)
    notice = Notice(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        round=stage.round,
        title=title,
        body=body,
        starts_on=starts_on,
        ends_on=ends_on,
        created_by=actor.id,
        created_at=now,
    )
    _set_places(notice, chosen)
    db.session.add(notice)
    db.session.flush()
    _tell(actor, now, notice, "notice.drafted", M_("起草公示「%(title)s」", title=title))
    return notice


def edit(
    actor: User,
    now: datetime,
    notice_id: int,
    *,
    title: str,
    body: str,
    starts_on: date,
    ends_on: date,
    places: Sequence[Place],
    version: int | None = None,
) -> Notice:
    """Change a notice that hangs nowhere yet. Raises as ``draft``; Refusal once posted; Stale."""
    notice = _standing(actor, notice_id)
    require(notice.state is NoticeState.DRAFT, M_("公示已经张贴，不能再改；有错请撤回后重新公示。"))
    if version is not None and version != notice.version:
        raise Stale
    _check(starts_on, ends_on, places)
    notice.title, notice.body = title, body
    notice.starts_on, notice.ends_on = starts_on, ends_on
    notice.places.clear()
    # The old places must be gone before new ones take their positions, and the version must
    # move even when only places change.
    flag_modified(notice, "title")
    db.session.flush()
    _set_places(notice, places)
    db.session.flush()
    _tell(actor, now, notice, "notice.edited", M_("修改公示「%(title)s」", title=title))
    return notice


def mark_posted(
    actor: User,
    now: datetime,
    notice_id: int,
    place_ids: Collection[int] | None,
    posted_on: date,
) -> Notice:
    """Record that the notice was put up in ``place_ids`` (None: wherever it does not hang yet).

    Places recorded before keep their day. Raises NotFound for a place of another notice,
    FieldRefusal for a day to come and when no place is left to record.
    """
    notice = _standing(actor, notice_id)
    if posted_on > local_date(now):
        raise FieldRefusal("posted_on", M_("张贴日期还没有到。"))
    known = {place.id: place for place in notice.places}
    if place_ids is not None and not set(place_ids) <= set(known):
        raise NotFound
    wanted = known if place_ids is None else {i: known[i] for i in place_ids}
    fresh = [place for place in wanted.values() if place.posted_on is None]
    if not fresh:
        raise FieldRefusal("places", M_("请至少勾选一处还没有登记的地点。"))
    for place in fresh:
        place.posted_on, place.posted_by = posted_on, actor.id
    notice.state = NoticeState.POSTED
    db.session.flush()
    what = M_(
        "公示「%(title)s」于 %(day)s 张贴 %(n)d 处，共 %(total)d 处",
        title=notice.title,
        day=posted_on,
        n=len(fresh),
        total=len(known),
    )
    _tell(actor, now, notice, "notice.posted", what)
    return notice


def unmark_posted(actor: User, now: datetime, notice_id: int, place_id: int) -> Notice:
    """Take back a place that was recorded by mistake; the history keeps both entries.

    With no place left the notice is a draft again. Raises NotFound for another notice's place.
    """
    notice = _standing(actor, notice_id)
    place = next((p for p in notice.places if p.id == place_id), None)
    if place is None:
        raise NotFound
    if place.posted_on is None:
        raise Refusal(M_("这一处没有登记过张贴。"))
    what = M_(
        "更正公示「%(title)s」：%(place)s原登记 %(day)s 张贴，现取消登记",
        title=notice.title,
        place=place.label,
        day=place.posted_on,
    )
    place.posted_on = place.posted_by = None
    if all(p.posted_on is None for p in notice.places):
        notice.state = NoticeState.DRAFT
    db.session.flush()
    _tell(actor, now, notice, "notice.place_corrected", what)
    return notice


def withdraw(actor: User, now: datetime, notice_id: int, *, reason: str) -> Notice:
    """Take a notice back for good; what hung where stays on record. Raises FieldRefusal."""
    notice = _standing(actor, notice_id)
    if not reason.strip():
        raise FieldRefusal("reason", M_("请写明撤回的原因。"))
    notice.state, notice.withdraw_reason = NoticeState.WITHDRAWN, reason.strip()
    _tell(actor, now, notice, "notice.withdrawn", M_("撤回公示「%(title)s」", title=notice.title))
    return notice


def add_objection(
    actor: User,
    now: datetime,
    notice_id: int,
    *,
    received_on: date,
    text: str,
    reply: str = "",
) -> Objection:
    """Record an objection, without who made it; the reply may follow later.

    Raises FieldRefusal for a day to come and for a telephone number in the text, Refusal
    for a notice that does not hang.
    """
    notice = _standing(actor, notice_id)
    require(notice.state is NoticeState.POSTED, M_("公示还没有张贴，不会有异议。"))
    if received_on > local_date(now):
        raise FieldRefusal("received_on", M_("收到日期还没有到。"))
    _no_persons("text", text)
    _no_persons("reply", reply)
    objection = Objection(
        committee_id=notice.committee_id,
        received_on=received_on,
        text=text,
        reply=reply.strip(),
        replied_on=local_date(now) if reply.strip() else None,
    )
    notice.objections.append(objection)
    db.session.flush()
    what = M_("登记对公示「%(title)s」的异议", title=notice.title)
    _tell(actor, now, notice, "objection.recorded", what)
    return objection


def answer_objection(actor: User, now: datetime, objection_id: int, *, reply: str) -> Objection:
    """Reply to an objection, once. Raises FieldRefusal for an empty reply, Refusal for a second."""
    objection = queries.objection(actor, objection_id)
    require_running(objection.notice.project)
    require(objection.reply == "", M_("这条异议已经答复过了。"))
    if not reply.strip():
        raise FieldRefusal("reply", M_("请写下答复。"))
    _no_persons("reply", reply)
    objection.reply, objection.replied_on = reply.strip(), local_date(now)
    what = M_("答复对公示「%(title)s」的异议", title=objection.notice.title)
    _tell(actor, now, objection.notice, "objection.answered", what)
    return objection


def _standing(actor: User, notice_id: int) -> Notice:
    notice = queries.notice(actor, notice_id)
    require_running(notice.project)
    require(notice.state is not NoticeState.WITHDRAWN, M_("公示已经撤回。"))
    return notice


def _check(starts_on: date, ends_on: date, places: Sequence[Place]) -> None:
    if ends_on < starts_on:
        raise FieldRefusal("ends_on", M_("最后一天早于第一天。"))
    if length(starts_on, ends_on) > LONGEST:
        raise FieldRefusal("ends_on", M_("公示超过一年，请核对年份。"))
    if not places:
        raise FieldRefusal("places", M_("至少选一处张贴地点。"))
    labels = [place.label for place in places]
    if len(set(labels)) < len(labels):
        raise FieldRefusal("more_places", M_("有两处地点同名，请改名或去掉一处。"))


def _set_places(notice: Notice, places: Sequence[Place]) -> None:
    for position, place in enumerate(places, start=1):
        notice.places.append(
            NoticePlace(
                committee_id=notice.committee_id,
                position=position,
                label=place.label,
                building_id=place.building_id,
            )
        )


def _no_persons(field: str, text: str) -> None:
    if names_a_telephone(text):
        raise FieldRefusal(field, M_("这里像是有手机号码。异议不记姓名和电话，请删去。"))


def _tell(actor: User, now: datetime, notice: Notice, action: str, what: Message) -> None:
    record(
        action,
        what,
        actor_id=actor.id,
        now=now,
        committee_id=notice.committee_id,
        project_id=notice.project_id,
    )
