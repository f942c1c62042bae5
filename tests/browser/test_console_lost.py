"""The server is killed under an open page: the page says so, comes back by position, and nothing is lost or doubled."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County
from tests.browser.desk import drawer, list_of, opened, press, row, turn_to
from tests.browser.spoken import like, t

DOWN = (
    "ERR_CONNECTION_REFUSED",
    "WebSocket connection",
    "ERR_EMPTY_RESPONSE",
    "ERR_CONNECTION_RESET",
    "ERR_INTERNET_DISCONNECTED",
)


def drawn(page: Page) -> Locator:
    return page.get_by_role("application", name=t("map.title"))


def test_a_killed_server_is_said_and_what_was_missed_comes_by_position(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    windows.expect_trouble(*DOWN)
    before, meanwhile, after = county.spot(), county.spot(), county.spot()
    county.incident("moto kabla", at=before)
    page, late = windows.console("kisumu"), windows.console("nyando")
    for each in (page, late):
        map_drawn(each)
    turn_to(page, "incidents")
    expect(row(page, "incidents", before.ward)).to_be_visible()
    hellos: list[str] = []
    page.on("websocket", lambda line: line.on("framesent", lambda sent: hellos.append(str(sent))))
    lain = [each.bounding_box() for each in (row(page, "incidents", before.ward), drawn(page))]
    county.kill()
    expect(page.get_by_text(like("line.lost"))).to_be_visible()
    expect(page.get_by_text(t("line.old"))).to_be_visible()
    moved = [each.bounding_box() for each in (row(page, "incidents", before.ward), drawn(page))]
    assert moved == lain, "the banner pushed something away from under the hand"
    press(page, "line.now")
    expect(page.get_by_text(like("line.lost"))).to_be_visible()
    shoot(page, "console-line-lost")
    # Less than two seconds is a blink, of which nothing is said.
    expect(page.get_by_text(like("line.lost")).filter(has_text=re.compile(r"0:0[3-9]"))).to_be_visible()
    # What happens while this page stays away is in the log before it is let in again.
    page.context.set_offline(True)
    county.start(token_minutes="60")
    county.incident("moto wakati huo", at=meanwhile)
    page.context.set_offline(False)
    # Whether it is let in before or after the incident was made, it says that it is back.
    expect(
        page.get_by_text(like("line.back"))
        .or_(page.get_by_text(like("line.back-none")))
        .or_(page.get_by_text(like("line.back-one")))
    ).to_be_visible()
    expect(row(page, "incidents", meanwhile.ward)).to_have_count(1)
    shoot(page, "console-line-back")
    county.incident("moto baadaye", at=after)
    expect(row(page, "incidents", after.ward)).to_have_count(1)
    expect(page.get_by_text(t("line.live"))).to_be_visible()
    assert any('"position":"' in hello.replace(" ", "") for hello in hellos), "it came back without its position"
    turn_to(late, "incidents")
    expect(row(late, "incidents", after.ward)).to_have_count(1)
    mine = list_of(page, "incidents").get_by_role("option")
    expect(mine).to_have_count(len([i for i in county.all("/incidents") if i["state"] == "open"]))


def test_a_decision_taken_while_the_server_is_away_says_so_and_can_be_sent_again(
    windows: Windows, county: County
) -> None:
    windows.expect_trouble(*DOWN)
    report = county.waiting("kuna moshi mahali fulani")
    page = windows.console()
    inside = opened(page, "triage", "moshi mahali")
    map_drawn(page)
    county.kill()
    press(inside, "dismiss.hoax")
    expect(page.get_by_text(t("problem.offline"))).to_be_visible()
    county.start(token_minutes="60")
    again = page.get_by_role("button", name=t("again"), exact=True)
    again.click()
    expect(row(page, "triage", "moshi mahali")).to_have_count(0)
    assert county.one("reports", report["id"])["state"] == "dismissed"
    expect(drawer(page).filter(has_text="moshi mahali")).to_have_count(0)
