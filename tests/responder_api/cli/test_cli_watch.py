"""`dharura watch` as a command: what it prints, where it goes on, and how it ends."""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from responder_api.cli.client import Server
from responder_api.cli.feed import Feed
from responder_api.cli.paint import Screen
from responder_api.cli.shown import Lines
from streams.database import FILE

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]

WATCH = """
import argparse, sys
from responder_api.cli import watch
parser = argparse.ArgumentParser()
watch.add(parser.add_subparsers())
args = parser.parse_args(sys.argv[1:])
raise SystemExit(args.run(args))
"""


@pytest.fixture
def who(house: Any, password_file: Path) -> tuple[str, ...]:
    return ("--server", house.url, "--as", "amina", "--password-file", str(password_file))


@pytest.fixture
def start(who: tuple[str, ...]) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Start `dharura watch` as a process of its own."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*words: str, **options: Any) -> "subprocess.Popen[str]":
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DHARURA_")}
        begun.append(
            subprocess.Popen(
                [sys.executable, "-c", WATCH, "watch", *who, *words],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environ,
                **options,
            )
        )
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.communicate()


def test_once_shows_what_is_open_and_ends(house: Any, dharura: Run, who: tuple[str, ...], capsys: Captured) -> None:
    house.report(1)
    house.settle()
    assert dharura("watch", *who, "--once") == 0
    out, err = capsys.readouterr()
    (line,) = out.splitlines()
    assert "  INCIDENT    " in line
    assert " flood in " in line
    assert line.endswith("“water everywhere 1”")
    assert err.splitlines() == [
        f"-- live at {house.url}",
        "-- the picture as it is now:",
        "-- 1 open, 0 more known",
    ]


def test_json_prints_the_frames_as_they_are(house: Any, dharura: Run, who: tuple[str, ...], capsys: Captured) -> None:
    house.report(1)
    house.settle()
    assert dharura("watch", *who, "--once", "--json", "--kinds", "report,incident") == 0
    frames = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [frame["type"] for frame in frames] == ["welcome", "resync", "snapshot"]
    assert {shown["kind"] for shown in frames[2]["documents"]} == {"report", "incident"}


def test_a_position_file_carries_on_from_run_to_run(
    house: Any, dharura: Run, who: tuple[str, ...], capsys: Captured, tmp_path: Path
) -> None:
    where = tmp_path / "place"
    words = ("watch", *who, "--once", "--json", "--kinds", "all", "--position-file", str(where))
    assert dharura(*words) == 0
    first = json.loads(where.read_bytes())
    assert first["server"] == house.url
    capsys.readouterr()
    house.report(1)
    house.report(2)
    house.settle()

    assert dharura(*words) == 0

    out, err = capsys.readouterr()
    frames = [json.loads(line) for line in out.splitlines()]
    changes = [frame["position"] for frame in frames if frame["type"] == "change"]
    stood = [json.loads(frame.data)["position"] for frame in house.feed()]
    assert changes == stood
    assert "resync" not in {frame["type"] for frame in frames}
    assert f"resumed exactly at {first['position']}" in err


def test_a_position_of_another_server_begins_afresh(
    house: Any, dharura: Run, who: tuple[str, ...], capsys: Captured, tmp_path: Path
) -> None:
    where = tmp_path / "place"
    where.write_text('{"server":"http://elsewhere","position":"e:7","view":null}')
    assert dharura("watch", *who, "--once", "--position-file", str(where)) == 0
    assert "is about http://elsewhere: beginning afresh" in capsys.readouterr().err
    assert json.loads(where.read_bytes())["server"] == house.url
    where.write_text("what is this")
    assert dharura("watch", *who, "--once", "--position-file", str(where)) == 1
    assert "holds no position" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--as", "amina", "--password", "not this one at all"), "The name or the password is wrong (login-failed)"),
        (("--as", "nobody", "--password", "kiboko anaogelea usiku"), "The name or the password is wrong"),
        (("--as", "amina"), "There is no password: give --password-file, or sign in once with dharura login NAME."),
        ((), "Who are you? Give --as NAME with --password-file, or sign in once with dharura login NAME."),
    ],
)
def test_who_cannot_sign_in_is_told_in_one_line(
    house: Any, dharura: Run, capsys: Captured, words: tuple[str, ...], said: str
) -> None:
    assert dharura("watch", "--server", house.url, *words, "--once") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(said)
    assert err.count("\n") == 1


def test_no_server_is_told_in_one_line(dharura: Run, capsys: Captured) -> None:
    assert dharura("watch", "--server", "http://127.0.0.1:1", "--as", "a", "--password", "b") == 1
    assert capsys.readouterr().err.startswith("Nobody answers at http://127.0.0.1:1.")


def test_the_bottom_line_counts_only_what_is_heard() -> None:
    for kinds, said in ((["assignment"], "0 asked and not answered"), (None, "0 incidents open · 0 asked and")):
        feed, status = Feed(), io.StringIO()
        feed.hello("token", kinds, None)
        feed.whole = True
        with Server("http://127.0.0.1:1") as server:
            assert Lines(server, feed, Screen(status, status, {}), None).standing().strip().startswith(said)


def test_a_port_that_is_taken_is_told_with_what_to_do(house: Any, tmp_path: Path) -> None:
    words = ("serve", "--port", str(house.port), "--data", str(tmp_path / "other"))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DHARURA_")}
    done = subprocess.run(
        [sys.executable, "-m", "responder_api", *words], capture_output=True, text=True, env=environ, check=False
    )
    assert done.returncode != 0
    assert f"Port {house.port} of 127.0.0.1 cannot be taken. --port or DHARURA_PORT says another" in done.stdout


def test_kinds_that_do_not_exist_are_refused_before_anything(dharura: Run, capsys: Captured) -> None:
    with pytest.raises(SystemExit) as ended:
        dharura("watch", "--kinds", "incidents")
    assert ended.value.code == 2
    assert "choose from all, report, incident" in capsys.readouterr().err


def test_a_session_made_for_the_command_ends_with_it(house: Any, dharura: Run, who: tuple[str, ...]) -> None:
    assert dharura("watch", *who, "--once") == 0

    with closing(sqlite3.connect(house.settings.data / FILE)) as file:
        ends = [row[0] for row in file.execute("SELECT revoked_at FROM session")]
    assert len(ends) == 1
    assert None not in ends


def test_ctrl_c_ends_it_well(house: Any, start: Any) -> None:
    process = start()
    house.report(1)
    assert "INCIDENT" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 0
    assert "Traceback" not in process.stderr.read()


def test_a_reader_that_has_enough_ends_it_quietly(house: Any, start: Any) -> None:
    process = start("--json")
    process.stdout.readline()
    process.stdout.close()
    house.report(1)
    assert process.wait() == 0
    err = process.stderr.read()
    assert "Traceback" not in err
    assert "BrokenPipe" not in err


def test_a_terminal_of_another_alphabet_shows_what_it_can(house: Any, start: Any) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    house.report(1)
    house.settle()
    process = subprocess.run(
        [*start("--once").args, "--kinds", "incident"],
        env=environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "?water everywhere 1?" in process.stdout
