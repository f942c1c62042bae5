"""A county that a browser looks at: a real server, Kisumu's people on its list, and the ways by which things happen.

Everything goes through the door, over HTTP, as it would from outside; what is waited for is what an operator's own list
says.
"""

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

import httpx
import msgspec

import fixtures
from tests.system.conftest import Server

PATIENCE_S = 30.0
"""How long a thing may take before it is said never to come; nothing is slowed down by it."""
STATIONS = msgspec.json.decode(fixtures.path("demo/gauges.json").read_bytes())["stations"]
DATUM = {station["id"]: station["datum"] for station in STATIONS}


class Spot(NamedTuple):
    """Somewhere in the county: a ward's name and its centre, degrees."""

    ward: str
    lon: float
    lat: float


def spots() -> list[Spot]:
    """Give the centres of Kisumu's wards."""
    with fixtures.path("demo/ward_centres.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["county_code"] == "042"]
    return [Spot(row["ward"], float(row["lon"]), float(row["lat"])) for row in rows]


class County(Server):
    """A server with Kisumu's people on its list, and the ways by which things happen there."""

    def settle_in(self) -> None:
        """Start, make the accounts, and put the demo's responders of the county on the list, over HTTP."""
        self.start(token_minutes="60")
        self._spots = iter(spots())
        self._tokens: dict[str, str] = {}
        self.account("kisumu", ("operator", "KE.042"))
        self.account("nyando", ("operator", "KE.042"))
        self.account("migori", ("operator", "KE.044"))
        self.people = [
            person
            for person in msgspec.json.decode(fixtures.path("demo/responders.json").read_bytes())
            if person["home"].startswith("KE.042")
        ]
        with self.as_("kisumu") as http:
            for person in self.people:
                told = {name: value for name, value in person.items() if name not in ("area", "on_shift")}
                _taken(http.post("/responders", json=told))
                _taken(http.post(f"/responders/{person['id']}/shift", json={"on": person["on_shift"]}))
                if person["has_app"]:
                    self.account(person["id"], ("responder", person["area"]), person=person["id"])

    def account(self, name: str, *grants: tuple[str, str], person: str | None = None) -> None:
        """Make an account; in a thread of its own, because Playwright's loop runs in this one."""
        with ThreadPoolExecutor(1) as aside:
            aside.submit(super().account, name, *grants, person=person).result()

    def as_(self, name: str) -> httpx.Client:
        """Give a client that is signed in."""
        if name not in self._tokens:
            self._tokens[name] = self.token(name)
        headers = {"authorization": f"Bearer {self._tokens[name]}"}
        return httpx.Client(base_url=self.url, headers=headers, trust_env=False, timeout=30)

    def report(self, text: str, lon: float | None = None, lat: float | None = None, **more: Any) -> dict[str, Any]:
        """Report something; gives its id and reference."""
        place = {} if lon is None else {"lon": lon, "lat": lat, "position_of": "incident"}
        body = {"text": text, **place, **more}
        answer: dict[str, Any] = _taken(httpx.post(f"{self.url}/intake/reports", json=body, trust_env=False)).json()
        return answer

    def spot(self) -> Spot:
        """Give a ward where nothing has happened yet."""
        return next(self._spots)

    def incident(self, text: str, hazard: str = "fire", at: Spot | None = None, **more: Any) -> dict[str, Any]:
        """Let an incident begin, where nothing else is; gives its document."""
        spot = at or self.spot()
        report = self.report(text, spot.lon, spot.lat, hazard=hazard, **more)["id"]
        id_ = self.until("/reports", lambda all_: [each["incident"] for each in all_ if each["id"] == report])[0]
        return self.one("incidents", id_)

    def ask(self, responder: str, text: str, at: Spot | None = None) -> dict[str, Any]:
        """Let an incident begin for which nobody but ward officials is asked, and send one responder; gives the ask."""
        return self.dispatch(self.incident(text, "other", at)["id"], responder)

    def dispatch(self, incident: str, responder: str) -> dict[str, Any]:
        """Ask one responder to go, as an operator; gives the ask."""
        with self.as_("kisumu") as http:
            _taken(http.post(f"/incidents/{incident}/dispatch", json={"responder": responder}))
        asked: list[dict[str, Any]] = self.until(
            "/assignments", lambda all_: [a for a in all_ if (a["incident"], a["responder"]) == (incident, responder)]
        )
        return asked[0]

    def answer(self, incident: str, responder: str, answer: str) -> None:
        """Let a responder answer an ask by other means."""
        ask = next(a for a in self.all("/assignments") if (a["incident"], a["responder"]) == (incident, responder))
        with self.as_(responder) as http:
            _taken(http.post(f"/assignments/{ask['id']}/answer", json={"answer": answer, "client_id": ask["id"]}))

    def waiting(self, text: str, **more: Any) -> dict[str, Any]:
        """Report something without a place; gives the report's document once it waits for an operator."""
        id_ = self.report(text, **more)["id"]
        found: list[dict[str, Any]] = self.until(
            "/reports", lambda all_: [each for each in all_ if each["id"] == id_ and each["state"] == "waiting"]
        )
        return found[0]

    def one(self, kind: str, id_: str, name: str = "kisumu") -> dict[str, Any]:
        """Give one document as somebody sees it."""
        with self.as_(name) as http:
            answer = http.get(f"/{kind}/{id_}")
            assert answer.status_code == 200, answer.text
            value: dict[str, Any] = answer.json()
            return value

    def readings(self, station: str, *values: float, every: timedelta = timedelta(minutes=10)) -> None:
        """Let a river station report its level, the last value now."""
        now = datetime.now(UTC)
        times = [(now - every * n).isoformat() for n in reversed(range(len(values)))]
        series = {"station": station, "parameter": "level", "unit": "m", "times": times, "values": values}
        batch = [series | {"datum": DATUM[station]}]
        _taken(httpx.post(f"{self.url}/intake/readings", json={"batch": batch}, trust_env=False))

    def all(self, path: str, name: str = "kisumu") -> list[dict[str, Any]]:
        """Give every document of a list as somebody sees it."""
        found: list[dict[str, Any]] = []
        with self.as_(name) as http:
            after = None
            while True:
                page = http.get(path, params={"limit": 500} | ({"after": after} if after else {})).json()
                found += page["items"]
                after = page.get("next")
                if not after:
                    return found

    def until(self, path: str, seen: Callable[[list[dict[str, Any]]], Any], name: str = "kisumu") -> Any:
        """Ask for a list until something is seen in it; gives what was seen."""
        given_up = monotonic() + PATIENCE_S
        while not (found := seen(listed := self.all(path, name))):
            assert monotonic() < given_up, listed
        return found


def _taken(answer: httpx.Response) -> httpx.Response:
    assert answer.status_code == 202, answer.text
    return answer
