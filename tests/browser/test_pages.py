"""What every page is made of: files of its own server, under a policy that lets nothing else in."""

import pytest
from playwright.sync_api import Response, expect

from tests.browser.conftest import Windows

PAGES = ["/console", "/phone", "/styleguide"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_from_its_own_server_only_and_under_its_policy(windows: Windows, path: str) -> None:
    page = windows.context().new_page()
    answers: list[Response] = []

    def keep(answer: Response) -> None:
        answers.append(answer)

    page.on("response", keep)
    page.goto(windows.county.url + path)
    expect(page.get_by_role("heading").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert {answer.url.partition("/")[0] for answer in answers} <= {"http:", "data:", "blob:"}
    assert all(answer.url.startswith(windows.county.url) for answer in answers if answer.url.startswith("http"))
    first = answers[0].headers
    assert "script-src 'self'" in first["content-security-policy"]
    assert "unsafe" not in first["content-security-policy"]
    assert first["x-content-type-options"] == "nosniff"
    for answer in answers:
        if "/assets/" in answer.url:
            assert "immutable" in answer.headers["cache-control"], answer.url
            if answer.url.endswith((".js", ".css")):
                assert answer.headers["content-encoding"] in ("br", "gzip"), answer.url
