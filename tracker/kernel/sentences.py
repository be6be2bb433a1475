"""Saying a sentence in the language of the request, without looking everything up again.

Flask-Babel finds request, domain, language and catalogue anew for every sentence, and Jinja
wraps that twice and makes a context for it in every loop. A page of fifty rows says some
four hundred sentences: that was a third of its time. What a sentence is in a language never
changes while the process lives, so it is remembered.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations, Translations
from flask_babel import get_locale, gettext
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from wtforms.i18n import messages_path

REMEMBERED = 8192
"""Sentences in all languages; the ledger has some three thousand."""


def say(text: str) -> str:
    """``text`` in the language of the request; its places are left for the caller to fill."""
    return _said(get_locale(), text)


@lru_cache(REMEMBERED)
def _said(_locale: Locale | None, text: str) -> str:
    return str(gettext(text))


@lru_cache(REMEMBERED)
def _shown(_locale: Locale | None, text: str) -> Markup:
    # As in Jinja's own: "%%" is a percent sign even where there is nothing to fill in.
    return Markup(gettext(text)) % {}


@lru_cache
def catalogue_of_forms(locale: Locale | None) -> NullTranslations:
    """What WTForms says by itself, such as that a choice is not valid, in a language."""
    locales = [locale] if locale is not None else []
    return Translations.load(messages_path(), locales, domain="wtforms")


@pass_eval_context
def in_template(eval_ctx: EvalContext, text: str, /, **values: Any) -> str:
    """``_()`` in templates: values are filled in, and escaped where the template escapes."""
    if not eval_ctx.autoescape:
        return say(text) % values
    if not values:
        return _shown(get_locale(), text)
    return Markup(say(text)) % values
