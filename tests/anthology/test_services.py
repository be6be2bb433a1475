"""All fourteen cases load; a broken file names file, key and reason and spares the rest."""

from __future__ import annotations

import shutil

import pytest
import sqlalchemy as sa
import yaml

from tests.factories.people import NOW
from tracker.anthology.models import CaseTemplate
from tracker.anthology.rules import StageKind
from tracker.anthology.services import CASES, load_folder, read_case
from tracker.kernel.database import db
from tracker.votes.shipped import SHIPPED_RULES

FILES = sorted(CASES.glob("*.yaml"))
PREFERENCE_POLLS = {"choose_one", "approval", "ranked"}


def test_the_anthology_has_fourteen_cases_in_order():
    names = ["国定支路", "东郸", "三湘", "吉浦一", "五一", "仁德", "国年", "北茶园", "四平一",
             "复旦", "国定一", "国权", "蓝天", "四平"]  # fmt: skip
    assert [p.stem for p in FILES] == [f"{n:02d}-{name}" for n, name in enumerate(names, 1)]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_each_case_is_whole_and_walks_the_common_process(path):
    case = read_case(path)
    assert not isinstance(case, list), case
    assert case.number == int(path.stem[:2])
    kinds = {stage.kind for stage in case.stages}
    common = {StageKind.COLLECT, StageKind.DELIBERATE, StageKind.IMPLEMENT, StageKind.FEEDBACK}
    assert common <= kinds
    assert case.decision.rule in {None, *SHIPPED_RULES, *PREFERENCE_POLLS}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_no_private_person_of_the_anthology_is_named(path):
    text = path.read_text(encoding="utf-8")
    for name in ("张倩", "辛岚", "谢勇", "谭华", "林化云", "张军燕", "李志红", "后学兵", "吴健松",
                 "欧阳峰", "朱忠德", "施书记", "徐然"):  # fmt: skip
        assert name not in text


def test_the_demonstration_case_has_the_figures_of_the_anthology():
    case = read_case(CASES / "06-仁德.yaml")
    values = {figure.value for figure in case.figures}
    assert {27, 324, 208, 68, 78.7, 91, 2000} <= values
    assert case.place.households == 324


@pytest.mark.usefixtures("arrange")
def test_loading_twice_changes_nothing():
    assert len(load_folder(CASES, NOW).loaded) == 14
    again = load_folder(CASES, NOW)
    assert (again.loaded, len(again.unchanged)) == ([], 14)


def _broken(tmp_path, change):
    for path in FILES:
        shutil.copy(path, tmp_path)
    target = tmp_path / "06-仁德.yaml"
    data = yaml.safe_load(target.read_text(encoding="utf-8"))
    change(data)
    target.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load_folder(tmp_path, NOW)


def _negative_duration(data):
    data["stages"][0]["duration"]["days"] = -3


def _foreign_gate(data):
    data["stages"][0]["gate"] = [{"kind": "result_carries"}]


def _unknown_key(data):
    data["surprise"] = 1


def _missing_english(data):
    del data["title"]["en"]


def _twin_stage(data):
    data["stages"][1]["key"] = data["stages"][0]["key"]


@pytest.mark.parametrize(
    ("change", "key", "reason"),
    [
        (_negative_duration, "stages.0.duration.days", "greater than or equal to 1"),
        (_foreign_gate, "stages.0", "does not fit a collect stage"),
        (_unknown_key, "surprise", "Extra inputs are not permitted"),
        (_missing_english, "title.en", "Field required"),
        (_twin_stage, "file", "stage keys must differ"),
    ],
)
@pytest.mark.usefixtures("arrange")
def test_a_broken_file_is_refused_by_key_and_reason_and_the_rest_loads(
    tmp_path, change, key, reason
):
    report = _broken(tmp_path, change)
    assert [p.file for p in report.problems] == ["06-仁德.yaml"]
    assert report.problems[0].key == key
    assert reason in report.problems[0].reason
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CaseTemplate)) == 13


@pytest.mark.usefixtures("arrange")
def test_unreadable_yaml_names_its_line(tmp_path):
    (tmp_path / "01-x.yaml").write_text("number: 1\ntitle: [\n", encoding="utf-8")
    problem = load_folder(tmp_path, NOW).problems[0]
    assert problem.file == "01-x.yaml"
    assert problem.key.startswith("line ")
