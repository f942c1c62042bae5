"""A river rises: its gauge with marks and chart, the alert that waits for a person, the wards that are unconfirmed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County
from tests.browser.desk import drawer, opened, press, row
from tests.browser.spoken import like, t

Shoot = Callable[[Page | Locator, str], None]
RISE = (2.9, 3.1, 3.3, 3.5, 3.7, 3.9, 4.1, 4.3, 4.5, 4.7, 4.8)


@pytest.fixture(scope="module")
def draft(county: County) -> str:
    """Let the river rise until an alert waits for an operator; gives its id."""
    county.readings("nyando-ahero", *RISE)
    found: str = county.until("/alerts", lambda all_: [a["id"] for a in all_ if a["state"] == "draft"])[0]
    return found


def test_a_gauge_shows_level_marks_and_rate_in_a_chart(
    windows: Windows, county: County, draft: str, shoot: Shoot
) -> None:
    page = windows.console()
    inside = opened(page, "gauges", "Nyando at Ahero bridge")
    expect(inside).to_contain_text("4.8")
    expect(inside.get_by_text(t("gauge.over", mark=t("mark.emergency")))).to_be_visible()
    expect(inside.get_by_text(t("gauge.rising")).first).to_be_visible()
    for mark in ("3", "3.8", "4.6"):
        expect(inside.get_by_text(mark).first).to_be_visible()
    expect(inside.locator("canvas").or_(inside.get_by_role("img")).first).to_be_visible()
    map_drawn(page)
    shoot(page, "gauge")


def test_an_alert_is_approved_by_a_person_and_its_wards_wait_for_a_word(
    windows: Windows, county: County, draft: str, shoot: Shoot
) -> None:
    page = windows.console()
    inside = opened(page, "alerts", t("alert.draft"))
    map_drawn(page)
    shoot(page, "alert-draft")
    press(inside, "alert.approve")
    page.get_by_role("dialog").get_by_role("button", name=like("approve.do")).click()
    expect(page.get_by_text(t("done.approved"))).to_be_visible()
    issued = county.until("/alerts", lambda all_: [a for a in all_ if a["id"] == draft and a["state"] == "issued"])[0]
    wards = len(issued["wards"])
    expect(inside.get_by_text(t("alert.unconfirmed", n=wards, all=wards))).to_be_visible()
    expect(row(page, "alerts", t("alert.issued"))).to_contain_text(t("alert.unconfirmed", n=wards, all=wards))
    shoot(page, "alert")
    with county.as_("r011") as http:
        told = http.post(f"/alerts/{draft}/passed-on", json={"ward": "KE.042.242.1208", "how": "baraza"})
        assert told.status_code == 202, told.text
    expect(inside.get_by_text(t("alert.unconfirmed", n=wards - 1, all=wards))).to_be_visible()
    expect(drawer(page)).to_contain_text("baraza")
