"""Who is signed in on this machine: kept for its owner only, and renewed by one command at a time."""

import json
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from responder_api.cli.client import (
    MARGIN_S,
    Server,
    Signed,
    address,
    asked_password,
    given_password,
    retry_after_s,
    sign_in,
)
from responder_api.cli.sessions import Sessions, Tokens, default_path
from responder_api.cli.trouble import Problem, Trouble, Unreachable

PASSWORD = "kiboko anaogelea usiku"
HERE = "http://127.0.0.1:8000"


@pytest.fixture
def at() -> Iterator[Callable[..., Server]]:
    """Servers that are let go at the end."""
    with ExitStack() as servers:
        yield lambda url, **options: servers.enter_context(Server(url, **options))


def tokens(word: str, ends_at: float = 2e9) -> Tokens:
    return Tokens(access_token=f"a-{word}", refresh_token=f"r-{word}", ends_at=ends_at)


@pytest.fixture
def kept(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path / "config" / "dharura" / "sessions.json")


def put(kept: Sessions, server: str, name: str, **options: Any) -> None:
    with kept.locked():
        kept.put(server, name, tokens(name), **options)


def test_only_the_owner_can_read_the_file(kept: Sessions) -> None:
    put(kept, HERE, "amina")
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700
    assert sorted(path.name for path in kept.path.parent.iterdir()) == ["sessions.json", "sessions.lock"]


def test_each_server_has_its_own_names_and_its_own_current_one(kept: Sessions) -> None:
    put(kept, HERE, "amina")
    put(kept, HERE, "baraka")
    put(kept, "https://elsewhere", "chief", current=True)
    assert (kept.current(HERE), kept.current("https://elsewhere"), kept.current("http://nowhere")) == (
        "amina",
        "chief",
        None,
    )
    assert (kept.servers(), kept.servers("chief")) == ([HERE, "https://elsewhere"], ["https://elsewhere"])
    put(kept, HERE, "baraka", current=True)
    assert kept.current(HERE) == "baraka"
    with kept.locked():
        kept.remove(HERE, "baraka")
    assert (kept.current(HERE), kept.get(HERE, "baraka"), kept.get(HERE, "amina")) == ("amina", None, tokens("amina"))


def test_a_damaged_file_says_what_to_do(kept: Sessions) -> None:
    put(kept, HERE, "amina")
    kept.path.write_text("{")
    with pytest.raises(Trouble, match="delete it and sign in again"):
        kept.current(HERE)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="cannot be kept"), Sessions(tmp_path / "file" / "sessions.json").locked():
        pass


def test_the_file_stands_where_configuration_does(tmp_path: Path) -> None:
    assert default_path({"XDG_CONFIG_HOME": str(tmp_path)}) == tmp_path / "dharura" / "sessions.json"
    assert default_path({"XDG_CONFIG_HOME": "relative"}) == Path.home() / ".config" / "dharura" / "sessions.json"


def test_addresses_have_one_form() -> None:
    assert address("127.0.0.1:8000") == HERE
    assert address("http://127.0.0.1:8000/") == HERE
    assert address("https://county.example/dharura/") == "https://county.example/dharura"
    assert address("http://me:secret@127.0.0.1:8000") == HERE
    for wrong in ("ftp://x", "http://", "http://x?token=1", "http://x#y"):
        with pytest.raises(Trouble):
            address(wrong)


def test_only_seconds_are_read_as_a_wait() -> None:
    waits = [retry_after_s({"retry-after": text}) for text in ("5", "", "Wed, 21 Oct 2026 07:28:00 GMT", "-1")]
    assert waits == [5.0, None, None, None]


def test_two_commands_that_share_a_session_renew_it_once_each_time(at: Any, house: Any, kept: Sessions) -> None:
    """A refresh token works once: whoever comes second takes what the first one got."""
    server = at(house.url)
    begun = sign_in(server, "amina", PASSWORD)
    with kept.locked():
        kept.put(server.url, "amina", begun)
    mine = [Signed(at(house.url), "amina", begun, kept=kept, password=None) for _ in range(4)]
    got: list[str] = []
    threads = [threading.Thread(target=lambda who=who: got.append(who.renew())) for who in mine]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    renewed = kept.get(server.url, "amina")
    assert renewed is not None
    assert renewed.refresh_token != begun.refresh_token
    assert all(who._tokens == renewed for who in mine), "each took what the first one got"
    assert got == [renewed.access_token] * len(mine)
    for who in mine:
        assert who.ask("GET", "/me")["account"]["name"] == "amina"


def test_a_token_about_to_end_is_renewed_before_it_is_used(at: Any, house: Any, kept: Sessions) -> None:
    now = [1_000_000.0]
    server = at(house.url, wall=lambda: now[0])
    begun = sign_in(server, "amina", PASSWORD)
    who = Signed(server, "amina", begun, kept=None, password=None)
    assert who.token() == begun.access_token
    now[0] = begun.ends_at - MARGIN_S + 1
    who.token()
    renewed = who._tokens
    assert renewed.refresh_token != begun.refresh_token
    assert who.token() == renewed.access_token
    assert who._tokens == renewed


def test_a_refused_token_is_renewed_once_and_asked_again(at: Any, house: Any) -> None:
    server = at(house.url)
    begun = sign_in(server, "amina", PASSWORD)
    who = Signed(server, "amina", begun, kept=None, password=None)
    house.account("amina", ("operator", "KE.044"))  # the old token no longer says what is so; the session is over too
    with pytest.raises(Trouble, match="dharura login amina"):
        who.ask("GET", "/me")
    knows = Signed(server, "amina", begun, kept=None, password=lambda: PASSWORD)
    assert knows.ask("GET", "/me")["account"]["roles"] == [{"role": "operator", "area": "KE.044"}]


def test_signing_out_elsewhere_on_the_machine_is_seen(at: Any, house: Any, kept: Sessions) -> None:
    server = at(house.url)
    who = Signed(server, "amina", sign_in(server, "amina", PASSWORD), kept=kept, password=None)
    with pytest.raises(Trouble, match="signed out on this machine"):
        who.renew()


def test_a_problem_reads_as_sentences() -> None:
    document = {
        "title": "A field of the request is not valid",
        "code": "invalid-body",
        "detail": "lon: expected a number",
        "next": "Correct it.",
        "errors": [{"pointer": "#/lon", "detail": "Expected `float`"}],
    }
    assert str(Problem(422, document)) == (
        "A field of the request is not valid (invalid-body). lon: expected a number. Correct it. \n"
        "  #/lon Expected `float`"
    )
    assert str(Problem(503, {}, 7.0)) == "The server answered 503. Try again in 7 s."


def test_nobody_there_is_told_with_what_to_do(at: Any) -> None:
    server = at("http://127.0.0.1:1")
    with pytest.raises(Unreachable, match=r"Nobody answers at http://127\.0\.0\.1:1"):
        server.ask("GET", "/me")


def test_what_is_no_dharura_is_told(at: Any, house: Any) -> None:
    server = at(house.url + "/docs")
    with pytest.raises(Problem):
        server.ask("GET", "/me")
    server = at(house.url)
    with pytest.raises(Trouble, match="does not answer as Dharura does"):
        server.ask("GET", "/docs")


class Args:
    def __init__(self, file: str | None = None, words: str | None = None) -> None:
        self.password_file, self.password = file, words


def test_a_password_file_may_end_in_a_newline_and_keeps_its_spaces(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b" a b \r\nsecond line\n")
    assert given_password(Args(str(path))) == " a b "  # type: ignore[arg-type]
    assert given_password(Args(words="x")) == "x"  # type: ignore[arg-type]
    assert given_password(Args()) is None  # type: ignore[arg-type]
    with pytest.raises(Trouble, match="cannot be read"):
        given_password(Args(str(tmp_path / "none")))  # type: ignore[arg-type]


def test_login_keeps_and_logout_ends(
    at: Any, house: Any, dharura: Any, password_file: Path, config_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ("--server", house.url)
    assert dharura("login", "amina", *where, "--password-file", str(password_file)) == 0
    assert "Signed in at" in (said := capsys.readouterr().err)
    assert "Amina (operator over KE.042)" in said
    saved = json.loads((config_home / "dharura" / "sessions.json").read_bytes())
    token = saved["servers"][house.url]["sessions"]["amina"]["access_token"]
    server = at(house.url)
    assert server.ask("GET", "/me", token=token)["account"]["name"] == "amina"

    assert dharura("watch", *where, "--once") == 0
    assert server.ask("GET", "/me", token=token)["account"]["name"] == "amina", "a kept session outlives the command"

    assert dharura("logout", *where) == 0
    assert "amina is signed out" in capsys.readouterr().err
    with pytest.raises(Problem, match="session-over"):
        server.ask("GET", "/me", token=token)
    assert dharura("logout", *where) == 1
    assert capsys.readouterr().err == f"Nobody is signed in at {house.url} on this machine.\n"


def test_who_is_signed_in_elsewhere_is_told_where(
    kept: Sessions, at: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(kept, "https://elsewhere", "chief")
    put(kept, HERE, "amina")
    monkeypatch.setattr("sys.stdin", StringIO())
    with pytest.raises(Trouble, match=r"chief is signed in at https://elsewhere: --server https://elsewhere$"):
        asked_password("chief", at(HERE), kept)
    with pytest.raises(Trouble, match=r"NAME\.$"):
        asked_password("baraka", at(HERE), kept)
