"""Everything a client can get wrong at `/intake/*`: a problem document or a dead letter, and the line goes on."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote_from_bytes

import pytest

from tests.responder_api.app.conftest import Door

WARD = {"lon": 34.7617, "lat": -0.0917}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
INTAKE = ("/intake/reports", "/intake/sms", "/intake/readings")


def report(**fields: Any) -> dict[str, Any]:
    return {"text": "flood water in the houses", "hazard": "flood", **fields}


def series(**fields: Any) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0)
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (10, 5)]
    gauge = {"station": "nyando-ahero", "unit": "m", "datum": "Ahero bridge staff gauge zero"}
    return {**gauge, "times": times, "values": [1.0, 1.1], **fields}


async def refused(door: Door, path: str, content: bytes, kind: dict[str, str]) -> tuple[int, str]:
    answer = await door.ask("POST", path, content=content, headers=kind)
    assert answer.status_code >= 400, answer.text
    assert door.node.host.end() == 0, "something was written of what was refused"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("path", INTAKE)
async def test_a_body_that_is_too_large_is_refused(door: Door, path: str) -> None:  # F31
    kind = FORM if path == "/intake/sms" else JSON
    assert await refused(door, path, b"x" * (10 << 20), kind) == (413, "body-too-large")
    await door.still_works()


BROKEN = [
    (b"\xff\xfe\xfa", "not-utf8"),
    (b'{"text": "\xc3\x28"}', "not-utf8"),
    (b'{"text": "\\ud800", "hazard": "flood"}', "not-utf8"),
    (b'{"text": "\\udc00\\ud800"}', "not-utf8"),
    (b"", "not-json"),
    (b"{", "not-json"),
    (b"hello", "not-json"),
    (b'{"text": "a"} {"text": "b"}', "not-json"),
    (b'{"text": "a", "lon": NaN, "lat": 1}', "not-json"),
    (b'{"text": "a", "lon": Infinity, "lat": 1}', "not-json"),
    (b'{"text": "a", "text": "b"}', "duplicate-keys"),
    (b"[" * 100_000 + b"]" * 100_000, "invalid-body"),
    (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "invalid-body"),
    (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "invalid-body"),
    (b'{"text": "a", "lon": 1e400, "lat": 1}', "number-out-of-range"),
    (b'{"text": "a", "lon": 1' + b"0" * 400 + b', "lat": 1}', "number-out-of-range"),
    (b'{"text": "a", "lon": -1' + b"0" * 4000 + b', "lat": 1}', "number-out-of-range"),
    (b"null", "invalid-body"),
    (b"3", "invalid-body"),
    (b"[]", "invalid-body"),
    (b'"text"', "invalid-body"),
    (b"{}", "invalid-body"),
]


async def test_bytes_that_are_no_report_are_refused_by_what_is_wrong(door: Door) -> None:
    # F32, F33: 4xx, no crash, duplicate keys refused.
    for content, code in BROKEN:
        _, found = await refused(door, "/intake/reports", content, JSON)
        assert found == code, content[:100]
    await door.still_works()


@pytest.mark.parametrize("path", INTAKE)
async def test_every_broken_body_is_a_4xx_everywhere(door: Door, path: str) -> None:  # F32, F33
    for kind in (JSON, FORM, {"content-type": "text/plain"}, {"content-type": "application/xml"}):
        for content, _ in BROKEN:
            status, _ = await refused(door, path, content, kind)
            assert 400 <= status < 500
    many = b"{" + b",".join(b'"k%d":1' % n for n in range(200_000)) + b"}"
    assert (await refused(door, path, many, JSON))[0] in (413, 415, 422)
    await door.still_works()


FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"lon": "34.7", "lat": -0.09}, "invalid-body", "#/lon"),
    ({"lon": "null", "lat": -0.09}, "invalid-body", "#/lon"),
    ({"lon": True, "lat": -0.09}, "invalid-body", "#/lon"),
    ({"lon": [34.7], "lat": -0.09}, "invalid-body", "#/lon"),
    ({"lon": 34.7}, "position-missing", "lat"),
    ({"lat": -0.09}, "position-missing", "lon"),
    ({"lon": 34.7, "lat": 91}, "position-out-of-range", "lat"),
    ({"lon": 181, "lat": -0.09}, "position-out-of-range", "lon"),
    ({"lon": -1.3, "lat": 36.8}, "position-swapped", "lon 36.8, lat -1.3"),
    ({"lon": 0, "lat": 0}, "position-null-island", "0"),
    ({"text": 3}, "invalid-body", "#/text"),
    ({"text": None}, "invalid-body", "#/text"),
    ({"text": "a" * 10_241}, "invalid-body", "#/text"),
    ({"text": "", "hazard": None}, "text-empty", ""),
    ({"text": " \u200b\ufeff\n"[:1], "hazard": None}, "text-empty", ""),
    ({"hazard": "tsunami"}, "invalid-body", "#/hazard"),
    ({"accuracy_m": -1}, "invalid-body", "#/accuracy_m"),
    ({"channel": "sms"}, "invalid-body", "#/channel"),
    ({"happened_at": "yesterday"}, "invalid-body", "#/happened_at"),
    ({"happened_at": "2026-04-26T14:05:00"}, "invalid-body", "#/happened_at"),
    ({"happened_at": 1_700_000_000}, "invalid-body", "#/happened_at"),
    ({"happened_at": "9999-12-31T23:59:59-12:00"}, "time-in-future", "future"),
    ({"happened_at": "0001-01-01T00:00:00+14:00"}, "time-not-plausible", "0001"),
    ({"happened_at": (datetime.now(UTC) + timedelta(days=3)).isoformat()}, "time-in-future", "future"),
    ({"idempotency_key": ""}, "invalid-body", "#/idempotency_key"),
    ({"reporter": "me"}, "invalid-body", "#/reporter"),
    ({"reporter": {"phone": "1" * 41}}, "invalid-body", "#/reporter/phone"),
    # F46: what only the system may say is no field of a report.
    *(({name: value}, "invalid-body", f"#/{name}") for name, value in [
        ("id", "1"), ("role", "admin"), ("county", "KE.001"), ("verified", True), ("created_at", "2026-01-01"),
        ("source_kind", "operator"), ("audience", ["public"]), ("key", "KE"), ("ward", "KE.042.238.1189"),
    ]),
]  # fmt: skip


async def test_a_wrong_field_of_a_report_is_named(door: Door) -> None:
    # F35, F36: 4xx naming the field; a swap is suggested and not repaired.
    for fields, code, named in FIELDS:
        alone = (await door.ask("POST", "/intake/reports", json=report(**fields))).json()
        among = (await door.ask("POST", "/intake/reports", json=[report(), report(**fields)])).json()
        assert (alone["status"], alone["code"], among["code"]) == (422, code, code), fields
        if named.startswith("#"):
            assert named in [error["pointer"] for error in alone["errors"]]
            assert named.replace("#", "#/1", 1) in [error["pointer"] for error in among["errors"]]
        else:
            assert named in alone["detail"]
            assert named in among["errors"][0]["detail"]
            assert among["errors"][0]["pointer"] == "#/1"
        assert door.node.host.end() == 0, fields
    await door.still_works()


async def test_a_million_reports_in_one_batch_are_refused_as_a_whole(door: Door) -> None:
    content = b"[" + b",".join([b"{}"] * 690_000) + b"]"
    assert (await refused(door, "/intake/reports", content, JSON))[0] in (413, 422)
    content = b"[" + b",".join([b'{"text":"a"}'] * 150_000) + b"]"
    assert await refused(door, "/intake/reports", content, JSON) == (413, "batch-too-large")
    times = ["2026-01-01T00:00:00Z"] * 10_001
    answer = await door.ask("POST", "/intake/readings", json={"batch": [series(times=times, values=[1.0] * 10_001)]})
    assert (answer.status_code, answer.json()["code"]) == (413, "batch-too-large")
    await door.still_works()


async def test_ten_thousand_reports_at_once_are_taken(door: Door) -> None:
    body = [report(text=f"flood {n}", **WARD, idempotency_key=str(n)) for n in range(2_000)]
    answer = await door.ask("POST", "/intake/reports", json=body)
    assert answer.status_code == 202
    assert len({each["id"] for each in answer.json()}) == 2_000
    again = await door.ask("POST", "/intake/reports", json=body)
    assert [each["id"] for each in again.json()] == [each["id"] for each in answer.json()]
    assert {each["status"] for each in again.json()} == {"known"}
    assert len(await door.documents("report")) == 2_000
    await door.still_works()


OUTSIDE = [
    (0.1, 51.5), (45.34, 2.04), (-180.0, 0.0), (180.0, 0.0), (36.8, 90.0), (36.8, -90.0), (44.0, -3.0), (41.95, 5.59),
]  # fmt: skip


async def test_a_report_from_outside_is_kept_and_waits_with_its_reason(door: Door) -> None:
    # F36, F37: outside Kenya, at sea, at a pole or the antimeridian: kept as unlocated.
    taken = [
        await door.ask("POST", "/intake/reports", json=report(lon=lon, lat=lat, text="help")) for lon, lat in OUTSIDE
    ]
    assert {answer.status_code for answer in taken} == {202}
    found = await door.documents("report")
    assert {each["id"] for each in found} == {answer.json()["id"] for answer in taken}
    for each in found:
        assert each["state"] == "waiting"
        assert each["code"]
        assert each["detail"]
    assert await door.documents("incident") == []
    await door.still_works()


async def test_a_clock_that_stands_in_another_age_moves_no_incident(door: Door) -> None:
    # F25: kept with both times; the incident's own times are those of the server.
    year = str(datetime.now(UTC).year)
    for n, at in enumerate(["0001-01-01T00:00:00Z", "1970-01-01T03:00:00+03:00"]):
        body = report(happened_at=at, text=f"flood {n}", **WARD)
        assert (await door.ask("POST", "/intake/reports", json=body)).status_code == 202
    found = await door.documents("report")
    assert {each["at"] for each in found} == {"0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"}
    assert {each["seen"][:4] for each in found} == {year}
    (incident,) = await door.documents("incident")
    assert incident["state"] == "open"
    assert incident["opened_at"][:4] == incident["last_at"][:4] == year
    await door.still_works()


async def test_readings_of_another_age_raise_nothing(door: Door) -> None:  # F25, F28
    now = datetime.now(UTC)
    for times in (
        ["0001-01-01T00:00:00+14:00"],
        ["1970-01-01T00:00:00Z"],
        [(now + timedelta(days=3)).isoformat()],
        ["9999-12-31T23:59:59.999999-12:00"],
    ):
        answer = await door.ask("POST", "/intake/readings", json={"batch": [series(times=times, values=[900.0])]})
        assert answer.status_code in (202, 422)
    await door.settle()
    assert await door.documents("incident") == []
    assert await door.documents("alert") == []
    for letter in await door.documents("deadletter"):
        assert letter["code"] != "step-failed", letter
    now = datetime.now(UTC)
    answer = await door.ask("POST", "/intake/readings", json={"batch": [series()]})
    assert answer.status_code == 202
    await door.settle()
    assert [each["level"] for each in await door.documents("gauge")] == [1.1]
    await door.still_works()


async def test_the_same_text_message_ten_times_is_one_report(door: Door) -> None:  # F30
    form = {"id": "ATXid_1", "from": "+254711000001", "to": "20880", "text": "Mafuriko Nyalenda B, tuokoeni"}
    answers = [await door.ask("POST", "/intake/sms", data=form) for _ in range(10)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert [answer.json()["status"] for answer in answers] == ["accepted"] + ["known"] * 9
    reports = await door.documents("report")
    assert len(reports) == 1
    # The same words under other ids (a phone that sends again) are received, but they are one incident, one report.
    for n in range(2, 12):
        await door.ask("POST", "/intake/sms", data={**form, "id": f"ATXid_{n}"})
    states = [each["state"] for each in await door.documents("report")]
    assert sorted(states) == ["located"] + ["repeated"] * 10
    (incident,) = await door.documents("incident")
    assert incident["reports"] == 1


async def test_a_webhook_that_is_played_again_later_has_one_effect(door: Door) -> None:  # F29, F30
    key = {"idempotency_key": "req-1"}
    first = await door.ask("POST", "/intake/reports", json=report(**WARD, **key))
    end = (await door.documents("report"), door.node.host.end())
    again = await door.ask("POST", "/intake/reports", json=report(**WARD, **key))
    assert again.status_code == first.status_code == 202
    assert again.json() == {**first.json(), "status": "known"}
    assert (await door.documents("report"), door.node.host.end()) == end


WRONG_READINGS: list[tuple[dict[str, Any], str]] = [
    ({"unit": "furlong"}, "reading-unit"),
    ({"unit": "M3/s"}, "reading-unit"),
    ({"datum": ""}, "reading-datum"),
    ({"datum": "mean sea level of another planet"}, "reading-datum"),
    ({"station": "no-such-station"}, "station-unknown"),
    ({"parameter": "rain", "unit": "mm"}, "reading-unit"),
]


@pytest.mark.parametrize(("fields", "code"), WRONG_READINGS, ids=[str(n) for n in range(len(WRONG_READINGS))])
async def test_readings_that_do_not_fit_become_a_dead_letter_and_work_once_corrected(
    door: Door, fields: dict[str, Any], code: str
) -> None:
    station = next(gauge for gauge in door.node.world.stations.values() if gauge.station.parameter == "level").station
    good = series(station=station.id, unit=station.unit, datum=station.datum)
    answer = await door.ask("POST", "/intake/readings", json={"batch": [{**good, **fields}]})
    assert answer.status_code == 202
    (letter,) = await door.documents("deadletter")
    assert letter["code"] == code
    assert letter["detail"]
    operator = await door.person("mkuu", ("operator", "KE"))
    shown = await door.ask("GET", f"/deadletters/{letter['id']}", operator)
    original = shown.json()["original"]
    assert original["body"]["unit"] == {**good, **fields}["unit"]
    again = await door.ask("POST", f"/deadletters/{letter['id']}/replay", operator, json={})
    assert again.json()["taken"] is False
    body = {name: good[name] for name in ("station", "unit", "datum", "times", "values")}
    body["parameter"] = "level"
    after = await door.ask("POST", f"/deadletters/{letter['id']}/replay", operator, json={"body": body})
    assert after.status_code == 202
    if code != "station-unknown":
        assert after.json()["taken"] is True, after.text
        assert [each["id"] for each in await door.documents("gauge")] == [station.id]
    await door.still_works()


BAD_SERIES: list[dict[str, Any]] = [
    {"values": [1.0]},
    {"values": [1.0, "2"]},
    {"values": [1.0, True]},
    {"times": []},
    {"times": ["2026-01-01T00:00:00Z", "soon"]},
    {"times": ["2026-01-01T00:00:00", "2026-01-01T00:05:00"]},
    {"times": ["0001-01-01T00:00:00+14:00", "2026-01-01T00:05:00Z"]},
    {"times": ["2026-01-01T00:05:00Z", "9999-12-31T23:59:59-12:00"]},
    {"quality": ["good"]},
    {"unit": ""},
    {"unit": 3},
    {"station": "a b"},
    {"station": ""},
    {"station": "\u0000"},
    {"parameter": "wind"},
    {"county": "KE.042"},
    {"verified": True},
]


async def test_a_series_that_cannot_be_is_refused(door: Door) -> None:
    for fields in BAD_SERIES:
        answer = await door.ask("POST", "/intake/readings", json={"batch": [series(), series(**fields)]})
        assert answer.status_code == 422, fields
        assert answer.json()["code"] in ("invalid-body", "time-not-plausible"), fields
        assert door.node.host.end() == 0
    await door.still_works()


async def test_values_that_sensors_send_for_none_raise_no_alarm(door: Door) -> None:  # F28
    for value in (-9999.0, 9999.0, -1e300, 1e300, None, 6999.0):
        answer = await door.ask("POST", "/intake/readings", json={"batch": [series(values=[1.0, value])]})
        assert answer.status_code == 202, answer.text
    assert await door.documents("incident") == []
    assert await door.documents("alert") == []
    assert await door.documents("deadletter") == []


async def test_five_times_the_same_readings_count_once(door: Door) -> None:  # F26
    body = {"batch": [series()]}
    for _ in range(5):
        assert (await door.ask("POST", "/intake/readings", json=body)).status_code == 202
    (gauge,) = await door.documents("gauge")
    assert (gauge["accepted"], gauge["repeated"]) == (0, 2)
    assert gauge["level"] == 1.1


FORMS = [
    b"",
    b"id=1",
    b"id=1&from=",
    b"id=&from=%2B254711000001",
    b"id=1&id=2&from=%2B254711000001",
    b"id=1&from=%2B254711000001&text=" + quote_from_bytes(b"\xff\xfe").encode(),
    b"id=1&from=%2B254711000001&text=" + quote_from_bytes("\ud800".encode("utf-8", "surrogatepass")).encode(),
    b"id=1&from=" + b"9" * 41,
    b"id=" + b"1" * 201 + b"&from=%2B254711000001",
    b"id=1&from=%2B254711000001&text=" + b"a" * 10_241,
    b"&".join(b"k%d=1" % n for n in range(10_000)),
    json.dumps({"id": "1", "from": "+254711000001", "text": "moto"}).encode(),
]


async def test_a_form_that_is_no_text_message_is_refused(door: Door) -> None:
    for content in FORMS:
        status, _ = await refused(door, "/intake/sms", content, FORM)
        assert 400 <= status < 500
    await door.still_works()


ODD: list[dict[str, str]] = [
    {"text": "", "date": ""},
    {"text": "moto", "date": "not a date"},
    {"text": "moto", "date": "9999-12-31 23:59:59"},
    {"text": "moto", "date": "0001-01-01T00:00:00+1400"},
    {"text": "moto", "date": "0001-01-01 00:00:00"},
    {"text": "moto", "from": "Safaricom"},
    {"text": "moto", "from": "\u202e+254"},
    {"text": "\x00\x01\x1b[31m"},
    {"text": "1" * 10_240},
    {"text": "moto", "role": "admin", "county": "KE.001", "verified": "1"},
]


async def test_odd_text_messages_are_taken_and_shown_to_somebody(door: Door) -> None:
    for n, form in enumerate(ODD):
        sent = {"id": str(n), "from": f"+25471100000{n}", **form}
        answer = await door.ask("POST", "/intake/sms", data=sent)
        assert answer.status_code == 202, form
    shown = [each.get("text", "") for each in await door.documents("report")]
    assert sorted(shown) == sorted(form["text"] for form in ODD)
    assert await door.documents("deadletter") == []
    await door.still_works()
