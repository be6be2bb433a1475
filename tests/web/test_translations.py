"""Two whole languages: every sentence is translated, and nothing stale is kept."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from tests.factories import people
from tracker.accounts.rules import Role
from tracker.kernel.database import db

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "tracker" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = dict.fromkeys(("_", "gettext", "lazy_gettext", "_l", "N_", "M_"))
PLACES = re.compile(r"%\((\w+)\)([sd])")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DATA_IN_CHINESE = re.compile(
    r"\d+(号楼|栋|幢|室|万)|[\d.]+万|楼栋|室号|表决权人|个人|单位|开发商|“?放假”?|“?上班”?|是|否|元旦|调休|中文"
)
"""What is typed or looked up in Chinese whatever the language of the page."""


def extracted() -> set[str]:
    """Every sentence that code and templates mark for translation."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found: set[str] = set()
    for folder in ("tracker", "templates"):
        pairs = [(p.removeprefix(f"{folder}/"), m) for p, m in methods if p.startswith(folder)]
        chosen = {p.removeprefix(f"{folder}/"): o for p, o in options.items()}
        found |= {
            message
            for _file, _line, message, _comments, _context in extract_from_dir(
                ROOT / folder, pairs, chosen, keywords=KEYWORDS
            )
            if isinstance(message, str)
        }
    return found - {""}


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    return read_po(io.BytesIO(CATALOGUE.read_bytes()))


@pytest.fixture(scope="module")
def entries(catalogue: Catalog) -> dict[str, str]:
    return {str(m.id): str(m.string) for m in catalogue if m.id}


def test_every_sentence_is_in_the_catalogue_and_no_other(entries):
    sentences = extracted()
    assert sorted(sentences - set(entries)) == [], "run script/translations and translate these"
    assert sorted(set(entries) - sentences) == [], "run script/translations: these are gone"


def test_every_sentence_is_translated(catalogue, entries):
    assert sorted(source for source, english in entries.items() if not english) == []
    assert [m.id for m in catalogue if m.fuzzy and m.id] == []
    assert not catalogue.obsolete


def test_translations_keep_the_places_for_values(entries):
    differing = [
        source
        for source, english in entries.items()
        if english and sorted(PLACES.findall(source)) != sorted(PLACES.findall(english))
    ]
    assert differing == []


def test_no_chinese_is_left_in_english_sentences(entries):
    left = {
        source: english
        for source, english in entries.items()
        if CHINESE.search(DATA_IN_CHINESE.sub("", english))
    }
    assert left == {}


def test_the_switch_turns_the_whole_page(app, browse):
    with app.app_context():
        user = people.user(Role.DIRECTOR, language="en", display_name="Director Li")
        user.committee.name = "Rende committee"
        db.session.commit()
        browser = browse(user)
    for url in ("/desk", "/projects/", "/people", "/me", "/places"):
        page = browser.get(url)
        # The mark 议 is the product's logo, 中文 leads to the other language.
        body = re.sub(r"中文|五角场街道|>\s*议\s*<", "", page[page.index("<body") :])
        left = CHINESE.search(body)
        assert left is None, (url, body[max(left.start() - 60, 0) : left.end() + 60])
