"""Tokens that are not ours, or no longer: 401 on every address that asks who you are (F47, F50)."""

import base64
import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from responder_api.accounts import Account
from responder_api.tokens import new_key, open_key, sign
from tests.responder_api.app.conftest import Door, listening


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, payload, signature = token.split(".")
    read = [json.loads(base64.urlsafe_b64decode(each + "===")) for each in (head, payload)]
    return read[0], read[1], signature


async def forged(door: Door, token: str, account: Account) -> dict[str, str]:
    head, payload, signature = parts(token)
    now, life = door.node.clock(), timedelta(minutes=5)
    foreign = open_key(new_key(now))
    ours = next(key for key, _ in await door.node.auth._ring())
    same_name = open_key(msgspec.structs.replace(new_key(now), kid=ours.kid))
    more = {**payload, "roles": ["admin@KE"], "sub": "id-boss"}
    return {
        "unsigned": f"{part({**head, 'alg': 'none'})}.{part(payload)}.",
        "unsigned, other spelling": f"{part({**head, 'alg': 'nOnE'})}.{part(payload)}.",
        "no signature": f"{part(head)}.{part(payload)}.",
        "another algorithm": f"{part({**head, 'alg': 'HS256'})}.{part(payload)}.{signature}",
        "more roles": f"{part(head)}.{part(more)}.{signature}",
        "a key in the head": f"{part({**head, 'jwk': foreign.as_dict(private=False)})}.{part(payload)}.{signature}",
        "a key elsewhere": f"{part({**head, 'jku': 'http://127.0.0.1/k'})}.{part(payload)}.{signature[:-4]}AAAA",
        "a file as key": f"{part({**head, 'kid': '../../dev/null'})}.{part(payload)}.{signature}",
        "no key named": f"{part({'alg': head['alg']})}.{part(payload)}.{signature}",
        "a foreign key": sign(foreign, account, payload["sid"], now, life),
        "a foreign key of our name": sign(same_name, account, payload["sid"], now, life),
        "critical": f"{part({**head, 'crit': ['x']})}.{part(payload)}.{signature}",
        "signature cut": token[:-8],
        "empty parts": "..",
        "words": "a.b.c",
        "long": token + "A" * 9000,
    }


async def to_the_end(line: ClientConnection) -> None:
    while True:
        await line.recv()


def closed(door: Door) -> list[tuple[str, str]]:
    """Give every address that asks who you are, by the description of the interface."""
    return [
        (method.upper(), path.replace("{id_}", "x").replace("{account_id}", "x"))
        for path, methods in door.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") and not path.startswith("/intake")
    ]


async def test_no_forged_token_opens_any_address(door: Door) -> None:  # F50
    account = await door.account("amina", ("operator", "KE.042"), ("admin", "KE.042"))
    await door.person("amina", ("operator", "KE.042"), ("admin", "KE.042"))
    tokens = await forged(door, door.token("amina"), account)
    addresses = closed(door)
    assert len(addresses) > 25
    for what, token in tokens.items():
        for method, path in addresses:
            answer = await door.ask(method, path, headers={"authorization": f"Bearer {token}"}, json={})
            assert answer.status_code == 401, (what, method, path, answer.text)
            assert answer.headers["www-authenticate"].startswith("Bearer")
    for method, path in addresses:
        for header in ("", "Bearer", "Bearer ", "Basic YTpi", f"bearer\t{door.token('amina')}", "Bearer a, Bearer b"):
            answer = await door.ask(method, path, headers={"authorization": header}, json={})
            assert answer.status_code == 401, (header, method, path)
    end = door.node.host.end()
    for token in tokens.values():
        if token.count(".") == 2:
            body = {"text": "moto hapa", "channel": "officer"}
            sent = {"authorization": f"Bearer {token}"}
            answer = await door.ask("POST", "/intake/reports", json=body, headers=sent)
            assert answer.status_code == 401
    assert door.node.host.end() == end
    assert (await door.ask("GET", "/me", "amina")).status_code == 200


async def test_a_replaced_key_counts_until_its_tokens_are_over_or_not_at_all(door: Door) -> None:  # F50
    await door.person("boss", ("admin", "KE"))
    await door.person("amina", ("operator", "KE.042"))
    assert (await door.ask("POST", "/signing-keys", "boss", json={})).status_code == 201
    assert (await door.ask("GET", "/me", "amina")).status_code == 200, "a rotation dropped a session"
    assert (await door.ask("POST", "/signing-keys", "boss", json={"at_once": True})).status_code == 201
    for name in ("amina", "boss"):
        assert (await door.ask("GET", "/me", name)).status_code == 401, "a leaked key still counts"


async def test_a_revoked_person_is_out_at_once_everywhere(door: Door) -> None:  # F47
    await door.person("boss", ("admin", "KE"))
    await door.person("amina", ("operator", "KE.042"))
    async with listening(door) as url, connect(url + "/live", compression=None) as line:
        await line.send(json.dumps({"type": "hello", "token": door.token("amina")}))
        assert json.loads(await line.recv())["type"] == "welcome"
        changed = await door.ask("PATCH", "/accounts/id-amina", "boss", json={"disabled": True})
        assert changed.status_code == 200
        assert (await door.ask("GET", "/incidents", "amina")).status_code == 401
        door.node.live.recheck("id-amina")
        with pytest.raises(ConnectionClosed) as over:
            await to_the_end(line)
        assert over.value.rcvd is not None
        assert over.value.rcvd.code == 4001
        async with connect(url + "/live", compression=None) as again:
            await again.send(json.dumps({"type": "hello", "token": door.token("amina")}))
            assert json.loads(await again.recv())["code"] == "session-over"
