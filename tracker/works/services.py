"""What happens on site and with the money of a project; pictures are in ``album``.

Every function takes a project, or something of one, that the caller found by a query that
knows the actor; it raises Refusal when the project does not run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from tracker.accounts.models import User
from tracker.anthology.rules import StageKind
from tracker.kernel.clock import local_date
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale, require
from tracker.kernel.words import M_
from tracker.projects.models import Project, Stage
from tracker.projects.queries import stage_for
from tracker.projects.rules import StageState, TaskOrigin
from tracker.projects.services import add_task, require_running
from tracker.works import queries
from tracker.works.models import (
    Acceptance,
    Approval,
    Contractor,
    MoneyEntry,
    SiteCheck,
)
from tracker.works.rules import (
    MoneyDirection,
    MoneySource,
    Party,
    any_day_fault,
    past_day_fault,
    yuan,
)
from tracker.works.support import refuse_at, tell

# ---- contractors ----


@dataclass(frozen=True)
class Contract:
    """What a contract says; ``amount`` in fen."""

    name: str
    work: str
    contract_number: str
    amount: int
    starts_on: date
    ends_on: date


def hire(actor: User, now: datetime, project: Project, contract: Contract) -> Contractor:
    """Record who was hired. Raises FieldRefusal for dates in the wrong order."""
    require_running(project)
    _check_contract(contract)
    contractor = Contractor(
        committee_id=project.committee_id, project_id=project.id, **vars(contract)
    )
    db.session.add(contractor)
    db.session.flush()
    message = M_("登记了施工单位，合同金额 %(amount)s 元", amount=yuan(contract.amount))
    tell(actor, now, project, "contractor.hired", message)
    return contractor


def edit_contractor(
    actor: User, now: datetime, contractor: Contractor, contract: Contract, *, version: int
) -> None:
    """Correct a contract; the history keeps what stood there before.

    Raises FieldRefusal for dates in the wrong order, Stale when somebody else was faster.
    """
    require_running(contractor.project)
    if contractor.version != version:
        raise Stale
    _check_contract(contract)
    labels = {
        "name": M_("名称"),
        "work": M_("施工内容"),
        "contract_number": M_("合同编号"),
        "amount": M_("合同金额"),
        "starts_on": M_("开工日期"),
        "ends_on": M_("完工日期"),
    }
    for field, new in vars(contract).items():
        old = getattr(contractor, field)
        if old == new:
            continue
        setattr(contractor, field, new)
        message = M_(
            "更正施工单位的%(what)s：%(old)s → %(new)s",
            what=labels[field],
            old=_spoken(field, old),
            new=_spoken(field, new),
        )
        tell(actor, now, contractor.project, "contractor.edited", message)


def _check_contract(contract: Contract) -> None:
    for field, day in (("starts_on", contract.starts_on), ("ends_on", contract.ends_on)):
        refuse_at(field, any_day_fault(day))
    if contract.ends_on < contract.starts_on:
        raise FieldRefusal("ends_on", M_("完工日期不能早于开工日期。"))


def _spoken(field: str, value: object) -> object:
    if isinstance(value, int) and field == "amount":
        return yuan(value)
    return M_("（空）") if value == "" else value


# ---- money ----


def book_money(
    actor: User,
    now: datetime,
    project: Project,
    *,
    direction: MoneyDirection,
    source: MoneySource,
    amount: int,
    on: date,
    party: str,
    note: str,
) -> MoneyEntry:
    """Book ``amount`` fen in or out. Raises FieldRefusal for a day that is yet to come."""
    require_running(project)
    refuse_at("on", past_day_fault(on, local_date(now)))
    entry = MoneyEntry(
        committee_id=project.committee_id,
        project_id=project.id,
        direction=direction,
        source=source,
        amount=amount,
        on=on,
        party=party,
        note=note,
        recorded_by=actor.id,
        recorded_at=now,
    )
    db.session.add(entry)
    db.session.flush()
    message = M_(
        "登记%(direction)s %(amount)s 元（%(source)s）",
        direction=direction,
        amount=yuan(amount),
        source=source,
    )
    tell(actor, now, project, "money.booked", message)
    return entry


def reverse_money(actor: User, now: datetime, entry: MoneyEntry, *, reason: str) -> MoneyEntry:
    """Take back a wrong entry by a red-letter entry of today; the wrong one stays readable.

    Raises Refusal for a reversal, and for an entry that was reversed before.
    """
    require_running(entry.project)
    require(entry.reverses_id is None, M_("冲销记录不能再冲销；请重新登记正确的一笔。"))
    require(entry.reversal is None, M_("这一笔已经冲销过了。"))
    reversal = MoneyEntry(
        committee_id=entry.committee_id,
        project_id=entry.project_id,
        direction=entry.direction,
        source=entry.source,
        amount=entry.amount,
        on=local_date(now),
        party=entry.party,
        note=reason,
        reverses=entry,
        recorded_by=actor.id,
        recorded_at=now,
    )
    db.session.add(reversal)
    db.session.flush()
    message = M_(
        "冲销%(direction)s %(amount)s 元（%(source)s）",
        direction=entry.direction,
        amount=yuan(entry.amount),
        source=entry.source,
    )
    tell(actor, now, entry.project, "money.reversed", message)
    return reversal


# ---- site checks ----


@dataclass(frozen=True)
class Problem:
    """What is to be mended, by whom and until when."""

    to_do: str
    assignee_id: int
    due_on: date


def add_check(
    actor: User,
    now: datetime,
    project: Project,
    *,
    checked_on: date,
    present: Collection[Party],
    finding: str,
    problem: Problem | None,
) -> SiteCheck:
    """Record a look at the site; a problem becomes a required task of the works' stage.

    Raises FieldRefusal when nobody was present, for a day to come, a due date gone by or
    somebody who does no tasks here; Refusal when the project has no stage for works.
    """
    require_running(project)
    today = local_date(now)
    stage = _works_stage(project)
    refuse_at("checked_on", past_day_fault(checked_on, today))
    if not present:
        raise FieldRefusal("present", M_("请勾选到场的单位，至少一家。"))
    check = SiteCheck(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        checked_on=checked_on,
        committee_present=Party.COMMITTEE in present,
        owners_present=Party.OWNERS in present,
        manager_present=Party.MANAGER in present,
        finding=finding,
        passed=problem is None,
        task_id=None if problem is None else _task(actor, now, stage, problem, today),
        recorded_by=actor.id,
        recorded_at=now,
    )
    db.session.add(check)
    db.session.flush()
    message = M_("登记现场检查：没有问题") if problem is None else M_("登记现场检查：发现问题")
    tell(actor, now, project, "check.added", message)
    return check


def _task(actor: User, now: datetime, stage: Stage, problem: Problem, today: date) -> int:
    refuse_at("due_on", any_day_fault(problem.due_on))
    if problem.due_on < today:
        raise FieldRefusal("due_on", M_("整改期限不能早于今天。"))
    if problem.assignee_id not in {u.id for u in queries.menders(stage.project)}:
        raise FieldRefusal("assignee", M_("请从名单里选整改负责人。"))
    task = add_task(
        actor,
        now,
        stage,
        title=problem.to_do,
        assignee_id=problem.assignee_id,
        due_on=problem.due_on,
        origin=TaskOrigin.CHECK,
    )
    return task.id


def _works_stage(project: Project) -> Stage:
    stage = stage_for(project, StageKind.IMPLEMENT)
    if stage is None:
        raise Refusal(M_("这个项目没有组织实施阶段。"))
    return stage


# ---- approval and acceptance ----


def record_approval(
    actor: User,
    now: datetime,
    stage: Stage,
    *,
    authority: str,
    document_number: str,
    approved_on: date,
    note: str,
    version: int | None = None,
) -> Approval:
    """Record what was approved in the present round of ``stage``, or correct it.

    ``version`` is that of the approval being corrected, None for the first. Raises Refusal
    for a stage of another kind or a skipped one, FieldRefusal for a day that is yet to come,
    Stale when somebody else was faster.
    """
    require_running(stage.project)
    require(stage.kind is StageKind.APPROVE, M_("只有报批立项阶段登记批准。"))
    require(stage.state is not StageState.SKIPPED, M_("这个阶段已跳过，不用登记批准。"))
    refuse_at("approved_on", past_day_fault(approved_on, local_date(now)))
    said = {
        "authority": authority,
        "document_number": document_number,
        "approved_on": approved_on,
        "note": note,
    }
    known = queries.approval(stage.id, stage.round)
    if version != (known.version if known is not None else None):
        raise Stale
    if known is not None:
        return _correct_approval(actor, now, known, said)
    made = Approval(
        committee_id=stage.committee_id,
        project_id=stage.project_id,
        stage_id=stage.id,
        round=stage.round,
        recorded_by=actor.id,
        recorded_at=now,
        **said,
    )
    db.session.add(made)
    db.session.flush()
    message = M_("登记了批准文件：%(number)s", number=document_number)
    tell(actor, now, stage.project, "approval.recorded", message)
    return made


def _correct_approval(
    actor: User, now: datetime, approval: Approval, said: dict[str, object]
) -> Approval:
    labels = {
        "authority": M_("批准单位"),
        "document_number": M_("文号"),
        "approved_on": M_("批准日期"),
    }
    for field, new in said.items():
        old = getattr(approval, field)
        if old == new:
            continue
        setattr(approval, field, new)
        message = (
            M_(
                "更正批准文件的%(what)s：%(old)s → %(new)s",
                what=labels[field],
                old=_spoken(field, old),
                new=_spoken(field, new),
            )
            if field in labels
            else M_("更正批准文件的备注")
        )
        tell(actor, now, approval.stage.project, "approval.corrected", message)
    return approval


def record_acceptance(
    actor: User,
    now: datetime,
    project: Project,
    *,
    accepted_on: date,
    passed: bool,
    participants: str,
    note: str,
) -> Acceptance:
    """Record that the works were looked over and taken, or not; the latest counts.

    Raises FieldRefusal for a day that is yet to come, Refusal when the project has no stage
    for works.
    """
    require_running(project)
    stage = _works_stage(project)
    refuse_at("accepted_on", past_day_fault(accepted_on, local_date(now)))
    acceptance = Acceptance(
        committee_id=project.committee_id,
        project_id=project.id,
        stage_id=stage.id,
        round=stage.round,
        accepted_on=accepted_on,
        passed=passed,
        participants=participants,
        note=note,
        recorded_by=actor.id,
    )
    db.session.add(acceptance)
    db.session.flush()
    message = M_("登记验收：通过") if passed else M_("登记验收：未通过")
    tell(actor, now, project, "acceptance.recorded", message)
    return acceptance
