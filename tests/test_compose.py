"""The compose file is sound, keeps the house's rules, and says to our commands what they understand.

That its commands and settings really run is tested over real servers in `tests/cluster/test_compose_runs.py`.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import compose_spec
import pytest
import yaml

from fixtures.servers.unpacked import program
from responder_api.settings import read_settings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "dharura"}
NODES, WORKERS = ({"node-1", "node-2"}, {"worker-1", "worker-2"})
SHARED = {"postgres", "proxy", "prometheus"} | NODES | WORKERS


def resolved(text: object) -> str:
    """Put the defaults in that compose would."""
    return re.sub(r"\$\{(\w+):-([^}]*)\}", r"\2", str(text)).replace("$$", "$")


def settings_of(name: str) -> dict[str, str]:
    return {key: resolved(value) for key, value in OURS[name]["environment"].items()}


def profile(name: str) -> set[str]:
    return {service for service, said in SERVICES.items() if name in said["profiles"]}


def test_it_is_a_compose_file() -> None:
    found = compose_spec.PyCompose.from_yaml(yaml.safe_dump(COMPOSE))
    assert set(found.service_names()) == set(SERVICES)


def test_a_wrong_compose_file_is_found_out() -> None:
    wrong = COMPOSE | {"services": {"kafka": SERVICES["kafka"] | {"helthcheck": {}}}}
    with pytest.raises(ValueError, match="helthcheck"):
        compose_spec.PyCompose.from_yaml(yaml.safe_dump(wrong))


def test_there_is_one_machine_one_broker_or_three() -> None:
    assert profile("one") == {"dharura"}
    assert profile("cluster") == SHARED | {"kafka"}
    assert profile("three") == SHARED | {"kafka-1", "kafka-2", "kafka-3"}
    assert all(service["profiles"] for service in SERVICES.values()), "what has no profile starts with each of them"


def test_every_service_comes_back_is_watched_and_bounded() -> None:
    for name, service in SERVICES.items():
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert service["logging"]["options"]["max-size"] == "20m", name


def test_images_are_pinned() -> None:
    images = {service["image"] for name, service in SERVICES.items() if name not in OURS}
    assert all(re.fullmatch(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?", image) for image in images)
    arguments = re.findall(r"^ARG \w+=(.*)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert arguments
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in arguments)


def test_our_containers_may_do_nothing_but_what_they_need() -> None:
    for name, service in OURS.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["tmpfs"] == ["/tmp"], name  # noqa: S108  in the container
        assert service["init"] is True, name
        assert "user" not in service, name  # the image's own


def test_volumes_networks_and_secrets_are_declared_and_used() -> None:
    used: dict[str, set[str]] = {"volumes": set(), "networks": set(), "secrets": set()}
    for service in SERVICES.values():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            if source.startswith("./"):
                assert (ROOT / source).is_file(), source
            else:
                used["volumes"].add(source)
        used["networks"] |= set(service.get("networks", ()))
        used["secrets"] |= set(service.get("secrets", ()))
    assert used == {kind: set(COMPOSE[kind]) for kind in used}


def test_only_what_must_be_seen_is_published() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.pop("proxy") == ["80:80", "443:443"]
    assert all(port.startswith("127.0.0.1:") for name in ("dharura", "prometheus") for port in published.pop(name))
    # Of a broker only the listener that asks who one is.
    assert all(port.endswith(":9094") for ports in published.values() for port in ports)
    assert set(published) == {"kafka", "kafka-1", "kafka-2", "kafka-3"}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert set(SERVICES["postgres"]["networks"]) == {"inside"}


def test_no_secret_stands_in_the_file() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY", key) and "KEYSTORE" not in key:
                assert key.endswith("_FILE"), f"{name}: {key}"
            if key.endswith("_FILE"):
                assert str(value).removeprefix("/run/secrets/") in service["secrets"], f"{name}: {key}"
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/secrets/" in ignored
    assert all(secret["file"].startswith("secrets/") for secret in COMPOSE["secrets"].values())
    assert all(service["env_file"] == ["secrets/dharura.env"] for name, service in OURS.items() if name != "dharura")


def test_it_is_built_and_started_as_the_image_says() -> None:
    assert 'ENTRYPOINT ["dharura"]' in (ROOT / "Dockerfile").read_text()
    commands = {name: " ".join(service["command"]) for name, service in OURS.items()}
    assert commands.pop("dharura") == "serve"
    assert {commands[name] for name in NODES} == {"serve --make-topics"}
    assert {commands[name] for name in WORKERS} == {"worker --make-topics"}
    for command in set(commands.values()):
        name, option = command.split()
        asked = subprocess.run(
            [sys.executable, "-m", "responder_api", name, "--help"], cwd=ROOT, capture_output=True, check=True
        )
        assert option.encode() in asked.stdout


@pytest.mark.parametrize("name", sorted(OURS))
def test_settings_are_understood(name: str) -> None:
    settings = read_settings(settings_of(name))
    assert settings.clustered is (name != "dharura")
    mounted = {mount.split(":")[1] for mount in OURS[name]["volumes"]}
    assert str(settings.data) in mounted
    if settings.clustered:
        assert settings.worker == name, "a name of its own, the same after a restart"
        assert settings.kafka == "kafka:9092"
        assert str(settings.database_password_file).removeprefix("/run/secrets/") in OURS[name]["secrets"]


def test_the_proxy_and_prometheus_know_every_node() -> None:
    addresses = {f"{name}:{OURS[name]['environment']['DHARURA_PORT']}" for name in NODES}
    assert set(SERVICES["proxy"]["environment"]["NODES"].split()) == addresses
    asked = yaml.safe_load((ROOT / "docs/cluster/prometheus.yml").read_text())["scrape_configs"][0]
    assert set(asked["static_configs"][0]["targets"]) == addresses


def test_three_brokers_lose_any_one_and_one_broker_stands_alone() -> None:
    three = {name: SERVICES[name]["environment"] for name in ("kafka-1", "kafka-2", "kafka-3")}
    voters = ",".join(f"{said['KAFKA_NODE_ID']}@{name}:9093" for name, said in three.items())
    for name, said in three.items():
        assert said["KAFKA_CONTROLLER_QUORUM_VOTERS"] == voters
        assert said["KAFKA_ADVERTISED_LISTENERS"].startswith(f"INSIDE://{name}:9092,AGENCIES://")
        assert {said[key] for key in said if key.endswith("REPLICATION_FACTOR")} == {3}
        assert {said[key] for key in said if key.endswith(("MIN_ISR", "MIN_INSYNC_REPLICAS"))} == {2}
        assert SERVICES[name]["networks"]["inside"]["aliases"] == ["kafka"], "known by one name, as one broker is"
    outside = [resolved(said["KAFKA_ADVERTISED_LISTENERS"]).rsplit(":", 1)[1] for said in three.values()]
    assert [f"{port}:9094" for port in outside] == [SERVICES[name]["ports"][0] for name in three]
    alone = SERVICES["kafka"]["environment"]
    assert alone["KAFKA_CONTROLLER_QUORUM_VOTERS"] == "1@kafka:9093"
    assert {alone[key] for key in alone if key.endswith(("_FACTOR", "_ISR", "_REPLICAS"))} == {1}


def test_who_depends_on_servers_waits_for_those_of_the_profile() -> None:
    for name in NODES | WORKERS:
        servers = SERVICES[name]["depends_on"]
        assert set(servers) == {"postgres"} | {server for server in SERVICES if server.startswith("kafka")}
        assert all(said["condition"] == "service_healthy" for said in servers.values())
        assert {server for server, said in servers.items() if said.get("required") is False} == set(servers) - {
            "postgres"
        }


@pytest.mark.system("openssl")
def test_secrets_are_made_once_and_hold_what_is_mounted(tmp_path: Path) -> None:
    made = [
        subprocess.run(
            [ROOT / "docs/cluster/make-secrets", tmp_path],
            env={"PATH": "/usr/bin:/bin", "SITE": "kisumu.example", "PROFILE": chosen},
            capture_output=True,
            check=True,
        )
        for chosen in ("three", "cluster")
    ]
    assert made[0].stdout.count(b": made") == 5
    assert b"made" not in made[1].stdout
    folder = tmp_path / "secrets"
    assert folder.stat().st_mode & 0o777 == 0o700
    for secret in COMPOSE["secrets"].values():
        mounted = tmp_path / secret["file"]
        assert mounted.stat().st_mode & 0o777 == 0o444, "read by users of containers, through the mount alone"
    settings = read_settings(dict([(folder / "dharura.env").read_text().strip().split("=", 1)]))
    assert settings.intake_key is not None
    certificate = subprocess.run(
        ["openssl", "x509", "-in", folder / "kafka_tls.pem", "-noout", "-ext", "subjectAltName"],
        capture_output=True,
        check=True,
    )
    assert b"DNS:kisumu.example" in certificate.stdout
    # What the first run was told; the second kept it.
    told = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines() if not line.startswith("#"))
    assert told == {"COMPOSE_PROFILES": "three", "COPIES": "3", "SITE": "kisumu.example", "TLS": "internal"}
    assert profile(told["COMPOSE_PROFILES"]) == SHARED | {"kafka-1", "kafka-2", "kafka-3"}
    # What is substituted into the compose file can be said there, and is.
    assert set(re.findall(r"\$\{(\w+)", yaml.safe_dump(COMPOSE))) <= set(told)


def test_secrets_are_made_for_a_profile_that_there_is(tmp_path: Path) -> None:
    answer = subprocess.run(
        [ROOT / "docs/cluster/make-secrets", tmp_path],
        env={"PATH": "/usr/bin:/bin", "PROFILE": "five"},
        capture_output=True,
        check=False,
    )
    assert (answer.returncode, list(tmp_path.iterdir())) == (2, [])
    assert b"cluster (one broker) or three" in answer.stderr


ALARMS_RING = """
rule_files: [{alarms}]
evaluation_interval: 15s
tests:
  - interval: 15s
    input_series:
      - series: 'up{{job="nodes", instance="node-1:8000"}}'
        values: 1x40
      - series: 'dharura_storage_trouble{{instance="node-1:8000"}}'
        values: 0x40
      - series: 'dharura_outbox_records{{instance="node-1:8000"}}'
        values: 0x40
      - series: 'dharura_reader_lag{{instance="node-1:8000", reader="dispatch", partition="3"}}'
        values: 7x40
      - series: 'dharura_reader_lag{{instance="node-2:8000", reader="dispatch", partition="3"}}'
        values: 7x40
      - series: 'dharura_reader_lag{{instance="node-1:8000", reader="reports", partition="1"}}'
        values: 0 9 3 7 0 5 0 2 4 0 6 1 8 0 9 3 7 0 5 0 2 4 0 6 1 8 0 9 3 7 0 5 0 2 4 0 6 1 8 0 9
      - series: 'dharura_lease{{duty="deadlines", holder="one"}}'
        values: 1x40
      - series: 'dharura_lease{{duty="sending", holder="one"}}'
        values: 1x40
      - series: 'dharura_lease{{duty="projector", holder="two"}}'
        values: 1x40
      - series: 'dharura_lease{{duty="pruning", holder="two"}}'
        values: 1x40
      - series: 'dharura_outbox_oldest_seconds{{instance="node-1:8000"}}'
        values: 0+5x40
    alert_rule_test:
      - eval_time: 8m
        alertname: PartitionStandsStill
        exp_alerts:
          - exp_labels: {{reader: dispatch, partition: "3", severity: page}}
            exp_annotations: {{summary: dispatch takes nothing of partition 3 (7 wait)}}
      - eval_time: 8m
        alertname: DutyUndone
        exp_alerts:
          - exp_labels: {{duty: relay, severity: page}}
            exp_annotations: {{summary: Nobody does relay}}
      - eval_time: 8m
        alertname: OutboxStands
        exp_alerts:
          - exp_labels: {{severity: page}}
            exp_annotations: {{summary: What was decided 2m 40s ago is not on Kafka yet}}
      - {{eval_time: 8m, alertname: FarBehind, exp_alerts: []}}
      - {{eval_time: 8m, alertname: NodeAway, exp_alerts: []}}
      - {{eval_time: 8m, alertname: NobodyAnswers, exp_alerts: []}}
      - {{eval_time: 8m, alertname: FiguresMissing, exp_alerts: []}}
      - {{eval_time: 8m, alertname: StorageTrouble, exp_alerts: []}}
"""


@pytest.mark.system("promtool")
def test_alarms_ring_when_they_must_and_not_else(tmp_path: Path) -> None:
    test = tmp_path / "test.yml"
    test.write_text(ALARMS_RING.format(alarms=ROOT / "docs/cluster/alarms.yml"))
    for asked in (["check", "config", str(ROOT / "docs/cluster/prometheus.yml")], ["test", "rules", str(test)]):
        answer = subprocess.run([program("promtool"), *asked], capture_output=True, check=False)
        assert answer.returncode == 0, answer.stdout.decode() + answer.stderr.decode()


def test_every_alarm_says_what_it_means_and_what_to_do() -> None:
    rules = yaml.safe_load((ROOT / "docs/cluster/alarms.yml").read_text())["groups"][0]["rules"]
    page = (ROOT / "docs/operations.md").read_text()
    told = set(re.findall(r"^\| `([A-Z]\w+)` \|", page, re.MULTILINE))
    assert {rule["alert"] for rule in rules} == told
    assert {rule["labels"]["severity"] for rule in rules} == {"page", "look"}


def test_the_pages_name_profiles_and_services_that_there_are() -> None:
    pages = "\n".join((ROOT / page).read_text() for page in ("README.md", "docs/operations.md", "docker-compose.yml"))
    profiles = {name for service in SERVICES.values() for name in service["profiles"]}
    assert set(re.findall(r"PROFILE=(\w+)", pages)) <= profiles - {"one"}
    assert "--profile" not in pages, "the one in .env counts, for every command"
    for command in re.findall(r"docker compose ((?:exec|run|logs|up|cp)\b[^`\n]*)", pages):
        words = [word for word in command.split("#")[0].split() if not word.startswith("-")]
        named = {word.split(":")[0] for word in words if word.split(":")[0] in SERVICES}
        assert named or words == ["up"], command
