"""Forms about public notices."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from tracker.kernel import clock
from tracker.kernel.fields import SensibleDay, version_field
from tracker.kernel.forms import BaseForm, Required, at_most, strip
from tracker.notices.rules import Place

LONGEST_LABEL, MOST_PLACES = 60, 60


class NoticeForm(BaseForm):
    """What is announced, from when to when, and where it will hang."""

    title = StringField(_l("标题"), [Required(), at_most(120)], filters=[strip])
    body = TextAreaField(
        _l("正文"), [Required(), at_most(8000)], filters=[strip], render_kw={"rows": 10}
    )
    starts_on = DateField(_l("第一天"), [Required(), SensibleDay()])
    ends_on = DateField(_l("最后一天"), [Required(), SensibleDay()])
    places = SelectMultipleField(_l("张贴地点"), choices=[])
    more_places = TextAreaField(_l("其他地点"), filters=[strip])

    def validate_more_places(self, field: Any) -> None:
        """Each line is the name of a place."""
        if len(self.extra_labels()) > MOST_PLACES:
            raise ValidationError(_l("其他地点太多了。"))
        if any(len(label) > LONGEST_LABEL for label in self.extra_labels()):
            raise ValidationError(_l("每行最多 60 个字。"))

    def offer(self, usual: list[Place], chosen: list[Place] | None = None) -> None:
        """Offer the usual places by name; tick and list ``chosen`` (None: tick all)."""
        known = {place.label for place in usual}
        self.places.choices = [SelectChoice(place.label, place.label) for place in usual]
        if chosen is None:
            chosen = usual
        if self.places.raw_data is None:
            self.places.data = [place.label for place in chosen if place.label in known]
            others = [place.label for place in chosen if place.label not in known]
            self.more_places.data = "\n".join(others)

    def extra_labels(self) -> list[str]:
        """The places written by hand."""
        lines = (self.more_places.data or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def chosen(self, usual: list[Place]) -> list[Place]:
        """The places ticked, in their usual order, then those written by hand."""
        ticked = set(self.places.data or [])
        return [
            *(place for place in usual if place.label in ticked),
            *(Place(label) for label in self.extra_labels()),
        ]


class EditNoticeForm(NoticeForm):
    """The same, of a draft."""

    version = version_field()


class PostForm(BaseForm):
    """Where the notice was put up, and on which day."""

    posted_on = DateField(
        _l("张贴日期"),
        [Required(), SensibleDay(not_after=clock.today, message=_l("张贴日期还没有到。"))],
    )
    places = SelectMultipleField(_l("已张贴的地点"), coerce=int, choices=[])


class WithdrawForm(BaseForm):
    """Why a notice is taken back."""

    reason = StringField(_l("撤回的原因"), [Required(), at_most(200)], filters=[strip])


class ObjectionForm(BaseForm):
    """What somebody objected, without who."""

    received_on = DateField(
        _l("收到日期"),
        [Required(), SensibleDay(not_after=clock.today, message=_l("收到日期还没有到。"))],
    )
    text = TextAreaField(_l("异议内容"), [Required(), at_most(4000)], filters=[strip])
    reply = TextAreaField(_l("答复"), [at_most(4000)], filters=[strip])


class ReplyForm(BaseForm):
    """The answer to an objection."""

    reply = TextAreaField(_l("答复"), [Required(), at_most(4000)], filters=[strip])
