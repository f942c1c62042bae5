"""Which pages may call: the origins that the settings name, and no other (F47)."""

import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.responder_api.app.conftest import Door, listening

CONSOLE = "https://console.kisumu.example"
ALLOWED = pytest.mark.parametrize("door", [{"allowed_origins": (CONSOLE,)}], indirect=True)


@ALLOWED
async def test_a_page_of_a_named_origin_may_call(door: Door) -> None:
    asked = {"origin": CONSOLE, "access-control-request-method": "PATCH"}
    asked["access-control-request-headers"] = "authorization, content-type, if-match"
    before = await door.client.options("/accounts/x", headers=asked)
    assert before.status_code == 200
    assert before.headers["access-control-allow-origin"] == CONSOLE
    assert "PATCH" in before.headers["access-control-allow-methods"]
    assert "authorization" in before.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in before.headers
    for path, status in (("/healthz", 200), ("/reports", 401), ("/nothing", 404)):
        answer = await door.client.get(path, headers={"origin": CONSOLE})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == CONSOLE, "the page must be able to read why"
        assert "retry-after" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers
    large = await door.client.post("/intake/reports", content=b"x" * (3 << 20), headers={"origin": CONSOLE})
    assert (large.status_code, large.headers["access-control-allow-origin"]) == (413, CONSOLE)


@ALLOWED
@pytest.mark.parametrize("origin", ["https://evil.example", "null", CONSOLE + ".evil.example", CONSOLE + ":8443"])
async def test_a_page_of_another_origin_may_not(door: Door, origin: str) -> None:
    asked = {"origin": origin, "access-control-request-method": "GET"}
    before = await door.client.options("/reports", headers=asked)
    assert before.status_code == 400
    assert "access-control-allow-origin" not in before.headers
    answer = await door.client.get("/healthz", headers={"origin": origin})
    assert "access-control-allow-origin" not in answer.headers


async def test_without_the_setting_no_page_of_elsewhere_may_call(door: Door) -> None:
    answer = await door.client.get("/healthz", headers={"origin": CONSOLE})
    assert not [name for name in answer.headers if name.startswith("access-control")]


@ALLOWED
async def test_live_is_opened_by_its_own_and_the_named_pages_only(door: Door) -> None:  # F47
    await door.person("amina", ("operator", "KE.042"))
    async with listening(door) as url:
        own = url.replace("ws://", "http://")
        for origin in (None, Origin(own), Origin(CONSOLE)):
            async with connect(url + "/live", origin=origin, compression=None) as line:
                await line.send(json.dumps({"type": "hello", "token": door.token("amina")}))
                assert json.loads(await line.recv())["type"] == "welcome"
        for foreign in ("https://evil.example", "null", CONSOLE + ".evil.example", "http://127.0.0.1:1"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url + "/live", origin=Origin(foreign))
            assert refused.value.response.status_code == 403
        for path in (f"/live?token={door.token('amina')}", f"/live?{door.token('amina')}", "/live?access_token=x"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(url + path)
            assert refused.value.response.status_code == 400
            assert json.loads(refused.value.response.body)["code"] == "token-in-url"
