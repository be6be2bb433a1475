"""Forms of the count: words typed to confirm, signers, objections, the archive."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

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
