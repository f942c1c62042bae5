"""What people write comes out as it went in, on every way out, and acts nowhere (F32, F49)."""

import json
import re
from datetime import timedelta
from typing import Any

from lxml import etree
from websockets.asyncio.client import connect

from tests.responder_api.app.conftest import Door, listening

AT = {"lon": 34.7617, "lat": -0.0917}
TEXTS = {
    "nul": "moto\x00 hapa",
    "controls": "moto\x01\x02\x08\x1b[31m\x7f\x85 hapa",
    "order mark": "\ufeffmoto hapa",
    "right to left": "moto \u202egnp.exe\u202c \u200fhapa\u2066x\u2069",
    "emoji": "moto 🔥🇰🇪👨\u200d👩\u200d👧 hapa",
    "four bytes": "moto \U0010fffd \U0001f9ef hapa",
    "combining": "m" + "o\u0301" * 50 + "to hapa",
    "no characters": "moto \ufffe\uffff\ufdd0 hapa",
    "markup": "moto <script>alert(1)</script> ]]> &amp; \" ' hapa",
    "formula": '=cmd|"/C calc"!A1 moto hapa',
    "lines": "moto\r\nx-injected: 1\r\n\r\n\u2028\u2029 hapa",
    "braces": "moto {0} {__class__} %s %(x)s ${jndi:ldap://x} hapa",
}
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HALVES = ("\\ud800", "\\udfff", "\\udc00\\ud800", "a\\ud83d")


async def send_all(door: Door) -> dict[str, str]:
    """Send every text by web and by SMS; give the ids of the web reports by name."""
    ids = {}
    for n, (name, text) in enumerate(TEXTS.items()):
        body = {"text": text, "hazard": "fire", **AT, "reporter": {"name": text[:120]}}
        answer = await door.ask("POST", "/intake/reports", json=body)
        assert answer.status_code == 202, (name, answer.text)
        ids[name] = answer.json()["id"]
        form = {"id": str(n), "from": f"+2547110000{n:02d}", "text": text}
        assert (await door.ask("POST", "/intake/sms", data=form)).status_code == 202, name
    await door.settle()
    return ids


async def test_every_text_comes_out_of_rest_as_it_went_in(door: Door) -> None:  # F32
    ids = await send_all(door)
    await door.person("amina", ("operator", "KE"))
    for name, id_ in ids.items():
        answer = await door.ask("GET", f"/reports/{id_}", "amina")
        assert json.loads(answer.content.decode("utf-8", "strict"))["text"] == TEXTS[name]
    listed = (await door.ask("GET", "/reports?limit=1000", "amina")).json()["items"]
    assert sorted(each["text"] for each in listed) == sorted([*TEXTS.values(), *TEXTS.values()])
    for incident in (await door.ask("GET", "/incidents", "amina")).json()["items"]:
        history = await door.ask("GET", f"/incidents/{incident['id']}/history", "amina")
        history.content.decode("utf-8", "strict")
    assert await door.documents("deadletter") == []
    await door.still_works()


async def test_every_text_comes_over_live_as_it_went_in(door: Door) -> None:  # F32
    await door.person("amina", ("operator", "KE"))
    async with listening(door) as url, connect(url + "/live", compression=None, max_size=None) as line:
        await line.send(json.dumps({"type": "hello", "token": door.token("amina"), "kinds": ["report"]}))
        while json.loads(await line.recv())["type"] != "snapshot":
            pass
        ids = await send_all(door)
        await line.send(json.dumps({"type": "ping", "ref": "so-far"}))
        said: dict[str, Any] = {}
        while (frame := json.loads(await line.recv())).get("ref") != "so-far":
            if frame["type"] == "change":
                said[frame["id"]] = frame["value"]
        assert {name: said[id_]["text"] for name, id_ in ids.items()} == TEXTS
        # And what a client says itself: each odd frame is refused by name, and the line lives on.
        for half in HALVES:
            await line.send(f'{{"type": "ping", "ref": "{half}"}}')
            assert json.loads(await line.recv())["type"] == "error"
        await line.send(json.dumps({"type": "ping", "ref": "alive"}))
        while json.loads(await line.recv()).get("ref") != "alive":
            pass


async def test_half_characters_are_refused_everywhere(door: Door) -> None:  # F32
    kind = {"content-type": "application/json"}
    for half in HALVES:
        for body in (f'{{"text": "{half}"}}', f'{{"text": "moto", "reporter": {{"name": "{half}"}}}}', f'"{half}"'):
            answer = await door.ask("POST", "/intake/reports", content=body.encode(), headers=kind)
            assert 400 <= answer.status_code < 500
        body = f'{{"name": "{half}", "password": "x"}}'
        assert (await door.ask("POST", "/sessions", content=body.encode(), headers=kind)).status_code == 400
    assert door.node.host.end() == 0


ODD_PATHS = ("%00", "%ff", "%ed%a0%80", "%F0%9F%94%A5", "..%2f..%2fetc%2fpasswd", "%0d%0ax: y", "a" * 5000, "%", "'--")


async def test_odd_addresses_are_answered_in_words(door: Door) -> None:  # F32
    await door.person("amina", ("operator", "KE"))
    for path in ODD_PATHS:
        for kind in ("reports", "incidents", "assignments", "alerts", "deadletters", "responders", "accounts"):
            answer = await door.ask("GET", f"/{kind}/{path}", "amina")
            assert answer.status_code in (403, 404, 422), (kind, path, answer.status_code)
            answer.content.decode("utf-8", "strict")
            assert "\r" not in answer.text
        for query in ("area", "state", "after", "limit"):
            answer = await door.ask("GET", f"/reports?{query}={path}", "amina")
            assert answer.status_code in (200, 422), (query, path)
            answer.content.decode("utf-8", "strict")
        for query in ("text", "near", "lon", "lat"):
            answer = await door.ask("GET", f"/locate?text=kondele&{query}={path}")
            assert answer.status_code in (200, 422), (query, path)
    assert (await door.ask("GET", "/alerts/%00.xml")).status_code == 404


async def test_a_cancelled_warning_with_odd_words_is_still_xml(door: Door) -> None:  # F32, F42
    await door.person("amina", ("operator", "KE"))
    now = door.node.clock()
    times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (15, 10, 5)]
    cancelled: set[str] = set()
    stations = [gauge.station for gauge in door.node.world.stations.values() if gauge.station.parameter == "level"]
    texts = [*TEXTS.values(), *(f"reason {n}" for n in range(20))]
    for station in stations:
        marks = [mark.raise_at for mark in station.marks if mark.measure != "rise"]
        if not marks:
            continue
        one = {"station": station.id, "unit": station.unit, "datum": station.datum, "times": times}
        answer = await door.ask("POST", "/intake/readings", json={"batch": [{**one, "values": [max(marks) + 0.1] * 3}]})
        assert answer.status_code == 202
        for alert in await door.documents("alert"):
            if alert["state"] == "draft":
                assert (await door.ask("POST", f"/alerts/{alert['id']}/approve", "amina")).status_code == 202
        for alert in await door.documents("alert"):
            if alert["state"] == "issued":
                path = f"/alerts/{alert['id']}/cancel"
                # What XML cannot hold is refused at once: taken, it would leave the warning standing.
                while (text := texts.pop(0)) and NOT_XML.search(text):
                    answer = await door.ask("POST", path, "amina", json={"reason": text})
                    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-body")
                answer = await door.ask("POST", path, "amina", json={"reason": text})
                assert answer.status_code == 202, answer.text
                cancelled.add(alert["id"])
    assert len(texts) <= 20, "not every text was tried"
    states = {alert["id"]: alert["state"] for alert in await door.documents("alert")}
    assert {states[id_] for id_ in cancelled} == {"superseded"}, "a warning was not called off"
    feed = await door.ask("GET", "/alerts/cap.atom")
    links = etree.fromstring(feed.content).findall(".//{*}link[@type='application/cap+xml']")
    assert len(links) == 2 * len(cancelled)
    for link in links:
        path = re.sub(r"^https?://[^/]+", "", link.get("href") or "")
        found = await door.ask("GET", path)
        assert found.status_code == 200
        etree.fromstring(found.content)
    assert await door.documents("deadletter") == []
