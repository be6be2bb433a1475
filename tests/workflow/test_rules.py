"""The table of transitions, step by step and state by state."""

from __future__ import annotations

import pytest

from tracker.accounts.rules import Permission, Role, may
from tracker.anthology.rules import GateKind
from tracker.projects.rules import StageState
from tracker.workflow.queries import MEASURES
from tracker.workflow.rules import (
    TRANSITIONS,
    Progress,
    Step,
    coverage_needed,
    gate_line,
    may_step,
    missing,
)

OFFERED = {
    StageState.TODO: {Step.START, Step.SKIP, Step.MOVE},
    StageState.ACTIVE: {Step.COMPLETE, Step.BLOCK, Step.SKIP, Step.OVERRIDE, Step.MOVE},
    StageState.BLOCKED: {Step.UNBLOCK, Step.SKIP, Step.OVERRIDE, Step.MOVE},
    StageState.DONE: set(),
    StageState.SKIPPED: set(),
}


@pytest.mark.parametrize("state", StageState)
def test_the_current_stage_offers_exactly_these_steps(state):
    offered = {s for s in Step if may_step(s, state, is_current=True, running=True)}
    assert offered == OFFERED[state]


@pytest.mark.parametrize("state", StageState)
def test_a_later_stage_can_only_be_moved_and_an_earlier_one_gone_back_to(state):
    offered = {s for s in Step if may_step(s, state, is_current=False, running=True)}
    ended = state in (StageState.DONE, StageState.SKIPPED)
    assert offered == ({Step.GO_BACK} if ended else {Step.MOVE})


@pytest.mark.parametrize("state", StageState)
def test_nothing_moves_while_the_project_does_not_run(state):
    assert not any(may_step(s, state, is_current=True, running=False) for s in Step)


@pytest.mark.parametrize(
    ("role", "steps"),
    [
        (Role.OFFICER, {Step.OVERRIDE}),
        (Role.DIRECTOR, set(Step) - {Step.OVERRIDE}),
        (Role.WORKER, {Step.START, Step.COMPLETE, Step.BLOCK, Step.UNBLOCK, Step.MOVE}),
        (Role.BUILDING_LEADER, set()),
        (Role.PARTNER, set()),
        (Role.COUNTER, set()),
        (Role.SCRUTINEER, set()),
    ],
)
def test_only_the_subdistrict_overrides_and_only_the_director_decides(role, steps):
    assert {s for s in Step if may(role, TRANSITIONS[s].permission)} == steps


def test_every_kind_of_gate_is_measured_and_has_its_sentences():
    assert set(MEASURES) == set(GateKind)
    for kind in GateKind:
        for have in (0, 2):
            line = gate_line(kind, Progress(have, 2), project_id=1, stage_id=2)
            assert str(line.reason.message)
            assert line.reason.endpoint


@pytest.mark.parametrize(("have", "met"), [(0, False), (19, False), (20, True), (21, True)])
def test_a_gate_is_met_at_its_amount(have, met):
    line = gate_line(GateKind.MIN_OPINIONS, Progress(have, 20), project_id=1, stage_id=2)
    assert line.progress.met is met
    assert bool(missing([line])) is not met


def test_what_is_missing_says_by_how_much():
    line = gate_line(GateKind.MIN_OPINIONS, Progress(7, 20), project_id=1, stage_id=2)
    assert str(line.reason.message) == "意见还差 13 条（已有 7 条，要求 20 条）"


@pytest.mark.parametrize(
    ("percent", "households", "need"), [(50, 324, 162), (50, 325, 163), (100, 670, 670), (1, 1, 1)]
)
def test_coverage_rounds_up_to_whole_households(percent, households, need):
    assert coverage_needed(percent, households) == need


def test_every_step_needs_a_permission_that_somebody_has():
    for transition in TRANSITIONS.values():
        assert isinstance(transition.permission, Permission)
        assert any(may(role, transition.permission) for role in Role)
