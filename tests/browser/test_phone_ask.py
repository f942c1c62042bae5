"""The ask on a responder's phone: it rings, one tap answers, a step said twice counts once."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows
from tests.browser.county import County
from tests.browser.spoken import like, t

Shoot = Callable[[Page | Locator, str], None]


def tap(page: Page, key: str) -> None:
    page.get_by_role("button", name=t(key), exact=True).click()


def stands(county: County, ask: dict[str, Any], state: str) -> dict[str, Any]:
    """Wait until the server has an ask so; gives it."""
    found: list[dict[str, Any]] = county.until(
        "/assignments", lambda all_: [each for each in all_ if each["id"] == ask["id"] and each["state"] == state]
    )
    return found[0]


def test_an_ask_rings_and_each_step_is_one_tap(windows: Windows, county: County, shoot: Shoot) -> None:
    page = windows.phone("r020")
    expect(page.get_by_text(t("phone.quiet"))).to_be_visible()
    shoot(page, "phone-quiet")
    spot = county.spot()
    ask = county.ask("r020", "Mzee ameanguka, anahitaji ambulansi haraka", at=spot)
    expect(page.get_by_role("button", name=t("phone.accept"), exact=True)).to_be_visible()
    main = page.get_by_role("main")
    expect(main).to_contain_text(spot.ward)
    expect(main).to_contain_text("Mzee ameanguka")
    expect(main).to_contain_text(t("hazard.other"))
    expect(page.get_by_role("timer").or_(page.get_by_text(t("phone.ask.left"))).first).to_be_visible()
    county.until("/assignments", lambda all_: [a for a in all_ if a["id"] == ask["id"] and a.get("seen_at")])
    shoot(page, "phone-ringing")
    tap(page, "phone.accept")
    stands(county, ask, "accepted")
    expect(page.get_by_role("button", name=t("phone.enroute"), exact=True)).to_be_visible()
    shoot(page, "phone-accepted")
    tap(page, "phone.enroute")
    stands(county, ask, "enroute")
    tap(page, "phone.arrived")
    stands(county, ask, "arrived")
    tap(page, "phone.done")
    stands(county, ask, "done")
    expect(page.get_by_text(t("phone.outcome.done"))).to_be_visible()
    expect(page.get_by_text(t("phone.quiet"))).to_be_visible()
    shoot(page, "phone-done")


def test_an_ask_is_declined_with_a_reason(windows: Windows, county: County, shoot: Shoot) -> None:
    page = windows.phone("r021")
    ask = county.ask("r021", "Gari limekwama mtoni")
    tap(page, "phone.decline")
    expect(page.get_by_text(t("phone.why-not"))).to_be_visible()
    shoot(page, "phone-decline")
    page.get_by_text(t("phone.reason.vehicle"), exact=True).click()
    answered = stands(county, ask, "declined")
    assert answered["answer_reason"]
    expect(page.get_by_text(t("phone.outcome.declined"))).to_be_visible()


def test_an_ask_that_was_answered_is_not_asked_again_after_a_reload(windows: Windows, county: County) -> None:
    page = windows.phone("r022")
    ask = county.ask("r022", "Ukuta umeanguka")
    tap(page, "phone.accept")
    stands(county, ask, "accepted")
    page.reload()
    expect(page.get_by_role("button", name=t("phone.enroute"), exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=t("phone.accept"), exact=True)).to_have_count(0)
    tap(page, "phone.enroute")
    stands(county, ask, "enroute")


def test_several_asks_wait_in_line(windows: Windows, county: County) -> None:
    page = windows.phone("r023")
    first, second = county.ask("r023", "Mti umeanguka barabarani"), county.ask("r023", "Nyaya za umeme chini")
    expect(page.get_by_text(t("phone.ask.others"))).to_be_visible()
    tap(page, "phone.accept")
    tap(page, "phone.accept")
    stands(county, first, "accepted")
    stands(county, second, "accepted")


def test_who_else_goes_is_shown(windows: Windows, county: County) -> None:
    page = windows.phone("r024")
    ask = county.ask("r024", "Ng'ombe wamekwama kwenye matope")
    county.dispatch(ask["incident"], "r026")
    county.answer(ask["incident"], "r026", "accept")
    tap(page, "phone.accept")
    expect(page.get_by_role("main")).to_contain_text("Faith Nekesa")


def test_an_ask_that_is_over_stops_ringing(windows: Windows, county: County) -> None:
    page = windows.phone("r025")
    ask = county.ask("r025", "Moshi unaonekana")
    expect(page.get_by_role("button", name=t("phone.accept"), exact=True)).to_be_visible()
    with county.as_("kisumu") as http:
        assert http.post(f"/incidents/{ask['incident']}/close", json={"reason": "resolved"}).status_code == 202
    expect(page.get_by_role("button", name=t("phone.accept"), exact=True)).to_have_count(0)
    expect(page.get_by_text(t("phone.outcome.closed"))).to_be_visible()


def test_the_phone_speaks_kiswahili(windows: Windows, county: County, shoot: Shoot) -> None:
    page = windows.phone("r026", locale="sw-KE")
    county.ask("r026", "Mtu amepotea msituni")
    expect(page.get_by_role("button", name=t("phone.accept", "sw"), exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "sw")
    shoot(page, "phone-kiswahili")


def test_hostile_text_is_inert_on_the_phone(windows: Windows, county: County) -> None:
    page = windows.phone("r028")
    county.ask("r028", "<script>window.owned=1</script><img src=x onerror=window.owned=2> \u202egnorw " + "W" * 9_000)
    expect(page.get_by_role("main")).to_contain_text("<img src=x onerror=window.owned=2>")
    assert page.evaluate("window.owned") is None
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert "\u202e" not in page.locator("body").inner_text()


def test_a_shift_goes_off_and_on_and_the_position_is_shared_only_on_shift(
    windows: Windows, county: County, shoot: Shoot
) -> None:
    sent: list[str] = []
    page = windows.phone(
        "r029", geolocation={"longitude": 34.76, "latitude": -0.11, "accuracy": 12.0}, permissions=["geolocation"]
    )
    page.on("request", lambda asked: sent.append(asked.url) if asked.url.endswith("/position") else None)
    shift = page.get_by_role("switch")
    expect(shift).to_be_checked()
    county.until("/responders", lambda all_: [r for r in all_ if r["id"] == "r029" and r.get("fix_at")])
    expect(page.get_by_text(like("phone.place.since"))).to_be_visible()
    shift.click()
    county.until("/responders", lambda all_: [r for r in all_ if r["id"] == "r029" and not r["on_shift"]])
    expect(page.get_by_text(t("phone.shift.off"))).to_be_visible()
    shoot(page, "phone-off-shift")
    before = len(sent)
    page.context.set_geolocation({"longitude": 34.80, "latitude": -0.12, "accuracy": 12.0})
    page.evaluate("() => new Promise((seen) => navigator.geolocation.getCurrentPosition(seen))")
    # The device knows where it is now, and nobody is told.
    assert len(sent) == before
    shift.click()
    county.until("/responders", lambda all_: [r for r in all_ if r["id"] == "r029" and r["on_shift"]])
    county.until("/responders", lambda all_: [r for r in all_ if r["id"] == "r029" and r.get("lon") == 34.80])
    assert county.one("responders", "r029")["lon"] == 34.80


def test_an_official_confirms_a_warning_and_reports(windows: Windows, county: County, shoot: Shoot) -> None:
    county.readings("nyando-ogilo", 2.0, 2.2, 2.5, 2.9, 3.6)
    alert = county.until("/alerts", lambda all_: [a for a in all_ if a["state"] == "issued"])[0]
    page = windows.phone("r011")
    expect(page.get_by_text(t("phone.warn"))).to_be_visible()
    shoot(page, "phone-official")
    page.get_by_role("button", name=t("phone.passed.baraza"), exact=True).first.click()
    passed = county.until(
        "/alerts",
        lambda all_: [a for a in all_ if a["id"] == alert["id"] and "KE.042.242.1208" in a.get("confirmed", {})],
    )
    assert passed[0]["confirmed"]["KE.042.242.1208"]["by"] == "r011"
    expect(page.get_by_text(t("phone.warn.passed", how=t("phone.passed.baraza")))).to_be_visible()
    tap(page, "phone.report")
    page.get_by_role("textbox", name=re.compile(re.escape(t("phone.report.words")))).fill(
        "Maji yamefika sokoni Ahero, barabara imefungwa"
    )
    page.get_by_text(t("hazard.flood"), exact=True).first.click()
    shoot(page, "phone-report")
    tap(page, "phone.report.send")
    expect(page.get_by_text(t("phone.report.sent"))).to_be_visible()
    told = county.until("/reports", lambda all_: [r for r in all_ if "Maji yamefika sokoni" in r.get("text", "")])
    assert (len(told), told[0]["channel"]) == (1, "officer")
