"""What is filed away is out of the lists, there by its id and on request, and comes back when it is opened again."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from streams.events import Event, Filed, audience
from streams.log import line
from tests.responder_api.app.conftest import Door

COUNTY = "KE.042"


async def filed(door: Door) -> None:
    """Let the time come at which everything that is over now is filed."""
    await door.settle()
    now, id_ = datetime.now(UTC) + timedelta(days=1), str(uuid4())
    event = Event(
        id=id_,
        cause=id_,
        source="filing",
        key=COUNTY,
        at=now,
        seen=now,
        audience=audience(COUNTY, "operator"),
        body=Filed(before=now),
    )
    await door.node.host.append([line(event)])
    await door.settle()


async def listed(door: Door, path: str, **query: Any) -> list[str]:
    answer = await door.ask("GET", path, "amina", params=query)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


async def test_a_closed_incident_is_found_when_filed_and_can_be_opened_again(door: Door) -> None:
    await door.person("amina", ("operator", COUNTY))
    body = {"text": "flood", "hazard": "flood", "lon": 34.7617, "lat": -0.0917, "position_of": "incident"}
    report = (await door.ask("POST", "/intake/reports", json=body)).json()["id"]
    (incident,) = [each["id"] for each in await door.documents("incident")]
    answer = await door.ask("POST", f"/incidents/{incident}/close", "amina", json={"reason": "over"})
    assert answer.status_code == 202
    assert await listed(door, "/incidents") == [incident]
    await filed(door)
    for path, id_ in (("/incidents", incident), ("/reports", report)):
        assert await listed(door, path) == []
        assert await listed(door, path, filed=True) == [id_]
        assert (await door.ask("GET", f"{path}/{id_}", "amina")).json()["id"] == id_
    assert await listed(door, "/incidents", filed=True, state="open") == []
    history = (await door.ask("GET", f"/incidents/{incident}/history", "amina")).json()["items"]
    assert {"IncidentOpened", "IncidentClosed"} <= {fact["body"]["type"] for fact in history}
    answer = await door.ask("POST", f"/incidents/{incident}/reopen", "amina", json={"reason": "it rises again"})
    assert answer.status_code == 202, answer.text
    await door.settle()
    assert await listed(door, "/incidents") == [incident]
    assert await listed(door, "/reports") == [report]
    assert await listed(door, "/incidents", filed=True) == []


async def test_what_is_filed_is_shown_to_those_who_saw_it_and_to_nobody_else(door: Door) -> None:
    await door.person("amina", ("operator", COUNTY))
    await door.person("kamau", ("operator", "KE.044"))
    body = {"text": "flood", "hazard": "flood", "lon": 34.7617, "lat": -0.0917, "position_of": "incident"}
    report = (await door.ask("POST", "/intake/reports", json=body)).json()["id"]
    await door.documents("report")
    assert (await door.ask("POST", f"/reports/{report}/dismiss", "amina", json={"reason": "hoax"})).status_code == 202
    await filed(door)
    assert await listed(door, "/reports", filed=True) == [report]
    answer = await door.ask("GET", "/reports", "kamau", params={"filed": True})
    assert answer.json()["items"] == []
    assert (await door.ask("GET", f"/reports/{report}", "kamau")).status_code == 404
