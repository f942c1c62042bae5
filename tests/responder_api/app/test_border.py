"""On a border, through the real application: one ward acts, others watch; off the shore an operator says who acts."""

from typing import Any

from tests.responder_api.app.conftest import Door

AHERO, KOBURA = "KE.042.242.1208", "KE.042.242.1210"
HERE, BEYOND = (34.89122, -0.1786), (34.89068, -0.1786)
"""Sixty metres apart, on either side of the border of two wards."""
LAKE = (34.45, -0.25)


async def report(door: Door, text: str, at: tuple[float, float], **more: Any) -> dict[str, Any]:
    """Report something from a place; give its document as it then is."""
    body = {"text": text, "lon": at[0], "lat": at[1], "position_of": "incident", **more}
    sent = await door.ask("POST", "/intake/reports", json=body)
    assert sent.status_code == 202, sent.text
    return next(each for each in await door.documents("report") if each["id"] == sent.json()["id"])


async def test_who_watches_sees_an_incident_and_leaves_it_to_the_ward_that_acts(door: Door) -> None:
    await door.person("ahero", ("operator", AHERO))
    await door.person("kobura", ("operator", KOBURA))
    first = await report(door, "water at the windows", HERE, hazard="flood")
    second = await report(door, "water over the road", BEYOND, hazard="flood")
    assert (first["ward"], second["ward"], first["incident"]) == (AHERO, KOBURA, second["incident"])
    incident = f"/incidents/{first['incident']}"
    seen = [(await door.ask("GET", incident, name)).json() for name in ("ahero", "kobura")]
    assert seen[0] == seen[1]
    assert (seen[0]["ward"], seen[0]["observers"], seen[0]["reports"]) == (AHERO, [KOBURA], 2)
    assert 0 < seen[0]["observers_m"][KOBURA] < 60
    for what, body in (("close", {"reason": "over"}), ("claim", {}), ("dispatch", {"responder": "r001"})):
        tried = await door.ask("POST", f"{incident}/{what}", "kobura", json=body)
        assert tried.status_code in (403, 404), what
    assert (await door.ask("POST", f"{incident}/close", "ahero", json={"reason": "over"})).status_code == 202


async def test_a_ward_watches_once_a_report_of_it_is_part_of_an_incident(door: Door) -> None:
    """The first report is far from the border; the second one is from beyond it, and its ward learns of it then."""
    await door.person("kobura", ("operator", KOBURA))
    inside = await report(door, "fire in the reeds", (34.8965, -0.1786), hazard="flood")
    path = f"/incidents/{inside['incident']}"
    assert (await door.ask("GET", path, "kobura")).status_code == 404
    beyond = await report(door, "it burns here too", BEYOND, hazard="flood")
    assert beyond["incident"] == inside["incident"]
    seen = await door.ask("GET", path, "kobura")
    assert seen.status_code == 200
    assert seen.json()["observers"] == [KOBURA]
    assert seen.json()["observers_m"][KOBURA] > 500


async def test_off_the_shore_the_ward_that_an_operator_names_answers(door: Door) -> None:
    await door.person("kisumu", ("operator", "KE.042"))
    waits = await report(door, "boat sinking", LAKE, hazard="drowning")
    assert (waits["state"], waits["code"]) == ("waiting", "position-outside-wards")
    nearest = waits["candidates"][0]
    assert nearest["metres"] > 1000
    path = f"/reports/{waits['id']}/place"
    where = {"lon": LAKE[0], "lat": LAKE[1]}
    for body, code in (
        (where, "position-outside"),
        (where | {"ward": "KE.042.999.9999"}, "ward-unknown"),
        ({"lon": 10.0, "lat": 10.0, "ward": nearest["ward"]}, "position-outside"),
        ({"lon": LAKE[1], "lat": LAKE[0], "ward": nearest["ward"]}, "position-swapped"),
    ):
        refused = await door.ask("POST", path, "kisumu", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, code), body
    placed = await door.ask("POST", path, "kisumu", json=where | {"ward": nearest["ward"]})
    assert placed.status_code == 202, placed.text
    now = placed.json()["report"]
    assert (now["ward"], now["how"], now["lon"], now["lat"]) == (nearest["ward"], "operator", *LAKE)
    assert now["outside_m"] == nearest["metres"]
    incident = (await door.ask("GET", f"/incidents/{now['incident']}", "kisumu")).json()
    assert (incident["ward"], incident["lon"], incident["lat"]) == (nearest["ward"], *LAKE)


async def test_beside_an_edge_an_operator_may_name_the_other_ward_and_no_other(door: Door) -> None:
    await door.person("kisumu", ("operator", "KE.042"))
    for ward, answers in ((KOBURA, KOBURA), (AHERO, AHERO), ("KE.042.240.1201", AHERO), ("nowhere", AHERO)):
        text = f"tusaidieni tafadhali, {ward}"
        sent = await door.ask("POST", "/intake/reports", json={"text": text, "hazard": "other"})
        await door.settle()
        body = {"lon": HERE[0], "lat": HERE[1], "ward": ward}
        placed = await door.ask("POST", f"/reports/{sent.json()['id']}/place", "kisumu", json=body)
        now = placed.json()["report"]
        assert now["ward"] == answers, ward
        assert ("outside_m" in now) == (answers == KOBURA)
        incident = (await door.ask("GET", f"/incidents/{now['incident']}", "kisumu")).json()
        assert {incident["ward"], *incident["observers"]} == {AHERO, KOBURA}


async def test_just_off_the_shore_the_nearest_ward_is_taken_and_said_so(door: Door) -> None:
    wards = door.node.world.wards
    lon, lat = next(at for at in shore(door) if 20.0 < wards.at(*at).edge_m < 900.0 and not wards.at(*at).inside)
    located = await report(door, "mtumbwi umepinduka", (lon, lat), hazard="drowning")
    assert located["state"] == "located"
    assert located["outside_m"] == located["edge_m"] == round(wards.at(lon, lat).edge_m, 1)


def shore(door: Door) -> list[tuple[float, float]]:
    """Walk from a lakeside ward out onto the lake, in steps of about 110 m."""
    ward = door.node.world.wards.ward(door.node.world.wards.row("KE.042.240.1201"))
    return [(ward.lon - step * 0.001, ward.lat - step * 0.001) for step in range(200)]
