"""What came over Kafka and nobody could read is shown with all its bytes, and is not given to a step."""

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
