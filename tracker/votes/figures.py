"""A result as it is stored, drawn and said; pure.

``figures`` of a motion's result are plain JSON and hold everything the verdict rests on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, TypeVar

from tracker.kernel.words import M_, Message
from tracker.places.rules import building_label
from tracker.votes.rules import Base, Choice, Measure, Outcome, Rule, Stage, Threshold
from tracker.votes.tally import Counts, Pile
from tracker.votes.verdict import Check, Margin, Verdict, percent

T = TypeVar("T", Outcome, Stage, Measure)

SMALL_CELL = 3
"""Fewer persons than this are a cell whose area would name the household."""


class Bar(NamedTuple):
    """One test as the ``bar`` component draws it; fractions are for drawing only."""

    label: Message
    numerator_text: Message
    fraction: float
    threshold: float | None
    threshold_label: Message | None
    met: bool | None


class ChoiceRow(NamedTuple):
    """One line of the table of choices; ``area`` None where it would name a household."""

    choice: Choice
    persons: int
    area: int | None


@dataclass(frozen=True)
class Counted:
    """The counted result of one motion, read back from its figures.

    ``without_silence``: where silence was counted, the verdict had it not been; published beside.
    """

    counts: Counts
    verdict: Verdict
    policy_matters: bool
    without_silence: Verdict | None = None

    @property
    def rows(self) -> list[ChoiceRow]:
        """Persons and area (0.01 m²) of each choice.

        The published tests give away the area of those in favour and of all others together.
        So when one of the others is small, the area of none of them is told: subtracting
        would name it.
        """
        counts = self.counts
        others = {
            Choice.AGAINST: counts.against,
            Choice.ABSTAIN: counts.abstain,
            Choice.INVALID: counts.invalid,
        }
        if counts.follow.persons:
            others[Choice.FOLLOW] = counts.follow
        small = any(0 < pile.persons < SMALL_CELL for pile in others.values())
        return [
            ChoiceRow(Choice.FOR, counts.favour.persons, counts.favour.area),
            *(
                ChoiceRow(choice, pile.persons, None if small and pile.persons else pile.area)
                for choice, pile in others.items()
            ),
        ]

    @property
    def hides_areas(self) -> bool:
        """Whether an area is left out of ``rows``."""
        return any(row.area is None for row in self.rows)

    @property
    def absent(self) -> Pile:
        """Those of the roll without an accepted ballot."""
        return self.counts.silent + self.counts.unreached + self.counts.void


def to_figures(
    counts: Counts,
    verdict: Verdict,
    *,
    policy_matters: bool,
    without_silence: Verdict | None = None,
) -> dict[str, Any]:
    """The result as plain JSON values, every number whole.

    ``without_silence``: the verdict under ``NonResponsePolicy.NONE`` where another was declared.
    """
    return {
        "format": 1,
        "counts": {f.name: pile_to_plain(getattr(counts, f.name)) for f in fields(counts)},
        **_verdict_to_plain(verdict),
        "invalid_policy_matters": policy_matters,
        "without_silence": None if without_silence is None else _verdict_to_plain(without_silence),
    }


def _verdict_to_plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "tests": [test_to_plain(check) for check in verdict.checks],
        "outcome": verdict.outcome.value,
        "best": verdict.best.value,
        "worst": verdict.worst.value,
        "margin": None if verdict.margin is None else _margin(verdict.margin),
    }


def from_figures(plain: Mapping[str, Any]) -> Counted:
    """Read what ``to_figures`` wrote; raises KeyError or ValueError for anything else."""
    counts = Counts(**{name: Pile(**pile) for name, pile in plain["counts"].items()})
    # Results certified before silence was told both ways do not name it.
    other = plain.get("without_silence")
    return Counted(
        counts,
        _verdict_from_plain(plain),
        plain["invalid_policy_matters"],
        None if other is None else _verdict_from_plain(other),
    )


def _verdict_from_plain(plain: Mapping[str, Any]) -> Verdict:
    first, second, third, fourth = checks = tuple(map(check_from_plain, plain["tests"]))
    margin = plain["margin"]
    return Verdict(
        outcome=_term(Outcome, plain["outcome"]),
        best=_term(Outcome, plain["best"]),
        worst=_term(Outcome, plain["worst"]),
        checks=(first, second, third, fourth),
        margin=None if margin is None else Margin(**margin),
        failed=tuple(c for c in checks if not c.met and not c.missing),
    )


def pile_to_plain(pile: Pile) -> dict[str, int]:
    """A pile as plain JSON values."""
    return {"persons": pile.persons, "area": pile.area, "missing": pile.missing}


def test_to_plain(check: Check) -> dict[str, Any]:
    """One of the tests as plain JSON values."""
    return {
        "stage": check.stage.value,
        "measure": check.measure.value,
        "threshold": None if check.threshold is None else str(check.threshold),
        "numerator": check.numerator,
        "denominator": check.denominator,
        "missing": check.missing,
        "met": check.met,
    }


def check_from_plain(plain: Mapping[str, Any]) -> Check:
    """Read what ``test_to_plain`` wrote."""
    threshold = plain["threshold"]
    return Check(
        stage=_term(Stage, plain["stage"]),
        measure=_term(Measure, plain["measure"]),
        threshold=None if threshold is None else Threshold.parse(threshold),
        numerator=plain["numerator"],
        denominator=plain["denominator"],
        missing=plain["missing"],
    )


def _margin(margin: Margin) -> dict[str, Any]:
    return {"carried": margin.carried, "persons": margin.persons, "area": margin.area}


def _term(kind: type[T], code: str) -> T:
    return next(member for member in kind if member.value == code)


# ---- words ----

_LABELS: Mapping[tuple[Stage, Measure, Base], Message] = {
    (Stage.QUORUM, Measure.PERSONS, Base.PARTICIPANTS): M_("参与人数占名册人数"),
    (Stage.QUORUM, Measure.AREA, Base.PARTICIPANTS): M_("参与面积占名册面积"),
    (Stage.QUORUM, Measure.PERSONS, Base.ROLL): M_("参与人数占名册人数"),
    (Stage.QUORUM, Measure.AREA, Base.ROLL): M_("参与面积占名册面积"),
    (Stage.APPROVAL, Measure.PERSONS, Base.PARTICIPANTS): M_("同意人数占参与人数"),
    (Stage.APPROVAL, Measure.AREA, Base.PARTICIPANTS): M_("同意面积占参与面积"),
    (Stage.APPROVAL, Measure.PERSONS, Base.ROLL): M_("同意人数占名册人数"),
    (Stage.APPROVAL, Measure.AREA, Base.ROLL): M_("同意面积占名册面积"),
}


def label(check: Check, rule: Rule) -> Message:
    """What a test compares."""
    return _LABELS[check.stage, check.measure, rule.base]


def share(check: Check) -> Message:
    """Numerator, denominator and share of a test: 301 / 324 人 · 92.9%."""
    values = {
        "part": amount(check.measure, check.numerator),
        "whole": amount(check.measure, check.denominator),
        "percent": percent(check.numerator, check.denominator),
    }
    if check.measure is Measure.PERSONS:
        return M_("%(part)s / %(whole)s 人 · %(percent)s%%", **values)
    return M_("%(part)s / %(whole)s 平方米 · %(percent)s%%", **values)


def amount(measure: Measure, size: int) -> str:
    """Persons, or an area of 0.01 m² units in m²."""
    if measure is Measure.PERSONS:
        return f"{size:,}"
    return f"{size // 100:,}.{size % 100:02d}"


def required(threshold: Threshold) -> Message:
    """What a test asks for: 须过半数."""
    return M_("须%(threshold)s", threshold=threshold.label)


def bar_of(check: Check, rule: Rule) -> Bar:
    """A test for drawing; without a threshold, or with missing areas, it has no verdict."""
    threshold = check.threshold
    return Bar(
        label=label(check, rule),
        numerator_text=share(check),
        fraction=check.numerator / check.denominator if check.denominator else 0.0,
        threshold=None if threshold is None else float(threshold.value),
        threshold_label=None if threshold is None else required(threshold),
        met=None if threshold is None or check.missing else check.met,
    )


def bars(rule: Rule, checks: Sequence[Check]) -> list[Bar]:
    """The tests that the rule makes, quorum first."""
    return [bar_of(check, rule) for check in checks if check.threshold is not None]


def sentence(title: str, outcome: Outcome) -> Message:
    """The verdict on one motion in one sentence."""
    if outcome is Outcome.CARRIED:
        return M_("「%(title)s」通过", title=title)
    if outcome is Outcome.NOT_FORMED:
        return M_("「%(title)s」未形成决定", title=title)
    return M_("「%(title)s」暂不能认定：名册上有面积缺失", title=title)


def reasons(rule: Rule, verdict: Verdict) -> list[Message]:
    """Why: every test that failed, or that all were met, or what missing areas could do."""
    if verdict.outcome is Outcome.HOLD:
        return [
            M_(
                "缺失的面积最有利时：%(best)s；最不利时：%(worst)s。",
                best=verdict.best,
                worst=verdict.worst,
            )
        ]
    if verdict.carried:
        return [M_("规则要求的各项都已达到。")]
    return [
        M_(
            "%(label)s：%(share)s，未达到「%(threshold)s」。",
            label=label(check, rule),
            share=share(check),
            threshold=check.threshold.label,
        )
        for check in verdict.failed
        if check.threshold is not None
    ]


def explained(rule: Rule) -> list[Message]:
    """Quorum and approval of a rule in plain words."""
    return [_quorum_words(rule), _approval_words(rule)]


def _quorum_words(rule: Rule) -> Message:
    persons, area = rule.quorum_persons, rule.quorum_area
    if persons and area:
        return M_(
            "参与：名册人数%(persons)s，并且面积%(area)s。", persons=persons.label, area=area.label
        )
    if persons:
        return M_("参与：名册人数%(persons)s。", persons=persons.label)
    if area:
        return M_("参与：名册面积%(area)s。", area=area.label)
    return M_("参与：不设门槛。")


def _approval_words(rule: Rule) -> Message:
    persons, area = rule.approval_persons, rule.approval_area
    values = {"base": rule.base}
    if persons and persons.value == 1 and not area:
        return M_("同意：%(base)s一致同意。", **values)
    if persons and area:
        return M_(
            "同意：占%(base)s的人数%(persons)s，并且面积%(area)s。",
            **values,
            persons=persons.label,
            area=area.label,
        )
    if persons:
        return M_("同意：占%(base)s的人数%(persons)s。", **values, persons=persons.label)
    found = area.label if area else M_("–")
    return M_("同意：占%(base)s的面积%(area)s。", **values, area=found)


# ---- turnout ----


@dataclass(frozen=True)
class BuildingTurnout:
    """Ballots returned in one building."""

    number: str
    persons: int
    returned: int

    @property
    def label(self) -> str:
        """How the building is called."""
        return building_label(self.number)


@dataclass(frozen=True)
class Turnout:
    """How much of the roll has returned a ballot; never what the ballots say.

    ``persons`` and ``area`` are the quorum tests over ballots returned. ``rejected`` and
    ``late`` papers came back and do not count.
    """

    persons: Check
    area: Check
    buildings: tuple[BuildingTurnout, ...]
    rejected: int
    late: int

    @property
    def all_in(self) -> bool:
        """Whether every person of the roll has an accepted ballot."""
        return self.persons.numerator == self.persons.denominator

    @property
    def lacking(self) -> Message:
        """How far the quorum still is."""
        if self.persons.threshold is None and self.area.threshold is None:
            return M_("这一规则不设参与门槛。")
        persons, area = self.persons.shortfall, self.area.shortfall
        if self.area.threshold is not None and self.area.missing:
            return M_(
                "有 %(missing)d 人的面积缺失，面积能否达到还不能认定；人数还差 %(persons)d 人。",
                missing=self.area.missing,
                persons=persons,
            )
        metres = amount(Measure.AREA, area)
        if persons and area:
            return M_("还差 %(persons)d 人、%(area)s 平方米。", persons=persons, area=metres)
        if persons:
            return M_("还差 %(persons)d 人。", persons=persons)
        if area:
            return M_("人数已够，还差 %(area)s 平方米。", area=metres)
        return M_("参与已达到要求。")


def turnout_of(
    rule: Rule, buildings: Mapping[str, tuple[Pile, Pile]], *, rejected: int, late: int
) -> Turnout:
    """Add up (roll, returned) by building number, in the order given."""
    roll = sum((pair[0] for pair in buildings.values()), Pile())
    returned = sum((pair[1] for pair in buildings.values()), Pile())

    def check(measure: Measure) -> Check:
        missing = roll.missing if measure is Measure.AREA else 0
        threshold = rule.threshold(Stage.QUORUM, measure)
        sizes = returned.size(measure), roll.size(measure)
        return Check(Stage.QUORUM, measure, threshold, *sizes, missing)

    return Turnout(
        persons=check(Measure.PERSONS),
        area=check(Measure.AREA),
        buildings=tuple(
            BuildingTurnout(number, of.persons, back.persons)
            for number, (of, back) in buildings.items()
        ),
        rejected=rejected,
        late=late,
    )
