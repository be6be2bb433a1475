"""Forms about what is voted on, and about the steps that cannot be undone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, NumberRange, Optional, StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from tracker.kernel import clock
from tracker.kernel.fields import FIRST_DAY, LAST_DAY, SensibleDay, version_field
from tracker.kernel.forms import (
    BaseForm,
    Required,
    RowSelect,
    at_most,
    strip,
    translate,
)
from tracker.meetings.models import Motion
from tracker.places.rules import AreaError, area_of
from tracker.votes.models import RollUnit


class InstantField(DateTimeLocalField):  # type: ignore[misc]
    """A day and time in Shanghai, to the minute; ``instant`` is the moment it names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("format", ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"])
        super().__init__(*args, **kwargs)

    def process_data(self, value: datetime | None) -> None:
        """Show an instant as the clock on the wall."""
        local = value.astimezone(clock.SHANGHAI) if value else None
        super().process_data(local.replace(tzinfo=None) if local else None)

    def pre_validate(self, form: Any) -> None:
        """Refuse a year that nobody can have meant."""
        if self.data is not None and not FIRST_DAY <= self.data.date() <= LAST_DAY:
            raise StopValidation(gettext("请核对年份。"))

    @property
    def instant(self) -> datetime:
        """The moment; only after the field was found valid."""
        return clock.at_local(self.data.date(), self.data.time())


LONGEST_OPTIONS = 4_000
"""Characters of all options of one motion: twenty long ones."""


class VoteForm(BaseForm):
    """What is voted on, by which rule, of whom, and when; options are added by ``vote_form``."""

    title = StringField(_l("表决名称"), [Required(), at_most(120)], filters=[strip])
    motion_ids = SelectMultipleField(_l("表决事项"), choices=[], coerce=int)
    rule_id = RadioField(_l("适用规则"), choices=[])
    rule_reason = TextAreaField(
        _l("为什么适用这条规则"), [Required(), at_most(1000)], filters=[strip]
    )
    scope = SelectField(_l("由谁表决"), choices=[])
    notice_id = RowSelect(_l("表决之前的公示"))
    opens_at = InstantField(_l("开始投票"), [Required()])
    closes_at = InstantField(_l("截止投票"), [Required()])
    invalid_policy = RadioField(_l("无效票怎么算"), choices=[])
    choices = SelectMultipleField(_l("印在票上的选项"), choices=[])
    basis = RadioField(_l("按什么计票"), choices=[], default="")
    nonresponse_policy = RadioField(_l("没有交票的怎么算"), choices=[])
    policy_clause = TextAreaField(
        _l("议事规则的条款"), [at_most(1000)], filters=[strip], render_kw={"rows": 3}
    )
    extension_condition = TextAreaField(
        _l("什么情况下可以延长"), [at_most(500)], filters=[strip], render_kw={"rows": 2}
    )
    extension_days = IntegerField(
        _l("延长几天"), [Optional(), NumberRange(0, 60, message=_l("最多延长 60 天。"))]
    )
    after_id = RowSelect(_l("先要通过的表决"))
    runoff_of_id = RowSelect(_l("是哪一次表决的第二轮"))
    online = BooleanField(_l("也接受线上投票"))
    identity_note = TextAreaField(
        _l("线上怎样核对身份"), [at_most(1000)], filters=[strip], render_kw={"rows": 2}
    )
    motions: tuple[Motion, ...] = ()

    def validate_motion_ids(self, field: Any) -> None:
        """A ballot without a question is none."""
        if not field.data:
            raise ValidationError(gettext("请至少选一项表决事项。"))

    @property
    def option_fields(self) -> list[Any]:
        """The fields of a poll's options, one for each motion that may be chosen."""
        return [self[options_field(motion.id)] for motion in self.motions]


class EditVoteForm(VoteForm):
    """The same, of a vote that is not frozen yet."""

    version = version_field()


def options_field(motion_id: int) -> str:
    """The field of the options of a motion, if it is put as a poll."""
    return f"options_{motion_id}"


def vote_form(kind: type[VoteForm], motions: Iterable[Motion], **filled: Any) -> Any:
    """A form of ``kind`` with a field for the options of each motion."""
    asked = tuple(motions)
    fields = {
        options_field(motion.id): TextAreaField(
            gettext("「%(title)s」的候选项", title=motion.title),
            [at_most(LONGEST_OPTIONS)],
            filters=[strip],
            render_kw={"rows": 4},
        )
        for motion in asked
    }
    return type(kind.__name__, (kind,), {**fields, "motions": asked})(**filled)


class CancelForm(BaseForm):
    """Why a vote is voided."""

    reason = TextAreaField(_l("作废的原因"), [Required(), at_most(500)], filters=[strip])


class ConfirmForm(BaseForm):
    """A word typed to confirm what cannot be undone; ``words`` are those that count."""

    version = version_field()
    persons = IntegerField(widget=HiddenInput(), validators=[Optional()])
    word = StringField(_l("确认"), [Required()], filters=[strip])
    words: tuple[str, ...] = ()

    def validate_word(self, field: Any) -> None:
        """Any of the words, in capitals or not."""
        _require_word(field, self.words)


class ApproveForm(BaseForm):
    """The word of the second person; ``proposal`` is the one that was shown."""

    proposal = IntegerField(widget=HiddenInput(), validators=[Required()])
    word = StringField(_l("确认"), [Required()], filters=[strip])
    words: tuple[str, ...] = ()

    def validate_word(self, field: Any) -> None:
        """Any of the words, in capitals or not."""
        _require_word(field, self.words)


def _require_word(field: Any, words: tuple[str, ...]) -> None:
    if (field.data or "").upper() not in words:
        raise ValidationError(gettext("请照原样输入「%(word)s」。", word=words[0]))


class ExtendForm(BaseForm):
    """How the published condition for extending is met."""

    reason = TextAreaField(
        _l("怎样符合公布的条件"), [Required(), at_most(500)], filters=[strip], render_kw={"rows": 3}
    )


class RuleConfirmForm(BaseForm):
    """The rule as it was shown to the second person."""

    version = version_field()


class AreasForm(BaseForm):
    """Areas that were missing when the roll was frozen; fields are added by ``areas_form``."""

    reason = TextAreaField(
        _l("原因"), [Required(), at_most(500)], filters=[strip], render_kw={"rows": 2}
    )
    units: tuple[RollUnit, ...] = ()

    @property
    def rows(self) -> list[tuple[RollUnit, Any, Any]]:
        """Each unit with its fields of area and source."""
        return [(u, self[f"area_{u.id}"], self[f"source_{u.id}"]) for u in self.units]

    def validate(self, extra_validators: Any = None) -> bool:
        """An area is written as areas are, and goes with where it was found."""
        valid = bool(super().validate(extra_validators))
        for _unit, area, source in self.rows:
            if area.data and not source.data:
                source.errors = [gettext("请填写面积来源。")]
                valid = False
            if area.data:
                try:
                    area_of(area.data)
                except AreaError as error:
                    area.errors = [translate(error.message)]
                    valid = False
        if valid and not self.areas:
            self.form_errors.append(gettext("请至少填写一套房的面积。"))
            valid = False
        return valid

    @property
    def areas(self) -> dict[int, tuple[int, str]]:
        """(0.01 m², source) by id of the roll's unit, of those filled in."""
        return {
            unit.id: (area_of(area.data), source.data)
            for unit, area, source in self.rows
            if area.data
        }


def areas_form(units: Iterable[RollUnit]) -> Any:
    """A form with an area and a source for each of the units."""
    asked = tuple(units)
    fields: dict[str, Any] = {}
    for unit in asked:
        label = gettext("%(room)s的面积（平方米）", room=unit.label)
        fields[f"area_{unit.id}"] = StringField(label, [at_most(20)], filters=[strip])
        label = gettext("%(room)s的面积来源", room=unit.label)
        fields[f"source_{unit.id}"] = StringField(
            label, [at_most(80)], filters=[strip], render_kw={"list": "area-sources"}
        )
    return type("AreasForm", (AreasForm,), {**fields, "units": asked})()


class AttachForm(BaseForm):
    """A PDF published with the motions, or the clause on which silence is counted."""

    kind = RadioField(_l("是什么文件"), choices=[])
    name = StringField(_l("文件名称"), [Required(), at_most(120)], filters=[strip])
    file = FileField(_l("PDF 文件"), [FileRequired(_l("请选择一个文件。"))])


class ObjectionForm(BaseForm):
    """What somebody says is wrong on the roll; without who they are."""

    received_on = DateField(_l("哪一天收到"), [Required(), SensibleDay(not_after=clock.today)])
    text = TextAreaField(_l("异议内容"), [Required(), at_most(1000)], filters=[strip])


class AnswerForm(BaseForm):
    """The answer to an objection."""

    upheld = RadioField(_l("异议是否成立"), [InputRequired(_l("请选择。"))], choices=[])
    answer = TextAreaField(_l("答复"), [Required(), at_most(1000)], filters=[strip])


class BuildingFilter(BaseForm):
    """Of which building the roll is listed; sent by GET."""

    class Meta:
        csrf = False

    submission = HiddenField(default="")
    building = RowSelect(_l("楼栋"))


class RollFilter(BuildingFilter):
    """Which part of the roll is listed; sent by GET."""

    returned = RadioField(_l("票"), choices=[], default="")
