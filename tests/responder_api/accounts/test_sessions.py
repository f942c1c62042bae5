import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Door = Any
BEARER: Callable[[str], dict[str, str]] = lambda token: {"authorization": f"Bearer {token}"}  # noqa: E731
PASSWORD = "kiboko anaogelea usiku"


async def refresh(door: Door, token: str) -> Any:
    return await door.client.post("/sessions/refresh", json={"refresh_token": token})


async def who(door: Door, token: str) -> Any:
    return await door.client.get("/who", headers=BEARER(token))


async def test_the_first_administrator_is_made_with_the_printed_link_once(door: Door) -> None:
    token = await door.auth.open_setup()
    body = {"token": token, "name": "Root@Kisumu", "display_name": "A", "password": PASSWORD}
    made = await door.client.post("/setup", json=body)
    assert made.status_code == 201
    me = (await door.client.get("/me", headers=BEARER(made.json()["access_token"]))).json()
    assert me["account"]["name"] == "root@kisumu"
    assert me["account"]["roles"] == [{"role": "admin", "area": "KE"}]
    again = await door.client.post("/setup", json=body | {"name": "second"})
    assert (again.status_code, again.json()["code"]) == (401, "setup-link-spent")
    assert len(await door.store.all()) == 1


async def test_two_who_hold_the_link_make_one_account(door: Door) -> None:
    token = await door.auth.open_setup()
    answers = await asyncio.gather(
        *(
            door.client.post("/setup", json={"token": token, "name": n, "display_name": n, "password": PASSWORD})
            for n in ("one", "two", "three")
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401]
    assert len(await door.store.all()) == 1


async def test_a_link_is_over_after_its_time_and_when_a_newer_one_is_made(door: Door) -> None:
    old = await door.auth.open_setup()
    new = await door.auth.open_setup()
    body = {"name": "root", "display_name": "A", "password": PASSWORD}
    assert (await door.client.post("/setup", json=body | {"token": old})).status_code == 401
    door.clock.advance(hours=24)
    assert (await door.client.post("/setup", json=body | {"token": new})).status_code == 401
    assert await door.store.all() == []


async def test_a_refused_password_does_not_spend_the_link(door: Door) -> None:
    body = {"token": await door.auth.open_setup(), "name": "root", "display_name": "A", "password": "short"}
    refused = await door.client.post("/setup", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "password-weak")
    assert (await door.client.post("/setup", json=body | {"password": PASSWORD})).status_code == 201


async def test_signing_in_gives_tokens_that_work(door: Door) -> None:
    await door.begin()
    tokens = await door.sign_in(" ROOT ")
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 15 * 60
    assert (await who(door, tokens["access_token"])).status_code == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [("root", "wrong password here"), ("nobody", PASSWORD), ("off", PASSWORD), ("\ufeff!", PASSWORD), ("root", "x")],
)
async def test_a_failed_sign_in_says_one_thing(door: Door, name: str, password: str) -> None:
    root = (await door.begin())["access_token"]
    off = await door.make(root, "off", "operator@KE.042")
    await door.client.patch(f"/accounts/{off['id']}", json={"disabled": True}, headers=BEARER(root))
    failed = await door.client.post("/sessions", json={"name": name, "password": password})
    assert failed.status_code == 401
    document = failed.json()
    assert (document["code"], document["detail"]) == ("login-failed", "The name or the password is wrong.")


async def test_passwords_typed_on_different_keyboards_are_one(door: Door) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "asha", "operator@KE.042", password="cafe\u0301 ya Kisumu leo")
    await door.sign_in("asha", "caf\u00e9 ya Kisumu leo")


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer a.b.c", "bearer x"])
async def test_without_a_token_nobody_is_anybody(door: Door, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    for method, path in [("GET", "/who"), ("GET", "/me"), ("GET", "/accounts"), ("DELETE", "/sessions")]:
        response = await door.client.request(method, path, headers=headers)
        assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
        assert response.headers["www-authenticate"] == "Bearer"


async def test_two_authorization_headers_are_none(door: Door) -> None:
    token = (await door.begin())["access_token"]
    twice = [("authorization", f"Bearer {token}"), ("authorization", "Bearer x")]
    assert (await door.client.get("/who", headers=twice)).status_code == 401


async def test_a_token_is_over_after_its_time_and_refreshing_carries_on(door: Door) -> None:
    tokens = await door.begin()
    door.clock.advance(minutes=14, seconds=59)
    assert (await who(door, tokens["access_token"])).status_code == 200
    door.clock.advance(seconds=1)
    over = await who(door, tokens["access_token"])
    assert (over.status_code, over.json()["code"]) == (401, "token-expired")
    assert "invalid_token" in over.headers["www-authenticate"]
    renewed = (await refresh(door, tokens["refresh_token"])).json()
    assert renewed["session_expires_at"] == tokens["session_expires_at"]
    assert (await who(door, renewed["access_token"])).status_code == 200


async def test_a_session_is_over_after_its_hours_however_often_refreshed(door: Door) -> None:
    tokens = await door.begin()
    for _ in range(48):
        door.clock.advance(minutes=14, seconds=59)
        tokens = (await refresh(door, tokens["refresh_token"])).json()
    door.clock.advance(seconds=43)
    last = (await refresh(door, tokens["refresh_token"])).json()
    assert last["expires_in"] == 5
    door.clock.advance(seconds=5)
    assert (await refresh(door, last["refresh_token"])).json()["code"] == "session-over"
    assert (await who(door, last["access_token"])).status_code == 401


async def test_a_lost_answer_does_not_sign_anybody_out(door: Door) -> None:
    tokens = await door.begin()
    await refresh(door, tokens["refresh_token"])  # the answer is lost on the way
    door.clock.advance(seconds=59)
    again = await refresh(door, tokens["refresh_token"])
    assert again.status_code == 200
    assert (await refresh(door, again.json()["refresh_token"])).status_code == 200


async def test_a_stolen_refresh_token_ends_the_session(door: Door) -> None:
    tokens = await door.begin()
    renewed = (await refresh(door, tokens["refresh_token"])).json()
    door.clock.advance(seconds=61)
    stolen = await refresh(door, tokens["refresh_token"])
    assert (stolen.status_code, stolen.json()["code"]) == (401, "session-over")
    assert (await refresh(door, renewed["refresh_token"])).status_code == 401
    assert (await who(door, renewed["access_token"])).json()["code"] == "session-over"


async def test_a_refresh_token_opens_nothing_else(door: Door) -> None:
    tokens = await door.begin()
    assert (await who(door, tokens["refresh_token"])).status_code == 401
    assert (await refresh(door, tokens["access_token"][:200])).status_code == 401


async def test_signing_out_ends_the_session_at_once_and_only_it(door: Door) -> None:
    first, second = await door.begin(), await door.sign_in("root")
    out = await door.client.delete("/sessions", headers=BEARER(first["access_token"]))
    assert out.status_code == 204
    assert (await who(door, first["access_token"])).json()["code"] == "session-over"
    assert (await refresh(door, first["refresh_token"])).status_code == 401
    assert (await who(door, second["access_token"])).status_code == 200


async def test_changing_the_password_signs_out_everywhere_else(door: Door) -> None:
    first, second = await door.begin(), await door.sign_in("root")
    body = {"old": PASSWORD, "new": "mamba analala mchana"}
    wrong = await door.client.post("/me/password", json=body | {"old": "x"}, headers=BEARER(first["access_token"]))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "login-failed")
    changed = await door.client.post("/me/password", json=body, headers=BEARER(first["access_token"]))
    assert changed.status_code == 200
    for old in (first, second):
        assert (await who(door, old["access_token"])).status_code == 401
        assert (await refresh(door, old["refresh_token"])).status_code == 401
    assert (await who(door, changed.json()["access_token"])).status_code == 200
    await door.sign_in("root", "mamba analala mchana")
    assert (await door.client.post("/sessions", json={"name": "root", "password": PASSWORD})).status_code == 401


async def test_guessing_is_slowed_and_the_wait_is_said(door: Door) -> None:
    await door.begin()
    guess = {"name": "root", "password": "wrong password here"}
    codes = [(await door.client.post("/sessions", json=guess)).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    slowed = await door.client.post("/sessions", json=guess | {"password": PASSWORD})
    assert (slowed.status_code, slowed.json()["code"]) == (429, "too-many-requests")
    door.clock.advance(seconds=int(slowed.headers["retry-after"]))
    await door.sign_in("root")


async def test_people_who_know_their_passwords_are_not_slowed(door: Door) -> None:
    await door.begin()
    for _ in range(40):
        await door.sign_in("root")


async def test_nothing_secret_is_kept_as_it_is(door: Door, tmp_path: Path) -> None:
    link = await door.auth.open_setup()
    kept = (tmp_path / "dharura.sqlite3").read_bytes() + (tmp_path / "dharura.sqlite3-wal").read_bytes()
    tokens = await door.begin()
    kept += (tmp_path / "dharura.sqlite3-wal").read_bytes()
    assert b"$argon2id$" in kept
    for secret in (link, PASSWORD, tokens["refresh_token"], tokens["access_token"]):
        assert secret.encode() not in kept


def test_the_file_is_for_its_owner_alone(door: Door, tmp_path: Path) -> None:
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path


async def test_a_full_disk_signs_nobody_in_and_recovers_by_itself(door: Door, tmp_path: Path) -> None:
    await door.begin()
    full = door.store._writer.execute("PRAGMA page_count").fetchone()[0]
    door.store._writer.execute(f"PRAGMA max_page_count = {full}")
    statuses = []
    for _ in range(200):
        response = await door.client.post("/sessions", json={"name": "root", "password": PASSWORD})
        statuses.append(response.status_code)
        if response.status_code != 201:
            assert (response.status_code, response.json()["code"]) == (503, "storage-full")
            break
    assert statuses[-1] == 503
    door.store._writer.execute("PRAGMA max_page_count = 1073741823")
    tokens = await door.sign_in("root")
    assert (await who(door, tokens["access_token"])).status_code == 200


async def test_a_locked_file_is_answered_503_and_recovers_by_itself(door: Door, tmp_path: Path) -> None:
    await door.begin()
    door.store._writer.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(tmp_path / "dharura.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    locked = await door.client.post("/sessions", json={"name": "root", "password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (503, "storage-busy")
    assert int(locked.headers["retry-after"]) > 0
    other.execute("ROLLBACK")
    other.close()
    await door.sign_in("root")


@pytest.mark.parametrize("path", ["/sessions", "/sessions/refresh", "/setup"])
@pytest.mark.parametrize("extra", ["role", "roles", "id", "verified", "created_at", "county", "disabled"])
async def test_nothing_unlisted_can_be_set(door: Door, path: str, extra: str) -> None:
    body: dict[str, Any] = {
        "/sessions": {"name": "root", "password": PASSWORD},
        "/sessions/refresh": {"refresh_token": (await door.begin())["refresh_token"]},
        "/setup": {"token": await door.auth.open_setup(), "name": "x1", "display_name": "x", "password": PASSWORD},
    }[path]
    before = await door.store.all()
    refused = await door.client.post(path, json=body | {extra: "x"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, f"#/{extra}")
    assert await door.store.all() == before
    assert (await door.client.post(path, json=body)).status_code < 300
