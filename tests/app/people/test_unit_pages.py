"""The tree of units edited on screen, by whom it may be."""

from __future__ import annotations

import re
from datetime import date

import pytest
import sqlalchemy as sa

from app.cli_content import RELEASE
from app.people import queries
from app.people.accounts import endings
from app.people.log import Origin
from app.people.models import Account, Grant, Post, UnitChange, UnitSpan
from app.people.organisation import fields, units
from engine import Bundle
from tests.engine.drawings import text
from tests.worlds import admin, auditor, clerk, colleague, leader, stranger

DAY = "2026-12-01"
BASIS = {"basis": "QĐ 9/QĐ-BQL", "day": DAY}


@pytest.fixture
def unit_admin(engine, world, clock):
    """The leader of the investment division administers it too (HP-8.3b)."""
    with engine.writing() as session:
        account = session.scalar(sa.select(Account.id).where(Account.user_name == leader.name))
        session.add(
            Grant(
                account_id=account, group_key="quan-tri-don-vi", unit_code="p-dautu",
                valid_from=clock().date(), granted_at=clock(), granted_by="system",
            )
        )  # fmt: skip
    return leader


def rows(engine, query):
    with engine.reading() as session:
        return session.execute(query).all()


def test_a_change_shows_first_what_it_touches(page, engine):
    drawn = text('start s\nuser a "Soạn" candidateGroups=van-thu\nend e\ns > a > e', "to-trinh")
    files = {"processes/bpmn/to-trinh.bpmn": drawn}
    engine.deploy(Bundle("to-trinh", files), actor=RELEASE, legal_basis="QĐ 1")
    engine.start("to-trinh", actor=page.actor(clerk), unit="p-dautu")
    shown = page.as_(admin).get("/units/p-dautu/change/merge").text
    for words in ("Phạm Thị Anh", "Nguyễn Thị Châu (Thủ trưởng", "Chuyên viên, nhân viên"):
        assert words.split(" (")[0] in shown
    assert "Những gì bị ảnh hưởng vào ngày 23/11/2026" in shown
    assert "Vụ việc đang mở" in shown and "1 việc đang mở" in shown


def test_a_unit_is_merged_as_chosen_and_the_page_tells_it(page, engine, clock):
    here = page.as_(admin)
    with engine.reading() as session:
        one = queries.find_account(session, colleague.name).id
    with engine.writing() as session:
        session.execute(sa.update(Post).where(Post.kind == "head").values(title="Trưởng phòng"))
    chosen = {"into": "p-moitruong", "work_to": "p-moitruong", f"person:{one}": "vp",
              "head_as": "deputy", "grants": "move"}  # fmt: skip
    answer = here.post("/units/p-dautu/change/merge", BASIS | chosen)
    assert answer.status_code == 303, answer.text
    clock.at(f"{DAY} 08:00")
    while engine.run_due():
        pass
    with engine.reading() as session:
        places = {name: queries.find_account(session, name).unit_code
                  for name in (clerk.name, colleague.name)}  # fmt: skip
    assert places == {clerk.name: "p-moitruong", colleague.name: "vp"}
    now_deputy = sa.select(Post.title).where(
        Post.unit_code == "p-moitruong", Post.kind == "deputy"
    )
    assert [title for (title,) in rows(engine, now_deputy)] == [""]
    own = page.as_(clerk).get("/account").text
    assert ">p-dautu" not in own and "Phòng Quản lý đầu tư" in own
    assert "Sáp nhập vào đơn vị khác" in page.as_(admin).get("/units/p-dautu").text
    assert [row.kind for (row,) in rows(engine, sa.select(UnitChange))] == ["merge"]


def test_a_unit_is_renamed_and_moved_from_a_day_on(page, engine):
    here = page.as_(admin)
    here.post("/units/p-dautu/change/rename", BASIS | {"name": "Phòng Đầu tư"})
    here.post("/units/p-dautu/change/move", BASIS | {"parent": "vp"})
    tree = here.get(f"/units?on={DAY}").text
    assert "Phòng Đầu tư" in tree and "Phòng Quản lý đầu tư" in here.get("/units").text
    query = sa.select(UnitSpan.parent_code).where(UnitSpan.unit_code == "p-dautu")
    assert rows(engine, query.order_by(UnitSpan.valid_from)) == [("ban",), ("vp",)]
    for kind, same in (("rename", {"name": "Phòng Đầu tư"}), ("move", {"parent": "vp"})):
        told = here.post(f"/units/p-dautu/change/{kind}", BASIS | same)
        assert told.status_code == 422 and "không có gì thay đổi" in told.text
    assert [row.kind for (row,) in rows(engine, sa.select(UnitChange))] == ["rename", "move"]


def test_accounts_of_a_unit_that_is_closed_into_nothing_stay_within_reach(page, engine, clock):
    keeper = page.as_(admin)
    decided = {"day": "24/11/2026", "basis": "QĐ 1"}
    assert keeper.post("/units/p-moitruong/change/close", decided).status_code == 303
    clock.at("2026-11-25 08:00")
    while engine.run_due():
        pass
    keeper = page.as_(admin)
    with engine.reading() as session:
        account = queries.find_account(session, stranger.name)
        assert account.unit_code == "ban"
        assert queries.actor_of(session, account, clock()).candidacies == frozenset()
    assert stranger.name in keeper.get("/people?q=minh").text
    stopped = keeper.post(f"/people/{stranger.name}/suspend", {"basis": "QĐ 2"})
    assert stopped.status_code == 303


def test_a_split_makes_new_units_and_sends_people_there(page, engine, clock):
    with engine.reading() as session:
        one = queries.find_account(session, clerk.name).id
    chosen = {"code_1": "p-thamdinh", "name_1": "Phòng Thẩm định", f"person:{one}": "#1"}
    answer = page.as_(admin).post("/units/p-dautu/change/split", BASIS | chosen)
    assert answer.status_code == 303
    with engine.reading() as session:
        actor = queries.actor_of(session, clerk.name, date(2026, 12, 1))
    assert actor.candidacies == {"chuyen-vien@p-thamdinh"}


def test_a_unit_is_closed_from_a_day_on_and_its_people_go_where_chosen(page, engine, clock):
    here = page.as_(admin)
    with engine.reading() as session:
        people = [queries.find_account(session, who.name).id for who in (clerk, leader, colleague)]
    chosen = {f"person:{one}": "vp" for one in people} | {"work_to": "vp"}
    answer = here.post("/units/p-dautu/change/close", BASIS | chosen)
    assert answer.status_code == 303, answer.text
    clock.at(f"{DAY} 08:00")
    while engine.run_due():
        pass
    with engine.reading() as session:
        assert queries.find_account(session, clerk.name).unit_code == "vp"
        today = {row.code for row in queries.tree(session, clock())}
    assert "p-dautu" not in today and "Phòng Quản lý đầu tư" not in here.get("/units").text


def test_one_person_holds_several_posts_on_one_day(page, engine):
    here = page.as_(admin)
    for unit, kind, title in (
        ("p-moitruong", "deputy", "Phó trưởng phòng kiêm nhiệm"), ("vp", "member", "Thư ký"),
    ):  # fmt: skip
        given = BASIS | {"account": colleague.name, "kind": kind, "title": title}
        assert here.post(f"/units/{unit}/posts", given).status_code == 303
    with engine.reading() as session:
        person = queries.find_account(session, colleague.name).person_id
    held = sa.select(Post.unit_code, Post.kind).where(
        Post.person_id == person, Post.valid_from <= date(2026, 12, 1), Post.valid_to.is_(None)
    )
    assert set(map(tuple, rows(engine, held))) >= {("p-moitruong", "deputy"), ("vp", "member")}
    own = page.as_(colleague).get("/account").text
    assert "Phó trưởng phòng kiêm nhiệm" in own and "Thư ký" in own


def test_posts_are_given_and_ended(page, engine):
    here = page.as_(admin)
    given = BASIS | {"account": colleague.name, "kind": "head", "title": "Trưởng phòng lâm thời"}
    assert here.post("/units/p-dautu/posts", given).status_code == 303
    query = sa.select(Post.id).where(Post.title == "Trưởng phòng lâm thời")
    ((post,),) = rows(engine, query)
    here.post(f"/units/p-dautu/posts/{post}/end", BASIS | {"day": "2026-12-31"})
    ((last,),) = rows(engine, sa.select(Post.valid_to).where(Post.id == post))
    assert last == date(2026, 12, 31)


def test_fields_and_units_below_are_entered(page, engine):
    here = page.as_(admin)
    assert here.post("/units/p-dautu/fields", BASIS | {"field": "dau-tu"}).status_code == 303
    assert "checked" in here.get(f"/units/p-dautu?on={DAY}").text
    new = BASIS | {"code": "to-1", "name": "Tổ Một"}
    assert here.post("/units/p-dautu/below", new).status_code == 303
    assert here.post("/units/vp/below", new).status_code == 422
    wider = {"field": ["dau-tu", "lao-dong"], "day": "24/11/2026"}
    assert here.post("/units/p-dautu/fields", BASIS | wider).status_code == 303
    with engine.reading() as session:
        assert fields.of_units(session, date(2026, 12, 2))["p-dautu"] == ["dau-tu", "lao-dong"]
    told = here.post("/units/p-dautu/change/move", BASIS | {"parent": "to-1"})
    assert "“Phòng Quản lý đầu tư” không thể" in told.text and "“Tổ Một”" in told.text
    into = BASIS | {"into": "to-1", "day": "10/12/2026"}
    assert here.post("/units/p-dautu/change/merge", into).status_code == 303
    with engine.reading() as session:
        assert units.parent_on(session, "to-1", date(2026, 12, 9)) == "p-dautu"
        assert units.parent_on(session, "to-1", date(2026, 12, 10)) == "ban"


def test_nothing_begins_in_the_past(page):
    late = BASIS | {"day": "2026-11-22", "name": "Sớm"}
    assert page.as_(admin).post("/units/p-dautu/change/rename", late).status_code == 422


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/units/vp/change/rename", {"name": "Chiếm"}),
        ("/units/p-dautu/change/close", {}),
        ("/units/p-dautu/change/merge", {"into": "vp"}),
        ("/units/p-dautu/change/split", {"code_1": "vp", "name_1": "Chiếm"}),
        ("/units/p-dautu/posts", {"account": colleague.name, "kind": "head"}),
        ("/units/p-dautu/posts", {"account": stranger.name, "kind": "member"}),
        ("/units/p-dautu/posts", {"account": leader.name, "kind": "member"}),
        ("/units/vp/fields", {"field": "dau-tu"}),
        ("/units/p-dautu/below", {"code": "vp", "name": "Chiếm"}),
    ],
)
def test_a_units_administrator_reaches_no_other_unit_nor_its_own_head(page, unit_admin, url, data):
    assert page.as_(unit_admin).post(url, BASIS | data).status_code in (403, 404, 422)


def test_a_units_administrator_renames_it_and_enters_units_below(page, unit_admin):
    here = page.as_(unit_admin)
    assert "Đổi tên đơn vị" in here.get("/units/p-dautu").text
    assert here.post("/units/p-dautu/change/rename", BASIS | {"name": "Mới"}).status_code == 303
    url = "/units/p-dautu/changes/1/call-off"
    assert url in here.get("/units/p-dautu").text
    assert here.post(url, {"reason": "QĐ 12"}).status_code == 303
    new = BASIS | {"code": "to-1", "name": "Tổ Một"}
    assert here.post("/units/p-dautu/below", new).status_code == 303


def test_a_units_administrator_makes_and_unmakes_nobody_its_head(page, engine, unit_admin):
    asked = {"unit": "p-dautu", "scope": "unit", "basis": "QĐ 1"}
    url = f"/people/{colleague.name}/grants"
    for group in ("truong-phong", "pho-truong-phong", "quan-tri-don-vi"):
        answer = page.as_(unit_admin).post(url, asked | {"group": group, "training": "CC 12"})
        assert answer.status_code == 403 and "do cấp trên" in answer.text
    assert page.as_(unit_admin).post(url, asked | {"group": "van-thu"}).status_code == 303
    assert page.as_(admin).post(url, asked | {"group": "truong-phong"}).status_code == 303
    ((number,),) = rows(engine, sa.select(sa.func.max(Grant.id)))
    url = f"{url}/{number}/revoke"
    assert page.as_(unit_admin).post(url, {"basis": "QĐ 2"}).status_code == 403
    assert page.as_(admin).post(url, {"basis": "QĐ 2"}).status_code == 303


@pytest.mark.parametrize("below", [True, False])
def test_a_unit_to_come_is_looked_after_by_who_will_and_looks_after_the_one_above(
    page, engine, unit_admin, below
):
    with engine.writing() as session:
        session.execute(
            sa.update(Grant).where(Grant.group_key == "quan-tri-don-vi").values(with_below=below)
        )
    new = BASIS | {"code": "to-1", "name": "Tổ Một"}
    here = page.as_(unit_admin)
    assert here.post("/units/p-dautu/below", new).status_code == 303
    head = BASIS | {"account": colleague.name, "kind": "head"}
    assert here.post("/units/to-1/posts", head).status_code == (303 if below else 404)
    shown = here.get("/units/to-1").text
    assert (colleague.label in shown) is below and ("/units/to-1/posts" in shown) is below
    for who, status in ((admin, 303), (stranger, 403)):
        answer = page.as_(who).post("/units/to-1/posts", head | {"kind": "member"})
        assert answer.status_code == status


def test_who_sees_only_their_unit_learns_nothing_of_the_posts_of_another(page):
    shown = page.as_(leader).get("/units/vp").text
    assert "Vũ Thị Giang" not in shown


def test_a_planned_change_is_called_off_with_a_reason_by_whoever_may_decide_it(
    page, unit_admin, engine, clock
):
    here = page.as_(admin)
    here.post("/units/p-dautu/change/merge", BASIS | {"into": "p-moitruong"})
    url = "/units/p-dautu/changes/1/call-off"
    assert url in here.get("/units/p-dautu").text
    shown = here.get(url).text
    assert "Những gì giữ nguyên" in shown and "Phạm Thị Anh: Chuyên viên" in shown
    assert here.post(url, data={"reason": " "}).status_code == 422
    # Who looks after the unit alone decides no merger, and calls none off.
    assert page.as_(unit_admin).post(url, data={"reason": "x"}).status_code == 404
    here = page.as_(admin)
    assert here.post(url, data={"reason": "QĐ 12/QĐ-BQL"}).status_code == 303
    assert "QĐ 12/QĐ-BQL" in here.get("/units/p-dautu").text
    assert "Hủy bỏ thay đổi đơn vị" in here.get("/people/log").text
    assert "Phòng Quản lý đầu tư" in here.get(f"/units?on={DAY}").text
    assert here.post(url, data={"reason": "x"}).status_code == 409


def test_a_change_in_effect_says_what_to_do_instead(page, engine):
    here = page.as_(admin)
    today = BASIS | {"day": "2026-11-23", "name": "Phòng Đầu tư"}
    here.post("/units/p-dautu/change/rename", today)
    answer = here.get("/units/p-dautu/changes/1/call-off")
    assert answer.status_code == 409 and "Hãy quyết định một thay đổi khác" in answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"basis": ""}, "căn cứ"),
        ({"day": "31/02/2027"}, "31/02/2027"),
        ({"day": "01/01/2020"}, "01/01/2020"),
        (
            {"code_1": "", "name_1": "", "code_2": "", "name_2": ""},
            "Chia tách thì phải có đơn vị mới",
        ),
        ({"shown": "24/11/2026"}, "Hãy xem lại rồi quyết định"),
    ],
)
def test_a_refused_change_keeps_what_was_chosen(page, wrong, sentence):
    chosen = {"code_1": "p-thamdinh", "name_1": "Phòng Thẩm định", "code_2": "p-hai"}
    chosen |= {"name_2": "Phòng Hai", "grants": "end", "head_as": "member"}
    chosen = BASIS | chosen | wrong
    answer = page.as_(admin).post("/units/p-dautu/change/split", chosen)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'name="name_2" value="{chosen["name_2"]}"' in answer.text
    assert '<option value="end" selected>' in answer.text
    assert '<option value="member" selected>' in answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refused_form_of_a_unit_is_shown_again_as_it_was_filled_in(page):
    here, basis = page.as_(admin), {"basis": "QĐ 9/QĐ-BQL", "day": "31/02/2027"}
    unit = "/units/p-dautu"
    assert here.post(f"{unit}/change/rename", BASIS | {"name": "Mới"}).status_code == 303
    for path, typed, field in (
        ("below", basis | {"code": "p-x", "name": "Phòng X"}, "new-day"),
        ("below", basis | {"code": "HOA Chữ", "name": "Phòng X"}, "new-code"),
        ("below", BASIS | {"code": "vp", "name": "Phòng X"}, "new-code"),
        ("below", BASIS | {"code": "p-x", "name": "Phòng X", "basis": ""}, "new-basis"),
        ("posts", basis | {"account": clerk.name, "title": "Tổ trưởng"}, "day"),
        ("posts", BASIS | {"account": clerk.name, "until": "01/11/2026"}, "until"),
        ("posts", BASIS | {"account": clerk.name, "until": "1/1/x"}, "until"),
        ("posts/1/end", basis, "end-1-day"),
        ("fields", basis | {"field": "dau-tu"}, "fields-day"),
        ("changes/1/call-off", {"reason": ""}, "reason"),
    ):
        answer = here.post(f"{unit}/{path}", typed)
        assert answer.status_code == 422, (path, typed)
        assert f'href="#{field}"' in answer.text, (path, field)
        assert f'id="{field}-error"' in answer.text, (path, field)
        for value in typed.values():
            assert value in answer.text, (path, value)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_refused_right_is_shown_again_as_it_was_filled_in(page, unit_admin):
    here = page.as_(admin)
    typed = {"group": "chuyen-vien", "unit": "p-dautu", "basis": "QĐ 77", "scope": "below"}
    for wrong, field in (
        ({"group": "quan-tri-don-vi"}, "training"),
        ({"basis": " "}, "basis"),
        ({"valid_from": "01/11/2026"}, "valid_from"),
        ({"valid_from": "01/12/2026", "valid_to": "30/11/2026"}, "valid_to"),
        ({"group": "quan-tri"}, "group"),
    ):
        answer = here.post(f"/people/{clerk.name}/grants", typed | wrong)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text and f'href="#{field}"' in answer.text
        assert '<option value="below" selected>' in answer.text
    # Who looks after one unit is offered nothing beyond it.
    here = page.as_(unit_admin)
    assert '<option value="province"' not in here.get(f"/people/{clerk.name}").text
    answer = here.post(f"/people/{clerk.name}/grants", typed | {"scope": "province"})
    assert answer.status_code == 403 and 'id="scope-error"' in answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_day_that_is_none_is_told_on_the_page(page):
    here = page.as_(admin)
    for path in (
        "/people/rights?right=inbox.work&unit=vp&on=31/02/2027",
        f"/people/{clerk.name}/why?right=inbox.work&unit=vp&on=31/02/2027",
        "/units/p-dautu?on=31/02/2027",
        "/units/p-dautu/change/merge?on=31/02/2027",
    ):
        answer = here.get(path)
        assert answer.status_code == 200 and "31/02/2027" in answer.text, path
        if "right=" in path:
            assert '<option value="vp" selected>' in answer.text
            assert '<option value="inbox.work" selected>' in answer.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_tree_of_a_past_day_counts_the_accounts_of_that_day(page, engine, clock):
    def counted(day):
        shown = page.as_(admin).get(f"/units?on={day}").text
        return int(re.search(r"unit=p-dautu[^>]*>(\d+)<", shown).group(1))

    before = counted("2026-11-23")
    clock.at("2026-11-25 08:00")
    with engine.writing() as session:
        account = queries.find_account(session, clerk.name)
        endings.close(session, account, origin=Origin("quantri", clock()), basis="QĐ")
    assert counted("2026-11-25") == before - 1
    assert counted("2026-11-24") == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_auditor_reads_the_numbers_of_all_accounts_and_changes_none(page):
    here = page.as_(auditor)
    assert here.get("/people/statistics").status_code == 200
    assert here.get("/people/statistics/list").status_code == 200
    assert here.post(f"/people/{clerk.name}/suspend", BASIS).status_code == 403
