"""Nobody sees or does anything in a county that is not theirs: every county, every role, every way in (F45).

The oracle does not use the rule under test: whatever belongs to a county carries that county's mark in its text, and
an answer or a frame with a foreign mark is a leak.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect

from geo.wards import Wards
from responder_api.reference_data import load_world
from responder_api.settings import Settings
from responder_api.wiring_embedded import build
from streams.world import World
from tests.responder_api.app.conftest import Door, listening

pytestmark = pytest.mark.asyncio(loop_scope="module")

REAL = Path(__file__).parents[4] / "shared" / "data" / "kenya_wards.fgb"
ROLES = ("operator", "responder", "agency", "admin")
LISTS = ("incidents", "assignments", "reports", "responders", "gauges", "messages", "alerts", "deadletters")
KIND = {name: name[:-1] for name in LISTS}
MARK = re.compile(r"siri-(\d{3})")
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Country:
    """A country in which something goes on in every county, and somebody of every role looks on."""

    def __init__(self, door: Door, url: str) -> None:
        self.door, self.url = door, url
        self.wards: dict[str, str] = {}
        self.spots: dict[str, tuple[float, float]] = {}
        self.viewers: dict[str, tuple[str, str]] = {}
        self.owned: dict[str, dict[str, str]] = {}
        """By county, then by list: one thing that belongs there."""

    async def happen(self) -> None:
        """Let something happen in every county."""
        door = self.door
        await door.person("taifa", *((role, "KE") for role in ROLES))
        for ward in door.node.world.wards:
            county = ward.path[:6]
            if county not in self.wards and deep(door.node.world.wards, ward.lon, ward.lat):
                self.wards[county], self.spots[county] = ward.path, (ward.lon, ward.lat)
        for county, home in self.wards.items():
            await self._people(county, home)
        await self._readings()
        for county in self.wards:
            await self.report(county, "ya kwanza")
        await door.settle()
        for name in LISTS:
            await self._own(name)

    async def report(self, county: str, what: str) -> None:
        lon, lat = self.spots[county]
        text = f"siri-{county[3:]} {what}: flood, people trapped on roofs"
        body = {"text": text, "hazard": "flood", "lon": lon, "lat": lat, "position_of": "incident"}
        answer = await self.door.ask("POST", "/intake/reports", json=body)
        assert answer.status_code == 202, answer.text

    async def _people(self, county: str, home: str) -> None:
        person = f"siri-{county[3:]}-mtu"
        enrolment = {
            "id": person,
            "name": f"siri-{county[3:]} Achieng",
            "phone": f"+25471{county[3:]}0000",
            "skills": ["rescue", "medical", "ward-admin", "boat", "chief"],
            "home": home,
        }
        assert (await self.door.ask("POST", "/responders", "taifa", json=enrolment)).status_code == 202
        on = await self.door.ask("POST", f"/responders/{person}/shift", "taifa", json={"on": True})
        assert on.status_code == 202
        below = (home[:10], home) if len(self.viewers) % 4 == 0 else ()
        for role in ROLES:
            for area in (county, *below):
                name = f"{role}-{area}".lower()
                self.viewers[name] = (role, area)
                await self.door.person(name, (role, area))
        mine = f"mtu-{county}".lower()
        self.viewers[mine] = ("responder", home)
        await self.door.person(mine, ("responder", home), person=person)

    async def _readings(self) -> None:
        now = datetime.now(UTC)
        for gauge in self.door.node.world.stations.values():
            station = gauge.station
            if station.parameter != "level" or gauge.county not in self.wards:
                continue
            top = max(mark.raise_at for mark in station.marks if mark.measure != "rise") + 0.1
            times = [(now - timedelta(minutes=minutes)).isoformat() for minutes in (20, 15, 10, 5)]
            one = {"station": station.id, "unit": station.unit, "datum": station.datum, "times": times}
            batch = [{**one, "values": [top] * 4}, {**one, "unit": f"siri-{gauge.county[3:]}", "values": [1.0] * 4}]
            answer = await self.door.ask("POST", "/intake/readings", json={"batch": batch})
            assert answer.status_code == 202, answer.text

    async def _own(self, name: str) -> None:
        rows = await self.door.node.read(
            lambda: self.door.node.views.find(KIND[name], frozenset({"operator:KE", "public"}), limit=100_000)
        )
        for row in rows:
            areas = {entry.partition(":")[2][:6] for entry in row.audience if ":KE." in entry}
            if "public" in row.audience or len(areas) != 1:
                continue
            self.owned.setdefault(areas.pop(), {}).setdefault(name, row.id)


def deep(wards: Wards, lon: float, lat: float) -> bool:
    """Tell whether a position is so far inside its county that no other is concerned."""
    found = wards.at(lon, lat, radius_m=3000.0)
    return found.inside and len({wards.ward(row).county_code for row, _ in found.candidates}) == 1


def foreign(text: str, area: str) -> set[str]:
    """Give the counties whose mark a text has and a viewer of the area must not see."""
    return {f"KE.{code}" for code in MARK.findall(text)} - {area[:6]}


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> World:
    """All 47 counties where their boundaries are at hand, else the demo's four."""
    return load_world(Settings(data=Path("nowhere"), boundaries=REAL if REAL.exists() else None))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def country(tmp_path_factory: pytest.TempPathFactory, nation: World) -> AsyncIterator[Country]:
    door = Door(build(Settings(data=tmp_path_factory.mktemp("country")), nation))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(door.app.router.lifespan_context(door.app))
        await stack.enter_async_context(door.client)
        made = Country(door, await stack.enter_async_context(listening(door)))
        await made.happen()
        yield made


async def test_something_goes_on_in_every_county(country: Country) -> None:
    # Without this the tests below could pass for want of anything to leak.
    counties = {ward.path[:6] for ward in country.door.node.world.wards}
    assert set(country.wards) == counties
    for county in counties:
        assert {"incidents", "assignments", "reports", "responders", "messages"} <= set(country.owned[county])
    assert {name for owned in country.owned.values() for name in owned} >= {"gauges", "alerts", "deadletters"}


async def test_no_list_shows_anything_of_another_county(country: Country) -> None:  # F45
    shown = 0
    for viewer, (role, area) in country.viewers.items():
        other = next(county for county in country.wards if county != area[:6])
        for name in LISTS:
            for query in ("?limit=1000", f"?limit=1000&area={other}"):
                if name == "deadletters" and "area" in query:
                    continue
                answer = await country.door.ask("GET", f"/{name}{query}", viewer)
                assert answer.status_code == 200
                assert foreign(answer.text, area) == set(), (viewer, name, query)
                mine = MARK.findall(answer.text)
                shown += len(mine)
                if role in ("operator", "admin") and area == area[:6] and other not in query and name in (
                    "incidents", "assignments", "reports", "responders", "messages",
                ):  # fmt: skip
                    assert mine, (viewer, name, query)
    assert shown


async def test_what_is_foreign_is_answered_as_what_does_not_exist(country: Country) -> None:  # F45
    counties = list(country.owned)
    for n, (viewer, (_, area)) in enumerate(country.viewers.items()):
        near = [county for county in counties if county != area[:6]]
        for name in LISTS:
            owning = [county for county in near if name in country.owned[county]]
            if not owning:
                continue
            id_ = country.owned[owning[n % len(owning)]][name]
            more = [f"/incidents/{id_}/{what}" for what in ("history", "people") if name == "incidents"]
            for path in (f"/{name}/{id_}", *more):
                found = await country.door.ask("GET", path, viewer)
                unknown = await country.door.ask("GET", path.replace(id_, UNKNOWN), viewer)
                assert found.status_code == unknown.status_code == 404, (viewer, path)
                assert alike(found, unknown)


def alike(one: httpx.Response, other: httpx.Response) -> bool:
    """Tell whether two answers differ in nothing but the request's own id."""
    bodies = [{**answer.json(), "instance": ""} for answer in (one, other)]
    heads = [{k: v for k, v in answer.headers.items() if k != "x-request-id"} for answer in (one, other)]
    return bodies[0] == bodies[1] and heads[0] == heads[1] and one.status_code == other.status_code


DECISIONS: list[tuple[str, str, dict[str, Any]]] = [
    ("reports", "/reports/{}/place", {"lon": 34.7617, "lat": -0.0917}),
    ("reports", "/reports/{}/dismiss", {"reason": "hoax"}),
    ("incidents", "/incidents/{}/close", {"reason": "over"}),
    ("incidents", "/incidents/{}/merge", {"into": UNKNOWN}),
    ("incidents", "/incidents/{}/dispatch", {"responder": "nobody"}),
    ("reports", "/reports/{}/ask", {"question": "where?"}),
    ("reports", "/reports/{}/claim", {}),
    ("incidents", "/incidents/{}/claim", {"take_over": True}),
    ("alerts", "/alerts/{}/claim", {}),
    ("assignments", "/assignments/{}/answer", {"answer": "accept"}),
    ("responders", "/responders/{}/shift", {"on": False}),
    ("responders", "/responders/{}/position", {"lon": 34.7617, "lat": -0.0917}),
    ("alerts", "/alerts/{}/approve", {}),
    ("alerts", "/alerts/{}/reject", {}),
    ("alerts", "/alerts/{}/cancel", {}),
    ("alerts", "/alerts/{}/passed-on", {"ward": "KE.042.238.1189"}),
    ("deadletters", "/deadletters/{}/replay", {}),
]


async def test_nobody_decides_anything_in_another_county(country: Country) -> None:  # F45
    end = country.door.node.host.end()
    for n, (viewer, (_, area)) in enumerate(country.viewers.items()):
        for name, path, body in DECISIONS:
            owning = [county for county in country.owned if county != area[:6] and name in country.owned[county]]
            if not owning:
                continue
            id_ = country.owned[owning[n % len(owning)]][name]
            for method in ("POST", "DELETE") if path.endswith("/claim") else ("POST",):
                tried = await country.door.ask(method, path.format(id_), viewer, json=body)
                unknown = await country.door.ask(method, path.format(UNKNOWN), viewer, json=body)
                assert tried.status_code == unknown.status_code == 404, (viewer, path, tried.text)
                assert alike(tried, unknown)
    await country.door.settle()
    assert country.door.node.host.end() == end, "a refused decision was written down"


async def test_nobody_merges_or_sends_across_counties(country: Country) -> None:  # F45
    end = country.door.node.host.end()
    counties = list(country.wards)
    for n, county in enumerate(counties):
        mine, other = country.owned[county], country.owned[counties[n - 1]]
        viewer = f"operator-{county}".lower()
        for path, body in (
            (f"/incidents/{mine['incidents']}/merge", {"into": other["incidents"]}),
            (f"/incidents/{mine['incidents']}/dispatch", {"responder": other["responders"]}),
        ):
            answer = await country.door.ask("POST", path, viewer, json=body)
            assert answer.status_code == 404, answer.text
        lent = {"name": "x", "phone": "+254700000000", "skills": ["rescue"], "home": country.wards[counties[n - 1]]}
        answer = await country.door.ask("POST", "/responders", viewer, json={"id": f"mpya-{n}", **lent})
        assert answer.status_code == 403
        answer = await country.door.ask("POST", "/responders", viewer, json={"id": other["responders"], **lent})
        assert answer.status_code == 403
    await country.door.settle()
    assert country.door.node.host.end() == end


async def test_nobody_is_shown_whom_another_county_could_send(country: Country) -> None:  # F45
    for viewer, (role, area) in country.viewers.items():
        mine = country.owned[area[:6]]["incidents"]
        answer = await country.door.ask("GET", f"/incidents/{mine}/people?limit=200", viewer)
        assert foreign(answer.text, area) == set(), (viewer, answer.text)
        if role not in ("operator", "admin"):
            assert not MARK.findall(answer.text), viewer
        elif area == area[:6]:
            assert MARK.findall(answer.text), viewer


async def test_no_list_of_accounts_shows_another_county(country: Country) -> None:  # F45
    for viewer, (role, area) in country.viewers.items():
        if role != "admin":
            assert (await country.door.ask("GET", "/accounts", viewer)).status_code == 403
            continue
        listed = (await country.door.ask("GET", "/accounts", viewer)).json()
        held = {grant["area"] for account in listed for grant in account["roles"]}
        assert {path for path in held if not (path + ".").startswith(area + ".")} == set(), viewer
        other = next(county for county in country.wards if county != area[:6])
        path = f"/accounts/id-operator-{other}".lower()
        found = await country.door.ask("GET", path, viewer)
        unknown = await country.door.ask("GET", f"/accounts/{UNKNOWN}", viewer)
        assert found.status_code == 404
        assert alike(found, unknown)
        for change in ({"disabled": True}, {"roles": [{"role": "admin", "area": area}]}, {"person": "x"}):
            tried = await country.door.ask("PATCH", path, viewer, json=change)
            assert tried.status_code in (404, 422), tried.text
        made = {"name": "mgeni", "display_name": "m", "password": "kiboko anaogelea usiku"}
        tried = await country.door.ask(
            "POST", "/accounts", viewer, json={**made, "roles": [{"role": "operator", "area": other}]}
        )
        assert tried.status_code == 403


async def _heard(line: ClientConnection, last: Callable[[dict[str, Any]], bool]) -> list[str]:
    heard = []
    async for text in line:
        heard.append(str(text))
        if last(json.loads(text)):
            return heard
    raise AssertionError("the line was closed")


async def test_no_socket_hears_anything_of_another_county(country: Country) -> None:  # F45
    lines: dict[str, ClientConnection] = {}
    async with AsyncExitStack() as stack:
        for n, viewer in enumerate(country.viewers):
            line = await stack.enter_async_context(connect(country.url + "/live", max_size=None, compression=None))
            lines[viewer] = line
            hello: dict[str, Any] = {"type": "hello", "token": country.door.token(viewer)}
            if n % 3 == 1:  # a scope can only take away
                hello["areas"] = ["KE"]
            await line.send(json.dumps(hello))
        before = await _everything(lines, lambda frame: frame["type"] == "snapshot" and frame["part"] == frame["of"])
        for county in country.wards:
            await country.report(county, "ya pili")
        await country.door.settle()
        for line in lines.values():
            await line.send(json.dumps({"type": "ping", "ref": "so-far"}))
        after = await _everything(lines, lambda frame: frame.get("ref") == "so-far")
    for viewer, (role, area) in country.viewers.items():
        for text in (*before[viewer], *after[viewer]):
            assert foreign(text, area) == set(), (viewer, text[:500])
        if role == "operator" and area == area[:6]:
            assert any(MARK.search(text) for text in before[viewer]), viewer
            assert any("ya pili" in text for text in after[viewer]), viewer


async def _everything(
    lines: dict[str, ClientConnection], last: Callable[[dict[str, Any]], bool]
) -> dict[str, list[str]]:
    heard = await asyncio.gather(*(_heard(line, last) for line in lines.values()))
    return dict(zip(lines, heard, strict=True))
