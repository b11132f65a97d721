"""Settings with dates of effect: what holds on which day, and why."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.law import BasisMissing
from app.operations import queries
from app.operations.models import Setting
from app.operations.operations import (
    BackDated,
    EndsBeforeItBegins,
    change_setting,
    facts,
)
from app.operations.schemas import definitions, groups
from engine.errors import NotPermitted, ValueRefused

ROOT = Path(__file__).resolve().parents[3]
TODAY = date(2026, 11, 23)
NAME = "account.grant.working_days"


def row(value, effective_from=TODAY, *, to=None, basis="Quyết định 12/QĐ-BQL", name=NAME):
    return Setting(
        name=name,
        value=value,
        effective_from=effective_from,
        effective_to=to,
        legal_basis=basis,
    )


def test_without_a_decision_the_shipped_value_holds(session):
    assert queries.setting(session, NAME, TODAY) == 1


def test_a_value_holds_from_its_date_on_and_not_before(session, admin, now):
    change_setting(session, row(2, TODAY + timedelta(days=7)), actor=admin, now=now)
    assert queries.setting(session, NAME, TODAY + timedelta(days=6)) == 1
    assert queries.setting(session, NAME, TODAY + timedelta(days=7)) == 2


def test_after_its_last_day_the_value_before_holds_again(session, admin, now):
    change_setting(session, row(2), actor=admin, now=now)
    change_setting(
        session,
        row(3, TODAY + timedelta(days=2), to=TODAY + timedelta(days=4)),
        actor=admin,
        now=now,
    )
    values = [queries.setting(session, NAME, TODAY + timedelta(days=d)) for d in range(6)]
    assert values == [2, 2, 3, 3, 3, 2]


def test_of_two_changes_for_one_day_the_later_holds(session, admin, now):
    change_setting(session, row(2), actor=admin, now=now)
    change_setting(session, row(3), actor=admin, now=now)
    assert queries.setting(session, NAME, TODAY) == 3
    assert [r.value for r in queries.history(session, NAME)] == [3, 2]


def test_a_change_says_who_made_it_and_when(session, admin, now):
    kept = change_setting(session, row(2), actor=admin, now=now)
    assert (kept.changed_by, kept.changed_at) == ("quantri.vp", now)


def test_a_change_for_a_day_that_has_passed_is_refused(session, admin, now):
    with pytest.raises(BackDated, match="22/11/2026"):
        change_setting(session, row(2, TODAY - timedelta(days=1)), actor=admin, now=now)


def test_a_change_that_ends_before_it_begins_is_refused(session, admin, now):
    with pytest.raises(EndsBeforeItBegins):
        change_setting(session, row(2, TODAY + timedelta(days=2), to=TODAY), actor=admin, now=now)


def test_a_change_without_a_legal_basis_is_refused(session, admin, now):
    with pytest.raises(BasisMissing):
        change_setting(session, row(2, basis="  "), actor=admin, now=now)


def test_a_stranger_changes_no_setting(session, stranger, now):
    with pytest.raises(NotPermitted):
        change_setting(session, row(2), actor=stranger, now=now)


def test_a_misspelt_setting_is_refused_by_name(session, admin, now):
    with pytest.raises(queries.SettingUnknown, match="acount"):
        queries.setting(session, "acount.grant", TODAY)
    with pytest.raises(queries.SettingUnknown):
        change_setting(session, row(2, name="acount.grant"), actor=admin, now=now)


def test_a_value_that_cannot_be_kept_is_refused(session, admin, now):
    with pytest.raises(ValueRefused):
        change_setting(session, row(1.5), actor=admin, now=now)


def test_the_database_refuses_to_change_a_row_that_was_written(session, admin, now):
    kept = change_setting(session, row(2), actor=admin, now=now)
    with pytest.raises(sa.exc.DBAPIError, match="never changed"):
        session.execute(sa.update(Setting).where(Setting.id == kept.id).values(value=9))


def test_the_page_costs_one_statement_however_many_settings_it_shows(session, bind):
    statements = []
    sa.event.listen(bind, "before_cursor_execute", lambda *a: statements.append(a[2]))
    session.commit()
    queries.settings(session, TODAY)
    for name in definitions():
        queries.setting(session, name, TODAY)
    assert len([s for s in statements if "setting" in s]) == 1


def test_what_one_transaction_reads_the_next_reads_anew(session, admin, now, bind):
    assert queries.setting(session, NAME, TODAY) == 1
    session.commit()
    from engine.database import sessions

    with sessions(bind)() as other:
        change_setting(other, row(2), actor=admin, now=now)
        other.commit()
    assert queries.setting(session, NAME, TODAY) == 2


def test_a_drawing_reads_the_value_of_the_agencys_own_date(session, admin, now):
    change_setting(session, row(2, TODAY + timedelta(days=1)), actor=admin, now=now)
    late_evening_in_utc = now.replace(hour=18)  # 01:00 of the next day in Vietnam
    assert facts()["setting"](session, now, NAME) == 1
    assert facts()["setting"](session, late_evening_in_utc, NAME) == 2


def test_a_record_that_was_read_may_be_changed_without_changing_the_setting(session):
    first = queries.setting(session, "delegation.account_internal", TODAY)
    first["in_force"] = True
    assert queries.setting(session, "delegation.account_internal", TODAY)["in_force"] is False


def test_nobody_has_delegated_anything_until_somebody_does(session):
    assert queries.setting(session, "delegation.account_internal", TODAY)["in_force"] is False


def test_every_shipped_setting_is_described_in_both_languages_and_has_a_basis():
    keys = {group.key for group in groups()}
    for shipped in definitions().values():
        assert shipped.group in keys
        assert shipped.label and shipped.label_en and shipped.legal_basis
        assert shipped.description and shipped.description_en
        assert bool(shipped.unit) == bool(shipped.unit_en)


def test_every_setting_that_a_shipped_drawing_asks_for_exists():
    files = [path for folder in ("processes", "forms") for path in (ROOT / folder).rglob("*.*")]
    asked = {
        name
        for path in files
        for name in re.findall(r"""setting\((?:"|'|&quot;)([a-z_.]+)""", path.read_text("utf-8"))
    }
    assert asked <= set(definitions())
