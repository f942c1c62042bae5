"""What another system decides about is shown, and every decision about it here is refused with that system's name."""

from contextlib import closing

import msgspec

from streams.database import FILE, connect
from tests.responder_api.app.conftest import Door
from tests.responder_api.app.test_mass_assignment import bodies, everything

KINDS = ("alert", "assignment", "incident", "report")


async def mirrored(door: Door) -> None:
    """Make every document one that came from Kisumu through Nyanza."""
    with closing(connect(door.node.settings.data / FILE)) as file:
        rows = file.execute("SELECT kind, id, value FROM view WHERE kind IN (?,?,?,?)", KINDS).fetchall()
        assert {kind for kind, _, _ in rows} == set(KINDS)
        for kind, id_, data in rows:
            value = msgspec.json.encode({**msgspec.json.decode(data), "origin": "kisumu/nyanza"})
            file.execute("UPDATE view SET value = ? WHERE kind = ? AND id = ?", (value, kind, id_))


async def test_nothing_of_another_system_is_decided_here(door: Door) -> None:
    tries = [
        each
        for each in await bodies(door)
        if each[1].split("/")[1] in ("alerts", "assignments", "incidents", "reports")
    ]
    alert = next(path.split("/")[2] for _, path, _, _ in tries if path.startswith("/alerts/"))
    tries += [("POST", f"/alerts/{alert}/approve", "amina", {})]
    tries += [("DELETE", path, "amina", {}) for _, path, _, _ in tries if path.endswith("/claim")]
    await door.settle()
    await mirrored(door)
    before = await everything(door)
    refused = set()
    for method, path, who, body in tries:
        answer = await door.ask(method, path, who, **({"json": body} if method == "POST" else {}))
        assert (answer.status_code, answer.json()["code"]) == (409, "mirrored"), (method, path, answer.text)
        assert "from kisumu," in answer.json()["detail"]
        refused.add(path.rpartition("/")[2])
    assert refused >= {"close", "merge", "split", "dispatch", "claim", "place", "join", "dismiss", "ask", "answer"}
    assert await everything(door) == before
    for kind in KINDS:
        assert all(each["origin"] == "kisumu/nyanza" for each in await door.documents(kind))
