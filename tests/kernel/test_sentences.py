"""Sentences are remembered per language, and filled in as Jinja's own would."""

from __future__ import annotations

import pytest
from flask import render_template_string
from flask_babel import force_locale, get_locale
from werkzeug.datastructures import MultiDict
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from tracker.kernel.forms import BaseForm
from tracker.kernel.sentences import say


@pytest.fixture(autouse=True)
def request_in_chinese(app):
    with app.test_request_context("/", headers={"Accept-Language": "zh-CN"}):
        yield


@pytest.fixture
def catalogue(monkeypatch):
    """One translated sentence, whatever the catalogues hold."""

    def gettext(text):
        return "%(n)d of them" if str(get_locale()) == "en" else text

    monkeypatch.setattr("tracker.kernel.sentences.gettext", gettext)


def test_a_sentence_is_said_in_the_language_of_the_moment(catalogue):
    assert say("有 %(n)d 枚") == "有 %(n)d 枚"
    with force_locale("en"):
        assert say("有 %(n)d 枚") == "%(n)d of them"
    assert say("有 %(n)d 枚") == "有 %(n)d 枚"


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{{ _('覆盖 100%%') }}", "覆盖 100%"),
        ("{{ _('有 %(n)d 条', n=3) }}", "有 3 条"),
        ("{{ _('给%(who)s', who='<b>甲</b>') }}", "给&lt;b&gt;甲&lt;/b&gt;"),
        ("{{ _('一<br>二') }}", "一<br>二"),
        ("{% autoescape false %}{{ _('给%(who)s', who='<甲>') }}{% endautoescape %}", "给<甲>"),
        ("{% for n in (1, 2) %}{{ _('第 %(n)d 步', n=n) }} {% endfor %}", "第 1 步 第 2 步 "),
    ],
)
def test_templates_fill_in_and_escape_values(template, shown):
    assert render_template_string(template) == shown


def test_forms_say_what_their_library_says_in_the_language_of_the_moment():
    class Chosen(BaseForm):
        one = SelectField(choices=[SelectChoice("a", "甲")])

    said = []
    for language in ("zh_Hans_CN", "en"):
        with force_locale(language):
            form = Chosen(MultiDict({"one": "b"}), meta={"csrf": False})
            form.validate()
            said.append(form.one.errors)
    assert said == [["不是有效的选择。"], ["Not a valid choice."]]
