"""Every story holds in every host, and both make the same events of it, byte for byte."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures import path
from fixtures.scenario import COUNTY, Line, Unmet, play, story
from fixtures.stepped import Stepped
from streams.events import Event, encode
from streams.simulated import Simulated

STORIES = sorted(file for file in path("scenarios").glob("*.jsonl") if file.stem != "demo_flood")


def text(event: Event) -> str:
    return encode(event).decode()


def test_every_story_says_what_it_is_about_and_expects_something() -> None:
    assert len(STORIES) > 10
    for file in STORIES:
        first, *others = story(file)
        assert first.story, file.name
        assert any(line.expect or line.count for line in others), file.name


@pytest.mark.parametrize("file", STORIES, ids=lambda file: file.stem)
def test_a_story_holds_and_both_hosts_tell_it_alike(
    file: Path, simulated: Callable[[], Simulated], embedded: Callable[[], Stepped]
) -> None:
    lines = story(file)
    quick, real = simulated(), embedded()
    play(lines, quick, file.stem)
    play(lines, real, file.stem)
    assert [text(event) for event in real.events()] == [text(event) for event in quick.events()]
    assert [message.id for message in real.carrier.sent] == [message.message for message in quick.sent]
    assert real.host.engine.log.verify() == len(quick.events())


def fire(**fields: object) -> dict[str, object]:
    return {
        "type": "ReportReceived",
        "channel": "web",
        "text": "fire at the market",
        "lon": 34.76,
        "lat": -0.1,
    } | fields


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"expect": {"type": "IncidentClosed"}}, "line 2: did not happen"),
        ({"expect": {"type": "IncidentOpened", "hazard": "flood"}}, "line 2: did not happen"),
        ({"expect": {"type": "IncidentOpened", "evidence": {"at_least": 0.31}}}, "did not happen"),
        ({"expect": {"type": "IncidentOpened"}, "envelope": {"key": "KE.044"}}, "did not happen"),
        ({"expect_not": {"type": "IncidentOpened", "hazard": "fire"}}, "line 2: happened"),
        ({"count": {"ReportReceived": 2}}, "there were {'ReportReceived': 1} by now"),
        ({"at": 1, "expect": {"type": "IncidentOpened"}}, "did not happen"),  # it came of what was before
    ],
)
def test_a_story_that_does_not_hold_is_told_with_the_line_and_what_happened(
    line: dict[str, object], said: str, simulated: Callable[[], Simulated]
) -> None:
    lines = [Line(given=fire()), Line(**line)]  # type: ignore[arg-type]  # as a story's line has them
    with pytest.raises(Unmet) as unmet:
        play(lines, simulated())
    assert said in str(unmet.value)
    if "at" not in line and "count" not in line:
        assert '"type":"IncidentOpened"' in str(unmet.value)


@pytest.mark.parametrize(
    "line",
    [
        {"expect": {"type": "IncidentOpened", "hazard": "fire", "evidence": {"at_most": 0.3, "at_least": 0.3}}},
        {"expect": {"type": "IncidentOpened", "parts": {"contains": {"name": "source"}}}},
        {"expect": {"type": "IncidentOpened", "severity": {"any_of": ["Severe", "Extreme"]}}},
        {"expect": {"type": "ReportReceived"}, "envelope": {"at": "{now}", "key": COUNTY}},
        {"count": {"ReportReceived": 1, "AlertIssued": 0}},
    ],
)
def test_a_story_that_holds_passes(line: dict[str, object], simulated: Callable[[], Simulated]) -> None:
    play([Line(given=fire()), Line(**line)], simulated())  # type: ignore[arg-type]  # as a story's line has them


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "typo.jsonl"
    file.write_text('{"story": "a"}\n{"at": 3, "expects": {"type": "IncidentOpened"}}\n')
    with pytest.raises(ValueError, match=r"typo\.jsonl line 2: .*expects"):
        story(file)


def test_a_fact_that_is_none_of_ours_is_refused(simulated: Callable[[], Simulated]) -> None:
    with pytest.raises(ValueError, match="ReportRecieved"):
        play([Line(given=fire() | {"type": "ReportRecieved"})], simulated())
