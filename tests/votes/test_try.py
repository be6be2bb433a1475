from tests.votes.walk import *
from tests.conftest import visible
from tests.factories.votes import *
def test_x(stage, app, at):
    app.url_build_error_handlers.append(lambda e, endpoint, values: "/x")
    s = stage(votes.draft)
    w, d, o = s[Role.WORKER], s[Role.DIRECTOR], s[Role.OFFICER]
    print(visible(d.get("/rules"))[300:1500])
    print(visible(d.get("/rules/new?key=rcm"))[300:])
    fields=dict(title="居民会议",roll="18岁以上居民",basis="persons",quorum_persons_sign=">",quorum_persons_share="1/2",approval_persons_sign=">",approval_persons_share="50%",base="participants",source="居委会组织法",confidence="V",in_force_from="2026-01-01",reason="新法",notice_days="")
    print(visible(d.post("/rules/new?key=rcm", **{**fields,"approval_persons_share":"1x"}))[300:])
    print(visible(d.post("/rules/new?key=rcm", **fields))[300:])
    print(visible(o.get("/rules/entries/1"))[300:])
    print(visible(o.post("/rules/entries/1/confirm"))[300:])
    print(visible(o.get("/rules/rcm/versions"))[300:])
    print(visible(o.get("/rules"))[300:1500])
    print(visible(w.get("/rules/spec/versions"))[300:1500])
    assert 'value="rcm"' in w.get(s.url("/edit"))
    print(visible(w.get(s.url("/check")))[:400])
    print(visible(d.get(s.url("/rule")))[300:])
