"""axe-core finds nothing against WCAG 2.2 AA in any main state of the pages, by day and by night."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, Windows
from tests.browser.county import County
from tests.browser.desk import drawer, opened, press, turn_to
from tests.browser.spoken import like, t

AXE = ROOT / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES = {"day": "light", "night": "dark"}


@pytest.fixture(params=sorted(THEMES))
def theme(request: pytest.FixtureRequest) -> str:
    return THEMES[request.param]


@pytest.fixture
def audit() -> Iterator[Callable[[Page, str], None]]:
    """Look at a page as it stands, under a name; what is found is told all at once at the end."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make setup")
    source = AXE.read_text(encoding="utf-8")
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        page.evaluate(source)
        told: list[dict[str, Any]] = page.evaluate(
            "async (tags) => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations", TAGS
        )
        found.extend(
            f"{name}: {rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in told
            for node in rule["nodes"]
        )

    yield look
    assert not found, "\n\n".join(found)


def test_the_console_in_each_of_its_states(
    windows: Windows, county: County, theme: str, audit: Callable[[Page, str], None]
) -> None:
    county.readings("nyando-ahero", 2.9, 3.1, 3.3, 3.5, 3.7, 3.9, 4.1, 4.3, 4.5, 4.7, 4.8)
    county.waiting(f"moto Nyalenda {theme}", reporter={"phone": "+254711000321"})
    spot = county.spot()
    county.incident("moto, watoto wamenaswa", at=spot)
    page = windows.page("/console", color_scheme=theme, reduced_motion="reduce")
    audit(page, "sign-in")
    page.get_by_label(t("sign-in.name"), exact=True).fill("kisumu")
    page.get_by_label(t("sign-in.password"), exact=True).fill("kwa-majaribio-tu")
    page.get_by_role("button", name=t("sign-in")).click()
    expect(turn_to(page, "triage")).to_be_visible()
    audit(page, "triage")
    opened(page, "triage", f"Nyalenda {theme}")
    audit(page, "report")
    press(drawer(page), "report.ask-back")
    audit(page, "asking back")
    page.keyboard.press("Escape")
    opened(page, "incidents", spot.ward)
    expect(drawer(page).get_by_role("button", name=like("offer.ask")).first).to_be_visible()
    audit(page, "incident")
    for act in ("incident.close.whole", "incident.merge"):
        press(drawer(page), act)
        expect(page.get_by_role("dialog")).to_be_visible()
        audit(page, act)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    opened(page, "gauges", "Nyando at Ahero bridge")
    audit(page, "gauge")
    turn_to(page, "alerts").get_by_role("option").first.click()
    audit(page, "alert")
    opened(page, "people", "Brian Otiende")
    audit(page, "person")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    audit(page, "keys")


def test_the_phone_in_each_of_its_states(
    windows: Windows, county: County, theme: str, audit: Callable[[Page, str], None]
) -> None:
    responder = {"light": "r033", "dark": "r038"}[theme]
    page = windows.page(
        "/phone", width=390, height=844, has_touch=True, is_mobile=True, color_scheme=theme, reduced_motion="reduce"
    )
    audit(page, "sign-in")
    page.get_by_label(t("sign-in.name"), exact=True).fill(responder)
    page.get_by_label(t("sign-in.password"), exact=True).fill("kwa-majaribio-tu")
    page.get_by_role("button", name=t("sign-in")).click()
    expect(page.get_by_text(t("phone.shift.on"))).to_be_visible()
    audit(page, "quiet")
    county.ask(responder, "Mzee ameanguka bafuni")
    expect(page.get_by_role("button", name=t("phone.accept"), exact=True)).to_be_visible()
    audit(page, "ringing")
    page.get_by_role("button", name=t("phone.decline"), exact=True).click()
    audit(page, "why not")
    page.get_by_role("button", name=t("phone.back"), exact=True).click()
    page.get_by_role("button", name=t("phone.accept"), exact=True).click()
    expect(page.get_by_role("button", name=t("phone.enroute"), exact=True)).to_be_visible()
    audit(page, "accepted")
    official = windows.phone("r011", color_scheme=theme, reduced_motion="reduce")
    expect(official.get_by_text(t("phone.shift.on"))).to_be_visible()
    audit(official, "official")
    official.get_by_role("button", name=t("phone.report"), exact=True).click()
    audit(official, "reporting")


def test_the_style_guide(windows: Windows, theme: str, audit: Callable[[Page, str], None]) -> None:
    page = windows.page("/styleguide", color_scheme=theme, reduced_motion="reduce")
    expect(page.get_by_role("heading").first).to_be_visible()
    audit(page, "style guide")
