"""Forms about opinions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from tracker.kernel import clock
from tracker.kernel.fields import SensibleDay, version_field
from tracker.kernel.forms import BaseForm, Required, RowSelect, at_most, optional_int, strip
from tracker.opinions.rules import Channel, Heard, Household, Stance

LONGEST = 2000
"""Characters of an opinion or a reply; a page of handwriting is about 500."""


class OpinionForm(BaseForm):
    """What was heard from a resident."""

    channel = SelectField(_l("听取渠道"), [Required()], choices=[])
    topic = StringField(
        _l("主题"), [Required(), at_most(60)], filters=[strip], render_kw={"list": "topics"}
    )
    stance = RadioField(_l("态度"), [Required()], choices=[])
    text = TextAreaField(
        _l("意见内容"), [Required(), at_most(LONGEST)], filters=[strip], render_kw={"rows": 4}
    )
    building = RowSelect(_l("楼栋"))
    room = StringField(_l("室号"), [at_most(20)], filters=[strip])
    heard_on = DateField(
        _l("听取日期"), [Required(), SensibleDay(not_after=clock.today)], default=clock.today
    )

    def validate(self, extra_validators: object = None) -> bool:
        """Building and room belong together: both, or neither."""
        sound: bool = super().validate(extra_validators)
        return household_is_whole(self) and sound

    def heard(self) -> Heard:
        """What the form says, for the service."""
        return Heard(
            channel=Channel(self.channel.data),
            topic=self.topic.data,
            stance=Stance(self.stance.data),
            text=self.text.data if self.text else "",
            heard_on=self.heard_on.data,
            household=household(self),
        )


class EditOpinionForm(OpinionForm):
    """The same, of an opinion that is there already."""

    version = version_field()


def household_is_whole(form: BaseForm) -> bool:
    """Whether building and room are both there or both missing; says so at the field."""
    if form.building.data is not None and not form.room.data:
        form.room.errors = [*form.room.errors, _l("选了楼栋，请写室号；不记住户就选“匿名”。")]
        return False
    if form.building.data is None and form.room.data:
        form.building.errors = [*form.building.errors, _l("写了室号，请也选楼栋。")]
        return False
    return True


def household(form: BaseForm) -> Household | None:
    """The household named in a form with ``building`` and ``room``."""
    if form.building.data is None:
        return None
    return Household(form.building.data, form.room.data)


class ReplyForm(BaseForm):
    """The written answer to an opinion."""

    status = RadioField(_l("处理结果"), [Required()], choices=[])
    text = TextAreaField(
        _l("给居民的答复"), [Required(), at_most(LONGEST)], filters=[strip], render_kw={"rows": 5}
    )
    version = version_field()


class MergeForm(BaseForm):
    """Which opinion says the same."""

    target = RadioField(
        _l("合并到"), [Required(_l("请选一条意见。"))], coerce=optional_int, choices=[]
    )


class ListingForm(BaseForm):
    """What the list is narrowed to; a GET form."""

    class Meta:
        csrf = False

    submission = HiddenField()
    text = StringField(_l("文字"), filters=[strip], render_kw={"maxlength": 60})
    status = SelectField(_l("状态"), choices=[], default="")
    topic = SelectField(_l("主题"), choices=[], default="")
    stance = SelectField(_l("态度"), choices=[], default="")
    channel = SelectField(_l("渠道"), choices=[], default="")
