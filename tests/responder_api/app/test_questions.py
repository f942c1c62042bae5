"""Ask back: what an operator wants to know goes to whoever sent the report, and nobody else learns their number."""

from typing import Any

import pytest

from streams.events import MessageAsked, QuestionAsked
from tests.responder_api.app.conftest import Door

WHO = "+254711000888"
AT = {"lon": 34.7617, "lat": -0.0917}


async def report(door: Door, **fields: Any) -> dict[str, Any]:
    """Let somebody report something; give the report as it then stands."""
    await door.person("atieno", ("operator", "KE.042"))
    answer = await door.ask("POST", "/intake/reports", json={"text": "tusaidieni tafadhali", **fields})
    assert answer.status_code == 202, answer.text
    return {each["id"]: each for each in await door.documents("report")}[answer.json()["id"]]


async def facts(door: Door, kind: type[Any]) -> list[Any]:
    await door.settle()
    stored = await door.node.read(lambda: door.node.host.engine.log.read(0, 100_000))
    return [each.event.body for each in stored if isinstance(each.event.body, kind)]


async def test_the_question_goes_out_with_the_number_of_the_report_and_the_answer_places_it(door: Door) -> None:
    waiting = await report(door, reporter={"phone": WHO})
    assert waiting["state"] == "waiting"
    said = await door.ask("POST", f"/reports/{waiting['id']}/ask", "atieno", json={"question": "Uko wapi hasa?"})
    assert said.status_code == 202, said.text
    shown = said.json()["report"]
    assert (shown["asked"]["question"], shown["asked"]["by"]) == ("Uko wapi hasa?", "id-atieno")
    assert shown["asked"]["at"]
    (sms,) = [each for each in await facts(door, MessageAsked) if "Uko wapi hasa?" in each.text]
    assert (sms.to, sms.kind, sms.about) == (WHO, "question", waiting["id"])
    assert waiting["reference"] in sms.text

    answer = {"id": "1", "from": WHO, "text": "Ahero"}
    assert (await door.ask("POST", "/intake/sms", data=answer)).status_code == 202
    reports = {each["id"]: each for each in await door.documents("report")}
    assert reports[waiting["id"]]["state"] == "located"
    assert reports[waiting["id"]]["asked"]["question"] == "Uko wapi hasa?"
    assert [each["of"] for each in reports.values() if each["state"] == "repeated"] == [waiting["id"]]


async def test_a_report_that_has_its_place_is_asked_about_too(door: Door) -> None:
    located = await report(door, reporter={"phone": WHO}, **AT)
    assert located["state"] == "located"
    path = f"/reports/{located['id']}/ask"
    assert (await door.ask("POST", path, "atieno", json={"question": "How many people?"})).status_code == 202
    assert (await door.ask("POST", "/intake/sms", data={"id": "1", "from": WHO, "text": "watu 5 Ahero"})).is_success
    reports = {each["id"]: each for each in await door.documents("report")}
    assert reports.pop(located["id"])["state"] == "located"
    (answer,) = reports.values()
    assert (answer["text"], answer.get("of")) == ("watu 5 Ahero", None), "the answer is a report of its own"


async def test_a_question_sent_twice_by_a_shaky_line_goes_out_once(door: Door) -> None:
    waiting = await report(door, reporter={"phone": WHO})
    body = {"question": "Uko wapi hasa?", "client_id": "tap-1"}
    answers = [await door.ask("POST", f"/reports/{waiting['id']}/ask", "atieno", json=body) for _ in (1, 2, 3)]
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await facts(door, QuestionAsked)) == 1
    assert len([each for each in await facts(door, MessageAsked) if "Uko wapi hasa?" in each.text]) == 1


@pytest.mark.parametrize("reporter", [{}, {"reporter": {"name": "Akinyi"}}])
async def test_who_left_no_number_cannot_be_asked(door: Door, reporter: dict[str, Any]) -> None:
    waiting = await report(door, **reporter)
    said = await door.ask("POST", f"/reports/{waiting['id']}/ask", "atieno", json={"question": "Uko wapi?"})
    assert (said.status_code, said.json()["code"]) == (409, "reporter-unreachable")
    assert await facts(door, QuestionAsked) == []


async def test_only_operators_ask_and_only_about_what_stands(door: Door) -> None:
    waiting = await report(door, reporter={"phone": WHO})
    path = f"/reports/{waiting['id']}/ask"
    await door.person("mtazamaji", ("admin", "KE.042"))
    await door.person("mjibu", ("responder", "KE.042"), person="p1")
    await door.person("jirani", ("operator", "KE.041"))
    body = {"question": "Uko wapi?"}
    for name, status in (("mtazamaji", 403), ("mjibu", 404), ("jirani", 404), (None, 401)):
        assert (await door.ask("POST", path, name, json=body)).status_code == status
    for wrong in ({"question": ""}, {"question": " \n"}, {"question": "x" * 301}, {}, {"question": "a", "to": WHO}):
        assert (await door.ask("POST", path, "atieno", json=wrong)).status_code == 422
    assert (await door.ask("POST", f"/reports/{waiting['id']}/dismiss", "atieno", json={"reason": "hoax"})).is_success
    refused = await door.ask("POST", path, "atieno", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert await facts(door, QuestionAsked) == []


async def test_hostile_words_leave_as_words(door: Door) -> None:
    waiting = await report(door, reporter={"phone": WHO})
    question = "Uko {wapi}? {0} %s <b>\u202e\u0007 kweli"
    said = await door.ask("POST", f"/reports/{waiting['id']}/ask", "atieno", json={"question": question})
    assert said.status_code == 202
    (sms,) = [each for each in await facts(door, MessageAsked) if "wapi" in each.text and "kweli" in each.text]
    assert "Uko {wapi}? {0} %s <b>" in sms.text
    assert "\u0007" not in sms.text
