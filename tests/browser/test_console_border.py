"""On the border of two wards, and off the shore of all: who acts, who watches, and what the map says of it."""

import math
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County
from tests.browser.desk import drawer, opened, press, row, turn_to
from tests.browser.spoken import like, t

AHERO, KOBURA = (34.89122, -0.1786), (34.89068, -0.1786)
"""Sixty metres apart, on either side of the border of two wards."""
MID_LAKE = (34.45, -0.25)


def far(metres: float) -> str:
    """Write a distance under 950 m as the pages do: to the nearest ten."""
    return t("far.metres", n=max(10, math.floor(metres / 10 + 0.5) * 10))


def test_a_report_from_either_side_of_a_border_is_one_incident_with_an_owner_and_a_watcher(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    first = county.report("Maji yamefika madirishani, tuko darajani", *AHERO, hazard="flood", accuracy_m=20)
    incident = county.until("/reports", lambda all_: [r["incident"] for r in all_ if r["id"] == first["id"]])[0]
    second = county.report("Water over the road, people on roofs", *KOBURA, hazard="flood", accuracy_m=10)
    county.until("/reports", lambda all_: [r for r in all_ if r["id"] == second["id"] and r["incident"] == incident])
    found = county.one("incidents", incident)
    assert (found["ward_name"], found["reports"], found["observers"]) == ("Ahero", 2, ["KE.042.242.1210"])
    metres = found["observers_m"]["KE.042.242.1210"]
    candidates = county.one("reports", second["id"])["candidates"]
    beside = next(each["metres"] for each in candidates if each["name"] == "Ahero")
    # The watcher's own operator has it on the desk, though it is another ward's.
    county.account("kobura", ("operator", "KE.042.242.1210"))
    for name in ("kisumu", "kobura"):
        page = windows.console(name)
        inside = opened(page, "incidents", "Ahero")
        expect(inside.get_by_text(t("incident.observers"), exact=True)).to_be_visible()
        expect(inside.get_by_text(t("incident.watched", wards=f"Kobura ({far(metres)})"))).to_be_visible()
        map_drawn(page)
        if name == "kisumu":
            shoot(page, "border-report")
        if name == "kobura":
            expect(inside.get_by_text(t("incident.you-watch", ward="Ahero"))).to_be_visible()
            expect(inside.get_by_role("button", name=t("incident.close.whole"))).to_have_count(0)
            press(inside, "report.open", reference=second["reference"])
            expect(drawer(page).get_by_text(t("border.near", wards=f"Ahero ({far(beside)})"))).to_be_visible()
            shoot(page, "border-watcher")


def test_a_boat_off_every_shore_is_placed_where_it_is_and_a_ward_answers_for_it(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    report = county.waiting("Mashua inazama, watu watatu majini", hazard="drowning", lon=MID_LAKE[0], lat=MID_LAKE[1])
    assert report["code"] == "position-outside-wards"
    page = windows.console()
    inside = opened(page, "triage", "Mashua inazama")
    expect(inside.get_by_text(t("waits.position-outside-wards"))).to_be_visible()
    nearest = report["candidates"][0]["name"]
    expect(inside.get_by_role("button", name=nearest)).to_be_visible()
    map_drawn(page)
    press(inside, "report.place-on-map")
    face = page.get_by_role("application", name=t("map.title"))
    expect(face).to_be_focused()
    page.keyboard.press("Enter")  # the middle of the map aims, and that is lake as well
    whole = page.get_by_role("main", name=t("map.pane"))
    expect(whole.get_by_role("status").get_by_text(like("place.off-shore"))).to_be_visible()
    shoot(page, "border-off-shore")
    press(whole, "place.for", ward=nearest)
    expect(page.get_by_text(t("done.placed", reference=report["reference"], ward=nearest))).to_be_visible()
    placed = county.until("/reports", lambda all_: [r for r in all_ if r["id"] == report["id"] and "outside_m" in r])[0]
    assert (placed["ward_name"], placed["how"]) == (nearest, "operator")
    assert placed["outside_m"] > 1000


def test_a_waiting_position_off_the_shore_is_given_to_its_nearest_ward_in_one_click(
    windows: Windows, county: County
) -> None:
    lon, lat = MID_LAKE[0] + 0.02, MID_LAKE[1]
    report = county.waiting("Mtumbwi umepinduka", hazard="drowning", lon=lon, lat=lat)
    page = windows.console()
    turn_to(page, "triage")
    row(page, "triage", "Mtumbwi umepinduka").click()
    nearest = report["candidates"][0]["name"]
    drawer(page).get_by_role("button", name=nearest).click()
    expect(page.get_by_text(t("done.placed", reference=report["reference"], ward=nearest))).to_be_visible()
    placed = county.until("/reports", lambda all_: [r for r in all_ if r["id"] == report["id"] and "outside_m" in r])[0]
    assert (placed["lon"], placed["lat"]) == (lon, lat)
