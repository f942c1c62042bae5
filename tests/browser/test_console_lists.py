"""What comes in stands in the lists at once, in words that are inert; lists narrow, sort, and speak Kiswahili."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Windows
from tests.browser.county import County
from tests.browser.desk import drawer, list_of, opened, row, turn_to
from tests.browser.spoken import t

HOSTILE = (
    "<script>window.owned = 1</script><img src=x onerror='window.owned = 2'>"
    "<a href='javascript:window.owned=3'>click</a> \u202eesrever\u202c \u2067isolated \x07 {name} ${7*7} "
)


def test_a_report_stands_in_the_list_as_an_incident_without_a_reload(windows: Windows, county: County) -> None:
    page = windows.console()
    turn_to(page, "incidents")
    spot = county.spot()
    county.incident("Nyumba inaungua, watu wako ndani", at=spot)
    expect(row(page, "incidents", spot.ward)).to_be_visible()
    expect(row(page, "incidents", spot.ward)).to_contain_text(t("hazard.fire"))


def test_a_report_without_a_place_stands_in_triage(windows: Windows, county: County) -> None:
    page = windows.console()
    county.waiting("Nisaidieni tafadhali, maji yamejaa")
    expect(turn_to(page, "triage").get_by_role("option").filter(has_text="maji yamejaa")).to_be_visible()


def test_hostile_text_is_shown_and_does_nothing(
    windows: Windows, county: County, shoot: Callable[[Page | Locator, str], None]
) -> None:
    long = HOSTILE + "A" * (10_000 - len(HOSTILE))
    county.waiting(long, reporter={"name": "<b onmouseover=alert(1)>Bob</b>\u202e", "phone": "+254711000777"})
    spot = county.spot()
    county.incident(long, at=spot)
    page = windows.console()
    inside = opened(page, "triage", "<script>")
    expect(inside.get_by_text("<img src=x onerror='window.owned = 2'>")).to_be_visible()
    expect(inside).to_contain_text("<b onmouseover=alert(1)>Bob</b>")
    expect(inside.get_by_text("{name} ${7*7}")).to_be_visible()
    inside.get_by_role("button", name="9").or_(inside.get_by_role("button", expanded=False)).first.click()
    shoot(page, "hostile-text")
    shown = page.locator("body").inner_text()
    assert not set("\u202e\u202c\u2067\x07") & set(shown), "marks that turn or hide text came through"
    opened(page, "incidents", spot.ward)
    expect(drawer(page).get_by_text("<script>window.owned = 1</script>").first).to_be_visible()
    assert page.evaluate("window.owned") is None
    assert page.locator("script:not([src])").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "a long word widened the page"


def test_the_list_narrows_by_words_and_says_when_nothing_is_left(windows: Windows, county: County) -> None:
    one, other = county.spot(), county.spot()
    county.incident("moto mkubwa sokoni", at=one)
    county.incident("basi limepinduka", hazard="road-crash", at=other)
    page = windows.console()
    turn_to(page, "incidents")
    expect(row(page, "incidents", other.ward)).to_be_visible()
    search = page.get_by_role("searchbox", name=t("filter.search"))
    search.fill("sokoni")
    expect(row(page, "incidents", other.ward)).to_have_count(0)
    expect(row(page, "incidents", one.ward)).to_be_visible()
    search.fill("no such thing anywhere")
    expect(page.get_by_text(t("incidents.none-so"))).to_be_visible()
    page.get_by_role("button", name=t("filter.clear")).click()
    expect(row(page, "incidents", other.ward)).to_be_visible()


def test_the_list_is_sorted_as_asked(windows: Windows, county: County) -> None:
    mild, grave = county.spot(), county.spot()
    county.incident("moto watu wamekufa, wengi wamenaswa", at=grave, channel="officer")
    county.incident("ajali ndogo, hakuna aliyeumia", hazard="road-crash", at=mild)
    page = windows.console()
    turn_to(page, "incidents")
    rows = list_of(page, "incidents").get_by_role("option")
    expect(row(page, "incidents", mild.ward)).to_be_visible()
    sort = page.get_by_role("combobox", name=t("sort"))
    sort.select_option(label=t("sort.newest"))
    expect(rows.first).to_contain_text(mild.ward)
    sort.select_option(label=t("sort.severity"))
    expect(rows.filter(has_text=grave.ward)).to_be_visible()
    places = rows.all_inner_texts()
    assert [grave.ward in place for place in places].index(True) < [mild.ward in place for place in places].index(True)


def test_the_whole_page_speaks_kiswahili(windows: Windows, county: County) -> None:
    spot = county.spot()
    county.incident("moto", at=spot)
    page = windows.console()
    page.get_by_role("button", name=t("language.sw"), exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "sw")
    rows = turn_to(page, "incidents", "sw").get_by_role("option")
    rows.filter(has_text=spot.ward).click()
    expect(drawer(page)).to_contain_text(t("hazard.fire", "sw"))
    expect(page.get_by_text(t("why", "sw"), exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("tab", name=t("tab.incidents", "sw"))).to_be_visible()


def test_people_stand_in_their_list_with_their_shift(windows: Windows, county: County) -> None:
    page = windows.console()
    inside = opened(page, "people", "Brian Otiende")
    expect(inside).to_contain_text("Brian Otiende")
    expect(row(page, "people", "Brian Otiende")).to_contain_text(t("person.on"))
    with county.as_("kisumu") as http:
        assert http.post("/responders/r019/shift", json={"on": False}).status_code == 202
    expect(row(page, "people", "Brian Otiende")).to_contain_text(t("person.off"))


def test_another_county_sees_none_of_it(windows: Windows, county: County) -> None:
    county.incident("moto Kisumu pekee")
    page = windows.console("migori")
    turn_to(page, "incidents")
    expect(page.get_by_text(t("incidents.none"))).to_be_visible()
