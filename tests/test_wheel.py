"""A wheel carries everything a server needs: the pages of the build too, in their folders and with their twins."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("console.html", "console.html.br", "icons/phone-192.png", "assets/console-BGfmDpuG.js.gz")


def test_a_wheel_carries_the_built_pages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("geo", "alerts", "streams", "responder_api", "fixtures"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__", "pages"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements.in"):
        shutil.copy(ROOT / name, source)
    for name in PAGES:
        path = source / "responder_api" / "pages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    quiet = ("--quiet", "--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check")
    made = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *quiet, "--wheel-dir", str(tmp_path), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        inside = set(packed.namelist())
    assert {f"responder_api/pages/{name}" for name in PAGES} <= inside
    assert {"responder_api/routes/pages.html", "responder_api/routes/pages.py"} <= inside
    assert "fixtures/demo/wards.geojson" in inside
    assert not [name for name in inside if "__pycache__" in name or name.startswith("tests/")]
