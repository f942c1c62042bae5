import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from fastapi import FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta
from starlette.responses import Response

from geo.places import check_position
from responder_api.errors import Refused, install
from responder_api.json_body import (
    decode_form,
    decode_json,
    form_body,
    json_answer,
    json_body,
    read_form,
    read_json,
    reply,
)
from responder_api.settings import Settings


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    lon: float
    lat: float

    def __post_init__(self) -> None:
        check_position(self.lon, self.lat)


class Sighting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(min_length=1, max_length=20)]
    at: Place | None = None
    people: int = 0
    tags: dict[str, int] = {}


class Sms(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    text: str = ""
    parts: int = 1


def refused(data: bytes, kind: Any = Sighting) -> Refused:
    with pytest.raises(Refused) as found:
        decode_json(data, kind)
    return found.value


def test_a_good_body_is_its_value() -> None:
    found = decode_json('\ufeff{"text": "mafuriko 🌊", "at": {"lon": 34.75, "lat": -0.09}}'.encode(), Sighting)
    assert found == Sighting(text="mafuriko 🌊", at=Place(lon=34.75, lat=-0.09))


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        (b"", "not-json", None),
        (b"{", "not-json", None),
        (b'{"text": "a"} x', "not-json", None),
        (b'{"text": NaN}', "not-json", None),
        (b'{"at": {"lon": Infinity, "lat": 0}}', "not-json", None),
        (b'{"text": "\xff"}', "not-utf8", None),
        (b'{"text": "\xed\xa0\x80"}', "not-utf8", None),
        (b'{"text": "\\ud800"}', "not-utf8", None),
        (b'{"text": "\\udc00\\ud800"}', "not-utf8", None),
        ("{}".encode("utf-16"), "not-utf8", None),
        (b"[]", "invalid-body", "#"),
        (b"null", "invalid-body", "#"),
        (b"{}", "invalid-body", "#/text"),
        (b'{"text": 1}', "invalid-body", "#/text"),
        (b'{"text": ""}', "invalid-body", "#/text"),
        (b'{"text": "a", "at": {"lon": 1}}', "invalid-body", "#/at/lat"),
        (b'{"text": "a", "at": {"lon": "1", "lat": 1}}', "invalid-body", "#/at/lon"),
        (b'{"text": "a", "at": {"lon": 1, "lat": 1, "role": "admin"}}', "invalid-body", "#/at/role"),
        (b'{"text": "a", "created_at": "x"}', "invalid-body", "#/created_at"),
        (b'{"text": "a", "people": 1.5}', "invalid-body", "#/people"),
        (b'{"text": "a", "at": {"lon": 1e400, "lat": 1}}', "number-out-of-range", "#/at/lon"),
        (b'{"text": "a", "people": ' + b"9" * 5000 + b"}", "number-out-of-range", "#/people"),
        (b'{"text": "a", "people": 9223372036854775808}', "number-out-of-range", None),
        (b'{"text": "a", "people": -9223372036854775809}', "number-out-of-range", None),
        (b'{"text": "a", "text": "b"}', "duplicate-keys", None),
        (b'{"text": "a", "tags": {"x": 1, "x": 2}}', "duplicate-keys", None),
        (b'{"text": "a", "te\\u0078t": "b"}', "duplicate-keys", None),
        (b'{"text": "a", "at": {"lon": -0.09, "lat": 34.75}}', "position-swapped", "#/at"),
        (b'{"text": "a", "at": {"lon": 0, "lat": 0}}', "position-null-island", "#/at"),
    ],
)
def test_a_bad_body_is_refused_by_what_is_wrong_and_where(data: bytes, code: str, where: str | None) -> None:
    found = refused(data)
    assert found.code == code
    assert [field.get("pointer") for field in found.errors] == ([where] if where else [])


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 10**18, 0, -1])
def test_whole_numbers_of_64_bits_pass(number: int) -> None:
    assert decode_json(b'{"text": "a", "people": %d}' % number, Sighting).people == number


@pytest.mark.parametrize("piece", [b"[", b'{"text":', b'{"at":', b'{"tags":{"x":'])
@pytest.mark.parametrize("kind", [Sighting, Any, list[Any]])
def test_a_hundred_thousand_levels_are_refused(piece: bytes, kind: Any) -> None:
    assert refused(piece * 100_000, kind).code in ("json-too-deep", "invalid-body", "not-json")
    assert refused(b"[" * 100_000 + b"]" * 100_000, list[Any]).code == "json-too-deep"


def test_a_million_keys_are_refused() -> None:
    many = b"{" + b",".join(b'"k%d":1' % n for n in range(1_000_000)) + b"}"
    assert refused(many).code == "invalid-body"


def test_numbers_of_a_million_digits_are_read_or_refused() -> None:
    assert refused(b'{"text": "a", "people": ' + b"1" * 1_000_000 + b"}").code == "number-out-of-range"
    assert decode_json(b"[0." + b"1" * 1_000_000 + b"]", list[float]) == [pytest.approx(1 / 9)]


@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for kind in (Sighting, Any, list[Sighting]):
        try:
            value = decode_json(data, kind)
        except Refused:
            continue
        assert value == msgspec.json.decode(msgspec.json.encode(value), type=kind)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(json_values)
def test_all_json_that_is_clean_passes_unchanged(value: Any) -> None:
    assert decode_json(json.dumps(value).encode(), Any) == value


def test_forms() -> None:
    assert decode_form(b"id=1&text=maji+%F0%9F%8C%8A&parts=2&more=x", Sms) == Sms(id="1", text="maji 🌊", parts=2)
    assert decode_form(b"id=1&text=a%00b%0A", Sms).text == "a\x00b\n"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "invalid-body"),
        (b"text=a", "invalid-body"),
        (b"id=1&parts=two", "invalid-body"),
        (b"id=1&id=2", "duplicate-keys"),
        (b"id=1&text=%FF", "not-utf8"),
        (b"id=1&text=\xff", "not-utf8"),
        (b"id=1&text=%ED%A0%80", "not-utf8"),
        (b"&".join(b"f%d=1" % n for n in range(1000)), "not-a-form"),
        (b"\x00", "invalid-body"),
    ],
)
def test_bad_forms(data: bytes, code: str) -> None:
    with pytest.raises(Refused) as found:
        decode_form(data, Sms)
    assert found.value.code == code


@given(st.binary(max_size=100))
def test_no_form_does_more_than_be_refused(data: bytes) -> None:
    try:
        value = decode_form(data, Sms)
    except Refused:
        return
    msgspec.json.encode(value)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.state.settings = Settings(max_body_bytes=2048)
    install(app)

    @app.post("/sightings", openapi_extra=json_body(Sighting), responses={200: json_answer(Sighting, "As it was.")})
    async def sightings(request: Request) -> Response:
        return reply(await read_json(request, Sighting))

    @app.post("/sms", openapi_extra=form_body(Sms))
    async def sms(request: Request) -> Response:
        return reply(await read_form(request, Sms, 64))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        yield client


async def test_a_body_comes_in_and_goes_out(client: httpx.AsyncClient) -> None:
    response = await client.post("/sightings", json={"text": "moto"})
    assert response.json() == {"text": "moto", "at": None, "people": 0, "tags": {}}
    assert (await client.post("/sms", data={"id": "1"})).status_code == 200


async def test_a_body_over_the_limit_is_413_declared_or_not(client: httpx.AsyncClient) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1000
            yield b"x" * 1000

    for content in (b"x" * 2049, endless()):
        response = await client.post("/sightings", content=content, headers={"content-type": "application/json"})
        assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert taken <= 4000
    assert (await client.post("/sms", data={"id": "1" * 62})).status_code == 413
    assert (await client.post("/sms", data={"id": "1" * 61})).status_code == 200


@pytest.mark.parametrize("declared", ["-1", "1e3", "٣", "9" * 400, ""])
async def test_a_length_that_is_none_is_refused(client: httpx.AsyncClient, declared: str) -> None:
    headers = {"content-type": "application/json", "content-length": declared.encode()}
    response = await client.post("/sightings", content=b"{}", headers=headers)  # type: ignore[arg-type]
    assert response.status_code in (400, 413)


async def test_media_types(client: httpx.AsyncClient) -> None:
    for sent, status in [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("application/geo+json", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
    ]:
        response = await client.post("/sightings", content=b'{"text": "a"}', headers={"content-type": sent})
        assert response.status_code == status, sent
    assert (await client.post("/sms", json={"id": "1"})).status_code == 415
    packed = {"content-type": "application/json", "content-encoding": "gzip"}
    assert (await client.post("/sightings", content=b"x", headers=packed)).status_code == 415


async def test_bodies_stand_in_the_openapi_document(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    schema = paths["/sightings"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["text"]["maxLength"] == 20
    assert "$ref" not in json.dumps(schema)
    form = paths["/sms"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    assert form["required"] == ["id"]
    answer = paths["/sightings"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["properties"]["people"] == {"type": "integer", "default": 0}
