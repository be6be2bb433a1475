"""The base of all forms: CSRF, and a key that makes a second press harmless."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask_babel import format_date, get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, StopValidation

from tracker.kernel.errors import FieldRefusal, Refusal
from tracker.kernel.sentences import catalogue_of_forms, say
from tracker.kernel.words import Message, Term


def new_submission() -> str:
    """A fresh key for one filling-in of one form."""
    return secrets.token_urlsafe(18)


def translate(message: Message) -> str:
    """Say ``message`` in the language of the present request."""
    values = {}
    for name, value in message.values.items():
        if isinstance(value, Message):
            values[name] = translate(value)
        elif isinstance(value, Term):
            values[name] = say(value.label)
        elif isinstance(value, date):
            values[name] = format_date(value, "medium")
        else:
            values[name] = value
    # gettext only interpolates when there are values; a literal %% needs it always.
    return say(message.text) % values


class BaseForm(FlaskForm):  # type: ignore[misc]
    """All forms carry ``submission``: the view's commit files it with the result."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """How forms come by the words of their own library."""

        def get_translations(self, _form: Any) -> Any:
            """The library's catalogue; Flask-WTF would open its file for every request."""
            return catalogue_of_forms(get_locale())

    submission = HiddenField(default=new_submission)

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal by a service at its field, or above the form."""
        texts = [translate(r.message) for r in refusal.reasons]
        if isinstance(refusal, FieldRefusal) and refusal.field in self._fields:
            field = self._fields[refusal.field]
            field.errors = [*field.errors, *texts]
        else:
            self.form_errors.extend(texts)


class Required(InputRequired):  # type: ignore[misc]
    """An answer is needed; spaces are none."""

    def __init__(self, message: Any = None) -> None:
        super().__init__(message or lazy_gettext("请填写这一项。"))

    def __call__(self, form: Any, field: Any) -> None:
        super().__call__(form, field)
        if isinstance(field.data, str) and not field.data.strip():
            raise StopValidation(self.message)


def at_most(count: int) -> Length:
    """No more than ``count`` characters."""
    return Length(max=count, message=lazy_gettext("最多 %(n)d 个字，请写短一些。", n=count))


_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def strip(value: str | None) -> str | None:
    """Filter: outer spaces say nothing, and control characters belong into no text.

    PostgreSQL refuses NUL altogether.
    """
    return value.translate(_CONTROLS).strip() if isinstance(value, str) else value


def term_choices(kind: Iterable[Term], empty: Any = None) -> list[SelectChoice]:
    """Choices of a select field from the members of a ``Term``."""
    first = [SelectChoice("", empty)] if empty is not None else []
    return [*first, *(SelectChoice(t.value, gettext(t.label)) for t in kind)]


def row_choices(
    rows: Iterable[Any], label: Callable[[Any], str], empty: Any = None
) -> list[SelectChoice]:
    """Choices of a select field from database rows, by id."""
    first = [SelectChoice("", empty)] if empty is not None else []
    return [*first, *(SelectChoice(r.id, label(r)) for r in rows)]


def optional_int(value: Any) -> int | None:
    """Coerce a select's value to a row id; the empty choice is None."""
    return None if value in (None, "", "None") else int(value)


class RowSelect(SelectField):  # type: ignore[misc]
    """A select over rows whose empty choice means None."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("coerce", optional_int)
        kwargs.setdefault("choices", [])
        super().__init__(*args, **kwargs)


class RowsSelect(SelectMultipleField):  # type: ignore[misc]
    """Several rows at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("coerce", int)
        kwargs.setdefault("choices", [])
        super().__init__(*args, **kwargs)
