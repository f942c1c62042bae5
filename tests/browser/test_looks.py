"""How the pages look: no wider than the screen, from a phone to a wall, by day and by night; pictures to look at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows, map_drawn
from tests.browser.county import County
from tests.browser.desk import opened, turn_to
from tests.browser.spoken import t

Shoot = Callable[[Page | Locator, str], None]
OPEN = 12
SPREAD = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().right > innerWidth + 1
    && getComputedStyle(each).position !== "fixed" && !each.closest(".tabs, .unseen, [hidden], .map-frame"))
  .slice(0, 5).map((each) => each.outerHTML.slice(0, 120))"""
SMALL = """() => [...document.querySelectorAll("button, a[href], input, select, [role=tab], [role=switch]")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
  .map((each) => [each.getBoundingClientRect(), each])
  .filter(([box]) => box.width > 0 && box.height > 0 && box.height < 44)
  .map(([box, each]) => `${Math.round(box.height)}px: ${each.outerHTML.slice(0, 120)}`)"""


@pytest.fixture(scope="module")
def busy(county: County) -> County:
    """A county with something of everything."""
    county.readings("nyando-ahero", 2.9, 3.1, 3.3, 3.5, 3.7, 3.9, 4.1, 4.3, 4.5, 4.7, 4.8)
    for n in range(OPEN):
        county.incident(f"moto namba {n}, watu wamenaswa ndani ya nyumba", channel="officer" if n % 2 else "web")
    for n in range(4):
        county.waiting(f"moto Nyalenda, nyumba ya {n}", reporter={"phone": f"+25471100040{n}"})
    return county


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1024, 768), (1920, 1080), (3840, 2160)])
def test_the_console_fits_its_screen(windows: Windows, busy: County, width: int, height: int, shoot: Shoot) -> None:
    page = windows.console(width=width, height=height)
    expect(turn_to(page, "incidents").get_by_role("option").first).to_be_visible()
    assert page.evaluate(SPREAD) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width > 760:
        map_drawn(page)
    shoot(page, f"console-{width}")
    page.get_by_role("listbox").get_by_role("option").first.click()
    expect(page.get_by_role("complementary")).to_be_visible()
    assert page.evaluate(SPREAD) == []
    if width > 760:
        map_drawn(page)
    shoot(page, f"console-{width}-drawer")


def test_the_wall_is_read_from_afar(windows: Windows, busy: County, shoot: Shoot) -> None:
    page = windows.console(width=1920, height=1080, color_scheme="dark")
    turn_to(page, "incidents")
    page.get_by_role("button", name=t("wall"), exact=True).click()
    expect(page.get_by_role("button", name=t("wall"), exact=True)).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    figure = page.get_by_role("region", name=t("wall.figures")).get_by_text(str(OPEN), exact=True).first
    assert figure.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)") >= 48
    map_drawn(page)
    shoot(page, "wall")


@pytest.mark.parametrize("width", [320, 390])
def test_the_phone_fits_a_small_screen_with_large_targets(
    windows: Windows, busy: County, width: int, shoot: Shoot
) -> None:
    page = windows.phone(f"r0{19 + width // 390}", width=width, height=640)
    busy.ask(f"r0{19 + width // 390}", "Mafuriko yamebeba daraja la watembea kwa miguu, watoto hawawezi kuvuka")
    expect(page.get_by_role("button", name=t("phone.accept"), exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(SMALL) == []
    shoot(page, f"phone-{width}")


def test_night_and_day_are_chosen_and_kept(windows: Windows, busy: County, shoot: Shoot) -> None:
    page = windows.console(width=1920, height=1080)
    expect(page.locator("html")).to_have_attribute("data-theme", "day")
    page.get_by_role("button", name=t("theme.night")).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    opened(page, "alerts", t("alert.draft"))
    map_drawn(page)
    shoot(page, "console-night-alert")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_style_guide_is_looked_at(windows: Windows, busy: County, scheme: str, shoot: Shoot) -> None:
    page = windows.page("/styleguide", color_scheme=scheme, width=1440, height=2400)
    expect(page.get_by_role("heading").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, f"styleguide-{scheme}")
