"""A real Chromium on the pages of a real `dharura serve`: who lives there, what happens, and what a page may not do.

One server and one browser serve a whole file of tests; each test signs in by pages of its own. Whatever a page throws,
logs as an error, is refused by its own Content-Security-Policy or asks for in vain fails the test that opened it. The
tests find things as people do, by role and accessible name. Pictures go where `--screenshots` says.
"""

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from responder_api.page_files import HOW, PageFiles
from tests.browser.county import PATIENCE_S, County
from tests.browser.spoken import Language, t
from tests.system.conftest import PASSWORD

ROOT = Path(__file__).parents[2]
CHROMIUM = "chromium"
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
PATIENCE_MS = PATIENCE_S * 1000
SOME_PICTURES = "async () => { for (let n = 0; n < 5; n++) await new Promise(requestAnimationFrame); }"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.system(CHROMIUM))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    missing = PageFiles().missing
    if missing:
        pytest.skip(f"{' and '.join(missing)} not built: {HOW}")
    made = County(tmp_path_factory.mktemp("county") / "data")
    try:
        made.settle_in()
        yield made
    finally:
        made.kill()


# ----------------------------------------------------------------------------------------------------- the browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Not for the whole session: its loop would stand in the way of other tests' own.
    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="module")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
    yield made
    made.close()


class Windows:
    """Opens browser windows and hears all that goes wrong in them."""

    def __init__(self, browser: Browser, county: County) -> None:
        self.browser, self.county = browser, county
        self.contexts: list[BrowserContext] = []
        self.wrong: list[str] = []
        # Without a cookie the first question is refused; that is how a page learns that nobody is signed in.
        # A page gives up what it no longer needs to know: that is no failure.
        self.expected = [re.compile(r"401.*/sessions/refresh"), re.compile("ERR_ABORTED")]

    def expect_trouble(self, *patterns: str) -> None:
        """Say what will go wrong on purpose, as expressions found in the lines of `wrong`."""
        self.expected += [re.compile(pattern, re.DOTALL) for pattern in patterns]

    def context(self, width: int = 1440, height: int = 900, **options: Any) -> BrowserContext:
        """Open a browser of its own: no cookie or store is shared with another."""
        options = {"locale": "en-GB", "timezone_id": "Africa/Nairobi", "color_scheme": "light"} | options
        made = self.browser.new_context(viewport={"width": width, "height": height}, **options)
        made.set_default_timeout(PATIENCE_MS)
        made.on("console", self._logged)
        made.on("weberror", lambda error: self._hear(f"thrown: {error.error}"))
        made.on("requestfailed", lambda asked: self._hear(f"failed: {asked.failure} {asked.method} {asked.url}"))
        self.contexts.append(made)
        return made

    def page(self, path: str, **options: Any) -> Page:
        """Open a page in a browser of its own."""
        made = self.context(**options).new_page()
        made.goto(self.county.url + path)
        return made

    def console(self, name: str = "kisumu", **options: Any) -> Page:
        """Open the console and sign in."""
        return sign_in(self.page("/console", **options), name)

    def phone(self, name: str, **options: Any) -> Page:
        """Open the phone page on a phone and sign in."""
        phone = {"width": 390, "height": 844, "device_scale_factor": 2, "has_touch": True, "is_mobile": True}
        language: Language = "sw" if str(options.get("locale", "")).startswith("sw") else "en"
        return sign_in(self.page("/phone", **phone | options), name, language=language)

    def _logged(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._hear(f"{said.text} at {said.location['url']}")

    def _hear(self, what: str) -> None:
        self.wrong.append(what)

    def unexpected(self) -> list[str]:
        """Give what went wrong and was not meant to."""
        return [what for what in self.wrong if not any(known.search(what) for known in self.expected)]


def sign_in(page: Page, name: str, password: str = PASSWORD, language: Language = "en") -> Page:
    """Fill the form as a person does, and wait until it is gone."""
    page.get_by_label(t("sign-in.name", language), exact=True).fill(name)
    page.get_by_label(t("sign-in.password", language), exact=True).fill(password)
    page.get_by_role("button", name=t("sign-in", language)).click()
    expect(page.get_by_label(t("sign-in.password", language), exact=True)).to_have_count(0)
    return page


def map_drawn(page: Page) -> None:
    """Wait until the map has its ground and stands still; what was just done may take some pictures to move it."""
    page.evaluate(SOME_PICTURES)
    expect(page.get_by_role("application", name=t("map.title"))).to_have_attribute("aria-busy", "false")


@pytest.fixture
def windows(chromium: Browser, county: County, request: pytest.FixtureRequest, pictures: Path) -> Iterator[Windows]:
    if county.process is None:  # a test that failed while the server was away left it so
        county.start(token_minutes="60")
    made = Windows(chromium, county)
    yield made
    failed = request.node.stash.get(FAILED, False)
    for n, context in enumerate(made.contexts):
        if failed:
            for m, page in enumerate(context.pages):
                page.screenshot(path=pictures / "failed" / f"{request.node.name}-{n}-{m}.png")
        context.close()
    if not failed:
        assert made.unexpected() == []
    elif made.unexpected():
        request.node.add_report_section("teardown", "browser", "\n".join(made.unexpected()))


# ---------------------------------------------------------------------------------------------------- the pictures


@pytest.fixture(scope="session")
def pictures(pytestconfig: pytest.Config) -> Path:
    folder: Path = ROOT / str(pytestconfig.getoption("screenshots"))
    (folder / "failed").mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def shoot(pictures: Path) -> Callable[[Page | Locator, str], None]:
    """Take a picture of a page, or of a part of it, under a name."""

    def take(seen: Page | Locator, name: str) -> None:
        seen.screenshot(path=pictures / f"{name}.png", animations="disabled")

    return take
