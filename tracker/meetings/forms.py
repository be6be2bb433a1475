"""Forms about meetings, options and motions."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError

from tracker.kernel import clock
from tracker.kernel.fields import SensibleDay, version_field
from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip
from tracker.meetings.rules import MOST_PEOPLE, Party, ResolutionOutcome

ROWS, MORE_ROWS, MOST_ROWS = 5, 3, 40


class MeetingForm(BaseForm):
    """When, where and about what."""

    kind = SelectField(_l("会议类型"), [Required()], choices=[])
    title = StringField(_l("会议名称"), [Required(), at_most(120)], filters=[strip])
    planned_on = DateField(_l("日期"), [Required(), SensibleDay()])
    planned_time = TimeField(_l("时间"), [Required()])
    place = StringField(_l("地点"), [Required(), at_most(120)], filters=[strip])
    agenda = TextAreaField(_l("议程"), [at_most(2000)], filters=[strip])


class EditMeetingForm(MeetingForm):
    """The same, of a meeting that is planned already."""

    version = version_field()


class CancelForm(BaseForm):
    """Why a meeting is called off."""

    reason = StringField(_l("取消的原因"), [Required(), at_most(200)], filters=[strip])
    version = version_field()


class _Line(FlaskForm):  # type: ignore[misc]
    """A row inside another form: the outer one carries the CSRF token."""

    class Meta:
        csrf = False


class ResolutionLine(_Line):
    """One point and what the meeting said about it; an empty row is none."""

    text = StringField(_l("决议内容"), [at_most(500)], filters=[strip])
    outcome = SelectField(
        _l("结果"),
        choices=[SelectChoice(o.value, _l(o.label)) for o in ResolutionOutcome],
        default="agreed",
    )


class ActionLineForm(_Line):
    """One thing to do; an empty row is none."""

    title = StringField(_l("要做的事"), [at_most(200)], filters=[strip])
    assignee = RowSelect(_l("负责人"))
    due_on = DateField(_l("期限"), [Optional(), SensibleDay()])

    def validate_title(self, field: Any) -> None:
        """A person or a date without a thing to do was not meant."""
        if not field.data and (self.assignee.data or self.due_on.raw_data not in (None, [], [""])):
            raise ValidationError(_l("请写明要做什么，或者清空这一行。"))


class MinutesForm(BaseForm):
    """What was written down of a meeting; the numbers of people are added below."""

    held_on = DateField(
        _l("召开日期"),
        [Required(), SensibleDay(not_after=clock.today, message=_l("会议日期还没有到。"))],
    )
    held_time = TimeField(_l("开始时间"), [Required()])
    minutes = TextAreaField(
        _l("会议纪要"), [Required(), at_most(20_000)], filters=[strip], render_kw={"rows": 10}
    )
    resolutions = FieldList(
        FormField(ResolutionLine), _l("决议"), min_entries=ROWS, max_entries=MOST_ROWS
    )
    version = version_field()

    def attendance(self) -> dict[Party, int]:
        """People present per role; an empty field is nobody."""
        return {p: self[_present(p)].data or 0 for p in Party}

    def present_fields(self) -> list[Any]:
        """The number fields, in the order of the roles."""
        return [self[_present(p)] for p in Party]

    def seat(self, attendance: dict[Party, int]) -> None:
        """Fill the number fields from what was recorded."""
        for party, people in attendance.items():
            self[_present(party)].data = people

    def rows(self) -> list[Any]:
        """Every row of every list in the form."""
        return list(self.resolutions)

    def points(self) -> list[tuple[str, ResolutionOutcome]]:
        """The rows that say something."""
        return [
            (row.form.text.data, ResolutionOutcome(row.form.outcome.data))
            for row in self.resolutions
            if row.form.text.data
        ]


def _present(party: Party) -> str:
    return f"present_{party.value}"


for _party in Party:
    setattr(
        MinutesForm,
        _present(_party),
        IntegerField(
            _l(_party.label),
            [Optional(), NumberRange(0, MOST_PEOPLE, message=_l("请填 0 到 2000 之间的整数。"))],
        ),
    )


class HoldForm(MinutesForm):
    """Minutes, and what they ask of whom."""

    actions = FieldList(
        FormField(ActionLineForm), _l("事项"), min_entries=ROWS, max_entries=MOST_ROWS
    )

    def rows(self) -> list[Any]:
        """Every row of every list in the form."""
        return [*self.resolutions, *self.actions]

    def tasks(self) -> list[tuple[str, int | None, Any]]:
        """The rows that say something."""
        return [
            (row.form.title.data, row.form.assignee.data, row.form.due_on.data)
            for row in self.actions
            if row.form.title.data
        ]


class CorrectForm(MinutesForm):
    """Minutes as they should have been written, and why they change."""

    reason = StringField(_l("更正的原因"), [Required(), at_most(200)], filters=[strip])


class OptionForm(BaseForm):
    """One way to solve the problem."""

    title = StringField(_l("方案名称"), [Required(), at_most(120)], filters=[strip])
    summary = TextAreaField(_l("怎么做"), [Required(), at_most(4000)], filters=[strip])
    pros = TextAreaField(_l("好处"), [at_most(2000)], filters=[strip])
    cons = TextAreaField(_l("难处"), [at_most(2000)], filters=[strip])


class ReviseForm(BaseForm):
    """A new version of an option."""

    change_note = StringField(_l("这一版改了什么"), [Required(), at_most(200)], filters=[strip])
    summary = TextAreaField(_l("怎么做"), [Required(), at_most(4000)], filters=[strip])
    pros = TextAreaField(_l("好处"), [at_most(2000)], filters=[strip])
    cons = TextAreaField(_l("难处"), [at_most(2000)], filters=[strip])
    version = version_field()


class ChooseForm(BaseForm):
    """Why this one; ``choose_form`` adds why not each of the others."""

    reason = TextAreaField(_l("选定的理由"), [Required(), at_most(1000)], filters=[strip])


def choose_form(others: dict[int, str]) -> Any:
    """The form for choosing an option: why it, and why not each of ``others`` (id → title)."""
    fields = {
        _dropped(number): TextAreaField(title, [Required(), at_most(1000)], filters=[strip])
        for number, title in others.items()
    }
    return type("ChooseAmongForm", (ChooseForm,), fields)()


def dropped_field(form: Any, option_id: int) -> Any:
    """The field in which ``choose_form`` asks why an option is dropped."""
    return form[_dropped(option_id)]


def _dropped(option_id: int) -> str:
    return f"dropped_{option_id}"


class MotionForm(BaseForm):
    """One question."""

    title = StringField(_l("事项名称"), [Required(), at_most(120)], filters=[strip])
    text = TextAreaField(_l("表决票上的文字"), [Required(), at_most(2000)], filters=[strip])
    option = RowSelect(_l("对应的方案"))
    one_question = BooleanField(_l("已核对：这段话只问一件事"))


class EditMotionForm(MotionForm):
    """The wording of a motion that is on no ballot yet."""

    version = version_field()
