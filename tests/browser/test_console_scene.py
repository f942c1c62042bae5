"""Who is at the scene by their positions: whom nobody sent, who was asked and is there, and who was there."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County, Spot
from tests.browser.desk import drawer, opened, press
from tests.browser.desk import row as list_row
from tests.browser.spoken import like, t


def stands(county: County, who: str, spot: Spot, metres_east: float = 0.0) -> None:
    """Let somebody's phone say that they are so many metres east of a spot."""
    fix = {"lon": spot.lon + metres_east / 111_320, "lat": spot.lat, "accuracy_m": 10}
    with county.as_("kisumu") as http:
        assert http.post(f"/responders/{who}/position", json=fix).status_code == 202


def section(inside: Locator, key: str) -> Locator:
    return inside.locator("section", has=inside.page.get_by_role("heading", name=t(key), exact=False))


def look_closely(page: Page, spot: Spot) -> None:
    """Bring a picked incident near, so that the circle around it is seen: away from it, back to it, nearer still."""
    for step in (4, 3):
        for _ in range(step):
            page.get_by_role("button", name=t("map.nearer")).click()
            map_drawn(page)
        list_row(page, "incidents", spot.ward).click()
        map_drawn(page)


def test_who_is_there_unasked_is_shown_and_who_was_sent_is_there_by_position_without_a_tap(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    spot = county.spot()
    passing = next(each for each in county.people if each["on_shift"])
    incident = county.incident("moto mkubwa, nyumba zinaungua", at=spot)
    stands(county, passing["id"], spot, 60.0)
    found = county.until("/presences", lambda all_: [each for each in all_ if each["incident"] == incident["id"]])
    assert [(each["responder"], each["state"]) for each in found] == [(passing["id"], "inside")]
    page = windows.console()
    inside = opened(page, "incidents", spot.ward)
    there = section(inside, "scene")
    expect(there.get_by_role("button", name=passing["name"])).to_be_visible()
    expect(there.get_by_text(t("scene.not-asked"))).to_be_visible()
    expect(there.get_by_text(t("scene.alone"))).to_be_visible()
    expect(inside.get_by_text(t("fact.FenceEntered", responder=passing["name"]))).to_be_visible()
    # Somebody who is asked comes: their state stays what they said, and beside it stands that they are there.
    names = [
        (button.get_attribute("aria-label") or "").removeprefix(t("offer.ask", name="")).strip()
        for button in inside.get_by_role("button", name=like("offer.ask")).all()
    ]
    name = next(each for each in names if each != passing["name"])
    inside.get_by_role("button", name=t("offer.ask", name=name)).click()
    asked = county.until(
        "/assignments",
        lambda all_: [a for a in all_ if a["incident"] == incident["id"] and a["responder_name"] == name],
    )[0]
    stands(county, asked["responder"], spot, -40.0)
    row = section(inside, "assignments").get_by_role("listitem").filter(has_text=name)
    expect(row.locator(".by-position")).to_be_visible()
    expect(row.get_by_text(t("assignment.offered"), exact=True)).to_be_visible()
    expect(row.get_by_role("timer")).to_be_visible()
    assert county.one("assignments", asked["id"])["state"] == "offered"
    look_closely(page, spot)
    there.scroll_into_view_if_needed()
    shoot(page, "scene")
    # Nobody is left at the scene of what is over.
    press(inside, "incident.close.whole")
    press(page.get_by_role("dialog"), "close.resolved")
    expect(section(drawer(page), "scene").get_by_text(t("scene.earlier", n=2))).to_be_visible()


def test_who_passes_by_far_off_or_goes_is_not_there(windows: Windows, county: County) -> None:
    spot = county.spot()
    one, other = [each for each in county.people if each["on_shift"]][1:3]
    incident = county.incident("moto jikoni", at=spot)
    stands(county, one["id"], spot, 60.0)
    stands(county, other["id"], spot, 290.0)
    county.until("/presences", lambda all_: [each for each in all_ if each["incident"] == incident["id"]])
    page = windows.console()
    there = section(opened(page, "incidents", spot.ward), "scene")
    expect(there.get_by_role("button", name=one["name"])).to_be_visible()
    expect(there.get_by_role("button", name=other["name"])).to_have_count(0)
    stands(county, one["id"], spot, 900.0)
    expect(there.get_by_text(t("scene.earlier", n=1))).to_be_visible()
    expect(there.get_by_text(t("scene.not-asked"))).to_have_count(0)
