"""Sessions that a browser keeps for a page: in a cookie no script reads, through races and lost answers."""

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx
import pytest

from responder_api.accounts_sqlite import SqliteAccounts

Door = Any
PASSWORD = "kiboko anaogelea usiku"


def sent_cookie(answer: httpx.Response, name: str) -> Any:
    (header,) = [text for text in answer.headers.get_list("set-cookie") if text.startswith(name + "=")]
    return SimpleCookie(header)[name]


class Browser:
    """What a browser does with our cookie: keeps the last one it was given, and sends it to /sessions alone."""

    def __init__(self, door: Door, keep: str = "console", origin: str | None = "http://door") -> None:
        self._door, self.keep, self.kept = door, keep, ""
        self.headers = {} if origin is None else {"origin": origin}

    def take(self, answer: httpx.Response) -> httpx.Response:
        """Let an answer arrive."""
        if answer.headers.get_list("set-cookie"):
            self.kept = sent_cookie(answer, f"dharura_{self.keep}").value
        return answer

    async def ask(self, method: str, path: str, body: dict[str, Any] | None, **headers: str) -> httpx.Response:
        """Send a request; its answer is still on its way."""
        if self.kept and path.startswith("/sessions"):
            headers["cookie"] = f"dharura_{self.keep}={self.kept}"
        self._door.client.cookies.clear()
        answer: httpx.Response = await self._door.client.request(
            method, path, json=body, headers={**self.headers, **headers}
        )
        self._door.client.cookies.clear()
        return answer

    async def sign_in(self, name: str = "root") -> httpx.Response:
        body = {"name": name, "password": PASSWORD, "keep": self.keep}
        return self.take(await self.ask("POST", "/sessions", body))

    async def refresh(self) -> httpx.Response:
        return await self.ask("POST", "/sessions/refresh", {"keep": self.keep})


async def begun(door: Door, keep: str = "console") -> Browser:
    await door.begin()
    browser = Browser(door, keep)
    assert (await browser.sign_in()).status_code == 201
    return browser


async def works(door: Door, answer: httpx.Response) -> bool:
    headers = {"authorization": f"Bearer {answer.json()['access_token']}"}
    return bool((await door.client.get("/who", headers=headers)).status_code == 200)


@pytest.mark.parametrize("keep", ["console", "phone"])
async def test_no_script_can_read_the_refresh_token_of_a_page(door: Door, keep: str) -> None:
    await door.begin()
    browser = Browser(door, keep)
    for answer in (await browser.sign_in(), browser.take(await browser.refresh())):
        assert "refresh_token" not in answer.json()
        assert await works(door, answer)
        cookie = sent_cookie(answer, f"dharura_{keep}")
        assert cookie.value not in answer.text
        assert cookie["httponly"]
        assert cookie["samesite"] == "strict"
        assert cookie["path"] == "/sessions"
        assert cookie["max-age"] == str(12 * 3600)
        assert not cookie["secure"]


async def test_without_a_page_all_is_as_it_was(door: Door) -> None:
    await door.begin()
    answer = await door.client.post("/sessions", json={"name": "root", "password": PASSWORD})
    assert answer.json()["refresh_token"]
    assert "set-cookie" not in answer.headers


async def test_the_cookie_goes_through_tls_only_where_the_page_came_so(door: Door) -> None:
    await door.begin()
    headers = {"origin": "https://door", "host": "door"}  # a proxy ends TLS and speaks http to us
    body = {"name": "root", "password": PASSWORD, "keep": "phone"}
    assert sent_cookie(await door.client.post("/sessions", json=body, headers=headers), "dharura_phone")["secure"]
    assert sent_cookie(await door.client.post("https://door/sessions", json=body), "dharura_phone")["secure"]


async def test_the_cookie_ends_with_the_session(door: Door) -> None:
    browser = await begun(door)
    door.clock.advance(hours=11, minutes=59)
    answer = browser.take(await browser.refresh())
    assert sent_cookie(answer, "dharura_console")["max-age"] == "60"
    door.clock.advance(minutes=1)
    assert (await browser.refresh()).json()["code"] == "session-over"


async def test_tabs_that_race_never_sign_each_other_out_whichever_answer_comes_last(door: Door) -> None:
    browser = await begun(door)
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)):
        answers = await asyncio.gather(*(browser.refresh() for _ in range(3)))
        for place in order:
            assert await works(door, browser.take(answers[place]))
        door.clock.advance(hours=2)  # far beyond any grace
        assert browser.take(await browser.refresh()).status_code == 200
        door.clock.advance(minutes=5)


async def test_a_phone_that_lost_the_answer_in_a_dead_zone_stays_signed_in(door: Door) -> None:
    browser = await begun(door, "phone")
    assert (await browser.refresh()).status_code == 200  # and the answer is lost on the way
    door.clock.advance(minutes=59)
    assert browser.take(await browser.refresh()).status_code == 200
    door.clock.advance(hours=5)
    assert (await browser.refresh()).status_code == 200


async def test_a_copied_cookie_ends_the_session(door: Door) -> None:
    browser, thief = await begun(door), Browser(door)
    thief.kept = browser.kept
    browser.take(await browser.refresh())
    browser.take(await browser.refresh())
    door.clock.advance(hours=1, seconds=1)
    stolen = await thief.refresh()
    assert (stolen.status_code, stolen.json()["code"]) == (401, "session-over")
    assert "set-cookie" not in stolen.headers, "it might throw away the cookie of whoever signed in meanwhile"
    assert (await browser.refresh()).json()["code"] == "session-over"


async def test_the_two_pages_are_two_people_in_one_browser(door: Door) -> None:
    root = (await door.begin())["access_token"]
    await door.make(root, "baraka", "responder@KE.042")
    console, phone = Browser(door, "console"), Browser(door, "phone")
    await console.sign_in("root")
    await phone.sign_in("baraka")
    both = {"cookie": f"dharura_console={console.kept}; dharura_phone={phone.kept}"}
    for keep, name in (("console", "root"), ("phone", "baraka")):
        answer = await door.client.post("/sessions/refresh", json={"keep": keep}, headers=both)
        me = await door.client.get("/me", headers={"authorization": f"Bearer {answer.json()['access_token']}"})
        assert me.json()["account"]["name"] == name
        door.client.cookies.clear()


async def test_signing_out_throws_away_this_session_s_cookie_and_no_other(door: Door) -> None:
    console = await begun(door)
    phone = Browser(door, "phone")
    await phone.sign_in()
    console_token = console.take(await console.refresh()).json()["access_token"]
    both = {"cookie": f"dharura_console={console.kept}; dharura_phone={phone.kept}"}
    out = await door.client.delete("/sessions", headers={"authorization": f"Bearer {console_token}", **both})
    assert out.status_code == 204
    (header,) = out.headers.get_list("set-cookie")
    thrown = SimpleCookie(header)["dharura_console"]
    assert (thrown.value, thrown["max-age"], thrown["path"]) == ("", "0", "/sessions")
    assert (await console.refresh()).json()["code"] == "session-over"
    assert (await phone.refresh()).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://door.evil.example", "http://door:8001", ""])
async def test_another_site_s_page_can_neither_sign_in_nor_refresh(door: Door, origin: str) -> None:
    browser = await begun(door)
    browser.headers = {"origin": origin}
    for answer in (await browser.refresh(), await browser.sign_in()):
        assert (answer.status_code, answer.json()["code"]) == (403, "origin-not-allowed")
        assert "set-cookie" not in answer.headers
    browser.headers = {}
    assert (await browser.refresh()).status_code == 200, "nothing was exchanged for it"


async def test_a_browser_that_kept_nothing_is_not_signed_in(door: Door) -> None:
    await begun(door)
    nothing = await Browser(door, "console").refresh()
    assert (nothing.status_code, nothing.json()["code"]) == (401, "unauthenticated")
    wrong = Browser(door, "phone")
    wrong.kept = "x" * 5000
    assert (await wrong.refresh()).json()["code"] == "session-over"


@pytest.mark.parametrize(
    "body", [{}, {"keep": "body"}, {"keep": "console", "refresh_token": "x"}, {"keep": "wall"}, {"keep": None}]
)
async def test_what_to_refresh_is_said_one_way(door: Door, body: dict[str, Any]) -> None:
    answer = await door.client.post("/sessions/refresh", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-body")


async def test_a_new_password_keeps_the_page_signed_in(door: Door) -> None:
    browser = await begun(door)
    token = browser.take(await browser.refresh()).json()["access_token"]
    body = {"old": PASSWORD, "new": "mamba analala mchana", "keep": "console"}
    changed = browser.take(await browser.ask("POST", "/me/password", body, authorization=f"Bearer {token}"))
    assert changed.status_code == 200
    assert "refresh_token" not in changed.json()
    assert (await browser.refresh()).status_code == 200


async def test_the_first_administrator_comes_to_the_console_signed_in(door: Door) -> None:
    browser = Browser(door)
    body = {"token": await door.auth.open_setup(), "name": "root", "display_name": "R", "password": PASSWORD}
    made = browser.take(await browser.ask("POST", "/setup", {**body, "keep": "console"}))
    assert (made.status_code, "refresh_token" in made.json()) == (201, False)
    assert (await browser.refresh()).status_code == 200


async def test_an_upgrade_signs_nobody_out(tmp_path: Path) -> None:
    """Open a file as the first version wrote it: sessions with their present and previous token beside them."""
    path, now = tmp_path / "dharura.sqlite3", datetime(2026, 4, 26, 6, 0, tzinfo=UTC)
    old = sqlite3.connect(path)
    old.executescript(
        """
        CREATE TABLE session (
            id TEXT PRIMARY KEY, account TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, previous_hash TEXT,
            exchanged_at REAL, created_at REAL NOT NULL, expires_at REAL NOT NULL, revoked_at REAL
        ) STRICT;
        CREATE INDEX session_previous ON session (previous_hash);
        CREATE INDEX session_account ON session (account);
        CREATE TABLE account (
            id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, roles TEXT NOT NULL,
            person TEXT, disabled INTEGER NOT NULL, version INTEGER NOT NULL, created_at REAL NOT NULL,
            changed_at REAL NOT NULL, password_hash TEXT NOT NULL
        ) STRICT;
        """
    )
    seconds = now.timestamp()
    old.execute("INSERT INTO account VALUES ('a', 'asha', 'Asha', '[]', NULL, 0, 1, 0, 0, '')")
    for row in (("one", "a1", None, None), ("two", "b1", "b0", seconds - 30), ("three", "c1", "c0", seconds - 90)):
        id_, token, previous, at = row
        old.execute(
            "INSERT INTO session VALUES (?, 'a', ?, ?, ?, 0, ?, NULL)", (id_, token, previous, at, seconds + 3600)
        )
    old.commit()
    old.close()
    for _ in range(2):  # the second start finds it done
        store = SqliteAccounts(path)
        store.close()
    store = SqliteAccounts(path)
    grace = now - timedelta(minutes=1)
    for token, session in (("a1", "one"), ("b1", "two"), ("b0", "two")):
        carried = await store.carry_on(token, f"next-{token}", now, grace)
        assert carried is not None
        assert carried.session == session
    assert await store.carry_on("c0", "next-c0", now, grace) is None
    assert await store.carry_on("c1", "next-c1", now, grace) is None, "a copy in other hands has ended it"
    await store.start("four", "a", "d1", now + timedelta(hours=2), now + timedelta(hours=14))
    store.close()
    with sqlite3.connect(path) as db:
        left = db.execute("SELECT hash FROM refresh_token").fetchall()
    assert left == [("d1",)], "what belonged to sessions that are over went with them"
