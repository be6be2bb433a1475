"""The ballot as a form on a phone, made of the motions of a vote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import Field, IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, ValidationError

from tracker.ballots.answers import mark_of
from tracker.kernel.forms import BaseForm, Required, at_most, strip
from tracker.votes.models import Vote, VoteMotion
from tracker.votes.queries import rule_of
from tracker.votes.rules import Choice, Method


class RankField(Field):  # type: ignore[misc]
    """Options in order of preference: one select after the other, all of one name."""

    def __init__(self, label: str, choices: Sequence[SelectChoice], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices = choices

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the order; an empty place says nothing."""
        self.data = [value for value in valuelist if value]


class Answered:
    """The motion is answered as this kind of vote can be; an invalid ballot is not offered."""

    field_flags = {"required": True}

    def __init__(self, vote: Vote, motion: VoteMotion, method: Method) -> None:
        self.vote, self.motion, self.method = vote, motion, method

    def mark(self, data: Any) -> str | None:
        """The mark of what was ticked, None for no answer."""
        values = data if isinstance(data, list) else [data or ""]
        keys = [option["key"] for option in self.motion.options]
        return mark_of(values, self.method, self.vote.choices, keys)

    def __call__(self, _form: Any, field: Any) -> None:
        if self.mark(field.data) is None:
            # Instead of the words of the library, which speak of choices and not of ballots.
            field.errors = []
            raise ValidationError(self.complaint(field.data))

    def complaint(self, data: Any) -> str:
        """What is wrong with the answer."""
        said = gettext("请选一项；不想表态的选弃权。")
        if data and self.method is Method.RANKED:
            said = gettext("同一个候选项只能排一次；选弃权的，不要再排别的。")
        elif data and self.method is Method.APPROVAL:
            said = gettext("选弃权的，不要再选别的。")
        return str(said)


class CastForm(BaseForm):
    """One field for each motion, added by ``casting_form``."""

    questions: tuple[tuple[VoteMotion, str, Answered], ...] = ()

    @property
    def marks(self) -> dict[int, str]:
        """Marks by motion; only after the form was found valid."""
        return {
            motion.id: answered.mark(self[name].data) or ""
            for motion, name, answered in self.questions
        }

    def said(self, name: str) -> list[str]:
        """What was ticked in a field, in its words: ranked in their order, else as printed."""
        field = self[name]
        words = {choice.value: choice.label for choice in field.choices}
        ticked = values_of(field.data)
        ordered = ticked if isinstance(field, RankField) else [v for v in words if v in ticked]
        return [words[value] for value in ordered]


def values_of(data: Any) -> list[str]:
    """What was ticked, as a list."""
    return list(data or ()) if isinstance(data, list) else [data] if data else []


def casting_form(vote: Vote) -> Any:
    """The ballot of a vote as a form."""
    method = rule_of(vote).method
    fields: dict[str, Any] = {}
    questions = []
    for motion in vote.motions:
        name = f"mark_{motion.id}"
        answered = Answered(vote, motion, method)
        label = f"{motion.position}. {motion.title}"
        fields[name] = _field(method)(
            label, choices=list(_answers(vote, motion, method)), validators=[answered]
        )
        questions.append((motion, name, answered))
    return type("BallotForm", (CastForm,), {**fields, "questions": tuple(questions)})()


def _field(method: Method) -> Any:
    fields = {Method.APPROVAL: SelectMultipleField, Method.RANKED: RankField}
    return fields.get(method, RadioField)


def _answers(vote: Vote, motion: VoteMotion, method: Method) -> Iterable[SelectChoice]:
    """The answers printed on the ballot, in its order; a poll can always be abstained from."""
    for option in motion.options:
        yield SelectChoice(option["key"], f"{option['key']}. {option['label']}")
    printed = (
        [choice for choice in Choice if choice.value in vote.choices]
        if method is Method.YES_NO
        else [Choice.ABSTAIN]
    )
    for choice in printed:
        yield SelectChoice(choice.value, gettext(choice.label))


class CodeForm(BaseForm):
    """The secret of a slip, typed."""

    code = StringField(
        _l("投票码"),
        [Required(), at_most(60)],
        filters=[strip],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class LookUpForm(BaseForm):
    """What stands on a receipt."""

    serial = IntegerField(
        _l("票号"),
        [Required(), NumberRange(1, 999_999_999, message=_l("请输入回执上的票号。"))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    code = StringField(
        _l("回执码"),
        [Required(), at_most(40)],
        filters=[strip],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
