"""A demo that was killed leaves a data folder, which the next one throws away; nothing else."""

import time
from contextlib import closing
from pathlib import Path

from responder_api.cli.demo import SETTLED_S, sweep
from streams.embedded import lock_folder


def test_only_folders_of_dead_demos_are_thrown_away(tmp_path: Path) -> None:
    for name in ("dharura-demo-dead", "dharura-demo-alive", "dharura-demo-empty", "dharura-other", "county"):
        (tmp_path / name).mkdir()
    for name in ("dharura-demo-dead", "dharura-other", "county"):
        (tmp_path / name / "dharura.lock").touch()
        (tmp_path / name / "events").write_text("x")
    (tmp_path / "dharura-demo-link").symlink_to(tmp_path / "county")
    others = (tmp_path / "county" / "dharura.lock").stat().st_mtime_ns
    kept = {"dharura-demo-alive", "dharura-demo-empty", "dharura-demo-link", "dharura-other", "county"}
    with closing(lock_folder(tmp_path / "dharura-demo-alive")):
        sweep(tmp_path, time.time())
        assert {path.name for path in tmp_path.iterdir()} == kept | {"dharura-demo-dead"}  # it may be just starting
        sweep(tmp_path, time.time() + 2 * SETTLED_S)
        assert {path.name for path in tmp_path.iterdir()} == kept
    assert (tmp_path / "county" / "dharura.lock").stat().st_mtime_ns == others  # not so much as taken
    assert (tmp_path / "county" / "events").read_text() == "x"
