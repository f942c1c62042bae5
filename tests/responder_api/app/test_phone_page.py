"""What the phone page asks for besides its asks: whom to call, and the warnings to pass on in one ward."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.responder_api.app.conftest import Door


async def issued(door: Door) -> dict[str, Any]:
    """Let a river rise until a warning is out; give its alert."""
    now = datetime.now(UTC)
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (20, 15, 10, 5)]
    for gauge in door.node.world.stations.values():
        station = gauge.station
        if station.parameter != "level" or gauge.county != "KE.042":
            continue
        marks = sorted(mark.raise_at for mark in station.marks if mark.measure != "rise")
        values = [marks[0] + 0.01] * len(times)
        series = {"station": station.id, "unit": station.unit, "datum": station.datum, "times": times, "values": values}
        assert (await door.ask("POST", "/intake/readings", json={"batch": [series]})).status_code == 202
        for alert in await door.documents("alert"):
            if alert["state"] == "issued":
                return alert
    raise AssertionError("no gauge of the county leads to a warning")


async def test_a_warning_in_force_is_told_to_its_wards_only_with_texts_and_without_polygons(door: Door) -> None:
    alert = await issued(door)
    ward = alert["wards"][0]["ward"]
    elsewhere = "KE.044.258.1284"
    assert elsewhere not in {each["ward"] for each in alert["wards"]}
    await door.person("chifu", ("responder", ward), person="chifu")
    answer = await door.ask("GET", f"/alerts/in-force/{ward}", "chifu")
    (told,) = answer.json()
    assert told["id"] == alert["id"]
    assert [text["language"] for text in told["texts"]] == [info["language"] for info in alert["cap"]["infos"]]
    assert all(text["headline"] and text["instruction"] for text in told["texts"])
    assert "polygons" not in answer.text
    assert told["minutes"] == alert["wards"][0]["minutes"]
    assert told["minutes_from"] == alert["minutes_from"] <= alert["issued_at"]
    assert "confirmed" not in told
    assert (await door.ask("GET", f"/alerts/in-force/{elsewhere}", "chifu")).json() == []

    same = {"if-none-match": answer.headers["etag"]}
    assert (await door.client.get(f"/alerts/in-force/{ward}", headers=door.headers("chifu") | same)).status_code == 304
    body = {"ward": ward, "how": "baraza"}
    assert (await door.ask("POST", f"/alerts/{alert['id']}/passed-on", "chifu", json=body)).status_code == 202
    (told,) = (await door.ask("GET", f"/alerts/in-force/{ward}", "chifu", headers=same)).json()
    assert (told["confirmed"]["by"], told["confirmed"]["how"]) == ("chifu", "baraza")


async def test_warnings_of_a_ward_are_for_who_signed_in_and_of_an_area_path(door: Door) -> None:
    await door.person("chifu", ("responder", "KE.042.242.1208"))
    assert (await door.ask("GET", "/alerts/in-force/KE.042.242.1208")).status_code == 401
    assert (await door.ask("GET", "/alerts/in-force/Ahero", "chifu")).json()["code"] == "area-malformed"


@pytest.mark.parametrize("door", [{"centre_phone": "+254700000000"}], indirect=True)
async def test_a_responder_is_told_whom_to_call(door: Door) -> None:
    await door.person("r1", ("responder", "KE.042"), person="r1")
    me = (await door.ask("GET", "/me", "r1")).json()
    assert me["centre_phone"] == "+254700000000"
    assert me["exercise"] is False
