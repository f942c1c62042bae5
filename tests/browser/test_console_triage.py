"""Reports that wait: placed by a click on the map, joined, put away, asked back; and the way from one to a person."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County
from tests.browser.desk import COUNT_CLICKS, drawer, opened, press, row, turn_to
from tests.browser.spoken import like, t


def settled(county: County, report: str, state: str) -> dict[str, object]:
    """Wait until the server has a report so; gives it."""
    found = county.until(
        "/reports", lambda all_: [each for each in all_ if each["id"] == report and each["state"] == state]
    )
    first: dict[str, object] = found[0]
    return first


def test_a_report_is_placed_by_a_click_on_the_map_with_the_ward_shown(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    report = county.waiting("Nisaidieni tafadhali, nyumba inaungua")
    page = windows.console()
    opened(page, "triage", "nyumba inaungua")
    map_drawn(page)
    shoot(page, "triage")
    press(drawer(page), "report.place-on-map")
    whole = page.get_by_role("main", name=t("map.pane"))
    drawn = whole.get_by_role("application", name=t("map.title"))
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 5, y)
    page.mouse.move(x, y)
    hint = whole.get_by_role("status").get_by_role("paragraph")
    expect(hint).not_to_contain_text(t("place.nowhere"))
    ward = hint.inner_text().removeprefix(t("place.where")).strip()
    shoot(page, "triage-placing")
    page.mouse.click(x, y)
    expect(page.get_by_text(t("done.placed", reference=report["reference"], ward=ward))).to_be_visible()
    assert settled(county, report["id"], "located")["ward_name"] == ward
    expect(row(page, "triage", "nyumba inaungua")).to_have_count(0)


def test_a_report_is_joined_to_an_incident(windows: Windows, county: County) -> None:
    incident = county.incident("moto karibu na shule")
    report = county.waiting("tunaona moshi mwingi", hazard="fire")
    page = windows.console()
    inside = opened(page, "triage", "moshi mwingi")
    press(inside, "join.this", reference=incident["reference"])
    done = t("done.joined", reference=report["reference"], incident=incident["reference"])
    expect(page.get_by_text(done)).to_be_visible()
    assert settled(county, report["id"], "located")["incident"] == incident["id"]
    assert county.one("incidents", incident["id"])["reports"] == 2


def test_a_duplicate_and_a_hoax_are_put_away(windows: Windows, county: County) -> None:
    for reason, text in (("duplicate", "tumesema tayari mara mbili"), ("hoax", "simba anaendesha baiskeli")):
        report = county.waiting(text)
        page = windows.console()
        press(opened(page, "triage", text), f"dismiss.{reason}")
        expect(row(page, "triage", text)).to_have_count(0)
        assert settled(county, report["id"], "dismissed")["reason"] == reason


def test_whoever_reported_is_asked_back_and_the_row_says_so(windows: Windows, county: County) -> None:
    report = county.waiting("kuna shida hapa kwetu", reporter={"phone": "+254711000123", "name": "Akoth"})
    page = windows.console()
    press(opened(page, "triage", "kuna shida"), "report.ask-back")
    asking = page.get_by_role("dialog")
    asking.get_by_role("textbox").fill("Uko soko gani?")
    asking.get_by_role("button", name=t("ask-back.send"), exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(row(page, "triage", "kuna shida")).to_contain_text(t("triage.asked"))
    asked = county.until(
        "/reports", lambda all_: [r["asked"] for r in all_ if r["id"] == report["id"] and "asked" in r]
    )
    assert asked[0]["question"] == "Uko soko gani?"
    sent = county.until("/messages", lambda all_: [m for m in all_ if m.get("to") == "+254711000123"])
    assert any("Uko soko gani?" in message["text"] for message in sent)


def test_from_a_waiting_report_to_a_person_asked_takes_three_clicks(windows: Windows, county: County) -> None:
    report = county.waiting("moto Nyalenda tafadhali haraka")
    assert len(report["candidates"]) >= 2
    page = windows.console()
    page.evaluate(COUNT_CLICKS)
    turn_to(page, "triage")
    page.evaluate("window.clicks = 0")
    row(page, "triage", "Nyalenda tafadhali").click()
    drawer(page).get_by_role("button", name=report["candidates"][0]["name"]).click()
    page.get_by_role("status").get_by_role("button", name=like("offer.ask")).click()
    expect(page.get_by_text(like("done.dispatched"))).to_be_visible()
    assert page.evaluate("window.clicks") <= 3
    placed = settled(county, report["id"], "located")
    county.until("/assignments", lambda all_: [each for each in all_ if each["incident"] == placed["incident"]])
