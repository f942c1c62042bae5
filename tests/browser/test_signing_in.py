"""Who comes to the pages: signing in and out, a wrong password, a page that is opened again."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Windows, sign_in
from tests.browser.spoken import t

PAGES = [("/console", "kisumu"), ("/phone", "r020")]


@pytest.mark.parametrize(("path", "name"), PAGES)
def test_a_wrong_password_is_said_and_the_right_one_opens(windows: Windows, path: str, name: str) -> None:
    windows.expect_trouble(r"401.*/sessions")
    page = windows.page(path)
    page.get_by_label(t("sign-in.name"), exact=True).fill(name)
    page.get_by_label(t("sign-in.password"), exact=True).fill("not this one at all")
    page.get_by_role("button", name=t("sign-in")).click()
    expect(page.get_by_text(t("sign-in.wrong"))).to_be_visible()
    sign_in(page, name)


@pytest.mark.parametrize(("path", "name"), PAGES)
def test_a_reload_stays_signed_in_and_signing_out_ends_it(windows: Windows, path: str, name: str) -> None:
    page = sign_in(windows.page(path), name)
    page.reload()
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_label(t("sign-in.password"), exact=True)).to_have_count(0)
    kept = page.evaluate("() => JSON.stringify([localStorage, sessionStorage, document.cookie])")
    assert not re.search(r"eyJ|refresh|access_token", kept), "a token stands where a script can read it"
