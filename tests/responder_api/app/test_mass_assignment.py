"""What only the system may say is refused in every body, and nothing is changed by the try (F46)."""

import json
from typing import Any

import pytest

from tests.responder_api.app.conftest import PASSWORD, Door
from tests.responder_api.app.test_answer_races import scene
from tests.responder_api.app.test_intake_abuse import report, series

FORBIDDEN: dict[str, Any] = {
    "role": "admin",
    "roles_": ["admin"],
    "county": "KE.001",
    "verified": True,
    "created_at": "2026-01-01T00:00:00Z",
    "audience": ["public"],
    "key": "KE.001",
    "by": "id-somebody-else",
    "seen": "2026-01-01T00:00:00Z",
    "source": "operators",
    "state": "closed",
    "version": 99,
    "__proto__": {"admin": True},
    "constructor": {"prototype": {}},
}
SECRET = "kiboko anaogelea usiku"


RIGHT = {name: value for name, value in series().items() if name != "idempotency_key"}


async def bodies(door: Door) -> list[tuple[str, str, str | None, dict[str, Any]]]:
    """Give a body that is right for every address that takes JSON."""
    ask = (await scene(door))[0]
    await door.person("admin", ("admin", "KE"))
    await door.ask("POST", "/intake/reports", json=report(text="nisaidieni", hazard="other"))
    (waiting,) = [each for each in await door.documents("report") if each["state"] == "waiting"]
    (incident,) = await door.documents("incident")
    await door.ask("POST", "/intake/readings", json={"batch": [series(unit="furlong")]})
    await door.ask("POST", "/intake/readings", json={"batch": [series(values=[5.0, 5.1])]})
    (letter,) = await door.documents("deadletter")
    alert = (await door.documents("alert"))[0]
    home = ask["ward"]
    link = await door.node.auth.open_setup()
    person = {"id": "p9", "name": "x", "phone": "+254700000009", "skills": ["rescue"], "home": home}
    account = {"name": "mpya", "display_name": "m", "password": SECRET}
    return [
        ("POST", "/intake/reports", None, report()),
        ("POST", "/intake/readings", None, {"batch": [series()]}),
        ("POST", f"/reports/{waiting['id']}/place", "amina", {"lon": 34.7617, "lat": -0.0917}),
        ("POST", f"/reports/{waiting['id']}/dismiss", "amina", {"reason": "hoax"}),
        ("POST", f"/reports/{waiting['id']}/join", "amina", {"incident": incident["id"]}),
        ("POST", f"/reports/{waiting['id']}/ask", "amina", {"question": "wapi?"}),
        ("POST", f"/reports/{waiting['id']}/claim", "amina", {"take_over": True}),
        ("POST", f"/incidents/{incident['id']}/claim", "amina", {}),
        ("POST", f"/alerts/{alert['id']}/claim", "amina", {}),
        ("POST", f"/incidents/{incident['id']}/close", "amina", {"reason": "over"}),
        ("POST", f"/incidents/{incident['id']}/split", "amina", {"reports": [waiting["id"]]}),
        ("POST", f"/incidents/{incident['id']}/reopen", "amina", {"reason": "again"}),
        ("POST", f"/incidents/{incident['id']}/merge", "amina", {"into": incident["id"]}),
        ("POST", f"/incidents/{incident['id']}/dispatch", "amina", {"responder": "p2"}),
        ("POST", f"/assignments/{ask['id']}/answer", ask["responder"], {"answer": "accept"}),
        ("POST", "/responders", "amina", person),
        ("POST", "/responders/p0/shift", "amina", {"on": False}),
        ("POST", "/responders/p0/position", "amina", {"lon": 34.7617, "lat": -0.0917}),
        ("POST", f"/alerts/{alert['id']}/reject", "amina", {"reason": "no"}),
        ("POST", f"/alerts/{alert['id']}/cancel", "amina", {"reason": "no"}),
        ("POST", f"/alerts/{alert['id']}/passed-on", "amina", {"ward": alert["wards"][0]["ward"]}),
        ("POST", f"/deadletters/{letter['id']}/replay", "amina", {}),
        ("POST", f"/deadletters/{letter['id']}/dismiss", "amina", {"reason": "no"}),
        ("POST", "/sessions", None, {"name": "amina", "password": PASSWORD}),
        ("POST", "/sessions/refresh", None, {"refresh_token": "x"}),
        ("POST", "/me/password", "amina", {"old": PASSWORD, "new": SECRET}),
        ("POST", "/setup", None, {"token": link, **account}),
        ("POST", "/accounts", "admin", {**account, "roles": [{"role": "operator", "area": "KE.042"}]}),
        ("PATCH", "/accounts/id-amina", "admin", {"display_name": "changed"}),
        ("POST", "/signing-keys", "admin", {"at_once": False}),
    ]


async def everything(door: Door) -> tuple[int, list[Any], list[Any]]:
    await door.settle()
    accounts = await door.node.accounts.all()
    keys = [key.kid for key, _ in await door.node.auth._ring()]
    return door.node.host.end(), accounts, keys


async def test_every_write_refuses_what_is_not_the_clients_to_say(door: Door) -> None:
    tries = await bodies(door)
    before = await everything(door)
    for method, path, who, body in tries:
        for name, value in FORBIDDEN.items():
            answer = await door.ask(method, path, who, json={**body, name: value})
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-body"), (path, name, answer.text)
            assert name in json.dumps(answer.json()["errors"]), (path, name)
    assert await everything(door) == before
    covered = {(method, path_of(path)) for method, path, _, _ in tries}
    taking = {
        (method.upper(), path)
        for path, methods in door.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    }
    # GeoJSON may carry members of anybody's (RFC 7946, 6.1), and nothing is written by asking what it crosses.
    assert taking - {("POST", "/wards/crossed")} == covered, "an address takes a body and is not tried here"


def path_of(path: str) -> str:
    """Give the address as the description of the interface writes it."""
    first, *rest = path.strip("/").split("/")
    if first in ("intake", "sessions", "me", "setup", "signing-keys") or not rest:
        return path
    name = "{account_id}" if first == "accounts" else "{id_}"
    return "/" + "/".join([first, name, *rest[1:]])


async def test_nested_values_are_as_strict(door: Door) -> None:
    await door.person("admin", ("admin", "KE"))
    before = await everything(door)
    grant = {"role": "operator", "area": "KE.042", "verified": True}
    account = {"name": "mpya", "display_name": "m", "password": SECRET}
    for path, who, body in (
        ("/intake/reports", None, report(reporter={"phone": "+254711000000", "verified": True})),
        ("/intake/readings", None, {"batch": [series(county="KE.001")]}),
        ("/accounts", "admin", {**account, "roles": [grant]}),
        ("/accounts", "admin", {**account, "roles": [{"role": "root", "area": "KE"}]}),
        ("/accounts", "admin", {**account, "roles": [{"role": "admin", "area": "UG"}]}),
        ("/accounts", "admin", {**account, "roles": [{"role": "admin", "area": "KE.1"}]}),
        ("/accounts", "admin", {**account, "roles": []}),
        ("/accounts", "admin", {**account, "id": "id-amina", "roles": [{"role": "operator", "area": "KE.042"}]}),
    ):
        answer = await door.ask("POST", path, who, json=body)
        assert answer.status_code == 422, (path, answer.text)
    assert await everything(door) == before


@pytest.mark.parametrize(
    "body",
    [
        {"type": "AlertApproved", "alert": "x", "by": "id-somebody-else"},
        {"type": "ReadingsReceived", **RIGHT, "county": "KE.001"},
        {**RIGHT, "unit": ["m"]},
        {"station": "nyando-ahero"},
        {"station": "nyando-ahero", "parameter": "level", "unit": "m", "times": ["soon"], "values": [1.0]},
        {"station": "nyando-ahero", "parameter": "level", "unit": "m", "values": [1.0]},
    ],
)
async def test_a_correction_corrects_and_makes_nothing_else_of_a_dead_letter(door: Door, body: dict[str, Any]) -> None:
    await door.person("amina", ("operator", "KE.042"))
    await door.ask("POST", "/intake/readings", json={"batch": [series(unit="furlong")]})
    (letter,) = await door.documents("deadletter")
    before = await everything(door)
    answer = await door.ask("POST", f"/deadletters/{letter['id']}/replay", "amina", json={"body": body})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-body"), answer.text
    assert await everything(door) == before
    await door.still_works()
