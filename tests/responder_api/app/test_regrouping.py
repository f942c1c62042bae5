"""Joining, splitting and undoing over HTTP: what is answered, what is shown, who may, and what came too late."""

import asyncio
from typing import Any

import pytest

from streams.events import AlertIssued, IncidentClosed, RequestRefused
from tests.responder_api.app.conftest import Door
from tests.responder_api.app.test_answer_races import facts
from tests.responder_api.app.test_claims import a_draft

SHORE, TOWN, RIVER = {"lon": 34.75, "lat": -0.13}, {"lon": 34.755, "lat": -0.105}, {"lon": 34.92, "lat": -0.2}
FAR = {"lon": 34.5, "lat": -1.08}
"""In the next county."""


async def operator(door: Door) -> None:
    await door.person("amina", ("operator", "KE.042"))


async def report(door: Door, where: dict[str, float] | None, text: str = "water in the houses", **fields: Any) -> str:
    sent = {"text": text, "hazard": "flood", **(where or {}), **fields}
    answer = await door.ask("POST", "/intake/reports", json=sent)
    assert answer.status_code == 202, answer.text
    id_: str = answer.json()["id"]
    await door.settle()
    return id_


async def shown(door: Door, kind: str, id_: str) -> dict[str, Any]:
    return {each["id"]: each for each in await door.documents(kind)}[id_]


async def incident_of(door: Door, report_: str) -> dict[str, Any]:
    return await shown(door, "incident", (await shown(door, "report", report_))["incident"])


async def test_a_report_that_waits_is_joined_where_the_operator_says(door: Door) -> None:
    await operator(door)
    into = await incident_of(door, await report(door, SHORE))
    waiting = await report(door, None, "tusaidieni tafadhali", channel="call")
    assert (await shown(door, "report", waiting))["state"] == "waiting"
    answer = await door.ask("POST", f"/reports/{waiting}/join", "amina", json={"incident": into["id"]})
    assert answer.status_code == 202, answer.text
    said = answer.json()["report"]
    assert (said["state"], said["how"], said["incident"]) == ("located", "operator", into["id"])
    assert (said["ward"], said["lon"], said["lat"]) == (into["ward"], into["lon"], into["lat"])
    assert (await shown(door, "incident", into["id"]))["reports"] == 2
    again = await door.ask("POST", f"/reports/{waiting}/join", "amina", json={"incident": into["id"]})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert "already" in again.json()["detail"]


async def test_a_report_moves_from_one_incident_to_another(door: Door) -> None:
    await operator(door)
    one, other = await report(door, SHORE), await report(door, RIVER, "flood, 5 people trapped")
    left, into = await incident_of(door, one), await incident_of(door, other)
    answer = await door.ask("POST", f"/reports/{one}/join", "amina", json={"incident": into["id"]})
    assert answer.status_code == 202
    assert answer.json()["report"]["incident"] == into["id"]
    after = await shown(door, "incident", left["id"])
    assert (after["state"], after["closed_by"]) == ("closed", "id-amina")
    assert "no report left" in after["reason"]
    assert (await shown(door, "incident", into["id"]))["reports"] == 2


async def test_what_cannot_be_joined_is_refused_with_a_plain_detail(door: Door) -> None:
    await operator(door)
    await door.person("both", ("operator", "KE"))
    one, abroad = await report(door, SHORE), await report(door, FAR)
    here, there = await incident_of(door, one), await incident_of(door, abroad)

    async def refused(report_: str, incident: str, name: str = "both") -> tuple[int, str]:
        answer = await door.ask("POST", f"/reports/{report_}/join", name, json={"incident": incident})
        return answer.status_code, answer.json()["code"]

    assert await refused(one, there["id"]) == (409, "conflict")
    assert await refused(one, there["id"], "amina") == (404, "not-found")
    assert await refused(one, "nothing") == (404, "not-found")
    hoax = await report(door, TOWN, hazard="fire")
    await door.ask("POST", f"/reports/{hoax}/dismiss", "amina", json={"reason": "hoax"})
    assert await refused(hoax, here["id"]) == (409, "conflict")
    await door.ask("POST", f"/incidents/{here['id']}/close", "amina", json={"reason": "over"})
    assert await refused(await report(door, RIVER), here["id"]) == (409, "incident-closed")


async def test_a_split_answers_with_both_incidents_and_a_merge_undoes_it(door: Door) -> None:
    await operator(door)
    ids = [await report(door, SHORE, reporter={"phone": f"+25471100000{n}"}) for n in range(2)]
    grave = await report(door, SHORE, "flood, 5 people trapped on a roof", reporter={"phone": "+254711000009"})
    before = await incident_of(door, grave)
    assert (before["reports"], before["severity"]) == (3, "Extreme")
    path = f"/incidents/{before['id']}"
    answer = await door.ask("POST", f"{path}/split", "amina", json={"reports": [grave], "reason": "the school"})
    assert answer.status_code == 202, answer.text
    old, new = answer.json()["incident"], answer.json()["into"]
    assert (old["id"], old["reports"], old["severity"]) == (before["id"], 2, "Moderate")
    assert (new["state"], new["reports"], new["severity"], new["split_from"]) == ("open", 1, "Extreme", old["id"])
    assert (await shown(door, "report", grave))["incident"] == new["id"]
    told = (await door.ask("GET", f"{path}/history", "amina")).json()["items"]
    assert "IncidentSplit" in {event["body"]["type"] for event in told}
    for reports in (ids, [], [grave], [ids[0], "nothing"]):
        again = await door.ask("POST", f"{path}/split", "amina", json={"reports": reports})
        assert again.status_code in (409, 422), reports
        assert (await shown(door, "incident", old["id"]))["reports"] == 2
    await door.ask("POST", f"/incidents/{new['id']}/merge", "amina", json={"into": old["id"]})
    back, figures = await shown(door, "incident", old["id"]), ("reports", "severity", "evidence", "parts")
    assert {name: back[name] for name in figures} == {name: before[name] for name in figures}


async def test_a_merge_shows_what_is_part_of_what_and_reopening_undoes_it(door: Door) -> None:
    await operator(door)
    one, other = await report(door, SHORE), await report(door, RIVER, "flood, 5 people trapped")
    part, into = await incident_of(door, one), await incident_of(door, other)
    await door.ask("POST", f"/incidents/{part['id']}/merge", "amina", json={"into": into["id"], "reason": "one river"})
    merged, whole = await shown(door, "incident", part["id"]), await shown(door, "incident", into["id"])
    assert (merged["state"], merged["into"], merged["merged_by"]) == ("merged", into["id"], "id-amina")
    assert merged["reason"] == "one river"
    assert merged["merged_at"]
    assert (whole["merged"], whole["reports"]) == ([part["id"]], 2)
    assert (await shown(door, "report", one))["incident"] == part["id"], "a report keeps its own incident"
    answer = await door.ask("POST", f"/incidents/{part['id']}/reopen", "amina", json={"reason": "two rivers"})
    assert answer.status_code == 202, answer.text
    again = answer.json()["incident"]
    assert (again["state"], again["reopened_by"], again["reports"]) == ("open", "id-amina", 1)
    gone = {"into", "merged_by", "merged_at", "closed_at", "closed_by", "reason"}
    assert not gone & set(again)
    was = {
        name: value for name, value in part.items() if name != "parts"
    }  # which said as well why its report was grave
    assert {name: again[name] for name in was} == was, "it is what it was"
    whole = await shown(door, "incident", into["id"])
    assert whole["reports"] == 1
    assert "merged" not in whole
    twice = await door.ask("POST", f"/incidents/{part['id']}/reopen", "amina", json={})
    assert (twice.status_code, twice.json()["code"], twice.json()["detail"]) == (
        409,
        "conflict",
        "The incident is open.",
    )


async def test_what_is_part_of_a_closed_one_says_what_to_open_first(door: Door) -> None:
    await operator(door)
    one, other = await report(door, SHORE), await report(door, RIVER)
    part, into = await incident_of(door, one), await incident_of(door, other)
    await door.ask("POST", f"/incidents/{part['id']}/merge", "amina", json={"into": into["id"]})
    await door.ask("POST", f"/incidents/{into['id']}/close", "amina", json={"reason": "over"})
    answer = await door.ask("POST", f"/incidents/{part['id']}/reopen", "amina", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert answer.json()["detail"].startswith(into["reference"])
    assert "open that one again first" in answer.json()["detail"]
    for id_ in (into["id"], part["id"]):
        answer = await door.ask("POST", f"/incidents/{id_}/reopen", "amina", json={})
        assert answer.status_code == 202
        assert answer.json()["incident"]["state"] == "open"


async def test_only_operators_of_the_county_join_split_and_reopen(door: Door) -> None:
    await operator(door)
    await door.person("juma", ("responder", "KE.042"))
    await door.person("migori", ("operator", "KE.044"))
    one = await report(door, SHORE)
    incident = await incident_of(door, one)
    for name, status in (("juma", (403, 404)), ("migori", (404,)), (None, (401,))):
        for path, body in (
            (f"/reports/{one}/join", {"incident": incident["id"]}),
            (f"/incidents/{incident['id']}/split", {"reports": [one]}),
            (f"/incidents/{incident['id']}/reopen", {}),
        ):
            answer = await door.ask("POST", path, name, json=body)
            assert answer.status_code in status, (name, path)
    assert await facts(door, RequestRefused) == []


@pytest.mark.parametrize("what", ["close", "merge", "split", "place", "join", "approve"])
async def test_of_two_who_decide_at_once_the_later_is_told(door: Door, what: str) -> None:
    # Both looked at the same state; the log has an order, and the second one must not be thanked.
    await operator(door)
    await door.person("baraka", ("operator", "KE.042"))
    ids = [await report(door, SHORE, reporter={"phone": f"+25471100000{n}"}) for n in range(2)]
    incident, other = await incident_of(door, ids[0]), await incident_of(door, await report(door, RIVER))
    path, body = f"/incidents/{incident['id']}/{what}", {"reason": "over"}
    if what == "merge":
        body = {"into": other["id"]}
    elif what == "split":
        body = {"reports": [ids[0]]}  # type: ignore[dict-item]  # a list here
    elif what == "place":
        waiting = await report(door, None, "tusaidieni tafadhali", channel="call")
        path, body = f"/reports/{waiting}/place", TOWN  # type: ignore[assignment]  # numbers here
    elif what == "join":
        waiting = await report(door, None, "tusaidieni tafadhali", channel="call")
        path, body = f"/reports/{waiting}/join", {"incident": other["id"]}
    elif what == "approve":
        path, body = f"/alerts/{await a_draft(door)}/approve", {}
    answers = await asyncio.gather(*(door.ask("POST", path, name, json=body) for name in ("amina", "baraka")))
    assert sorted(answer.status_code for answer in answers) == [202, 409], [answer.text for answer in answers]
    refused = next(answer.json() for answer in answers if answer.status_code == 409)
    assert refused["code"] in ("conflict", "incident-closed", "incident-merged", "alert-over")
    assert len(await facts(door, IncidentClosed)) <= 1
    assert len(await facts(door, AlertIssued)) == (what == "approve")
