"""The page of the API: it must work in an operations centre that has no internet."""

import re

from tests.responder_api.app.conftest import Door


async def test_the_page_and_all_it_loads_come_from_here(door: Door) -> None:
    page = await door.client.get("/docs")
    assert page.status_code == 200
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith("/"), f"{address} is another host's"
        assert (await door.client.get(address)).status_code == 200


async def test_every_route_says_what_it_does(door: Door) -> None:
    paths = (await door.client.get("/openapi.json")).json()["paths"]
    said = [operation["summary"] for methods in paths.values() for operation in methods.values()]
    assert all(len(summary.split()) > 1 for summary in said), sorted(said)
