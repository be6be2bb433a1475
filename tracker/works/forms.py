"""Forms about works on site, money and pictures."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import StopValidation

from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, strip
from tracker.works.rules import parse_yuan, yuan


class YuanField(StringField):  # type: ignore[misc]
    """An amount typed in yuan; ``data`` is in fen, and what was typed is shown again."""

    data: Any

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the amount; a wrong one keeps its text."""
        if not valuelist:
            return
        self.data = None
        try:
            self.data = parse_yuan(valuelist[0])
        except ValueError as error:
            message = gettext("请写大于 0 的金额，最多两位小数，例如 12000 或 1.2万。")
            raise ValueError(message) from error

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else yuan(self.data)


def _day(label: Any, *validators: Any) -> DateField:
    wrong = _l("日期写得不对，例如 2026-03-02。")
    return DateField(label, list(validators) or [Required()], invalid_value_message=wrong)


class NeededWhen:
    """The field is needed when another has a certain answer, and ignored otherwise."""

    def __init__(self, other: str, answer: str) -> None:
        self.other, self.answer = other, answer

    def __call__(self, form: Any, field: Any) -> None:
        """Stop with an error, stop without one, or let the next validator judge."""
        if form[self.other].data != self.answer:
            field.errors = []
            raise StopValidation
        text = field.raw_data[0].strip() if field.raw_data else ""
        if not text:
            field.errors = []
            raise StopValidation(gettext("发现问题时要填写这一项。"))


class VersionMixin:
    """A form that edits a row, and knows which state of it was seen."""

    version = HiddenField()

    def seen_version(self) -> int | None:
        """The version the form was opened with; None for a new row or a spoilt field."""
        # Not ``data``: for a field that was not sent, that is the row's own version.
        text = str((self.version.raw_data or [""])[0])
        return int(text) if text.isascii() and text.isdigit() else None


class ContractorForm(VersionMixin, BaseForm):
    """Who was hired."""

    name = StringField(_l("施工单位"), [Required(), at_most(120)], filters=[strip])
    work = StringField(_l("施工内容"), [Required(), at_most(200)], filters=[strip])
    contract_number = StringField(_l("合同编号"), [at_most(80)], filters=[strip])
    amount = YuanField(_l("合同金额（元）"), [Required()])
    starts_on = _day(_l("开工日期"))
    ends_on = _day(_l("完工日期"))


class MoneyForm(BaseForm):
    """Money in or out."""

    direction = RadioField(_l("收入还是支出"), [Required(_l("请选择收入或支出。"))], choices=[])
    source = SelectField(_l("资金来源"), [Required()], choices=[])
    amount = YuanField(_l("金额（元）"), [Required()])
    on = _day(_l("日期"))
    party = StringField(_l("对方单位"), [Required(), at_most(120)], filters=[strip])
    note = StringField(_l("用途或备注"), [at_most(200)], filters=[strip])


class ReversalForm(BaseForm):
    """Why an entry is taken back."""

    reason = StringField(_l("冲销原因"), [Required(), at_most(200)], filters=[strip])


class CheckForm(BaseForm):
    """A look at the site."""

    checked_on = _day(_l("检查日期"))
    present = SelectMultipleField(
        _l("到场的单位"), [Required(_l("请勾选到场的单位，至少一家。"))], choices=[]
    )
    finding = TextAreaField(_l("检查情况"), [Required(), at_most(2000)], filters=[strip])
    result = RadioField(_l("结论"), [Required(_l("请选择检查结论。"))], choices=[])
    to_do = StringField(
        _l("整改要求"), [NeededWhen("result", "problem"), at_most(200)], filters=[strip]
    )
    assignee = RowSelect(_l("整改负责人"), [NeededWhen("result", "problem")])
    due_on = _day(_l("整改期限"), NeededWhen("result", "problem"))


class ApprovalForm(VersionMixin, BaseForm):
    """By which document something was approved."""

    authority = StringField(_l("批准单位"), [Required(), at_most(80)], filters=[strip])
    document_number = StringField(_l("文号"), [Required(), at_most(80)], filters=[strip])
    approved_on = _day(_l("批准日期"))
    note = TextAreaField(_l("备注"), [at_most(2000)], filters=[strip])


class AcceptanceForm(BaseForm):
    """The works were looked over."""

    accepted_on = _day(_l("验收日期"))
    result = RadioField(_l("验收结果"), [Required(_l("请选择验收结果。"))], choices=[])
    participants = StringField(_l("参加验收的人"), [Required(), at_most(200)], filters=[strip])
    note = TextAreaField(_l("备注"), [at_most(2000)], filters=[strip])


class PicturesForm(BaseForm):
    """Photos of one spot."""

    files = MultipleFileField(
        _l("照片"),
        [FileRequired(_l("请选择至少一张照片。"))],
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    phase = RadioField(_l("什么时候拍的"), [Required(_l("请选择拍摄阶段。"))], choices=[])
    spot = StringField(
        _l("拍摄地点"),
        [Required(), at_most(80)],
        filters=[strip],
        render_kw={"list": "spots", "autocomplete": "off"},
    )
    caption = StringField(_l("说明"), [at_most(200)], filters=[strip])
    taken_on = _day(_l("拍摄日期"))
