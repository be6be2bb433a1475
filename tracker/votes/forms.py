"""Forms about votes and ballots."""

from __future__ import annotations

from collections.abc import Iterable
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
from wtforms.fields.choices import SelectChoice
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
    term_choices,
)
from tracker.votes.models import VoteMotion
from tracker.votes.recording import PAPER_CHOICES, choice_field
from tracker.votes.rules import Choice
from tracker.votes.words import RejectReason

ACCEPTED, VOID = "accepted", "void"
"""Answers to the identity check besides the reasons for rejecting a paper."""


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


class BallotForm(BaseForm):
    """One paper; the choices are added by ``ballot_form``."""

    check = RadioField(_l("身份核对"), choices=[], default=ACCEPTED)
    received_at = InstantField(_l("收到时间"), [Required()])
    motions: tuple[VoteMotion, ...] = ()

    def validate(self, extra_validators: Any = None) -> bool:
        """A paper that passed the identity check says something to every motion."""
        valid = bool(super().validate(extra_validators))
        if self.check.data == ACCEPTED:
            for field in self.choice_fields:
                if field.data is None:
                    field.errors = [gettext("请选择票面所填的意见。")]
                    valid = False
        return valid

    @property
    def choice_fields(self) -> list[Any]:
        """The fields of the choices, in the order of the ballot."""
        return [self[choice_field(motion.id)] for motion in self.motions]

    @property
    def choices(self) -> dict[int, Choice]:
        """Choice by id of the vote's motion; none for a paper that does not count."""
        if self.check.data != ACCEPTED:
            return {}
        return {m.id: Choice(self[choice_field(m.id)].data) for m in self.motions}

    @property
    def rejected(self) -> RejectReason | None:
        """Why the paper does not count, if the identity check failed."""
        return None if self.check.data in (ACCEPTED, VOID) else RejectReason(self.check.data)


class RecordForm(BallotForm):
    """A paper that came back."""

    serial = StringField(_l("票号或房号"), [Required(), at_most(60)], filters=[strip])


class CorrectForm(BallotForm):
    """What a paper really says, entered anew; what was recorded before is not shown."""

    reason = StringField(_l("更正的原因"), [Required(), at_most(200)], filters=[strip])


def ballot_form(kind: type[BallotForm], motions: Iterable[VoteMotion]) -> Any:
    """A form of ``kind`` with one question per motion, and the answers to the identity check."""
    asked = tuple(motions)
    fields = {
        choice_field(motion.id): RadioField(
            motion.title, [Optional()], choices=term_choices(PAPER_CHOICES)
        )
        for motion in asked
    }
    form: Any = type(kind.__name__, (kind,), {**fields, "motions": asked})()
    form.check.choices = [
        SelectChoice(ACCEPTED, gettext("核对通过")),
        *term_choices(RejectReason),
    ]
    if issubclass(kind, CorrectForm):
        form.check.choices.append(SelectChoice(VOID, gettext("录错了户，撤销这条登记")))
    return form


class RollFilter(BaseForm):
    """Which part of the roll is listed; sent by GET."""

    class Meta:
        csrf = False

    submission = HiddenField(default="")
    building = RowSelect(_l("楼栋"))
    returned = RadioField(_l("票"), choices=[], default="")
