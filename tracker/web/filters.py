"""How values are written on the screen, in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale, dates
from flask import Flask, url_for
from flask_babel import format_datetime, get_locale
from markupsafe import Markup, escape

from tracker.anthology.rules import Words
from tracker.kernel import clock
from tracker.kernel.errors import Reason
from tracker.kernel.forms import translate
from tracker.kernel.sentences import in_template, say
from tracker.kernel.words import Message, Term
from tracker.projects.rules import due_words, light
from tracker.web import language
from tracker.workdays.rules import Calendar
from tracker.works.rules import yuan


def label(value: Term | Message | None) -> str:
    """A term or message in the language of the request."""
    if value is None:
        return ""
    return translate(value) if isinstance(value, Message) else say(value.label)


def day(value: date | datetime | None, *, year: bool | None = None) -> str:
    """A day with its weekday: 11月26日 周四, with the year when it is not this one."""
    if value is None:
        return "–"
    value = clock.local_date(value) if isinstance(value, datetime) else value
    with_year = value.year != clock.today().year if year is None else year
    if language.is_chinese():
        return _written(get_locale(), value, "y年M月d日 EEE" if with_year else "M月d日 EEE")
    return _written(get_locale(), value, "EEE d MMM y" if with_year else "EEE d MMM")


def short_day(value: date | None) -> str:
    """A day as short as it goes: 11月26日."""
    if value is None:
        return "–"
    return _written(get_locale(), value, "M月d日" if language.is_chinese() else "d MMM")


@lru_cache(4096)
def _written(locale: Locale, value: date, pattern: str) -> str:
    """The same few days stand in every list, and writing one takes as long as ten other cells."""
    return str(dates.format_date(value, pattern, locale))


def month_name(value: date) -> str:
    """11月, Nov."""
    return _written(get_locale(), value, "MMM")


def weekday_name(value: date) -> str:
    """星期一, Monday."""
    return _written(get_locale(), value, "EEEE")


def moment(value: datetime | None, *, year: bool | None = None) -> str:
    """A day and time in Shanghai: 11月26日 周四 14:00; ``year`` as for ``day``."""
    if value is None:
        return "–"
    return f"{day(value, year=year)} {format_datetime(value, 'HH:mm')}"


def square_metres(area: int | None) -> str:
    """An area of 0.01 m² units: 29,412.36 m²."""
    if area is None:
        return "–"
    whole, rest = divmod(area, 100)
    return f"{whole:,}.{rest:02d}"


def words(value: Words) -> str:
    """The side of a bilingual sentence that fits the request."""
    return value.zh if language.is_chinese() else value.en


def paragraphs(text: str) -> Markup:
    """Plain text with its line breaks, escaped."""
    parts = [escape(p) for p in text.replace("\r\n", "\n").split("\n") if p.strip()]
    return Markup("").join(Markup("<p>{}</p>").format(p) for p in parts)


def due(value: date, today: date, calendar: Calendar) -> str:
    """How far a deadline is, in words."""
    return translate(due_words(value, today, calendar))


def lamp(value: date, today: date, calendar: Calendar) -> str:
    """The light of a deadline, as the light macro names it."""
    return light(value, today, calendar).value


def term_options(kinds: Iterable[Term]) -> list[tuple[str, str]]:
    """Terms as options of a filter."""
    return [(k.value, say(k.label)) for k in kinds]


def row_options(rows: Iterable[Any]) -> list[tuple[int, str]]:
    """Rows with a name as options of a filter."""
    return [(row.id, row.name) for row in rows]


def mechanism_options(mechanisms: Mapping[int, str]) -> list[tuple[int, str]]:
    """Numbered names as options of a filter."""
    return [(number, say(name)) for number, name in mechanisms.items()]


def reason_url(reason: Reason) -> str | None:
    """Where a reason is mended."""
    if reason.endpoint is None:
        return None
    params: dict[str, Any] = dict(reason.params)
    return url_for(reason.endpoint, _anchor=reason.anchor, **params)


def register(app: Flask) -> None:
    """Make the filters known to the templates."""
    known: dict[str, Any] = {
        "label": label,
        "day": day,
        "short_day": short_day,
        "moment": moment,
        "month_name": month_name,
        "weekday_name": weekday_name,
        "square_metres": square_metres,
        "words": words,
        "paragraphs": paragraphs,
        "reason_url": reason_url,
        "due": due,
        "lamp": lamp,
        "term_options": term_options,
        "row_options": row_options,
        "yuan": yuan,
    }
    app.jinja_env.filters.update(known)
    app.jinja_env.globals.update(
        {"_": in_template, "gettext": in_template, "mechanism_options": mechanism_options}
    )
