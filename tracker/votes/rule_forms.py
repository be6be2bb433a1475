"""The form on which a rule is entered."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional

from tracker.kernel.fields import SensibleDay
from tracker.kernel.forms import BaseForm, Required, at_most, strip, term_choices, translate
from tracker.kernel.words import M_
from tracker.votes.rules import Base, Basis, Rule, Threshold, share_of
from tracker.votes.words import Confidence

THRESHOLDS = ("quorum_persons", "quorum_area", "approval_persons", "approval_area")
"""The four tests of a rule; each is a sign and a share on the form."""


_NO_SHARE = M_("请选“以上”或“超过”，并写份额，例如 2/3 或 95%%，不超过全体。")


def _sign(label: Any) -> Any:
    return SelectField(label, choices=[], default="")


def _share(label: Any) -> Any:
    return StringField(label, [at_most(20)], filters=[strip], default="")


class RuleForm(BaseForm):
    """A rule as its source has it. Shares are written 2/3 or 95%."""

    title = StringField(_l("规则名称"), [Required(), at_most(60)], filters=[strip])
    roll = StringField(_l("谁参加表决"), [Required(), at_most(80)], filters=[strip])
    basis = RadioField(_l("按什么计票"), [InputRequired()], choices=[])
    quorum_persons_sign = _sign(_l("参与人数占名册人数"))
    quorum_persons_share = _share(_l("参与人数的份额"))
    quorum_area_sign = _sign(_l("参与面积占名册面积"))
    quorum_area_share = _share(_l("参与面积的份额"))
    approval_persons_sign = _sign(_l("同意的人数"))
    approval_persons_share = _share(_l("同意人数的份额"))
    approval_area_sign = _sign(_l("同意的面积"))
    approval_area_share = _share(_l("同意面积的份额"))
    base = RadioField(_l("同意的人数、面积占谁的"), [InputRequired()], choices=[])
    advisory = BooleanField(_l("结果仅供参考，不产生决定"))
    notice_days = IntegerField(
        _l("开始投票之前要公示几天"),
        [Optional(), NumberRange(0, 90, message=_l("公示天数在 0 到 90 之间。"))],
    )
    source = StringField(_l("依据"), [Required(), at_most(200)], filters=[strip])
    confidence = RadioField(_l("依据是怎样查到的"), [InputRequired()], choices=[])
    in_force_from = DateField(_l("从哪一天起有效"), [Required(), SensibleDay()])
    in_force_to = DateField(_l("到哪一天为止"), [Optional(), SensibleDay()])
    reason = TextAreaField(
        _l("为什么录入"), [Required(), at_most(500)], filters=[strip], render_kw={"rows": 3}
    )

    def offer(self) -> None:
        """Give the fields their choices."""
        self.basis.choices = term_choices(Basis)
        self.base.choices = term_choices(Base)
        self.confidence.choices = term_choices(Confidence)
        for name in THRESHOLDS:
            self[f"{name}_sign"].choices = [
                ("", gettext("不设门槛")),
                (">=", gettext("以上（含本数）")),
                (">", gettext("超过（不含本数）")),
            ]

    def show(self, rule: Rule) -> None:
        """Begin with what the version before says."""
        for name in ("title", "roll", "source", "advisory", "in_force_to"):
            self[name].data = getattr(rule, name)
        self.notice_days.data = rule.notice_days or None
        self.basis.data, self.base.data = rule.basis.value, rule.base.value
        self.confidence.data = rule.confidence
        for name in THRESHOLDS:
            asked: Threshold | None = getattr(rule, name)
            if asked is not None:
                self[f"{name}_sign"].data = ">" if asked.strict else ">="
                share = f"{asked.value.numerator}/{asked.value.denominator}"
                self[f"{name}_share"].data = share

    def validate(self, extra_validators: Any = None) -> bool:
        """Each sign goes with a share that decides something, and no share stands alone."""
        valid = bool(super().validate(extra_validators))
        for name in THRESHOLDS:
            try:
                self.threshold(name)
            except ValueError:
                self[f"{name}_share"].errors = [translate(_NO_SHARE)]
                valid = False
        return valid

    def threshold(self, name: str) -> Threshold | None:
        """What a test asks, None for nothing; raises ValueError for what asks nothing sensible."""
        sign, share = self[f"{name}_sign"].data, self[f"{name}_share"].data
        if not sign and not share:
            return None
        if not sign:
            raise ValueError(share)
        return Threshold(share_of(share or ""), strict=sign == ">")
