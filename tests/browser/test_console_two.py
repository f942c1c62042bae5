"""Two operators at one county: what one works on the other sees, takes over in the open, and never decides unaware."""

from playwright.sync_api import Route, expect

from tests.browser.conftest import Windows
from tests.browser.county import County
from tests.browser.desk import drawer, opened, press, row, turn_to
from tests.browser.spoken import t


def test_a_claim_is_seen_by_the_other_and_taken_over_in_the_open(windows: Windows, county: County) -> None:
    county.waiting("mtoto amepotea sokoni")
    one, other = windows.console("kisumu"), windows.console("nyando")
    press(opened(one, "triage", "amepotea sokoni"), "report.place-on-map")
    turn_to(other, "triage")
    expect(row(other, "triage", "amepotea sokoni")).to_contain_text("kisumu")
    inside = opened(other, "triage", "amepotea sokoni")
    expect(inside.get_by_text(t("claim.theirs", name="kisumu"))).to_be_visible()
    expect(inside.get_by_role("button", name=t("dismiss.hoax"), exact=True)).to_be_disabled()
    press(inside, "claim.take-over")
    expect(inside.get_by_text(t("claim.yours"))).to_be_visible()
    expect(row(one, "triage", "amepotea sokoni")).to_contain_text("nyando")
    press(inside, "dismiss.hoax")
    expect(row(one, "triage", "amepotea sokoni")).to_have_count(0)
    expect(drawer(one)).to_contain_text(t("report.dismissed"))


def test_a_decision_of_one_is_at_once_on_the_page_of_the_other(windows: Windows, county: County) -> None:
    spot = county.spot()
    incident = county.incident("moto umeisha", at=spot)
    one, other = windows.console("kisumu"), windows.console("nyando")
    opened(other, "incidents", spot.ward)
    opened(one, "incidents", spot.ward)
    with county.as_("kisumu") as http:
        closed = http.post(f"/incidents/{incident['id']}/close", json={"reason": "resolved"})
        assert closed.status_code == 202
    for page in (one, other):
        expect(drawer(page).get_by_role("status").filter(has_text=t("incident.closed"))).to_be_visible()
        expect(drawer(page).get_by_role("button", name=t("incident.close.whole"), exact=True)).to_have_count(0)


def test_a_decision_on_what_another_holds_is_refused_and_says_who(windows: Windows, county: County) -> None:
    windows.expect_trouble(r"409.*/dismiss")
    report = county.waiting("gari limezama ziwani")
    one = windows.console("kisumu")
    inside = opened(one, "triage", "limezama ziwani")

    # The other takes it up while the decision of this page is under way.

    def just_then(route: Route) -> None:
        with county.as_("nyando") as http:
            assert http.post(f"/reports/{report['id']}/claim", json={"take_over": False}).status_code == 202
        route.continue_()

    one.route("**/reports/*/dismiss", just_then)
    press(inside, "dismiss.hoax")
    refused = one.get_by_role("alert").or_(one.get_by_role("status")).filter(has_text="nyando")
    expect(refused.first).to_be_visible()
    assert county.one("reports", report["id"])["state"] == "waiting"
