"""The description of the interface against the real server: no 5xx, and no answer that it does not name."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.system.conftest import PASSWORD, Server

EXAMPLES = 12
CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
KINDS = (
    *("reports", "incidents", "assignments", "responders", "presences", "messages", "alerts", "gauges", "deadletters"),
    "accounts",
)


@pytest.fixture
def busy(server: Server) -> tuple[Server, dict[str, str]]:
    """A server on which there is one of everything, and the ids by list."""
    every = [(role, "KE") for role in ("operator", "responder", "agency", "admin")]
    server.account("all", *every)
    server.account("other", *every)
    server.start(token_minutes="600", max_body_bytes="20000")
    session = Person(server, "all").session
    home = session.get(server.url + "/locate?lon=34.7617&lat=-0.0917").json()["ward"]["path"]
    person = {"id": "p0", "name": "Mtu", "phone": "+254700000000", "skills": ["rescue"], "home": home}
    post(session, server.url + "/responders", person)
    post(session, server.url + "/responders/p0/shift", {"on": True})
    where = {"lon": 34.7617, "lat": -0.0917}
    post(session, server.url + "/responders/p0/position", {**where, "accuracy_m": 20.0})
    post(session, server.url + "/intake/reports", {"text": "flood, people on roofs", "hazard": "flood", **where})
    gauge = {"station": "nyando-ahero", "datum": "Ahero bridge staff gauge zero", "times": ["2026-01-01T00:00:00Z"]}
    batch = [{**gauge, "unit": "m", "values": [1.0]}, {**gauge, "unit": "furlong", "values": [1.0]}]
    post(session, server.url + "/intake/readings", {"batch": batch})
    ids = {}
    for kind in KINDS:
        listed = session.get(f"{server.url}/{kind}").json()
        items = listed if kind == "accounts" else listed["items"]
        if items:
            ids[kind] = items[0]["id"] if kind != "accounts" else "test-other"
    assert {"reports", "incidents", "responders", "presences", "deadletters"} <= set(ids)
    return server, ids


def post(session: requests.Session, url: str, body: Any) -> None:
    answer = session.post(url, json=body)
    assert answer.status_code == 202, answer.text


def bare() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


class Person:
    """Somebody who stays signed in, also after signing out as they were asked to."""

    def __init__(self, server: Server, name: str) -> None:
        self._server, self.session = server, bare()
        # All at the start: once nonsense was tried as passwords, the throttle lets nobody in from here for a while.
        self._spare = [self._sign_in(name) for _ in range(EXAMPLES + 3)]
        self._use(self._spare.pop())

    def _sign_in(self, name: str) -> dict[str, str]:
        answer = bare().post(f"{self._server.url}/sessions", json={"name": name, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        tokens: dict[str, str] = answer.json()
        return tokens

    def _use(self, tokens: dict[str, str]) -> None:
        self._refresh = tokens["refresh_token"]
        self.session.headers["authorization"] = f"Bearer {tokens['access_token']}"

    def stay(self) -> None:
        """Be signed in again: by the refresh token where the key was replaced, else by a spare session."""
        while self.session.get(self._server.url + "/me").status_code == 401:
            answer = bare().post(f"{self._server.url}/sessions/refresh", json={"refresh_token": self._refresh})
            self._use(answer.json() if answer.status_code == 200 else self._spare.pop())


def known(case: Any, ids: dict[str, str]) -> None:
    """Let a case be about something that is there, every other time."""
    kind = case.path.strip("/").split("/")[0]
    for name, value in case.path_parameters.items():
        if kind in ids and len(str(value)) % 2:
            case.path_parameters[name] = ids[kind]


def test_the_server_answers_as_its_description_says(busy: tuple[Server, dict[str, str]]) -> None:
    server, ids = busy
    schema = schemathesis.openapi.from_dict(bare().get(server.url + "/openapi.json").json())
    tried = 0
    failures: list[str] = []
    me = Person(server, "all")
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        def call(case: Any) -> None:
            nonlocal tried
            tried += 1
            known(case, ids)
            answer = case.call(base_url=server.url, session=me.session, headers={"connection": "keep-alive"})
            case.validate_response(answer, checks=CHECKS)
            me.stay()

        try:
            run(operation.as_strategy(), call)
        except (FailureGroup, Failure) as error:  # every address is tried before any is reported
            failures.append(f"{operation.label}: {error}")
    assert not failures, "\n\n".join(failures)
    assert tried > 100
    assert bare().get(server.url + "/readyz").status_code == 200


def run(strategy: Any, call: Callable[[Any], None]) -> None:
    """Try examples of a strategy, always the same ones."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def each(case: Any) -> None:
        call(case)

    each()
