"""Forms about votes and ballots."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional, StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from tracker.kernel import clock
from tracker.kernel.fields import FIRST_DAY, LAST_DAY, version_field
from tracker.kernel.forms import (
    BaseForm,
    Required,
    RowSelect,
    at_most,
    strip,
)


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


class VoteForm(BaseForm):
    """What is voted on, by which rule, and when."""

    title = StringField(_l("表决名称"), [Required(), at_most(120)], filters=[strip])
    motion_ids = SelectMultipleField(_l("表决事项"), choices=[], coerce=int)
    rule_id = RadioField(_l("适用规则"), choices=[])
    rule_reason = TextAreaField(
        _l("为什么适用这条规则"), [Required(), at_most(1000)], filters=[strip]
    )
    building_id = RowSelect(_l("名册范围"))
    invalid_policy = RadioField(_l("无效票怎么算"), choices=[])
    opens_at = InstantField(_l("开始投票"), [Required()])
    closes_at = InstantField(_l("截止投票"), [Required()])

    def validate_motion_ids(self, field: Any) -> None:
        """A ballot without a question is none."""
        if not field.data:
            raise ValidationError(gettext("请至少选一项表决事项。"))


class EditVoteForm(VoteForm):
    """The same, of a vote that is not frozen yet."""

    version = version_field()


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
        if (field.data or "").upper() not in self.words:
            raise ValidationError(gettext("请照原样输入「%(word)s」。", word=self.words[0]))


class RollFilter(BaseForm):
    """Which part of the roll is listed; sent by GET."""

    class Meta:
        csrf = False

    submission = HiddenField(default="")
    building = RowSelect(_l("楼栋"))
    returned = RadioField(_l("票"), choices=[], default="")
