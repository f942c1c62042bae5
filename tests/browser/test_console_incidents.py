"""An incident's drawer: what it knows and why; sending people; closing, merging, splitting, each with its way back."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County
from tests.browser.desk import COUNT_CLICKS, drawer, opened, press, row, turn_to
from tests.browser.spoken import like, t


def state(county: County, incident: str, wanted: str) -> None:
    county.until("/incidents", lambda all_: [i for i in all_ if i["id"] == incident and i["state"] == wanted])


def test_the_drawer_says_what_is_known_who_goes_and_why(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    spot = county.spot()
    incident = county.incident("Nyumba inaungua, watoto wamenaswa ndani", at=spot, channel="officer")
    county.until("/assignments", lambda all_: [a for a in all_ if a["incident"] == incident["id"]])
    page = windows.console()
    inside = opened(page, "incidents", spot.ward)
    expect(inside.get_by_role("heading", level=2)).to_contain_text(spot.ward)
    expect(inside).to_contain_text(incident["reference"])
    expect(inside).to_contain_text("watoto wamenaswa ndani")
    expect(inside.get_by_role("meter", name=t("evidence")).first).to_be_visible()
    expect(inside.get_by_text(t("part.trapped"))).to_be_visible()
    expect(inside.get_by_role("timer").first).to_be_visible()
    expect(inside.get_by_text(t("timeline"), exact=True)).to_be_visible()
    expect(inside.get_by_role("button", name=like("offer.ask")).first).to_be_visible()
    map_drawn(page)
    shoot(page, "drawer")


def test_dispatch_takes_at_most_three_clicks_from_a_new_report(windows: Windows, county: County) -> None:
    page = windows.console()
    page.evaluate(COUNT_CLICKS)
    spot = county.spot()
    incident = county.incident("moto jikoni", at=spot)
    turn_to(page, "incidents")
    row(page, "incidents", spot.ward).click()
    ask = drawer(page).get_by_role("button", name=like("offer.ask")).first
    name = (ask.get_attribute("aria-label") or "").removeprefix(t("offer.ask", name="")).strip()
    ask.click()
    expect(page.get_by_text(t("done.dispatched", name=name))).to_be_visible()
    assert page.evaluate("window.clicks") <= 3
    asked = county.until(
        "/assignments",
        lambda all_: [a for a in all_ if a["incident"] == incident["id"] and a["responder_name"] == name],
    )
    assert asked[0]["asked_by"]


def test_an_incident_is_closed_with_a_reason_and_opened_again(windows: Windows, county: County) -> None:
    spot = county.spot()
    incident = county.incident("moto umezimwa", at=spot)
    page = windows.console()
    press(opened(page, "incidents", spot.ward), "incident.close.whole")
    press(page.get_by_role("dialog"), "close.resolved")
    expect(page.get_by_text(t("done.closed", reference=incident["reference"]))).to_be_visible()
    state(county, incident["id"], "closed")
    press(page.get_by_role("status"), "undo")
    expect(page.get_by_text(t("done.reopened", reference=incident["reference"]))).to_be_visible()
    state(county, incident["id"], "open")
    expect(row(page, "incidents", spot.ward)).to_be_visible()


def test_two_incidents_become_one_and_two_again(windows: Windows, county: County) -> None:
    here, there = county.spot(), county.spot()
    one = county.incident("moto nyuma ya soko", at=here)
    other = county.incident("moshi mzito barabarani", at=there)
    page = windows.console()
    press(opened(page, "incidents", there.ward), "incident.merge")
    merging = page.get_by_role("dialog")
    merging.get_by_role("searchbox").fill(one["reference"])
    merging.get_by_role("radio").first.check()
    press(merging, "merge.do", into=one["reference"])
    expect(page.get_by_text(t("done.merged", reference=other["reference"], into=one["reference"]))).to_be_visible()
    state(county, other["id"], "merged")
    assert county.one("incidents", one["id"])["reports"] == 2
    press(page.get_by_role("status"), "undo")
    state(county, other["id"], "open")
    county.until("/incidents", lambda all_: [i for i in all_ if i["id"] == one["id"] and i["reports"] == 1])


def test_one_incident_becomes_two_and_one_again(windows: Windows, county: County) -> None:
    spot = county.spot()
    incident = county.incident("moto wa kwanza", at=spot, reporter={"phone": "+254711000501"})
    county.report("moto mwingine ng'ambo", spot.lon, spot.lat, hazard="fire", reporter={"phone": "+254711000502"})
    county.until("/incidents", lambda all_: [i for i in all_ if i["id"] == incident["id"] and i["reports"] == 2])
    page = windows.console()
    press(opened(page, "incidents", spot.ward), "incident.split")
    splitting = page.get_by_role("dialog")
    splitting.get_by_role("checkbox").first.check()
    press(splitting, "split.do-one")
    expect(page.get_by_text(t("done.split-one", n=1, reference=incident["reference"]))).to_be_visible()
    twin = county.until("/incidents", lambda all_: [i for i in all_ if i.get("split_from") == incident["id"]])[0]
    assert (twin["reports"], county.one("incidents", incident["id"])["reports"]) == (1, 1)
    press(page.get_by_role("status"), "undo")
    state(county, twin["id"], "merged")
    assert county.one("incidents", incident["id"])["reports"] == 2
