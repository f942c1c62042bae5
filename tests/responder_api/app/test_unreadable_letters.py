"""What came over Kafka and nobody could read is shown with all its bytes, is given to no step, and can be dismissed."""

from responder_api.feed_health import Feeds
from streams.cluster.quarantine import letter_of
from streams.cluster.records import Record
from tests.responder_api.app.conftest import Door

RECORD = Record("dharura.reports", 3, 17, b"KE.042", b"\xff{", {"ce_type": b"dharura.ReportReceived"})


async def test_it_is_shown_and_cannot_be_replayed(door: Door) -> None:
    await door.person("root", ("operator", "KE"))
    letter = letter_of(RECORD, "archive", "not-json", "the value is not JSON", door.node.clock())
    await door.node.host.append([letter])
    await door.settle()
    (listed,) = (await door.ask("GET", "/deadletters", "root")).json()["items"]
    assert (listed["code"], listed["step"]) == ("not-json", "archive")
    shown = (await door.ask("GET", f"/deadletters/{letter.event.id}", "root")).json()
    assert shown["original"] == {
        "topic": "dharura.reports",
        "key": "KE.042",
        "headers": {"ce_type": "dharura.ReportReceived"},
        "value": {"base64": "/3s="},
    }
    for sent in ({}, {"body": {"text": "water"}}):
        answer = await door.ask("POST", f"/deadletters/{letter.event.id}/replay", "root", json=sent)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        assert "send it again" in answer.json()["detail"]


async def test_it_is_dismissed_with_a_reason_and_nobody_is_reminded_any_more(door: Door) -> None:
    await door.person("root", ("operator", "KE"))
    await door.person("far", ("operator", "KE.001"))
    await door.person("police", ("agency", "KE.042"))
    letter = letter_of(RECORD, "archive", "not-json", "the value is not JSON", door.node.clock())
    await door.node.host.append([letter])
    await door.settle()
    path, why = f"/deadletters/{letter.event.id}/dismiss", {"reason": "a tool of ours wrote it by mistake"}
    assert (await door.ask("POST", path, "far", json=why)).status_code == 404
    assert (await door.ask("POST", path, "police", json=why)).status_code == 404
    for none in ({}, {"reason": ""}, {"reason": "x" * 501}, {"reason": "x", "by": "somebody else"}):
        assert (await door.ask("POST", path, "root", json=none)).json()["code"] == "invalid-body"
    assert await state_at_the_edge(door) == "failing"
    assert (await door.ask("POST", path, "root", json=why)).status_code == 202
    await door.settle()
    shown = (await door.ask("GET", f"/deadletters/{letter.event.id}", "root")).json()
    assert (shown["state"], shown["reason"]) == ("dismissed", why["reason"])
    assert shown["original"]["value"] == {"base64": "/3s="}
    again = await door.ask("POST", path, "root", json=why)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert await state_at_the_edge(door) == "ok"


async def test_what_a_step_could_not_take_can_be_replayed_though_it_was_dismissed(door: Door) -> None:
    await door.person("root", ("operator", "KE"))
    reading = {"station": "ghost", "parameter": "level", "unit": "m", "times": ["2026-04-26T11:00:00Z"], "values": [1]}
    assert (await door.ask("POST", "/intake/readings", json={"batch": [reading]})).status_code == 202
    await door.settle()
    (letter,) = (await door.ask("GET", "/deadletters", "root")).json()["items"]
    path = f"/deadletters/{letter['id']}"
    assert (await door.ask("POST", f"{path}/dismiss", "root", json={"reason": "no such gauge"})).status_code == 202
    await door.settle()
    body = {**reading, "station": "nyando-ahero", "datum": "Ogilo bridge staff gauge zero"}
    answer = await door.ask("POST", f"{path}/replay", "root", json={"body": body})
    assert answer.status_code == 202
    await door.settle()
    assert (await door.ask("GET", path, "root")).json()["state"] == "replayed"
    late = await door.ask("POST", f"{path}/dismiss", "root", json={"reason": "again"})
    assert (late.status_code, late.json()["code"]) == (409, "conflict")


async def state_at_the_edge(door: Door) -> str:
    """Give how dead letters show along the console's edge, looked at afresh."""
    door.node.feeds = Feeds()
    feeds = (await door.ask("GET", "/health/feeds", "root")).json()["items"]
    (state,) = [feed["state"] for feed in feeds if feed["feed"] == "deadletters"]
    return str(state)
