"""Whoever keeps the machine can always let somebody in, and what they do counts at the server's next request."""

import io
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest

from responder_api.__main__ import main
from streams.database import FILE

PASSWORD = "kiboko anaogelea usiku"
OTHER = "twiga anakula majani"


@pytest.fixture
def stdin(monkeypatch: pytest.MonkeyPatch) -> "type[Typed]":
    Typed.patch = monkeypatch
    return Typed


class Typed:
    """What stands on standard input of the next command."""

    patch: pytest.MonkeyPatch

    def __init__(self, text: str) -> None:
        self.patch.setattr("sys.stdin", io.StringIO(text))


def create(data: Path, name: str, *roles: str) -> int:
    given = [part for role in roles for part in ("--role", role)]
    return main(["accounts", "create", name, *given, "--data", str(data)])


def signs_in(url: str, name: str, password: str) -> bool:
    answer = httpx.post(f"{url}/sessions", json={"name": name, "password": password}, trust_env=False)
    assert answer.status_code in (201, 401), answer.text
    return answer.status_code == 201


def test_an_account_is_made_before_the_first_start(
    tmp_path: Path, stdin: type[Typed], capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(f"{PASSWORD}\n")
    assert create(tmp_path / "new", "Amina", "admin@KE", "operator@KE.042") == 0
    assert main(["accounts", "list", "--data", str(tmp_path / "new")]) == 0
    out = capsys.readouterr().out
    assert "amina  Amina     admin@KE operator@KE.042" in out
    assert PASSWORD not in out
    assert stat.S_IMODE((tmp_path / "new" / FILE).stat().st_mode) == 0o600


def test_what_is_done_in_the_folder_counts_at_the_running_server(house: Any, stdin: type[Typed]) -> None:
    data = house.settings.data
    stdin(PASSWORD)
    assert create(data, "brian", "admin@KE") == 0
    assert signs_in(house.url, "brian", PASSWORD)
    stdin(f"{OTHER}\r\n")
    assert main(["accounts", "password", "brian", "--data", str(data)]) == 0
    assert not signs_in(house.url, "brian", PASSWORD)
    assert signs_in(house.url, "brian", OTHER)
    assert main(["accounts", "disable", "amina", "--data", str(data)]) == 0
    assert not signs_in(house.url, "amina", PASSWORD)
    assert main(["accounts", "enable", "amina", "--data", str(data)]) == 0
    assert signs_in(house.url, "amina", PASSWORD)


def test_a_responder_whom_no_ask_can_reach_is_said(
    tmp_path: Path, stdin: type[Typed], capsys: pytest.CaptureFixture[str]
) -> None:
    stdin(PASSWORD)
    assert create(tmp_path, "zuri", "responder@KE.042") == 0
    assert "no ask reaches it" in capsys.readouterr().out
    stdin(PASSWORD)
    words = ("--role", "responder@KE.042", "--person", "baraka", "--data", str(tmp_path))
    assert main(["accounts", "create", "baraka", *words]) == 0
    assert "no ask" not in capsys.readouterr().out


def test_disabling_ends_what_is_open(house: Any) -> None:
    token = httpx.post(f"{house.url}/sessions", json={"name": "amina", "password": PASSWORD}, trust_env=False).json()[
        "access_token"
    ]
    headers = {"authorization": f"Bearer {token}"}
    assert httpx.get(f"{house.url}/me", headers=headers, trust_env=False).status_code == 200
    assert main(["accounts", "disable", "amina", "--data", str(house.settings.data)]) == 0
    assert httpx.get(f"{house.url}/me", headers=headers, trust_env=False).status_code == 401


def test_the_last_administrator_stays(tmp_path: Path, stdin: type[Typed], capsys: pytest.CaptureFixture[str]) -> None:
    stdin(PASSWORD)
    assert create(tmp_path, "amina", "admin@KE") == 0
    assert main(["accounts", "disable", "amina", "--data", str(tmp_path)]) == 2
    assert "last-administrator" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("typed", "code"), [("short", "password-weak"), ("", "password-weak"), ("aaaaaaaaaaaaaaaa", "password-weak")]
)
def test_a_weak_password_changes_nothing(
    tmp_path: Path, stdin: type[Typed], capsys: pytest.CaptureFixture[str], typed: str, code: str
) -> None:
    stdin(typed)
    assert create(tmp_path, "amina", "admin@KE") == 2
    assert code in capsys.readouterr().err
    main(["accounts", "list", "--data", str(tmp_path)])
    assert "amina" not in capsys.readouterr().out


def test_a_name_is_taken_once(tmp_path: Path, stdin: type[Typed], capsys: pytest.CaptureFixture[str]) -> None:
    stdin(PASSWORD)
    assert create(tmp_path, "amina", "operator@KE") == 0
    stdin(OTHER)
    assert create(tmp_path, "AMINA", "operator@KE") == 2
    assert "name-taken" in capsys.readouterr().err


def test_who_is_not_there_is_said(tmp_path: Path, stdin: type[Typed], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["accounts", "list", "--data", str(tmp_path / "nowhere")]) == 2
    assert "no-data" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()
    stdin(PASSWORD)
    create(tmp_path, "amina", "operator@KE")
    assert main(["accounts", "disable", "brian", "--data", str(tmp_path)]) == 2
    assert "There is no account brian" in capsys.readouterr().err


@pytest.mark.parametrize("role", ["king@KE", "operator", "operator@KISUMU", "operator@KE.42"])
def test_a_role_that_is_none_is_refused_before_anything_is_asked(tmp_path: Path, role: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        create(tmp_path, "amina", role)
    assert stopped.value.code == 2


def test_a_new_signing_key_shuts_out_old_tokens_only_at_once(house: Any) -> None:
    data = str(house.settings.data)

    def token() -> dict[str, str]:
        body = {"name": "amina", "password": PASSWORD}
        answer = httpx.post(f"{house.url}/sessions", json=body, trust_env=False)
        return {"authorization": f"Bearer {answer.json()['access_token']}"}

    def asks(headers: dict[str, str]) -> int:
        return httpx.get(f"{house.url}/me", headers=headers, trust_env=False).status_code

    first = token()
    assert main(["accounts", "keys", "rotate", "--data", data]) == 0
    house.stop()  # which makes it read the keys at once, not within 15 seconds
    house.start()
    second = token()
    assert (asks(first), asks(second)) == (200, 200)
    assert main(["accounts", "keys", "rotate", "--at-once", "--data", data]) == 0
    house.stop()
    house.start()
    assert (asks(first), asks(second), asks(token())) == (401, 401, 200)
