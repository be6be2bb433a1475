"""What happens to opinions: heard, corrected, acknowledged, merged, answered, published."""

from __future__ import annotations

import secrets
from datetime import datetime

import sqlalchemy as sa

from tracker.accounts.models import User
from tracker.accounts.rules import Permission, Role
from tracker.anthology.rules import StageKind
from tracker.audit.services import record
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale, require
from tracker.kernel.words import M_, Message
from tracker.opinions import queries
from tracker.opinions.models import Opinion, OpinionRevision
from tracker.opinions.rules import (
    ANSWERED,
    EARLIEST,
    PER_WINDOW,
    RECEIPT_ALPHABET,
    RECEIPT_LENGTH,
    REPLY_WORKDAYS,
    UNANSWERED,
    WINDOW,
    Channel,
    Heard,
    Household,
    OpinionStatus,
    RevisedPart,
)
from tracker.places.models import Building, Unit
from tracker.places.rules import building_label, room_number
from tracker.projects.models import Project, Stage
from tracker.projects.queries import stage_for
from tracker.projects.services import require_running
from tracker.workdays.queries import calendar

NOT_YOURS = M_("只有登记人和答复意见的同事可以更正。")


class TooMany(Refusal):
    """Residents' forms arrive faster than people write them; try again in a while."""


def add(actor: User, now: datetime, project: Project, heard: Heard) -> Opinion:
    """Record what was heard from a resident.

    Raises Refusal when the project is not running or has no stage for opinions, and
    FieldRefusal for a day out of range, an unknown household or another leader's building.
    """
    require_running(project)
    opinion = _new(project, now, heard, _household_of(project, heard.household, actor))
    opinion.recorded_by = actor.id
    db.session.add(opinion)
    db.session.flush()
    _history("opinion.added", M_("登记了意见 %(n)d", n=opinion.id), opinion, now, actor.id)
    return opinion


def add_from_resident(project: Project, now: datetime, heard: Heard) -> Opinion:
    """Take an opinion that a resident wrote by QR code; it carries a receipt.

    Raises TooMany when forms flood in, Refusal and FieldRefusal as ``add`` does.
    """
    require_running(project)
    stage = stage_for(project, StageKind.COLLECT)
    require(stage is not None and stage.is_open, M_("现在没有在征集意见。"))
    if queries.sent_since(project.id, now - WINDOW) >= PER_WINDOW:
        raise TooMany(M_("现在提交的人很多，请过十分钟再交；您填的内容还在。"))
    opinion = _new(project, now, heard, _household_of(project, heard.household, None))
    opinion.channel = Channel.POSTER
    opinion.receipt = "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_LENGTH))
    db.session.add(opinion)
    db.session.flush()
    _history(
        "opinion.received", M_("收到居民扫码填写的意见 %(n)d", n=opinion.id), opinion, now, None
    )
    return opinion


def _new(project: Project, now: datetime, heard: Heard, unit: Unit | None) -> Opinion:
    stage = _stage_of(project)
    _check_day(project, now, heard)
    return Opinion(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        round=stage.round,
        channel=heard.channel,
        topic=heard.topic,
        stance=heard.stance,
        text=heard.text,
        unit_id=unit.id if unit else None,
        heard_on=heard.heard_on,
        reply_due=calendar().add(heard.heard_on, REPLY_WORKDAYS),
        recorded_at=now,
        status=OpinionStatus.NEW,
    )


def _stage_of(project: Project) -> Stage:
    stage = stage_for(project, StageKind.COLLECT)
    if stage is None:
        raise Refusal(M_("这个项目没有征集意见的阶段。"))
    return stage


def _check_day(project: Project, now: datetime, heard: Heard) -> None:
    if heard.heard_on > clock.local_date(now):
        raise FieldRefusal("heard_on", M_("听取日期不能晚于今天。"))
    if heard.heard_on < project.started_on - EARLIEST:
        raise FieldRefusal("heard_on", M_("这个日期比立项早了一年以上，请核对。"))


def _household_of(project: Project, household: Household | None, actor: User | None) -> Unit | None:
    """The unit somebody wrote down; None for an anonymous opinion."""
    if household is None:
        return None
    houses: dict[int, Building] = {b.id: b for b in queries.buildings(project, actor)}
    house = houses.get(household.building_id)
    if house is None:
        leader = actor is not None and actor.role is Role.BUILDING_LEADER
        text = M_("只能登记自己楼栋的意见。") if leader else M_("请选择本小区的楼栋。")
        raise FieldRefusal("building", text)
    room = room_number(household.room)
    found = queries.units_in(house, room)
    if not found:
        place = building_label(house.number)
        raise FieldRefusal(
            "room", M_("%(building)s没有 %(room)s 室，请核对室号。", building=place, room=room)
        )
    if len(found) > 1:
        message = M_("几个门洞都有 %(room)s 室，请写成“门洞-室号”，例如 1-%(room)s。", room=room)
        raise FieldRefusal("room", message)
    return found[0]


def edit(actor: User, now: datetime, opinion: Opinion, heard: Heard, version: int) -> Opinion:
    """Correct an opinion before it is answered; what stood there before is kept.

    Only who recorded it, and who answers opinions, may do so. The words that a resident
    wrote stay as they are; only where they belong is corrected. Raises Refusal for an
    answered or merged opinion and for others, Stale when it changed meanwhile.
    """
    _require_version(opinion, version)
    require_running(opinion.project)
    require(may_edit(actor, opinion), NOT_YOURS)
    require(opinion.status in UNANSWERED, M_("已经答复或合并的意见不能再改。"))
    _check_day(opinion.project, now, heard)
    unit = _household_of(opinion.project, heard.household, _scope_of(actor, opinion, heard))
    _keep(actor, now, opinion, RevisedPart.CONTENT, opinion.text)
    by_resident = opinion.receipt is not None
    opinion.channel = opinion.channel if by_resident else heard.channel
    opinion.text = opinion.text if by_resident else heard.text
    opinion.topic, opinion.stance = heard.topic, heard.stance
    opinion.unit_id = unit.id if unit else None
    opinion.heard_on = heard.heard_on
    opinion.reply_due = calendar().add(heard.heard_on, REPLY_WORKDAYS)
    _history("opinion.edited", M_("更正了意见 %(n)d", n=opinion.id), opinion, now, actor.id)
    return opinion


def _scope_of(actor: User, opinion: Opinion, heard: Heard) -> User | None:
    """Leaders keep to their buildings, but may leave an older household as it is."""
    same = (
        opinion.unit is not None
        and heard.household is not None
        and opinion.unit.building_id == heard.household.building_id
    )
    return None if same else actor


def may_edit(actor: User, opinion: Opinion) -> bool:
    """Whether ``actor`` may correct this opinion while it is unanswered."""
    if actor.may(Permission.ANSWER_OPINION):
        return True
    return actor.may(Permission.RECORD_OPINION) and opinion.recorded_by == actor.id


def acknowledge(actor: User, now: datetime, opinion: Opinion) -> Opinion:
    """Tell that the opinion was read and is being looked into."""
    require_running(opinion.project)
    require(opinion.status is OpinionStatus.NEW, M_("这条意见已经受理过了。"))
    opinion.status = OpinionStatus.ACKNOWLEDGED
    _history("opinion.acknowledged", M_("受理了意见 %(n)d", n=opinion.id), opinion, now, actor.id)
    return opinion


def reply(
    actor: User, now: datetime, opinion: Opinion, status: OpinionStatus, text: str, version: int
) -> Opinion:
    """Answer an opinion, or correct the answer.

    The earlier answer is kept. A corrected answer is public only after it is published
    again. Raises FieldRefusal for a status that is no answer, Refusal for a merged
    opinion, Stale when somebody else changed it meanwhile.
    """
    _require_version(opinion, version)
    require_running(opinion.project)
    require(
        opinion.status is not OpinionStatus.MERGED,
        M_("这条意见已经合并，请答复合并到的那一条。"),
    )
    if status not in ANSWERED:
        raise FieldRefusal("status", M_("请选择处理结果。"))
    if not text.strip():
        raise FieldRefusal("text", M_("请写下给居民的答复。"))
    corrected = opinion.status in ANSWERED
    if corrected:
        _keep(actor, now, opinion, RevisedPart.REPLY, opinion.reply)
    opinion.status, opinion.reply = status, text.strip()
    opinion.replied_by, opinion.replied_at, opinion.published_at = actor.id, now, None
    if corrected:
        said = M_("更正了意见 %(n)d 的答复：%(status)s", n=opinion.id, status=status)
        _history("opinion.reply_corrected", said, opinion, now, actor.id)
    else:
        said = M_("答复了意见 %(n)d：%(status)s", n=opinion.id, status=status)
        _history("opinion.replied", said, opinion, now, actor.id)
    return opinion


def merge(actor: User, now: datetime, opinion: Opinion, target_id: int) -> Opinion:
    """Merge an opinion into another that says the same; it shares that one's answer.

    Opinions merged into it before are led on to the target. Raises Refusal for an opinion
    that is answered or merged itself, FieldRefusal for a target that cannot take it.
    """
    require_running(opinion.project)
    require(opinion.status is not OpinionStatus.MERGED, M_("这条意见已经合并过了。"))
    require(opinion.status in UNANSWERED, M_("这条意见已有答复，不能再合并到别的意见。"))
    if target_id == opinion.id:
        raise FieldRefusal("target", M_("不能合并到自己。"))
    target = db.session.get(Opinion, target_id)
    if target is None or target.project_id != opinion.project_id:
        raise FieldRefusal("target", M_("请选择本项目的另一条意见。"))
    if target.status is OpinionStatus.MERGED:
        raise FieldRefusal("target", M_("那一条也已合并到别的意见，请选最后那一条。"))
    for earlier in queries.merged_into(opinion.id):
        earlier.merged_into_id = target.id
    opinion.status, opinion.merged_into_id = OpinionStatus.MERGED, target.id
    said = M_("把意见 %(n)d 合并到意见 %(target)d", n=opinion.id, target=target.id)
    _history("opinion.merged", said, opinion, now, actor.id)
    return target


def publish_replies(actor: User, now: datetime, project: Project) -> int:
    """Show all replies to residents; returns how many became visible.

    Raises Refusal when there is nothing new to publish or the project is not running.
    """
    require_running(project)
    waiting = db.session.scalars(
        sa.select(Opinion).where(
            Opinion.project_id == project.id,
            Opinion.status.in_(ANSWERED),
            Opinion.published_at.is_(None),
        )
    ).all()
    require(bool(waiting), M_("没有新的答复可以公开。"))
    for opinion in waiting:
        opinion.published_at = now
    record(
        "opinion.published",
        M_("公开了 %(n)d 条答复", n=len(waiting)),
        actor_id=actor.id,
        now=now,
        committee_id=project.committee_id,
        project_id=project.id,
    )
    return len(waiting)


def _require_version(opinion: Opinion, version: int) -> None:
    if opinion.version != version:
        raise Stale


def _keep(actor: User, now: datetime, opinion: Opinion, part: RevisedPart, text: str) -> None:
    db.session.add(
        OpinionRevision(
            committee_id=opinion.committee_id,
            opinion_id=opinion.id,
            part=part,
            channel=opinion.channel,
            topic=opinion.topic,
            stance=opinion.stance,
            status=opinion.status,
            text=text,
            unit_id=opinion.unit_id,
            heard_on=opinion.heard_on,
            replaced_by=actor.id,
            replaced_at=now,
        )
    )


def _history(
    action: str, message: Message, opinion: Opinion, now: datetime, actor_id: int | None
) -> None:
    record(
        action,
        message,
        actor_id=actor_id,
        now=now,
        committee_id=opinion.committee_id,
        project_id=opinion.project_id,
    )
