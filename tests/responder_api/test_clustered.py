"""What a worker is told from outside, through the entry point by which Faust's process finds it."""

import json
from importlib.metadata import entry_points

import pytest
import structlog

from streams.worker import GROUP


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DHARURA_KAFKA": "kafka1:9092,kafka2",
        "DHARURA_DATABASE": "postgresql://dharura@db.example/dharura",
        "DHARURA_TOPIC_PREFIX": "kisumu.",
        "DHARURA_WORKER": "worker-1",
        "DHARURA_LOG_LEVEL": "error",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("entry")
def test_worker_finds_its_cluster_and_its_world_and_logs_as_the_settings_say(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (point,) = entry_points(group=GROUP)
    cluster, worlds = point.load()()
    assert cluster.kafka.bootstrap == ("kafka1:9092", "kafka2:9092")
    assert cluster.kafka.group == "kisumu.dharura"
    assert cluster.worker == "worker-1"
    assert worlds.now.wards.version
    structlog.get_logger().warning("what nobody asked for")
    structlog.get_logger().error("what was asked for")
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["event"]) for line in said] == [("error", "what was asked for")]
