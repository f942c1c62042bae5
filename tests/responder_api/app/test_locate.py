"""Where a position lies, asked over HTTP: what cannot be a position is named, a border gives one stable answer."""

import threading
from typing import Any

import pytest

from geo.answers import Answer, of_text
from tests.responder_api.app.conftest import Door

REFUSED = [
    ({"lon": "NaN", "lat": "1"}, "position-not-a-number", "lon"),
    ({"lon": "36", "lat": "Infinity"}, "position-not-a-number", "lat"),
    ({"lon": "1e400", "lat": "1"}, "position-not-a-number", "lon"),
    ({"lon": "null", "lat": "1"}, "invalid-parameter", "lon"),
    ({"lon": "36,8", "lat": "1"}, "invalid-parameter", "lon"),
    ({"lon": "181", "lat": "0"}, "position-out-of-range", "lon"),
    ({"lon": "36", "lat": "91"}, "position-out-of-range", "lat"),
    ({"lon": "-1.3", "lat": "36.8"}, "position-swapped", "lon 36.8, lat -1.3"),
    ({"lon": "0", "lat": "0"}, "position-null-island", "0"),
    ({"lon": "180", "lat": "0.5"}, "position-outside", "Kenya"),
    ({"lon": "-180", "lat": "0.5"}, "position-outside", "Kenya"),
    ({"lon": "36", "lat": "90"}, "position-outside", "Kenya"),
    ({"lon": "36", "lat": "-90"}, "position-outside", "Kenya"),
    ({"lon": "36.8"}, "position-missing", "lat"),
    ({}, "position-missing", "lon"),
]  # fmt: skip


async def test_what_is_no_position_is_named(door: Door) -> None:  # F35, F36, F37
    for query, code, named in REFUSED:
        answer = (await door.ask("GET", "/locate", params=query)).json()
        assert (answer["status"], answer["code"]) == (422, code), query
        assert named in answer["detail"], query


async def test_a_border_gives_one_answer_by_every_way_in(door: Door) -> None:  # F37
    wards = (await door.ask("GET", "/wards?level=0")).json()["features"]
    tried = 0
    for ward in wards[:8]:
        shape = ward["geometry"]
        rings = shape["coordinates"] if shape["type"] == "Polygon" else shape["coordinates"][0]
        for lon, lat in rings[0][:3]:
            answers = [
                (await door.ask("GET", "/locate", params={"lon": repr(lon), "lat": repr(lat)})).json() for _ in range(2)
            ]
            assert answers[0] == answers[1]
            body = {"text": f"flood {tried}", "hazard": "flood", "lon": lon, "lat": lat, "position_of": "incident"}
            assert (await door.ask("POST", "/intake/reports", json=body)).status_code == 202
            (report,) = [each for each in await door.documents("report") if each["text"] == f"flood {tried}"]
            if answers[0]["inside"]:
                assert report["ward"] == answers[0]["ward"]["path"]
            else:
                assert report["state"] in ("waiting", "located")
            tried += 1
    assert tried == 24


async def test_a_position_is_answered_with_its_doubt(door: Door) -> None:
    border = {"lon": "34.89122", "lat": "-0.1786"}
    found = (await door.ask("GET", "/locate", params=border)).json()
    assert (found["ward"]["name"], found["inside"], found["code"]) == ("Ahero", True, "near-edge")
    assert found["candidates"][0] == {"ward": found["ward"], "confidence": found["confidence"], "metres": 0.0}
    beside = next(each for each in found["candidates"] if each["ward"]["name"] == "Kobura")
    assert 0 < beside["metres"] == found["edge_m"] < 50
    assert found["boundaries"] == door.node.world.wards.version
    assert found["approximate"]
    wide = (await door.ask("GET", "/locate", params=border | {"radius_m": "9000"})).json()["candidates"]
    assert len(wide) > len(found["candidates"])
    sure = (await door.ask("GET", "/locate", params=border | {"accuracy_m": "9000"})).json()["confidence"]
    assert sure < found["confidence"]


async def test_off_the_shore_the_nearest_ward_is_named_and_none_asserted(door: Door) -> None:
    found = (await door.ask("GET", "/locate", params={"lon": "34.45", "lat": "-0.25"})).json()
    assert (found["code"], found["inside"], "ward" in found) == ("outside-boundaries", False, False)
    assert found["nearest"] == found["candidates"][0]
    assert found["nearest"]["metres"] == found["edge_m"] > 1000
    assert found["nearest"]["ward"]["name"] in found["reason"]


async def test_words_are_answered_as_a_report_would_be(door: Door) -> None:
    known = (await door.ask("GET", "/locate", params={"text": "mafuriko shule ya Hongo Ogosa"})).json()
    assert (known["code"], known["ward"]["name"]) == ("named", "Kobura")
    assert known["candidates"][0]["matched"]
    assert "metres" not in known["candidates"][0]
    open_ = (await door.ask("GET", "/locate", params={"text": "tusaidieni"})).json()
    assert (open_["code"], open_["candidates"], "ward" in open_) == ("place-unknown", [], False)
    assert open_["question"]
    assert open_["question_sw"]
    lake = (await door.ask("GET", "/locate", params={"text": "tunazama -0.2500, 34.4500"})).json()
    assert (lake["code"], lake["nearest"]) == ("outside-boundaries", lake["candidates"][0])
    empty = (await door.ask("GET", "/locate", params={"text": ""})).json()
    assert (empty["code"], empty["reason"]) == ("text-empty", "there is no text")


async def test_where_words_are_about_is_an_area_or_a_position(door: Door) -> None:
    for near in ("KE.042", "34.9,-0.17", "Kisumu", ""):
        answer = await door.ask("GET", "/locate", params={"text": "maji sokoni", "near": near})
        assert answer.status_code == 200, near
    beside = {"text": "maji Nyalenda", "lon": "34.78", "lat": "-0.115"}
    meant = {"text": "maji Nyalenda", "near": "34.78,-0.115"}
    answers = [
        (await door.ask("GET", "/locate", params=each)).json() for each in (beside, meant, {"text": "maji Nyalenda"})
    ]
    assert answers[0] == answers[1] != answers[2]
    refused = await door.ask("GET", "/locate", params={"text": "maji sokoni", "near": "nowhere"})
    assert (refused.status_code, refused.json()["code"]) == (422, "area-malformed")
    for name, value in (("radius_m", "-1"), ("radius_m", "1e9"), ("accuracy_m", "nan"), ("accuracy_m", "-2")):
        answer = await door.ask("GET", "/locate", params={"lon": "34.9", "lat": "-0.17", name: value})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-parameter"), (name, value)


async def test_long_words_are_read_beside_the_loop_that_serves_everybody(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in: list[int] = []

    def seen(*given: Any) -> Answer:
        read_in.append(threading.get_ident())
        return of_text(*given)

    monkeypatch.setattr("responder_api.routes.wards.of_text", seen)
    found = (await door.ask("GET", "/locate", params={"text": "mafuriko Ahero " * 600})).json()
    assert found["candidates"]
    assert read_in
    assert threading.get_ident() not in read_in
