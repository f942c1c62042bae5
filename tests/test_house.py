"""The house keeps its word: documented commands exist, locks name no host, files name no machine and stay small."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.txt", "requirements-build.txt", "requirements-dev.txt", "package-lock.json")
# Written so that this file does not name what it looks for. A path that begins with a dot leads to a neighbour.
MACHINE = re.compile(r"(?<![.\w])/(?:work/|root/|home/\w|Users/|tmp/\w)")
SETTING = re.compile(r"\bDHARURA_[A-Z][A-Z0-9_]*[A-Z0-9]\b")

pytestmark = pytest.mark.system("git")


def tracked() -> list[Path]:
    """Every file that is, or is about to be, part of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    return [ROOT / name for name in sorted(filter(None, listed.split("\0"))) if (ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """The file's text, empty for one that is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def shell_blocks(page: Path) -> str:
    return "\n".join(re.findall(r"```sh\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL))


def pages() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".md"]


def test_commands_of_the_pages_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        command for page in pages() for command in re.findall(r"(?:^|`)make ([a-z-]+)", text_of(page), re.MULTILINE)
    }
    assert {"run", "test", "check", "bench", "system-deps"} <= named & targets
    assert named <= targets


def commands_refused(names: set[str]) -> dict[str, str]:
    """Ask the command line to explain each command; give what it says of those that it does not know."""
    refused = {}
    for name in sorted(names):
        asked = subprocess.run(
            [sys.executable, "-m", "responder_api", name, "--help"], cwd=ROOT, capture_output=True, check=False
        )
        if asked.returncode != 0:
            refused[name] = asked.stderr.decode()[-300:]
    return refused


def test_commands_of_the_pages_are_commands_of_dharura() -> None:
    named = {
        command
        for page in pages()
        for command in re.findall(r"(?:`|^[^#\n]*bin/)dharura ([a-z]+)", text_of(page), re.MULTILINE)
    }
    assert {"serve", "watch", "send", "backup"} <= named
    assert commands_refused(named) == {}


def test_every_target_is_phony_and_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text()
    phony = set(" ".join(re.findall(r"^\.PHONY: (.*)", makefile, re.MULTILINE)).split())
    explained = set(re.findall(r"^([a-z-]+):.*## \w", makefile, re.MULTILINE))
    assert phony - {"node-missing"} == explained


def test_links_of_the_pages_lead_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text_of(page))
        if not (page.parent / target).exists()
    ]
    assert dead == []


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_name_no_host_and_hash_everything(name: str) -> None:
    text = (ROOT / name).read_text()
    if name.endswith(".json"):  # who asks for money there (`funding`) is not where anything comes from
        text = re.sub(r'"funding": (\{[^}]*\}|\[[^\]]*\]|"[^"]*")', "", text)
    assert not re.search(r"https?://|index-url|find-links|\"resolved\"", text)
    entries = re.findall(r"^[a-z0-9-]+==", text, re.MULTILINE) or re.findall(r'"node_modules/', text)
    assert 0 < len(entries) <= len(re.findall(r"--hash=sha256:[0-9a-f]{64}|\"integrity\": \"sha512-", text))


def test_locks_hold_everything_that_is_asked_for() -> None:
    for stem in ("requirements", "requirements-build", "requirements-dev"):
        wanted = re.findall(r"^([a-z0-9][a-z0-9-]*)", (ROOT / f"{stem}.in").read_text(), re.MULTILINE)
        locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / f"{stem}.txt").read_text(), re.MULTILINE))
        assert set(wanted) <= locked, stem


@pytest.mark.parametrize("stem", ["requirements", "requirements-build"])
def test_what_is_tested_is_what_is_run(stem: str) -> None:
    pin = re.compile(r"^[a-z0-9-]+==[^\\\n]+", re.MULTILINE)
    assert set(pin.findall((ROOT / f"{stem}.txt").read_text())) <= set(
        pin.findall((ROOT / "requirements-dev.txt").read_text())
    )


def test_nothing_names_a_path_of_one_machine() -> None:
    assert [str(path.relative_to(ROOT)) for path in tracked() if MACHINE.search(text_of(path))] == []


def test_files_stay_under_400_lines() -> None:
    generated = ROOT / "console/src/data/contract.ts"
    code = [path for path in tracked() if path.suffix in {".py", ".ts", ".tsx"} and path != generated]
    assert len(code) > 10
    assert {str(p.relative_to(ROOT)): n for p in code if (n := text_of(p).count("\n")) >= 400} == {}


def test_no_module_is_named_for_nothing() -> None:
    vague = {"util", "utils", "helper", "helpers", "manager", "managers", "base", "common", "misc"}
    assert [str(path.relative_to(ROOT)) for path in tracked() if path.stem in vague or path.parent.name in vague] == []


def test_every_setting_that_is_used_is_documented_and_every_documented_one_is_read() -> None:
    documented = set(re.findall(r"^\| `(DHARURA_[A-Z0-9_]+)` \|", text_of(ROOT / "docs/settings.md"), re.MULTILINE))
    assert len(documented) > 5
    assert "(settings.md)" in text_of(ROOT / "docs/operations.md")
    named = {
        (setting, str(path.relative_to(ROOT)))
        for path in tracked()
        if path.parts[len(ROOT.parts)] not in {"tests", "console"} and path.name != "settings.md"
        for setting in SETTING.findall(text_of(path))
    }
    assert {(setting, where) for setting, where in named if setting not in documented} == set()


def test_image_is_built_from_files_that_are_there_and_runs_as_nobody_special() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source for line in re.findall(r"^COPY (?!--from)(.*)", dockerfile, re.MULTILINE) for source in line.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / source).exists() for source in copied)
    assert re.search(r"^USER (?!root)\w+", dockerfile, re.MULTILINE)
    assert dockerfile.index("USER ") > dockerfile.rindex("FROM ")


def test_ignores_of_the_linters_say_why() -> None:
    bare = re.compile(r"#\s*(?:noqa(?!: [A-Z]+\d+)|type: ignore(?!\[)|pragma)")
    assert [
        str(path.relative_to(ROOT)) for path in tracked() if path.suffix == ".py" and bare.search(text_of(path))
    ] == []
