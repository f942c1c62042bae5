import base64
from typing import Any

import msgspec
import pytest

Door = Any
KEY = "gauge-key-0123456789"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def basic(password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"africastalking:{password}".encode()).decode()}


def with_key(door: Door, key: str | None) -> None:
    door.app.state.settings = msgspec.structs.replace(door.app.state.settings, intake_key=key)


@pytest.mark.parametrize(
    ("roles", "operators", "kisumu"),
    [
        (("operator@KE.042",), 200, 200),
        (("operator@KE",), 200, 200),
        (("operator@KE.042.238",), 200, 403),
        (("operator@KE.043",), 200, 403),
        (("admin@KE.042",), 403, 200),
        (("responder@KE.042",), 403, 403),
        (("responder@KE.042", "operator@KE.043"), 200, 403),
    ],
)
async def test_a_role_is_asked_for_with_or_without_an_area(
    door: Door, roles: tuple[str, ...], operators: int, kisumu: int
) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "asha", *roles)
    token = await door.token("asha")
    assert (await door.client.get("/operators", headers=bearer(token))).status_code == operators
    assert (await door.client.get("/kisumu", headers=bearer(token))).status_code == kisumu


async def test_intake_is_open_without_a_key_and_knows_who_is_signed_in(door: Door) -> None:
    root = await door.begin()
    own = (await door.store.find("root"))[0]
    assert (await door.client.post("/intake")).json() == ""
    assert (await door.client.post("/intake", headers=bearer("whatever"))).json() == ""
    assert (await door.client.post("/intake", headers=bearer(root["access_token"]))).json() == own.id


async def test_intake_with_a_key_asks_for_it(door: Door) -> None:
    root = await door.begin()
    own = (await door.store.find("root"))[0]
    with_key(door, KEY)
    for headers in (bearer(KEY), basic(KEY), {"authorization": f"bearer  {KEY} "}):
        assert (await door.client.post("/intake", headers=headers)).json() == ""
    assert (await door.client.post("/intake", headers=bearer(root["access_token"]))).json() == own.id
    for headers in (
        {},
        bearer(KEY[:-1]),
        bearer(KEY + "x"),
        basic(KEY + "x"),
        {"authorization": f"Basic {KEY}"},
        {"authorization": f"Digest {KEY}"},
        {"authorization": "Basic é"},
        {"authorization": KEY},
    ):
        raw = {name: value.encode() for name, value in headers.items()}
        refused = await door.client.post("/intake", headers=raw)
        assert (refused.status_code, refused.json()["code"]) == (401, "intake-key-wrong"), headers


async def test_a_key_of_any_letters_fits(door: Door) -> None:
    with_key(door, "ufunguo-wa-pwani-é")
    raw = {"authorization": "Bearer ufunguo-wa-pwani-é".encode()}
    assert (await door.client.post("/intake", headers=raw)).status_code == 200


async def test_a_token_that_is_over_is_not_the_public(door: Door) -> None:
    token = (await door.begin())["access_token"]
    door.clock.advance(minutes=16)
    assert (await door.client.post("/intake", headers=bearer(token))).json()["code"] == "token-expired"
    assert (await door.client.post("/intake", headers=bearer("a.b.c"))).json()["code"] == "unauthenticated"


async def test_sign_in_stands_in_the_openapi_document(door: Door) -> None:
    described = (await door.client.get("/openapi.json")).json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert described["paths"]["/me"]["get"]["security"]
    assert "security" not in described["paths"]["/sessions"]["post"]
