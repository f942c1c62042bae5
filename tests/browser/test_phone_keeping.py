"""What a phone keeps and what comes first: nothing of who signed out, a new ask before one that was looked at."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Windows, sign_in
from tests.browser.county import County
from tests.browser.spoken import like, t
from tests.browser.test_phone_ask import stands, tap

KEPT = """() => new Promise((tell) => {
  const asked = indexedDB.open("dharura-phone");
  asked.onsuccess = () => {
    const all = asked.result.transaction("kept").objectStore("kept").getAllKeys();
    all.onsuccess = () => { asked.result.close(); tell(all.result); };
  };
})"""


def sign_out(page: Page) -> None:
    tap(page, "sign-out")
    page.get_by_role("alert").get_by_role("button", name=t("sign-out"), exact=True).click()
    expect(page.get_by_label(t("sign-in.password"), exact=True)).to_be_visible()


def test_who_signs_out_without_a_network_is_out_and_nothing_of_them_stays(windows: Windows, county: County) -> None:
    windows.expect_trouble("ERR_INTERNET_DISCONNECTED")
    page = windows.phone("r020")
    expect(page.get_by_text(t("phone.quiet"))).to_be_visible()
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(f"() => ({KEPT})().then((keys) => keys.some((key) => key.startsWith('last/')))")
    page.context.set_offline(True)
    sign_out(page)
    assert page.evaluate(KEPT) == []
    page.reload()
    expect(page.get_by_label(t("sign-in.password"), exact=True)).to_be_visible()
    page.context.set_offline(False)
    # The cookie is thrown away as soon as there is a network, before anything else is asked with it.
    page.wait_for_function("() => localStorage.getItem('phone-leaving') === null")
    assert [cookie for cookie in page.context.cookies() if cookie.get("name") == "dharura_phone"] == []
    sign_in(page, "r021")
    expect(page.get_by_text("Kevin Onyango")).to_be_visible()
    expect(page.get_by_text("Mercy Adhiambo")).to_have_count(0)


def test_a_new_ask_comes_before_the_one_that_is_looked_at(windows: Windows, county: County) -> None:
    page = windows.phone("r022")
    first = county.ask("r022", "Kisima kimebomoka")
    tap(page, "phone.accept")
    stands(county, first, "accepted")
    expect(page.get_by_role("button", name=t("phone.enroute"), exact=True)).to_be_visible()
    second = county.ask("r022", "Paa limeezuliwa na upepo")
    expect(page.get_by_role("main")).to_contain_text("Paa limeezuliwa")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    tap(page, "phone.decline")
    page.get_by_role("button", name=t("phone.reason.busy"), exact=True).click()
    stands(county, second, "declined")
    # The one that goes on comes back by itself.
    expect(page.get_by_role("button", name=t("phone.enroute"), exact=True)).to_be_visible()
    expect(page.get_by_text(like("phone.said.taken"))).to_be_visible()


def test_who_said_no_may_go_after_all(windows: Windows, county: County) -> None:
    page = windows.phone("r023")
    ask = county.ask("r023", "Mtaro umeziba")
    tap(page, "phone.decline")
    page.get_by_role("button", name=t("phone.reason.far"), exact=True).click()
    stands(county, ask, "declined")
    tap(page, "phone.still-go")
    stands(county, ask, "accepted")
    expect(page.get_by_role("button", name=t("phone.enroute"), exact=True)).to_be_visible()


def test_what_one_person_said_is_never_sent_in_the_name_of_the_next(windows: Windows, county: County) -> None:
    windows.expect_trouble("ERR_FAILED", "401")
    page = windows.phone("r024")
    page.context.route("**/intake/reports", lambda route: route.abort())
    tap(page, "phone.report")
    page.get_by_role("textbox", name=re.compile(re.escape(t("phone.report.words")))).fill("Nyumba ya r024 imezama")
    tap(page, "phone.report.send")
    expect(page.get_by_text(t("phone.report.waits"))).to_be_visible()
    # In another tab of the same browser the phone changes hands, while this one still waits to send.
    other = page.context.new_page()
    other.goto(county.url + "/phone")
    expect(other.get_by_text("Dorcas Awino")).to_be_visible()
    with page.context.expect_event("response", lambda answer: answer.request.method == "DELETE"):
        sign_out(other)
    sign_in(other, "r025")
    page.context.unroute("**/intake/reports")
    page.evaluate("() => dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Dorcas Awino")).to_have_count(0)
    expect(page.get_by_text(t("phone.quiet"))).to_be_visible()
    marker = county.report("Baada ya hapo", county.spot().lon, county.spot().lat)["id"]
    said = county.until("/reports", lambda all_: [one["text"] for one in all_] if marker in str(all_) else [])
    assert "Nyumba ya r024 imezama" not in said
    assert [key for key in page.evaluate(KEPT) if "r024" in key] == []
