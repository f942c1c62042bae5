"""Where a position lies, asked over HTTP: what cannot be a position is named, a border gives one stable answer."""

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
