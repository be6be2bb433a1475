"""Which language a page is shown in."""

from __future__ import annotations

from babel import Locale
from flask import request, session
from flask_babel import get_locale
from flask_login import current_user

CHINESE, ENGLISH = Locale.parse("zh_Hans_CN"), Locale.parse("en")


def locale() -> Locale:
    """The language chosen by the person or the browser; Chinese unless English is asked for."""
    if current_user and current_user.is_authenticated:
        return ENGLISH if current_user.language == "en" else CHINESE
    if "language" in session:
        return ENGLISH if session["language"] == "en" else CHINESE
    # Babel's own matching gives English to a Chinese browser: it knows zh-CN only as zh_Hans_CN.
    return ENGLISH if request.accept_languages.best_match(["zh", "en"]) == "en" else CHINESE


def is_chinese() -> bool:
    """Whether the page is shown in Chinese."""
    locale = get_locale()
    return locale is not None and bool(locale.language == "zh")
