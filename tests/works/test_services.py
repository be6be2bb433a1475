"""Money that adds up, problems that become tasks, and records that are never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.factories import people, projects
from tests.factories.people import NOW
from tests.factories.works import money
from tests.works.arranged import TODAY, TOMORROW, sentences, started
from tracker.accounts.rules import Role
from tracker.anthology.rules import StageKind
from tracker.kernel.database import db
from tracker.kernel.errors import FieldRefusal, Refusal, Stale
from tracker.projects.models import Task
from tracker.projects.rules import ProjectState, StageState, TaskOrigin
from tracker.works import queries, services
from tracker.works.models import MoneyEntry, SiteCheck
from tracker.works.rules import (
    Balance,
    MoneyDirection,
    MoneySource,
    Party,
)

pytestmark = pytest.mark.usefixtures("arrange")

WITH_APPROVAL = (StageKind.APPROVE, StageKind.IMPLEMENT)
CONTRACT = services.Contract(
    name="五角场市政养护公司",
    work="主入口门禁",
    contract_number="RD-2026-07",
    amount=12_800_000,
    starts_on=date(2026, 3, 9),
    ends_on=date(2026, 4, 30),
)


def book(worker, project, amount=100_00, direction=MoneyDirection.IN, **fields):
    return services.book_money(
        worker,
        NOW,
        project,
        **{
            "direction": direction,
            "source": MoneySource.PUBLIC,
            "amount": amount,
            "on": TODAY,
            "party": "街道办事处",
            "note": "",
            **fields,
        },
    )


BOOKING = st.tuples(
    st.sampled_from(MoneyDirection),
    st.sampled_from(MoneySource),
    st.integers(min_value=1, max_value=10**13),
    st.integers(min_value=0, max_value=400),
)
REVERSAL = st.integers(min_value=0, max_value=20)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(BOOKING, REVERSAL), max_size=12))
def test_the_balance_is_income_less_spending_whatever_happens(steps):
    db.session.rollback()  # one database for all examples
    worker, project = started()
    booked: list[MoneyEntry] = []
    standing: dict[int, MoneyEntry] = {}
    for step in steps:
        if isinstance(step, tuple):
            direction, source, amount, age = step
            on = TODAY - timedelta(days=age)
            entry = book(worker, project, amount, direction, source=source, on=on)
            booked.append(entry)
            standing[entry.id] = entry
        elif booked:
            entry = booked[step % len(booked)]
            if entry.id in standing:
                services.reverse_money(worker, NOW, entry, reason="写错")
                del standing[entry.id]
            else:
                with pytest.raises(Refusal):
                    services.reverse_money(worker, NOW, entry, reason="写错")
    income = sum(e.amount for e in standing.values() if e.direction is MoneyDirection.IN)
    spent = sum(e.amount for e in standing.values() if e.direction is MoneyDirection.OUT)
    balance = queries.balance(project.id)
    assert (balance.income, balance.spent, balance.rest) == (income, spent, income - spent)
    by_source = queries.balance_by_source(project.id).values()
    assert sum(part.rest for part in by_source) == balance.rest
    entries = db.session.scalars(queries.ledger(project.id)).all()
    running = queries.running_balances(project.id, [e.id for e in entries])
    assert len(running) == len(entries)
    if entries:
        assert running[entries[0].id] == balance.rest


def test_a_reversal_takes_back_spending_and_adds_no_income():
    worker, project = started()
    book(worker, project, 1_000_00)
    wrong = book(worker, project, 900_00, MoneyDirection.OUT)
    services.reverse_money(worker, NOW, wrong, reason="多写了一个零")
    book(worker, project, 90_00, MoneyDirection.OUT)
    assert queries.balance(project.id) == Balance(1_000_00, 90_00)


def test_the_running_balance_follows_the_days_and_not_the_order_of_booking():
    worker, project = started()
    late = book(worker, project, 30_00, MoneyDirection.OUT, on=TODAY)
    early = book(worker, project, 100_00, on=TODAY - timedelta(days=3))
    running = queries.running_balances(project.id, [late.id, early.id])
    assert running == {early.id: 100_00, late.id: 70_00}


def test_the_money_of_another_project_is_not_counted():
    worker, project = started()
    book(worker, projects.project(worker, project.compound), 5_00)
    assert queries.balance(project.id) == Balance()


def test_money_is_booked_today_and_not_tomorrow():
    worker, project = started()
    with pytest.raises(FieldRefusal) as refused:
        book(worker, project, on=TOMORROW)
    assert refused.value.field == "on"
    book(worker, project, on=TODAY)


def test_a_reversal_is_not_reversed():
    worker, project = started()
    reversal = services.reverse_money(worker, NOW, book(worker, project), reason="写错")
    with pytest.raises(Refusal, match="不能再冲销"):
        services.reverse_money(worker, NOW, reversal, reason="又写错")


def test_the_schema_keeps_two_people_from_reversing_the_same_entry():
    worker, project = started()
    entry = money(project, worker)
    money(project, worker, reverses_id=entry.id)
    with pytest.raises(IntegrityError):
        money(project, worker, reverses_id=entry.id)


def test_the_history_tells_of_money_and_of_nobody():
    worker, project = started()
    entry = book(worker, project, party="3 号楼的王先生")
    services.reverse_money(worker, NOW, entry, reason="王先生记错")
    told = sentences(project)
    assert [t.split()[0] for t in told] == ["money.booked", "money.reversed"]
    assert "100.00" in told[0]
    assert "王先生" not in "".join(told)


@pytest.mark.parametrize(("days", "fine"), [(0, True), (-1, False)])
def test_works_end_no_sooner_than_they_begin(days, fine):
    worker, project = started()
    contract = replace(CONTRACT, ends_on=CONTRACT.starts_on + timedelta(days=days))
    if fine:
        services.hire(worker, NOW, project, contract)
        assert [c.name for c in queries.contractors(project.id)] == [CONTRACT.name]
        return
    with pytest.raises(FieldRefusal) as refused:
        services.hire(worker, NOW, project, contract)
    assert refused.value.field == "ends_on"


def test_a_corrected_contract_leaves_the_old_amount_in_the_history():
    worker, project = started()
    hired = services.hire(worker, NOW, project, CONTRACT)
    corrected = replace(CONTRACT, amount=12_900_000, contract_number="")
    services.edit_contractor(worker, NOW, hired, corrected, version=hired.version)
    assert hired.amount == 12_900_000
    told = sentences(project)[1:]
    assert len(told) == 2
    assert "RD-2026-07" in told[0]
    assert "128,000.00" in told[1]
    assert "129,000.00" in told[1]


def test_a_contract_that_somebody_else_corrected_is_stale():
    worker, project = started()
    hired = services.hire(worker, NOW, project, CONTRACT)
    with pytest.raises(Stale):
        services.edit_contractor(worker, NOW, hired, CONTRACT, version=hired.version + 1)


def check(worker, project, **fields):
    return services.add_check(
        worker,
        NOW,
        project,
        **{
            "checked_on": TODAY,
            "present": {Party.COMMITTEE, Party.MANAGER},
            "finding": "路面不平",
            "problem": None,
            **fields,
        },
    )


def test_a_check_without_a_problem_makes_no_task():
    worker, project = started()
    made = check(worker, project)
    assert made.passed
    assert made.present == [Party.COMMITTEE, Party.MANAGER]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Task)) == 0


def test_a_problem_becomes_a_required_task_of_the_works():
    worker, project = started(at=StageKind.IMPLEMENT)
    manager = people.user(Role.PARTNER, of=worker.committee)
    made = check(worker, project, problem=services.Problem("补平路面", manager.id, TODAY))
    task = made.task
    assert not made.passed
    assert (task.title, task.assignee_id, task.due_on) == ("补平路面", manager.id, TODAY)
    assert (task.origin, task.required) == (TaskOrigin.CHECK, True)
    assert task.stage.kind is StageKind.IMPLEMENT
    assert queries.open_problems(project.id) == 1
    task.done_at, task.done_by = NOW, manager.id
    db.session.flush()
    assert queries.open_problems(project.id) == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"present": set()}, "present"),
        ({"checked_on": TOMORROW}, "checked_on"),
    ],
)
def test_a_check_needs_somebody_there_and_a_day_that_has_been(fields, field):
    worker, project = started()
    with pytest.raises(FieldRefusal) as refused:
        check(worker, project, **fields)
    assert refused.value.field == field


def test_a_problem_is_given_to_one_of_the_committee_with_a_day_to_come():
    worker, project = started()
    stranger = people.user(of=people.committee("国年居委会"))
    scrutineer = people.user(Role.SCRUTINEER, of=worker.committee)
    for assignee, due, field in (
        (worker, TODAY - timedelta(days=1), "due_on"),
        (stranger, TODAY, "assignee"),
        (scrutineer, TODAY, "assignee"),
    ):
        with pytest.raises(FieldRefusal) as refused:
            check(worker, project, problem=services.Problem("补平路面", assignee.id, due))
        assert refused.value.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SiteCheck)) == 0
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Task)) == 0


def test_without_a_stage_for_works_there_is_nothing_to_check_or_accept():
    worker, project = started(kinds=(StageKind.COLLECT,))
    with pytest.raises(Refusal, match="没有组织实施阶段"):
        check(worker, project)
    with pytest.raises(Refusal, match="没有组织实施阶段"):
        accept(worker, project)


def approve(worker, stage, **fields):
    return services.record_approval(
        worker,
        NOW,
        stage,
        **{
            "authority": "五角场街道办事处",
            "document_number": "五街办〔2026〕3 号",
            "approved_on": TODAY,
            "note": "",
            **fields,
        },
    )


def test_an_approval_belongs_to_a_round_of_its_stage():
    worker, project = started(kinds=WITH_APPROVAL)
    stage = project.stages[0]
    first = approve(worker, stage)
    stage.round = 2
    assert queries.approval(stage.id, 2) is None
    second = approve(worker, stage, document_number="五街办〔2026〕9 号")
    assert queries.approval(stage.id, 1) is first
    assert queries.approval(stage.id, 2) is second
    assert list(queries.approvals(project.id)) == [first, second]


def test_a_corrected_approval_leaves_the_old_number_in_the_history():
    worker, project = started(kinds=WITH_APPROVAL)
    stage = project.stages[0]
    made = approve(worker, stage)
    again = approve(worker, stage, document_number="五街办〔2026〕30 号", version=made.version)
    assert again is made
    assert len(queries.approvals(project.id)) == 1
    told = sentences(project)
    assert len(told) == 2
    assert "〔2026〕3 号" in told[1]
    assert "〔2026〕30 号" in told[1]


@pytest.mark.parametrize("version", [None, 7])
def test_an_approval_that_somebody_else_recorded_is_not_overwritten(version):
    worker, project = started(kinds=WITH_APPROVAL)
    approve(worker, project.stages[0])
    with pytest.raises(Stale):
        approve(worker, project.stages[0], authority="区绿化局", version=version)


def test_only_a_stage_of_approval_that_is_not_skipped_is_approved():
    worker, project = started(kinds=WITH_APPROVAL)
    with pytest.raises(Refusal, match="只有报批立项阶段"):
        approve(worker, project.stages[1])
    project.stages[0].state, project.stages[0].actual_end = StageState.SKIPPED, TODAY
    with pytest.raises(Refusal, match="已跳过"):
        approve(worker, project.stages[0])
    with pytest.raises(Refusal):
        approve(worker, project.stages[0], approved_on=TOMORROW)


def accept(worker, project, **fields):
    return services.record_acceptance(
        worker,
        NOW,
        project,
        **{
            "accepted_on": TODAY,
            "passed": True,
            "participants": "居委会、业委会、居民代表 3 人",
            "note": "",
            **fields,
        },
    )


def test_the_latest_acceptance_of_the_round_counts():
    worker, project = started(at=StageKind.IMPLEMENT)
    stage = next(s for s in project.stages if s.kind is StageKind.IMPLEMENT)
    assert queries.acceptance(stage.id, 1) is None
    accept(worker, project, passed=False)
    passed = accept(worker, project)
    accept(worker, project, passed=False, accepted_on=TODAY - timedelta(days=1))
    assert queries.acceptance(stage.id, 1) is passed
    assert queries.acceptance(stage.id, 2) is None
    assert len(queries.acceptances(project.id)) == 3


def test_nothing_is_accepted_tomorrow():
    worker, project = started()
    with pytest.raises(FieldRefusal) as refused:
        accept(worker, project, accepted_on=TOMORROW)
    assert refused.value.field == "accepted_on"


@pytest.mark.parametrize(
    "act",
    [
        lambda worker, project: book(worker, project),
        lambda worker, project: services.reverse_money(
            worker, NOW, money(project, worker), reason="写错"
        ),
        lambda worker, project: services.hire(worker, NOW, project, CONTRACT),
        lambda worker, project: check(worker, project),
        lambda worker, project: approve(worker, project.stages[0]),
        lambda worker, project: accept(worker, project),
    ],
)
@pytest.mark.parametrize("state", [ProjectState.PAUSED, ProjectState.CANCELLED])
def test_nothing_is_written_on_a_project_that_does_not_run(act, state):
    worker, project = started(kinds=WITH_APPROVAL, state=state)
    with pytest.raises(Refusal):
        act(worker, project)


def test_the_columns_hold_the_largest_amount():
    worker, project = started()
    book(worker, project, 10**14 - 1)
    hired = services.hire(worker, NOW, project, replace(CONTRACT, amount=10**14 - 1))
    db.session.expire_all()
    assert queries.balance(project.id).income == hired.amount == 10**14 - 1
