"""The console as an operator finds it: its lists, its drawer, its notices, each by role and accessible name."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.spoken import Language, t

COUNT_CLICKS = """
window.clicks = 0;
addEventListener("click", (event) => { if (event.isTrusted) window.clicks += 1; }, true);
"""


def turn_to(page: Page, tab: str, language: Language = "en") -> Locator:
    """Turn to a list by its tab; gives the list."""
    page.get_by_role("tab", name=t(f"tab.{tab}", language)).click()
    return list_of(page, tab, language)


def list_of(page: Page, tab: str, language: Language = "en") -> Locator:
    return page.get_by_role("listbox", name=t(f"tab.{tab}", language))


def row(page: Page, tab: str, text: str) -> Locator:
    """Find a row of the list that is shown, by words in it."""
    return list_of(page, tab).get_by_role("option").filter(has_text=text)


def drawer(page: Page) -> Locator:
    return page.get_by_role("complementary")


def opened(page: Page, tab: str, text: str) -> Locator:
    """Turn to a list, pick a row by words in it, and give the drawer."""
    turn_to(page, tab)
    row(page, tab, text).click()
    expect(drawer(page)).to_be_visible()
    return drawer(page)


def press(inside: Page | Locator, key: str, **fill: object) -> None:
    """Click the button with these words."""
    inside.get_by_role("button", name=t(key, "en", **fill), exact=True).click()
