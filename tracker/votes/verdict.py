"""Judging a yes-or-no motion by its rule: the four tests, the outcome, how close it was.

All shares are compared by cross multiplication (``rules.Threshold``). Where areas are missing
nothing is certified and nothing averaged: the best and the worst outcome are worked out.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from tracker.kernel.words import M_, Message
from tracker.votes.rules import (
    Base,
    InvalidPolicy,
    Measure,
    NonResponsePolicy,
    Outcome,
    Rule,
    Stage,
    Threshold,
)
from tracker.votes.tally import Counts, Pile, Sides, sides_of


@dataclass(frozen=True)
class Check:
    """One of the four tests: numerator over denominator against a threshold.

    Persons or 0.01 m². ``threshold`` None: the rule does not ask, the share is only shown.
    ``missing`` persons of the roll lack an area, so both figures are incomplete.
    """

    stage: Stage
    measure: Measure
    threshold: Threshold | None
    numerator: int
    denominator: int
    missing: int = 0

    @property
    def met(self) -> bool:
        """Whether the test holds; one with missing areas does not hold yet."""
        if self.threshold is None:
            return True
        return not self.missing and self.threshold.met(self.numerator, self.denominator)

    @property
    def shortfall(self) -> int:
        """How many more are needed if only the numerator grows."""
        if self.threshold is None:
            return 0
        return self.threshold.shortfall(self.numerator, self.denominator)

    @property
    def percent(self) -> str:
        """The share for display."""
        return percent(self.numerator, self.denominator)


@dataclass(frozen=True)
class Margin:
    """How far a result is from flipping; persons and 0.01 m² are separate conditions.

    Not formed: the least that would have carried it had it been for besides what was, taken
    first from the absent as far as the quorum lacks, then from those who took part otherwise.
    Carried: the least number of persons (or area) whose change from for to against would make
    the approval test of that measure fail; None when the rule has no such test.
    Followers stay as counted, except that for persons of a carried motion the majority they
    follow is found anew.
    """

    carried: bool
    persons: int | None
    area: int | None

    @property
    def sentence(self) -> Message | None:
        """The margin for people; None when there is nothing to say."""
        persons, area = self.persons, square_metres(self.area or 0)
        if self.carried:
            if self.area is None:
                return M_("若有 %(persons)s 人由同意改为反对，结果即改变", persons=persons)
            if persons is None:
                return M_("若有 %(area)s 平方米由同意改为反对，结果即改变", area=area)
            return M_(
                "若有 %(persons)s 人或 %(area)s 平方米由同意改为反对，结果即改变",
                persons=persons,
                area=area,
            )
        if persons and self.area:
            return M_(
                "再有 %(persons)s 人、%(area)s 平方米同意即可通过", persons=persons, area=area
            )
        if persons:
            return M_("再有 %(persons)s 人同意即可通过", persons=persons)
        return M_("再有 %(area)s 平方米同意即可通过", area=area) if self.area else None


@dataclass(frozen=True)
class Verdict:
    """The judgement of one motion, with every figure it rests on.

    ``best`` and ``worst`` differ from ``outcome`` only on HOLD: what any areas whatever
    for those who lack one could still make of it. ``margin`` is None on HOLD and for an
    empty roll.
    """

    outcome: Outcome
    best: Outcome
    worst: Outcome
    checks: tuple[Check, Check, Check, Check]
    margin: Margin | None = None
    failed: tuple[Check, ...] = ()

    def check(self, stage: Stage, measure: Measure) -> Check:
        """The test of a stage in a measure."""
        return next(c for c in self.checks if c.stage is stage and c.measure is measure)

    @property
    def carried(self) -> bool:
        """Whether the motion is certain to carry."""
        return self.outcome is Outcome.CARRIED


def percent(numerator: int, denominator: int) -> str:
    """A share in percent, cut off (never rounded up) after one decimal; a dash for x/0.

    For display only: 66.66… shows as 66.6 and decides nothing.
    """
    if denominator == 0:
        return "–"
    tenths = numerator * 1000 // denominator
    return f"{tenths // 10}.{tenths % 10}"


def square_metres(area: int) -> str:
    """An area given in 0.01 m², written in m² with two decimals."""
    return f"{area // 100:,}.{area % 100:02d}"


def decide(
    rule: Rule,
    counts: Counts,
    invalid_policy: InvalidPolicy = InvalidPolicy.TAKES_PART,
    nonresponse_policy: NonResponsePolicy = NonResponsePolicy.NONE,
) -> Verdict:
    """Judge one motion.

    Raises ValueError for a blank rule, a poll (``poll_figures`` judges those), and for a sign-up
    in which silence is to count.
    """
    if rule.blank:
        raise ValueError(f"rule {rule.id} is blank: enter its article first")
    if rule.is_poll:
        raise ValueError(f"rule {rule.id} asks for preferences: it decides nothing")
    if rule.milestones and nonresponse_policy is not NonResponsePolicy.NONE:
        raise ValueError("in a sign-up silence never counts")
    sides = sides_of(counts, invalid_policy, nonresponse_policy)
    checks = _checks(rule, sides)
    # What fails whatever the missing areas are; a test that merely waits is not a failure.
    failed = tuple(c for c in checks if not c.met and not c.missing)
    if rule.tests_area and counts.roll.missing:
        best, worst = _best(rule, sides), _worst(rule, sides)
        return Verdict(Outcome.HOLD, best, worst, checks, None, failed)
    outcome = Outcome.NOT_FORMED if failed else Outcome.CARRIED
    margin = None
    if counts.roll.persons:
        margin = (
            _to_carry(rule, sides)
            if failed
            else _to_fail(rule, counts, invalid_policy, nonresponse_policy)
        )
    return Verdict(outcome, outcome, outcome, checks, margin, failed)


def invalid_policy_matters(
    rule: Rule,
    counts: Counts,
    nonresponse_policy: NonResponsePolicy = NonResponsePolicy.NONE,
) -> bool:
    """Whether the two policies on invalid ballots lead to different outcomes: then warn."""
    verdicts = [decide(rule, counts, policy, nonresponse_policy) for policy in InvalidPolicy]
    return len({(v.outcome, v.best, v.worst) for v in verdicts}) > 1


def quorum_checks(rule: Rule, part: Pile, roll: Pile) -> tuple[Check, Check]:
    """The two tests of participation: persons and area of those who took part, of the roll."""
    return (
        _check(rule, Stage.QUORUM, Measure.PERSONS, part, roll, roll),
        _check(rule, Stage.QUORUM, Measure.AREA, part, roll, roll),
    )


def _check(
    rule: Rule, stage: Stage, measure: Measure, part: Pile, whole: Pile, roll: Pile
) -> Check:
    missing = roll.missing if measure is Measure.AREA else 0
    threshold = rule.threshold(stage, measure)
    return Check(stage, measure, threshold, part.size(measure), whole.size(measure), missing)


def _checks(rule: Rule, sides: Sides) -> tuple[Check, Check, Check, Check]:
    part = sides.approving + sides.other
    roll = part + sides.absent
    base = roll if rule.base is Base.ROLL else part
    return (
        *quorum_checks(rule, part, roll),
        _check(rule, Stage.APPROVAL, Measure.PERSONS, sides.approving, base, roll),
        _check(rule, Stage.APPROVAL, Measure.AREA, sides.approving, base, roll),
    )


def _holds(rule: Rule, sides: Sides, area: tuple[int, int, int]) -> bool:
    """Whether every test holds were the areas approving, otherwise taking part and absent so."""
    known = Sides(
        Pile(sides.approving.persons, area[0]),
        Pile(sides.other.persons, area[1]),
        Pile(sides.absent.persons, area[2]),
    )
    return all(check.met for check in _checks(rule, known))


def _smallest(sides: Sides) -> tuple[int, int, int]:
    """The three areas with 0.01 m² for each missing one: an area is never nothing."""
    approving, other, absent = (
        pile.area + pile.missing for pile in (sides.approving, sides.other, sides.absent)
    )
    return approving, other, absent


def _huge(rule: Rule, areas: tuple[int, int, int]) -> int:
    """An area that alone decides every area test (below the whole) for the side it is added to.

    Added to the part p of a whole w, x meets n/d < 1 once x(d - n) > nw - dp; dw + 1 is enough.
    Added outside the part it breaks n/d > 0 once xn > dp - nw; again dw + 1 is enough.
    """
    tests = (rule.quorum_area, rule.approval_area)
    return sum(areas) * max(test.value.denominator for test in tests if test) + 1


def _best(rule: Rule, sides: Sides) -> Outcome:
    """The outcome under the most favourable areas for those who lack one."""
    approving, other, absent = areas = _smallest(sides)
    if sides.approving.missing:
        # Approving area helps every test.
        approving += _huge(rule, areas)
    elif sides.other.missing and rule.quorum_area is not None:
        # Other area helps the quorum and harms the approval: as little as the quorum lacks.
        other += _growth(rule.quorum_area, approving + other, sum(areas))
    return _outcome(_holds(rule, sides, (approving, other, absent)))


def _growth(threshold: Threshold, part: int, whole: int) -> int:
    """The least that meets a threshold if part and whole both grow by it; 0 if nothing can."""
    top, bottom = threshold.value.numerator, threshold.value.denominator
    lacking = top * whole - bottom * part
    if top == bottom or lacking < 0:
        return 0
    return lacking // (bottom - top) + 1 if threshold.strict else -(-lacking // (bottom - top))


def _worst(rule: Rule, sides: Sides) -> Outcome:
    """The outcome under the least favourable areas for those who lack one."""
    approving, other, absent = areas = _smallest(sides)
    huge = _huge(rule, areas)
    if sides.absent.missing:
        absent += huge
    # The quorum is worst with little other area, the approval with much: both must hold.
    most = other + huge if sides.other.missing else other
    return _outcome(
        _holds(rule, sides, (approving, other, absent))
        and _holds(rule, sides, (approving, most, absent))
    )


def _outcome(holds: bool) -> Outcome:
    return Outcome.CARRIED if holds else Outcome.NOT_FORMED


def _to_carry(rule: Rule, sides: Sides) -> Margin:
    persons, area = (_more(rule, measure, sides) for measure in Measure)
    return Margin(carried=False, persons=persons, area=area)


def _more(rule: Rule, measure: Measure, sides: Sides) -> int:
    """The least that more approval would have carried the tests of one measure.

    Those who join from the absent enlarge what an approval is measured against, so no more of
    them are taken than the quorum lacks. Without any participant a single approval suffices.
    """
    quorum = rule.threshold(Stage.QUORUM, measure)
    approval = rule.threshold(Stage.APPROVAL, measure)
    approving = sides.approving.size(measure)
    part = approving + sides.other.size(measure)
    roll = part + sides.absent.size(measure)
    joining = quorum.shortfall(part, roll) if quorum else 0
    if approval is None:
        return joining
    base = roll if rule.base is Base.ROLL else part + joining
    return joining + approval.shortfall(approving + joining, base)


def _to_fail(
    rule: Rule, counts: Counts, invalid: InvalidPolicy, nonresponse: NonResponsePolicy
) -> Margin:
    sides = sides_of(counts, invalid, nonresponse)
    area = None
    if rule.approval_area is not None:
        check = _checks(rule, sides)[3]
        area = check.numerator - rule.approval_area.least(check.denominator) + 1

    def fails(moved: int) -> bool:
        favour = Pile(counts.favour.persons - moved)
        against = Pile(counts.against.persons + moved)
        changed = replace(counts, favour=favour, against=against)
        check = _checks(rule, sides_of(changed, invalid, nonresponse))[2]
        return not check.met

    # The more turn, the fewer approve, followers included: the first failure is found by halving.
    # When all have turned nobody approves, so there always is one.
    persons = None
    if rule.approval_persons is not None:
        persons = bisect_left(range(counts.favour.persons + 1), True, key=fails)
    return Margin(carried=True, persons=persons, area=area)
