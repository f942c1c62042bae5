"""`dharura demo`: the flood moves on the page as it is played; pictures of it at its height, by day and by night."""

import os
import re
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from responder_api.page_files import HOW, PageFiles
from tests.browser.conftest import Windows, map_drawn, sign_in
from tests.browser.county import County
from tests.browser.desk import list_of, turn_to
from tests.browser.spoken import t
from tests.system.conftest import free_port

Shoot = Callable[[Page | Locator, str], None]
SPEED = "240"


class Demo(NamedTuple):
    """Where the demo is and how one gets in."""

    url: str
    password: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if missing := PageFiles().missing:
        pytest.skip(f"{' and '.join(missing)} not built: {HOW}")
    folder = tmp_path_factory.mktemp("demo")
    port = free_port()
    command = [sys.executable, "-m", "responder_api", "demo", "--port", str(port), "--speed", SPEED]
    command += ["--data", str(folder / "data")]
    log = folder / "demo.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=_environment())
    try:
        while not (told := re.search(r"has the password\s+(\S+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            select.select([], [], [], 0.05)
        yield Demo(f"http://127.0.0.1:{port}", told[1])
    finally:
        process.kill()
        process.wait()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("DHARURA_")}


@pytest.fixture
def windows(chromium: Browser, demo: Demo, tmp_path: Path) -> Iterator[Windows]:
    made = Windows(chromium, County(tmp_path))
    made.county.url = demo.url
    yield made
    for context in made.contexts:
        context.close()
    assert made.unexpected() == []


def test_the_flood_moves_on_the_page_and_is_looked_at_at_its_height(windows: Windows, demo: Demo, shoot: Shoot) -> None:
    day = windows.page("/console", width=1920, height=1080)
    sign_in(day, "kisumu", demo.password)
    expect(day.get_by_text(t("exercise"), exact=True)).to_be_visible()
    expect(turn_to(day, "incidents").get_by_role("option").nth(4)).to_be_visible()
    before = list_of(day, "incidents").get_by_role("option").all_inner_texts()
    expect(list_of(day, "incidents").get_by_role("option").nth(8)).to_be_visible()
    assert list_of(day, "incidents").get_by_role("option").all_inner_texts() != before
    expect(day.get_by_role("tab", name=t("tab.alerts"))).to_have_accessible_name(re.compile(r"[2-9]"))
    map_drawn(day)
    shoot(day, "flood-day")
    list_of(day, "incidents").get_by_role("option").first.click()
    expect(day.get_by_role("complementary")).to_be_visible()
    map_drawn(day)
    shoot(day, "flood-day-drawer")
    night = windows.page("/console", width=1920, height=1080, color_scheme="dark")
    sign_in(night, "kisumu", demo.password)
    turn_to(night, "triage").get_by_role("option").first.click()
    map_drawn(night)
    shoot(night, "flood-night")
    night.get_by_role("button", name=t("wall"), exact=True).click()
    map_drawn(night)
    shoot(night, "flood-wall")
