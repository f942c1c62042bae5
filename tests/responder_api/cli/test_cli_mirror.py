"""Which sides, names, topics and audiences `dharura mirror` takes."""

import argparse
from pathlib import Path

import pytest

from geo.places import Rejected
from responder_api.__main__ import main
from responder_api.cli import mirror
from responder_api.settings import BadSetting, Settings


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    mirror.add(parser.add_subparsers())
    return parser.parse_args(["mirror", "--system", "kisumu", "--target", "nation", *words])


def test_what_is_going_on_goes_unless_something_else_is_asked_for() -> None:
    route = mirror.route_of(parsed())
    assert [topic.name.removeprefix("dharura.") for topic in route.topics] == [
        "incidents",
        "levels",
        "alerts",
        "filing",
    ]
    assert route.wanted(("operator:KE.042",))
    assert not route.wanted(())
    some = mirror.route_of(parsed("--topic", "alerts,dharura.reports", "--topic", "alerts"))
    assert [topic.name for topic in some.topics] == ["dharura.alerts", "dharura.reports"]


def test_an_audience_is_who_would_see_it() -> None:
    wanted = mirror.route_of(parsed("--audience", "agency:KE.042", "--audience", "operator:KE.001")).wanted
    assert wanted(("agency:KE.042.238",))
    assert wanted(("public",))
    assert wanted(("operator:KE.001.001.0001", "operator:KE.042"))
    assert not wanted(("operator:KE.042",))
    assert not wanted(("agency:KE",))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--system", "Kisumu county"], "cannot name a system"),
        (["--system", "nation"], "to itself"),
        (["--topic", "messages"], "messages cannot be mirrored; reports, "),
        (["--audience", "everybody:KE"], "is no ROLE:AREA"),
        (["--audience", "agency:Kisumu"], "Kisumu"),
    ],
)
def test_what_cannot_be_is_refused_in_words(words: list[str], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        mirror.route_of(parsed(*words))


def test_a_side_is_the_settings_an_address_or_a_file(tmp_path: Path) -> None:
    ours = Settings(kafka="kafka://a:1", kafka_security="sasl_ssl", kafka_username="me", topic_prefix="x.")
    assert mirror.side(None, ours).username == "me"
    plain = mirror.side("kafka://b:2,c:3", ours)
    assert (plain.bootstrap, plain.username, plain.prefix, plain.security) == (("b:2", "c:3"), "", "", "plaintext")
    file = tmp_path / "nation.env"
    file.write_text("# the nation's\n\nexport DHARURA_KAFKA=n:9\nDHARURA_TOPIC_PREFIX='n.'\nDHARURA_KAFKA_USERNAME=k\n")
    there = mirror.side(str(file), ours)
    assert (there.bootstrap, there.username, there.prefix) == (("n:9",), "k", "n.")
    file.write_text("PATH=/bin\n")
    with pytest.raises(BadSetting, match="line 1"):
        mirror.side(str(file), ours)


def test_the_same_kafka_twice_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DHARURA_KAFKA", "a:1")
    assert main(["mirror", "--system", "kisumu", "--target", "nation", "--to", "kafka://a:1"]) == 2
    assert "mirror-invalid" in capsys.readouterr().err
