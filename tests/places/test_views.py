"""The pages of places: who sees what, and what happens to bad input."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from tests.conftest import visible
from tests.factories import people, places
from tracker.accounts.rules import Permission, Role, may
from tracker.kernel.database import db
from tracker.places import queries
from tracker.places.models import Compound, LeaderScope, RollImport, Unit, VotingPerson


@pytest.fixture
def worker(app, browse):
    """A worker's browser, and the ids of a compound, its first building, unit and person."""
    with app.app_context():
        user = people.user(Role.WORKER)
        compound = places.compound(user.committee)
        unit = queries.units_of(compound.id)[0]
        leader = people.user(Role.BUILDING_LEADER, of=user.committee)
        db.session.commit()
        ids = {
            "compound": compound.id,
            "building": unit.building_id,
            "unit": unit.id,
            "person": unit.voting_person_id,
            "leader": leader.id,
            "version": unit.version,
        }
        return browse(user), ids


PAGES = (
    "/places",
    "/places/compounds/{compound}",
    "/places/compounds/{compound}/units",
    "/places/compounds/{compound}/persons",
    "/places/compounds/{compound}/leaders",
    "/places/buildings/{building}",
)
FORMS = (
    "/places/compounds/new",
    "/places/compounds/{compound}/edit",
    "/places/compounds/{compound}/grids/new",
    "/places/compounds/{compound}/buildings/new",
    "/places/compounds/{compound}/leaders/{leader}",
    "/places/compounds/{compound}/roll",
    "/places/buildings/{building}/edit",
    "/places/buildings/{building}/entrances/new",
    "/places/buildings/{building}/units/new",
    "/places/units/{unit}/edit",
    "/places/persons/{person}/edit",
    "/places/persons/{person}/merge",
    "/places/roll-template.xlsx",
)


@pytest.mark.parametrize("role", list(Role))
def test_pages_open_for_those_who_may(app, browse, role):
    with app.app_context():
        user = people.user(role)
        db.session.commit()
        browser = browse(user)
    browser.get("/places", expect=200 if may(role, Permission.VIEW_PLACES) else 403)
    allowed = may(role, Permission.MANAGE_PLACES)
    browser.get("/places/compounds/new", expect=200 if allowed else 403)


@pytest.mark.parametrize("url", [*PAGES, *FORMS])
def test_every_page_renders_and_is_unknown_to_another_committee(app, browse, worker, url):
    browser, ids = worker
    of_one, url = "{" in url, url.format(**ids)
    assert browser.client.get(url).status_code == 200
    if of_one:
        with app.app_context():
            stranger = people.user(Role.WORKER, of=people.committee("国年居委会"))
            db.session.commit()
            other = browse(stranger)
        other.get(url, expect=404)


def test_without_compounds_the_page_says_what_to_do_first(app, browse):
    with app.app_context():
        user = people.user(Role.WORKER)
        db.session.commit()
        browser = browse(user)
    assert "先新增一个小区" in browser.get("/places")


def test_names_are_masked_but_for_the_form_that_keeps_them(worker):
    browser, ids = worker
    listed = (PAGES[2], PAGES[3], PAGES[5])
    for page in (browser.get(url.format(**ids)) for url in listed):
        assert "业**" in page
        assert "业主1-101" not in page
    assert "业主1-101" in browser.get(f"/places/units/{ids['unit']}/edit")


def test_a_phone_number_is_masked_in_the_list(app, worker):
    browser, ids = worker
    with app.app_context():
        db.session.get(VotingPerson, ids["person"]).phone = "13812345678"
        db.session.commit()
    page = browser.get(f"/places/compounds/{ids['compound']}/persons")
    assert "138****5678" in page
    assert "13812345678" not in page


def test_a_compound_is_added_and_found_again(app, worker):
    browser, _ = worker
    page = browser.post("/places/compounds/new", name=" 三湘 ", address="国权路")
    assert "三湘" in page
    assert "已保存" in page
    page = browser.post("/places/compounds/new", name="三湘", address="另一处")
    assert "已有同名的小区" in page
    assert 'value="另一处"' in page


def test_grid_building_and_entrance_are_added_and_corrected(app, worker):
    browser, ids = worker
    compound = f"/places/compounds/{ids['compound']}"
    assert "东网格" in browser.post(f"{compound}/grids/new", name="东网格")
    assert "西网格" in browser.post("/places/grids/1/edit", version=1, name="西网格")
    assert "13号楼" in browser.post(f"{compound}/buildings/new", number="13幢", grid="1")
    assert "已有这栋楼" in browser.post(f"{compound}/buildings/new", number="13", grid="")
    building = f"/places/buildings/{ids['building']}"
    assert "西网格" in browser.post(f"{building}/edit", version=1, number="1", grid="1")
    assert "2门洞" in browser.post(f"{building}/entrances/new", number="2单元")
    assert "3门洞" in browser.post("/places/entrances/1/edit", version=1, number="3")


def unit_form(ids, **fields):
    given = {
        "version": ids["version"],
        "room": "101",
        "entrance": "",
        "area": "88.5",
        "area_source": "不动产权证",
        "person": ids["person"],
        "new_person": "",
    }
    return {**given, **fields}


def test_a_unit_is_corrected(app, worker):
    browser, ids = worker
    url = f"/places/units/{ids['unit']}/edit"
    assert 'value="80.00"' in browser.get(url)
    page = browser.post(url, **unit_form(ids, person="", new_person="李四", co_owned="y"))
    assert "李**" in page
    assert "88.50" in page
    with app.app_context():
        unit = db.session.get(Unit, ids["unit"])
        assert (unit.area, unit.co_owned, unit.voting_person.name) == (8850, True, "李四")


def test_a_bad_area_is_refused_at_its_field_and_the_rest_is_kept(worker):
    browser, ids = worker
    page = browser.post(
        f"/places/units/{ids['unit']}/edit",
        **unit_form(ids, area="88.505", area_source="测绘报告"),
    )
    assert "面积最多两位小数" in page
    assert 'value="88.505"' in page
    assert 'value="测绘报告"' in page


def test_a_stale_unit_form_is_a_polite_conflict(worker):
    browser, ids = worker
    url = f"/places/units/{ids['unit']}/edit"
    browser.post(url, **unit_form(ids))
    assert "别人已经改动" in browser.post(url, expect=409, **unit_form(ids, area="90"))


def test_a_person_beyond_the_first_fifty_is_found_by_name(app, worker):
    browser, ids = worker
    with app.app_context():
        compound = db.session.get(Compound, ids["compound"])
        for n in range(60):
            db.session.add(
                VotingPerson(
                    committee_id=compound.committee_id,
                    compound_id=compound.id,
                    code=f"Z{n:04d}",
                    name=f"邻居{n}",
                )
            )
        db.session.commit()
    url = f"/places/units/{ids['unit']}/edit"
    assert "邻居59" not in browser.get(url)
    page = browser.get(f"{url}?q=邻居59")
    assert "邻居59" in page
    assert "业主1-101" in page


def test_two_persons_are_merged(app, worker):
    browser, ids = worker
    with app.app_context():
        other = queries.units_of(ids["compound"])[1].voting_person_id
    url = f"/places/persons/{ids['person']}/merge"
    page = browser.get(f"{url}?q=业主1-102")
    assert "只投一票" in page
    assert 'id="other-error"' in browser.post(f"{url}?q=业主", other="")
    assert "共 2 户" in browser.post(url, other=other)


def test_a_person_is_corrected_and_a_bad_number_refused(app, worker):
    browser, ids = worker
    url = f"/places/persons/{ids['person']}/edit"
    page = browser.post(url, version=1, name="张三", kind="person", phone="不知道")
    assert "只填一个电话号码" in page
    assert 'value="张三"' in page
    browser.post(url, version=1, name="张三", kind="organisation", phone="021-65431234")
    with app.app_context():
        assert db.session.get(VotingPerson, ids["person"]).phone == "02165431234"


def test_buildings_are_given_to_a_leader(app, worker):
    browser, ids = worker
    url = f"/places/compounds/{ids['compound']}/leaders"
    assert "还没有分配" in browser.get(url)
    page = browser.post(f"{url}/{ids['leader']}", buildings=[ids["building"]])
    assert "1号楼" in visible(page)
    with app.app_context():
        assert db.session.scalars(sa.select(LeaderScope.building_id)).all() == [ids["building"]]
    browser.get(f"{url}/999", expect=404)


def test_units_without_area_can_be_listed(app, worker):
    browser, ids = worker
    with app.app_context():
        db.session.get(Unit, ids["unit"]).area = None
        db.session.commit()
    page = visible(browser.get(f"/places/compounds/{ids['compound']}/units?missing=y"))
    assert "1号楼101室" in page
    assert "共 1 条" in page


# ---- the roll ----


def upload(browser, ids, data: bytes, name: str = "名册.xlsx") -> str:
    return browser.post(f"/places/compounds/{ids['compound']}/roll", file=(io.BytesIO(data), name))


GOOD = ("7号楼", None, "701", "张三", None, 88.5, None, None, "13800000000", None)
BAD = ("7号楼", None, "702", None, None, -1, None, None, None, None)


def test_the_template_is_a_workbook(worker):
    browser, _ = worker
    answer = browser.client.get("/places/roll-template.xlsx")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert load_workbook(io.BytesIO(answer.data)).sheetnames == ["填写说明", "名册"]


def test_a_roll_is_read_shown_and_confirmed(app, worker):
    browser, ids = worker
    page = visible(upload(browser, ids, places.roll_file([GOOD])))
    assert "1 新增" in page
    assert "台账里另有 6 户不在这次导入里" in page
    with app.app_context():
        assert queries.household_count(ids["compound"]) == 6
    assert "继续核对" in browser.get(f"/places/compounds/{ids['compound']}")
    page = browser.post("/places/imports/1")
    assert "名册已导入" in page
    assert "新增 1 户" in page
    with app.app_context():
        assert queries.household_count(ids["compound"]) == 7
    assert "名册已导入" in browser.post("/places/imports/1")
    with app.app_context():
        assert queries.household_count(ids["compound"]) == 7


def test_bad_rows_show_their_number_and_every_reason(app, worker):
    browser, ids = worker
    page = visible(upload(browser, ids, places.roll_file([GOOD, BAD])))
    assert "3 7-702 表决权人：没有填。共有的房屋请填推选的一位。 专有面积：面积必须大于 0。" in page
    assert "跳过有错误的 1 行，只导入其余 1 行" in page
    page = browser.post("/places/imports/1")
    assert "有 1 行有错误：请改正后重新上传，或勾选跳过。" in page
    page = visible(browser.post("/places/imports/1", skip_bad="y"))
    assert "跳过的行 共 1 行" in page
    assert "7-702" in page


def test_a_roll_of_only_bad_rows_offers_no_confirmation(worker):
    browser, ids = worker
    page = upload(browser, ids, places.roll_file([BAD]))
    assert "没有可以导入的" in page
    assert "确认导入</button>" not in page


def test_a_changed_row_names_what_changes(worker):
    browser, ids = worker
    row = ("1", None, "101", "业主1-101", None, 81, None, None, None, None)
    page = visible(upload(browser, ids, places.roll_file([row])))
    assert "1号楼101 专有面积" in page


def test_a_namesake_is_pointed_out(worker):
    browser, ids = worker
    twin = (*GOOD[:2], "703", "张三", *GOOD[4:8], None, None)
    page = visible(upload(browser, ids, places.roll_file([GOOD, twin])))
    assert "第 3 行：与另一位表决权人同名，按两人计；如是一人，请填相同编号。" in page


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [(b"rubbish", "a.xlsx", "打不开"), (b"", "", "请选择一个文件"), (b"x", "a.doc", "只收")],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_field(app, worker, data, name, why):
    browser, ids = worker
    page = upload(browser, ids, data, name)
    assert why in page
    assert 'id="file-error"' in page
    with app.app_context():
        assert db.session.scalar(sa.select(RollImport)) is None


def test_an_import_is_given_up(app, worker):
    browser, ids = worker
    upload(browser, ids, places.roll_file([GOOD]))
    assert "没有任何改动" in browser.post("/places/imports/1/discard")
    assert "已经放弃" in browser.get("/places/imports/1")
    assert "已经放弃" in browser.post("/places/imports/1")


def test_an_import_is_unknown_to_another_committee(app, browse, worker):
    browser, ids = worker
    upload(browser, ids, places.roll_file([GOOD]))
    with app.app_context():
        stranger = people.user(Role.WORKER, of=people.committee("国年居委会"))
        db.session.commit()
        other = browse(stranger)
    other.get("/places/imports/1", expect=404)
    other.post("/places/imports/1", expect=404)
    other.post("/places/imports/1/discard", expect=404)


def test_lists_need_no_more_queries_for_more_rows(app, worker):
    browser, ids = worker
    urls = [url.format(**ids) for url in PAGES]

    def queries_of(url: str) -> int:
        seen: list[str] = []

        def note(_conn, _cursor, statement, *_rest):
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        sa.event.listen(engine, "before_cursor_execute", note)
        browser.get(url)
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    before = [queries_of(url) for url in urls]
    rows = [(f"{b}", "1", f"{r}", f"甲{b}{r}", *GOOD[4:]) for b in range(1, 40) for r in (1, 2)]
    upload(browser, ids, places.roll_file(rows))
    browser.post("/places/imports/1", skip_bad="y")
    after = [queries_of(url) for url in urls]
    assert before == after
