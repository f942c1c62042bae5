"""Everything by keyboard: a sheet that tells the keys, a report placed and a person sent without a mouse; and mutes."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Windows, sign_in
from tests.browser.county import County
from tests.browser.desk import drawer, list_of, row, turn_to
from tests.browser.spoken import like, t


def tab_until(page: Page, reached: str) -> None:
    """Press Tab until the element with the focus has this accessible role and name."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement?.matches(wanted) ?? false", reached):
            return
    raise AssertionError(f"Tab never reaches {reached}")


def test_a_sheet_tells_the_keys_and_gives_the_focus_back(windows: Windows, county: County) -> None:
    page = windows.console()
    expect(page.get_by_role("application", name=t("map.title"))).to_be_visible()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name=t("keys"))
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_triage_and_dispatch_without_a_mouse(windows: Windows, county: County) -> None:
    report = county.waiting("moto Nyalenda, njooni")
    page = windows.page("/console")
    page.keyboard.press("Tab")
    page.get_by_label(t("sign-in.name"), exact=True).focus()
    page.keyboard.type("kisumu")
    page.keyboard.press("Tab")
    page.keyboard.type("kwa-majaribio-tu")
    page.keyboard.press("Enter")
    expect(row(page, "triage", "Nyalenda, njooni")).to_be_visible()
    tab_until(page, "[role=listbox]")
    page.keyboard.press("ArrowDown")
    expect(drawer(page)).to_contain_text("Nyalenda, njooni")
    page.keyboard.press("2")
    expect(page.get_by_text(like("done.placed", reference=report["reference"]))).to_be_visible()
    placed = county.until("/reports", lambda all_: [r for r in all_ if r["id"] == report["id"] and "incident" in r])[0]
    assert placed["ward_name"] == report["candidates"][1]["name"]
    page.keyboard.press("g")
    page.keyboard.press("i")
    list_of(page, "incidents").focus()
    page.keyboard.press("Home")
    expect(drawer(page).get_by_role("button", name=like("offer.ask")).first).to_be_visible()
    page.keyboard.press("o")
    expect(page.get_by_text(like("done.dispatched"))).to_be_visible()
    county.until("/assignments", lambda all_: [a for a in all_ if a.get("asked_by")])


def test_the_person_offered_after_placing_is_asked_by_a_key(windows: Windows, county: County) -> None:
    report = county.waiting("moto Nyalenda, haraka sana")
    page = windows.console()
    turn_to(page, "triage")
    row(page, "triage", "haraka sana").click()
    expect(drawer(page)).to_contain_text("haraka sana")
    page.keyboard.press("1")
    offered = page.get_by_role("status").get_by_role("button", name=like("offer.ask"))
    expect(offered).to_have_attribute("aria-keyshortcuts", "o")
    page.keyboard.press("o")
    expect(page.get_by_text(like("done.dispatched"))).to_be_visible()
    placed = county.until("/reports", lambda all_: [r for r in all_ if r["id"] == report["id"] and "incident" in r])[0]
    county.until("/assignments", lambda all_: [a for a in all_ if a["incident"] == placed["incident"]])


def test_a_mute_runs_out(windows: Windows, county: County) -> None:
    page = windows.context().new_page()
    page.clock.install()
    page.goto(county.url + "/console")
    sign_in(page, "kisumu")
    page.get_by_role("button", name=t("sound.on")).or_(page.get_by_role("button", name=t("sound.blocked"))).click()
    page.get_by_role("button", name=t("sound.mute-for", n=15), exact=True).click()
    expect(page.get_by_role("button", name=like("sound.muted"))).to_be_visible()
    page.clock.fast_forward("14:00")
    expect(page.get_by_role("button", name=like("sound.muted", clock="0:5"))).to_be_visible()
    page.clock.fast_forward("01:30")
    expect(page.get_by_role("button", name=t("sound.on"), exact=True)).to_be_visible()


def test_a_severe_incident_sounds_and_a_muted_one_does_not(windows: Windows, county: County) -> None:
    page = windows.context().new_page()
    page.add_init_script(
        "const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...when) {"
        "  document.body.dataset.tones = Number(document.body.dataset.tones ?? 0) + 1;"
        "  return start.apply(this, when); };"
    )
    page.goto(county.url + "/console")
    sign_in(page, "kisumu")
    # What is there when the page opens is no news: it must have its picture before something happens.
    expect(turn_to(page, "people").get_by_role("option").first).to_be_visible()
    expect(page.get_by_role("button", name=t("sound.on"), exact=True)).to_be_visible()
    county.incident("moto, watu wamekufa na wengi wamenaswa ndani", channel="officer")
    expect(page.locator("body")).to_have_attribute("data-tones", re.compile(r"[1-9]"))
    page.get_by_role("button", name=t("sound.on"), exact=True).click()
    page.get_by_role("button", name=t("sound.mute-for", n=5), exact=True).click()
    heard = page.locator("body").get_attribute("data-tones")
    spot = county.spot()
    county.incident("moto mwingine, watu wamekufa na wengi wamenaswa", at=spot, channel="officer")
    page.get_by_role("tab", name=t("tab.incidents")).click()
    expect(row(page, "incidents", spot.ward)).to_be_visible()
    assert page.locator("body").get_attribute("data-tones") == heard
