"""Forms of the count: words typed to confirm, signers, objections, the archive."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import ValidationError

from tracker.kernel import clock
from tracker.kernel.fields import SensibleDay
from tracker.kernel.forms import BaseForm, Required, at_most, strip


class StepForm(BaseForm):
    """A word typed to confirm what cannot be undone; ``words`` are those that count."""

    word = StringField(_l("确认"), [Required()], filters=[strip])
    words: tuple[str, ...] = ()

    def validate_word(self, field: Any) -> None:
        """Any of the words, in capitals or not."""
        if (field.data or "").upper() not in self.words:
            raise ValidationError(gettext("请照原样输入「%(word)s」。", word=self.words[0]))


class CertifyForm(StepForm):
    """Who read aloud, counted and watched."""

    reader = StringField(_l("唱票人"), [Required(), at_most(60)], filters=[strip])
    counter = StringField(_l("计票人"), [Required(), at_most(60)], filters=[strip])
    scrutineer = StringField(_l("监票人"), [Required(), at_most(60)], filters=[strip])


class CertifyAgainForm(CertifyForm):
    """The same after a recount, with why there was one."""

    reason = TextAreaField(_l("为什么重新计票"), [Required(), at_most(500)], filters=[strip])


class SendBackForm(StepForm):
    """Why a certified result is counted again before it is announced."""

    reason = TextAreaField(_l("为什么重新计票"), [Required(), at_most(500)], filters=[strip])


class ObjectionForm(BaseForm):
    """What somebody objects to a result; no name is kept, the receipt is theirs."""

    received_on = DateField(_l("收到日期"), [Required(), SensibleDay(not_after=clock.today)])
    text = TextAreaField(_l("异议内容"), [Required(), at_most(1000)], filters=[strip])


class RulingForm(BaseForm):
    """What becomes of an objection, and why."""

    ruling = RadioField(_l("裁定"), [Required()], choices=[])
    text = TextAreaField(_l("裁定的理由"), [Required(), at_most(1000)], filters=[strip])


class ArchiveForm(BaseForm):
    """What is put away, where, in whose care, and until when."""

    contents = TextAreaField(
        _l("封存的物品目录"),
        [Required(), at_most(3000)],
        filters=[strip],
        render_kw={"rows": 9},
    )
    place = StringField(_l("存放地点"), [Required(), at_most(120)], filters=[strip])
    custodian = StringField(_l("保管人"), [Required(), at_most(60)], filters=[strip])
    keep_until = DateField(_l("保管到"), [Required(), SensibleDay()])
