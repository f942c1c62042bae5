import ast
import errno
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeGuard

import httpx
import pytest
from fastapi import Body, FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.exceptions import HTTPException

from geo.places import Rejected
from responder_api import reference
from responder_api.errors import MEDIA_TYPE, PROBLEM_RESPONSES, Refused, install, pointer, printable, problem
from responder_api.problems import PROBLEMS
from responder_api.routes.reference import router
from streams.database import StorageFull

ROOT = Path(reference.__file__).resolve().parent.parent


def raised_codes() -> Iterator[tuple[str, Path]]:
    for folder in ("geo", "alerts", "streams", "responder_api"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                    continue
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                first = node.args[1 if name == "Refusal" else 0 :][:1]
                if name in ("Rejected", "Refused", "Refusal", "problem") and first:
                    yield from ((str(c.value), path) for c in ast.walk(first[0]) if _is_code(c))


def _is_code(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and "-" in node.value


def test_every_code_that_is_raised_stands_in_the_table() -> None:
    found = list(raised_codes())
    assert len(found) > 20
    missing = {code: path.name for code, path in found if code not in PROBLEMS}
    assert missing == {}


def test_every_row_of_the_table_is_for_something_that_happens() -> None:
    spoken: set[object] = set()
    for folder in ("geo", "alerts", "streams", "responder_api"):
        for path in (ROOT / folder).rglob("*.py"):
            if path.name != "problems.py":
                nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                spoken |= {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert [code for code in PROBLEMS if code not in spoken] == []


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_row_can_be_answered(code: str) -> None:
    row = PROBLEMS[code]
    response = problem(code, "this time")
    document = json.loads(bytes(response.body))
    assert code == code.lower()
    assert " " not in code
    assert response.status_code == row.status
    assert response.media_type == MEDIA_TYPE
    assert document["type"] == f"/errors#{code}"
    assert (document["title"], document["status"], document["code"]) == (row.title, row.status, code)
    assert ("retry-after" in response.headers) == (row.status in (429, 503))
    assert ("www-authenticate" in response.headers) == (row.status == 401)
    assert row.next.endswith(".")


def test_a_code_outside_the_table_is_answered_under_its_own_name() -> None:
    response = problem("never-heard-of", "x")
    document = json.loads(bytes(response.body))
    assert (response.status_code, document["code"], document["type"]) == (422, "never-heard-of", "/errors#rejected")


def test_extra_members_cannot_replace_the_standard_ones() -> None:
    document = json.loads(bytes(problem("conflict", "x", type="evil", title="evil", near="KE.042").body))
    assert document["type"] == "/errors#conflict"
    assert document["title"] == PROBLEMS["conflict"].title
    assert document["near"] == "KE.042"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.binary()
    | st.just(object()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)


@given(st.text(st.characters()), anything)
def test_whatever_is_said_can_be_sent(detail: str, extra: Any) -> None:
    body = bytes(problem("invalid-body", detail, extra=extra).body)
    json.loads(body.decode("utf-8"), parse_constant=pytest.fail)


def test_lone_surrogates_are_replaced() -> None:
    assert printable({"a\ud800": ["\udfff", float("nan"), 1, None, True]}) == {"a?": ["?", None, 1, None, True]}


def test_pointers_are_escaped() -> None:
    assert pointer(("a/b", "c~d", 0)) == "#/a~1b/c~0d/0"
    assert pointer(()) == "#"


class Unspeakable(Exception):
    """Carries what must not reach a client."""


def failing(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


FAILURES: dict[str, Exception] = {
    "rejected": Rejected("position-swapped", "lon and lat \ud800"),
    "refused": Refused("invalid-body", "no", errors=[{"detail": "x", "pointer": "#/lon"}], headers={"x-more": "yes"}),
    "full": sqlite3.OperationalError("database or disk is full"),
    "engine-full": StorageFull("no space"),
    "no-space": OSError(errno.ENOSPC, "secret path"),
    "read-only": OSError(errno.EROFS, "secret path"),
    "oserror": OSError(errno.EPERM, "secret path"),
    "integrity": sqlite3.IntegrityError("secret column"),
    "unspeakable": Unspeakable("secret"),
    "teapot": HTTPException(418, "secret"),
    "gone": HTTPException(404, "secret", {"x-more": "yes"}),
}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(responses=PROBLEM_RESPONSES)
    install(app)
    app.include_router(router)
    for name, error in FAILURES.items():
        app.add_api_route(f"/fail/{name}", failing(error), methods=["GET"])

    @app.post("/items/{number}")
    async def items(number: int, body: dict[str, int] = Body(...)) -> None:
        pass

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://door") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("rejected", 422, "position-swapped"),
        ("refused", 422, "invalid-body"),
        ("engine-full", 503, "storage-full"),
        ("no-space", 503, "storage-full"),
        ("read-only", 503, "storage-broken"),
        ("oserror", 500, "internal"),
        ("integrity", 500, "internal"),
        ("unspeakable", 500, "internal"),
        ("teapot", 418, "bad-request"),
        ("gone", 404, "not-found"),
    ],
)
async def test_every_failure_is_a_problem_document(
    client: httpx.AsyncClient, name: str, status: int, code: str
) -> None:
    response = await client.get(f"/fail/{name}")
    document = response.json()
    assert response.headers["content-type"] == MEDIA_TYPE
    assert (response.status_code, document["status"], document["code"]) == (status, status, code)
    assert "secret" not in response.text
    assert ("retry-after" in response.headers) == (status == 503)


async def test_a_real_full_database_is_answered_503(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "small.sqlite3")
    db.execute("PRAGMA max_page_count = 4")
    db.execute("CREATE TABLE t (x BLOB)")

    app = FastAPI()
    install(app)

    @app.post("/")
    async def write() -> None:
        db.execute("INSERT INTO t VALUES (zeroblob(1000000))")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        response = await client.post("/")
    db.close()
    assert (response.status_code, response.json()["code"]) == (503, "storage-full")
    assert int(response.headers["retry-after"]) > 0


async def test_fields_are_pointed_at_and_not_repeated(client: httpx.AsyncClient) -> None:
    response = await client.post("/items/1", json={"a": "secret", "b": 1, "c/d": "secret"})
    assert response.status_code == 422
    assert [field["pointer"] for field in response.json()["errors"]] == ["#/a", "#/c~1d"]
    assert "secret" not in response.text


async def test_parameters_are_named(client: httpx.AsyncClient) -> None:
    response = await client.post("/items/one", json={})
    assert response.json()["code"] == "invalid-parameter"
    assert response.json()["errors"][0]["parameter"] == "number"


@pytest.mark.parametrize(
    "body", [b'{"a": NaN}', b'{"a": "\xff\xfe"}', b'{"a": "\\ud800"}', b'{"\\ud800": "x"}', b"\x00", b"", b"[1e999]"]
)
async def test_bodies_that_cannot_be_repeated_do_not_break_the_answer(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/items/1", content=body, headers={"content-type": "application/json"})
    assert 400 <= response.status_code < 500
    assert response.headers["content-type"] == MEDIA_TYPE
    assert response.json()["status"] == response.status_code


async def test_wrong_addresses_and_methods(client: httpx.AsyncClient) -> None:
    nowhere = await client.get("/nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "not-found")
    wrong = await client.delete("/items/1")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method-not-allowed", "POST")


async def test_the_type_of_a_problem_can_be_opened(client: httpx.AsyncClient) -> None:
    page = await client.get("/errors")
    assert page.status_code == 200
    for code in PROBLEMS:
        assert f'id="{code}"' in page.text


async def test_refusals_stand_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()["paths"]["/items/{number}"]["post"]["responses"]
    assert MEDIA_TYPE in described["4XX"]["content"]
    assert "422" not in described
