"""The command line on a machine of a cluster: it works there, or says what to use instead."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka import AIOKafkaProducer

from fixtures.cluster_processes import ClusterProcesses
from responder_api.cli.client import Server, sign_in
from tests.cluster.nodes.conftest import Whole

pytestmark = pytest.mark.system("kafka", "postgresql")

WORDS = "maji-mengi-barabarani"


def test_accounts_are_kept_in_the_cluster(whole: Whole) -> None:
    run = whole.processes.command
    made = run("accounts", "create", "halima", "--role", "operator@KE.042", said=f"{WORDS}\n")
    assert (made.returncode, made.stdout) == (0, "halima can sign in now: operator over KE.042.\n"), made.stderr
    assert "halima" in run("accounts", "list").stdout
    given = []
    for n in (1, 2):
        with Server(whole.url(n)) as server:
            given.append(sign_in(server, "halima", WORDS).access_token)
    assert run("accounts", "disable", "halima").returncode == 0
    for n, token in ((1, given[1]), (2, given[0])):
        me = httpx.get(f"{whole.url(n)}/me", headers={"authorization": f"Bearer {token}"}, trust_env=False)
        assert (me.status_code, me.json()["code"]) == (401, "session-over")


def test_the_doctor_looks_the_cluster_over(whole: Whole) -> None:
    looked = whole.processes.command("doctor")
    found = {line[11:].partition(":")[0]: line.split()[0] for line in looked.stdout.splitlines()}
    assert looked.returncode == 0, looked.stdout + looked.stderr
    for what in ("topics", "world", "duties", "projector", "steps"):
        assert found[what] == "OK", looked.stdout
    assert found["kafka"] == "ATTENTION"  # one broker is none too many
    other = whole.processes.command("doctor", DHARURA_CAP_SENDER="ews@elsewhere.example")
    assert other.returncode == 1
    assert "the cluster knows another" in other.stdout


def test_the_doctor_says_what_cannot_be_reached(processes: ClusterProcesses) -> None:
    looked = processes.command(
        "doctor", DHARURA_KAFKA="127.0.0.1:1", DHARURA_DATABASE="postgresql://nobody@127.0.0.1:1/none"
    )
    broken = {line[11:].partition(":")[0] for line in looked.stdout.splitlines() if line.startswith("BROKEN")}
    assert (looked.returncode, broken) == (1, {"kafka", "database"}), looked.stdout


@pytest.mark.parametrize("words", [("backup", "all.backup"), ("restore", "all.backup")])
def test_copies_of_the_data_are_postgresqls_own_matter(processes: ClusterProcesses, words: tuple[str, ...]) -> None:
    refused = processes.command(*words)
    assert refused.returncode == 2
    assert "pg_" in refused.stderr


async def test_dead_letters_are_asked_of_any_node(whole: Whole) -> None:
    name = await whole.person("mkuu", ("admin", "KE"), ("operator", "KE"))
    kafka = whole.processes.access
    async with AIOKafkaProducer(**kafka.client("stranger")) as stranger:
        at = await stranger.send_and_wait(kafka.topic("dharura.reports"), uuid4().hex.encode(), b"KE.042")
    for n in (1, 2):
        letters: list[dict[str, Any]] = []
        while not letters:
            listed = await whole.ask(n, "GET", "/deadletters", name)
            assert listed.status_code == 200
            words = f"dharura.reports[{at.partition}] at {at.offset}:"
            letters = [letter for letter in listed.json()["items"] if words in letter["detail"]]
        assert [letter["step"] for letter in letters] == ["archive"]


async def test_metrics_tell_of_the_whole_cluster_at_any_node(whole: Whole) -> None:
    await whole.settled([await whole.report([1])])
    for n in (1, 2):
        said = (await whole.ask(n, "GET", "/metrics")).text
        figures = dict(line.rsplit(" ", 1) for line in said.splitlines() if not line.startswith("#"))
        assert float(figures["dharura_log_events_total"]) > 0
        assert figures["dharura_projector_behind"] == "0.0"
        assert {name for name in figures if name.startswith("dharura_lease{")} != set()
        lag = {name: float(value) for name, value in figures.items() if name.startswith("dharura_reader_lag{")}
        assert len(lag) == 12 * 11, "a reader or a partition is missing"
        assert figures["dharura_outbox_records"] == "0.0"
