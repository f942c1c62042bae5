import base64
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from joserfc import jwt
from joserfc.jwk import OKPKey, RSAKey

from responder_api.accounts_sqlite import SqliteAccounts
from responder_api.identity import Auth
from responder_api.passwords import Passwords
from responder_api.tokens import ALGORITHM, AUDIENCE, ISSUER, LONGEST_TOKEN, new_key, open_key

Door = Any


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    header, payload, signature = token.split(".")
    pad = "=" * 4
    return (
        json.loads(base64.urlsafe_b64decode(header + pad)),
        json.loads(base64.urlsafe_b64decode(payload + pad)),
        signature,
    )


async def status(door: Door, token: str) -> int:
    response = await door.client.get("/who", headers=bearer(token))
    assert response.status_code == 200 or response.json()["code"] in ("unauthenticated", "token-expired")
    return int(response.status_code)


async def signing_key(door: Door) -> OKPKey:
    return next(open_key(key) for key in await door.store.keys(door.clock.now) if key.ends_at is None)


async def signed(door: Door, header: dict[str, Any], payload: dict[str, Any]) -> str:
    return jwt.encode(header, payload, await signing_key(door), algorithms=[ALGORITHM])


async def test_what_is_signed_is_short_lived_and_says_who(door: Door) -> None:
    token = (await door.begin())["access_token"]
    header, payload, _ = parts(token)
    assert header == {"typ": "JWT", "alg": ALGORITHM, "kid": (await signing_key(door)).kid}
    assert payload["exp"] - payload["iat"] == 900
    assert (payload["iss"], payload["aud"], payload["roles"]) == (ISSUER, AUDIENCE, ["admin@KE"])
    assert await status(door, token) == 200


async def test_a_token_signed_again_as_it_was_is_taken(door: Door) -> None:
    header, payload, _ = parts((await door.begin())["access_token"])
    assert await status(door, await signed(door, header, payload)) == 200


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", ""])
async def test_no_algorithm_is_no_signature(door: Door, algorithm: str) -> None:
    token = (await door.begin())["access_token"]
    header, payload, signature = parts(token)
    for end in ("", signature):
        assert await status(door, f"{part(header | {'alg': algorithm})}.{part(payload)}.{end}") == 401


async def test_the_public_key_is_no_shared_secret(door: Door) -> None:
    header, payload, _ = parts((await door.begin())["access_token"])
    key = await signing_key(door)
    public = key.as_dict(private=False)
    for secret in (key.as_pem(private=False), str(public["x"]).encode(), json.dumps(public).encode()):
        for algorithm, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
            text = f"{part(header | {'alg': algorithm})}.{part(payload)}"
            forged = f"{text}.{part(hmac.digest(secret, text.encode(), digest))}"
            assert await status(door, forged) == 401


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
async def test_another_key_or_algorithm_is_not_ours(door: Door) -> None:
    header, payload, _ = parts((await door.begin())["access_token"])
    rsa = RSAKey.generate_key(2048)
    assert await status(door, jwt.encode(header | {"alg": "RS256"}, payload, rsa, algorithms=["RS256"])) == 401
    theirs = OKPKey.generate_key("Ed25519")
    assert await status(door, jwt.encode(header, payload, theirs, algorithms=[ALGORITHM])) == 401
    brought = header | {"jwk": theirs.as_dict(private=False)}
    assert await status(door, jwt.encode(brought, payload, theirs, algorithms=[ALGORITHM])) == 401
    # The right key under another name of the algorithm: only the pinned one is read.
    unpinned = OKPKey.import_key(
        {k: v for k, v in (await signing_key(door)).as_dict(private=True).items() if k != "alg"}
    )
    other_name = jwt.encode(header | {"alg": "EdDSA"}, payload, unpinned, algorithms=["EdDSA"])
    assert await status(door, other_name) == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "dharura-live"},
        {"aud": None},
        {"aud": []},
        {"iss": "someone"},
        {"iss": None},
        {"exp": None},
        {"exp": "never"},
        {"exp": [99999999999]},
        {"iat": None},
        {"iat": 99999999999},
        {"nbf": 99999999999},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": {"$ne": ""}},
        {"sid": None},
        {"sid": "another"},
        {"ver": None},
        {"ver": 0},
        {"ver": 2},
        {"ver": "1 OR 1=1"},
        {"roles": None},
        {"roles": "admin@KE"},
        {"roles": ["king@KE"]},
        {"roles": ["admin@"]},
        {"roles": ["admin@KE.04"]},
        {"roles": [["admin", "KE"]]},
    ],
)
async def test_even_our_own_signature_does_not_make_a_wrong_token_right(door: Door, changed: dict[str, Any]) -> None:
    header, payload, _ = parts((await door.begin())["access_token"])
    payload = {name: value for name, value in (payload | changed).items() if value is not None}
    response = await door.client.get("/who", headers=bearer(await signed(door, header, payload)))
    assert response.status_code == 401


@pytest.mark.parametrize("changed", [{"kid": "unknown"}, {"kid": None}, {"kid": ["x"]}, {"crit": ["x"]}])
async def test_a_header_chooses_only_among_our_keys(door: Door, changed: dict[str, Any]) -> None:
    header, payload, signature = parts((await door.begin())["access_token"])
    header = {name: value for name, value in (header | changed).items() if value is not None}
    assert await status(door, f"{part(header)}.{part(payload)}.{signature}") == 401


async def test_a_changed_payload_has_no_signature(door: Door) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "asha", "operator@KE.042.238.1189")
    header, payload, signature = parts(await door.token("asha"))
    raised = payload | {"roles": ["admin@KE"]}
    assert await status(door, f"{part(header)}.{part(raised)}.{signature}") == 401


@pytest.mark.parametrize(
    "token",
    ["a.b.c", "..", ".", "a" * 100_000, "é.é.é", "a.b.c.d.e", f"{part({'alg': ALGORITHM})}..", part(b"\xff") + ".a.b",
     part(b"[" * 400) + ".a.b", part(b"[]") + ".e30.e30", part(b"1") + ".e30.e30", part({"alg": 7, "kid": 7}) + ".a.b"],
)  # fmt: skip
async def test_nonsense_is_refused(door: Door, token: str) -> None:
    response = await door.client.get("/who", headers={"authorization": f"Bearer {token}".encode()})
    assert response.status_code == 401


async def test_a_token_too_long_is_refused_unread(door: Door) -> None:
    header, payload, _ = parts((await door.begin())["access_token"])
    long = await signed(door, header, payload | {"x": "y" * LONGEST_TOKEN})
    assert await status(door, long) == 401


async def test_rotation_drops_nobody_and_the_old_key_ends(door: Door) -> None:
    tokens = await door.begin()
    old = await signing_key(door)
    header, payload, _ = parts(tokens["access_token"])
    door.clock.advance(minutes=5)
    rotated = await door.client.post("/signing-keys", json={}, headers=bearer(tokens["access_token"]))
    assert rotated.json()["kid"] == (await signing_key(door)).kid != old.kid
    assert await status(door, tokens["access_token"]) == 200
    door.clock.advance(minutes=9, seconds=59)
    assert await status(door, tokens["access_token"]) == 200
    renewed = (await door.client.post("/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})).json()
    assert parts(renewed["access_token"])[0]["kid"] != old.kid
    assert await status(door, renewed["access_token"]) == 200
    door.clock.advance(minutes=5)
    assert await status(door, renewed["access_token"]) == 200
    door.clock.advance(seconds=2)
    # Whoever kept the old key can date a token as they like: it counts no more.
    forged = jwt.encode(
        header,
        payload | {"iat": int(door.clock.now.timestamp()), "exp": int(door.clock.now.timestamp()) + 900},
        old,
        algorithms=[ALGORITHM],
    )
    refused = await door.client.get("/who", headers=bearer(forged))
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert await status(door, renewed["access_token"]) == 200


async def test_a_leaked_key_counts_no_more_at_once_and_sessions_go_on(door: Door) -> None:
    tokens = await door.begin()
    await door.client.post("/signing-keys", json={"at_once": True}, headers=bearer(tokens["access_token"]))
    assert await status(door, tokens["access_token"]) == 401
    renewed = await door.client.post("/sessions/refresh", json={"refresh_token": tokens["refresh_token"]})
    assert await status(door, renewed.json()["access_token"]) == 200


async def test_rotating_at_once_shortens_an_earlier_grace(door: Door) -> None:
    tokens = await door.begin()
    await door.auth.rotate_keys()
    await door.auth.rotate_keys(at_once=True)
    assert await status(door, tokens["access_token"]) == 401
    assert len(await door.store.keys(door.clock.now)) == 1


@pytest.mark.parametrize("at_once", [False, True])
async def test_what_another_process_does_to_the_keys_counts_at_once(door: Door, tmp_path: Path, at_once: bool) -> None:
    tokens = await door.begin()
    header, payload, _ = parts(tokens["access_token"])
    other, theirs, now = SqliteAccounts(tmp_path / "dharura.sqlite3"), new_key(door.clock.now), door.clock.now
    await other.add_key(theirs, now if at_once else now + timedelta(minutes=15))
    other.close()
    token = jwt.encode(header | {"kid": theirs.kid}, payload, open_key(theirs), algorithms=[ALGORITHM])
    assert await status(door, token) == 200
    assert await status(door, tokens["access_token"]) == (401 if at_once else 200)
    assert parts((await door.sign_in("root"))["access_token"])[0]["kid"] == theirs.kid


async def test_keys_and_sessions_outlive_a_restart(door: Door, tmp_path: Path) -> None:
    token = (await door.begin())["access_token"]
    kid = (await signing_key(door)).kid
    door.store.close()
    door.store = SqliteAccounts(tmp_path / "dharura.sqlite3")
    again = Auth(
        accounts=door.store,
        sessions=door.store,
        keys=door.store,
        passwords=Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)),
        settings=door.app.state.settings,
        clock=lambda: door.clock.now,
    )
    await again.start()
    door.app.state.auth, door.app.state.accounts = again, door.store
    assert (await signing_key(door)).kid == kid
    assert await status(door, token) == 200
    door.store.close()


async def test_rotation_needs_the_whole_country(door: Door) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "chief", "admin@KE.042")
    kid = (await signing_key(door)).kid
    refused = await door.client.post("/signing-keys", json={}, headers=bearer(await door.token("chief")))
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (await signing_key(door)).kid == kid
