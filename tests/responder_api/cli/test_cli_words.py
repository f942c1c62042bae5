"""What a newcomer reads: one line a change, and nothing in it that a stranger's text could do to the terminal."""

import io
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from responder_api.cli.feed import Change
from responder_api.cli.paint import Screen, clean, colour, painter, plain
from responder_api.cli.wording import is_open, line, sentence
from responder_api.cli.words import View, short, span

NOW = datetime(2026, 4, 26, 16, 2, 11, tzinfo=UTC)
EAT = timezone(timedelta(hours=3))
VIEW = View(now=NOW, zone=EAT)
AT = "2026-04-26T16:02:11.25Z"

INCIDENT = {
    "id": "9b2d9a26-7f7e-5b0c-9d6f-0a1c2b3d4e5f",
    "state": "open",
    "reference": "K7Q-2MF",
    "hazard": "flood",
    "severity": "Severe",
    "ward": "KE.042.238.1189",
    "ward_name": "Nyalenda B",
    "reports": 4,
    "evidence": 0.72,
    "asked": 3,
    "going": 2,
    "text": "Maji yamejaa nyumbani",
}
ASSIGNMENT = {
    "id": "a1",
    "code": "4F",
    "state": "offered",
    "responder": "r005",
    "responder_name": "Akinyi Obonyo",
    "need": "boat",
    "attempt": 2,
    "deadline": "2026-04-26T16:05:11Z",
    "offered_at": "2026-04-26T16:02:11Z",
    "distance_m": 1240.0,
    "hazard": "flood",
    "severity": "Severe",
    "ward_name": "Nyalenda B",
}
ALERT = {
    "id": "9b2d9a26-7f7e-5b0c-9d6f-0a1c2b3d4e5f",
    "state": "issued",
    "severity": "Extreme",
    "wards": [{"ward": "KE.042.242.1208", "minutes": 60}, {"ward": "KE.042.242.1209", "minutes": 90}],
    "confirmed": {},
    "cap": {
        "infos": [
            {"language": "sw", "event": "Mafuriko", "headline": "Mafuriko yanakuja"},
            {"language": "en", "event": "Flood", "headline": "Flood on the Nyando", "expires": "2026-04-26T22:00:00Z"},
        ]
    },
}


OTHER = "5f0c1a7e-3b1d-5e0a-8c42-7d9e0f1a2b3c"
NUMBER = short(OTHER)


def told(kind: str, before: dict[str, Any] | None, after: dict[str, Any] | None, id_: str = "x") -> str:
    return line(Change(kind=kind, id=id_, before=before, after=after, at=AT), VIEW)


def test_an_incident_that_grew_says_what_it_was() -> None:
    before = INCIDENT | {"reports": 3, "evidence": 0.51}
    assert told("incident", before, INCIDENT) == (
        "19:02:11  INCIDENT    K7Q-2MF  "
        "Severe flood in Nyalenda B: 4 reports (was 3), evidence 0.72 (was 0.51), 3 asked, 2 going"
    )


def test_a_new_incident_quotes_its_first_words() -> None:
    fresh = INCIDENT | {"reports": 1, "asked": 0, "going": 0, "evidence": 0.4}
    assert told("incident", None, fresh).endswith(
        "Severe flood in Nyalenda B: new, 1 report, evidence 0.40 “Maji yamejaa nyumbani”"
    )


@pytest.mark.parametrize(
    ("news", "words"),
    [
        ({"state": "closed", "closed_by": "kisumu", "reason": "water fell"}, "closed by kisumu: water fell"),
        ({"state": "merged", "into": OTHER, "reason": "one river"}, f"is part of {NUMBER} now: one river"),
        ({"merged": [OTHER]}, f"{NUMBER} is part of it, 4 reports"),
        ({"severity": "Extreme"}, "Extreme flood in Nyalenda B: was Severe"),
        ({"exhausted": ["boat"]}, "nobody left to ask for boat: an operator must act"),
        ({"going": 0}, "0 going (was 2)"),
        ({"going": 0, "exhausted": ["boat"]}, "nobody left to ask for boat"),
        ({"lon": 34.7, "last_at": AT}, "details (last_at, lon)"),
    ],
)
def test_whatever_changes_in_an_incident_is_said(news: dict[str, Any], words: str) -> None:
    assert words in told("incident", INCIDENT, INCIDENT | news)


def test_an_incident_that_comes_out_of_another_says_so() -> None:
    over = INCIDENT | {"state": "merged", "into": OTHER}
    again = INCIDENT | {"state": "open", "reopened_by": "kisumu"}
    assert "opened again by kisumu, 4 reports" in told("incident", over, again)
    assert f"{NUMBER} is no part of it any more" in told("incident", INCIDENT | {"merged": [OTHER]}, INCIDENT)
    fresh = INCIDENT | {"asked": 0, "split_from": OTHER}
    assert f"new, split off {NUMBER}, 4 reports" in told("incident", None, fresh)


def test_who_goes_to_another_incident_now_is_said() -> None:
    before = ASSIGNMENT | {"state": "enroute", "incident": INCIDENT["id"]}
    assert f"goes to {NUMBER} now, not to " in told("assignment", before, before | {"incident": OTHER})


@pytest.mark.parametrize(
    ("news", "words"),
    [
        ({}, "Akinyi Obonyo is asked to go as boat, 1.2 km away, ask number 2; 3:00 left to answer"),
        (
            {"need": "requested", "attempt": 1},
            "Akinyi Obonyo is asked to go at an operator's request, 1.2 km away; 3:00 left to answer",
        ),
        ({"deadline": "2026-04-26T16:00:00Z", "seen_at": AT}, "Akinyi Obonyo has the ask on the phone; time is up"),
        ({"seen_at": AT}, "Akinyi Obonyo has the ask on the phone; 3:00 left to answer"),
        (
            {"state": "accepted", "via": "sms", "answered_at": "2026-04-26T16:02:38Z"},
            "Akinyi Obonyo goes: said yes by sms after 0:27",
        ),
        ({"state": "declined", "answer_reason": "no boat"}, "Akinyi Obonyo cannot go: no boat"),
        ({"state": "expired"}, "no answer from Akinyi Obonyo in time"),
        ({"state": "withdrawn", "answer_reason": "place filled"}, "Akinyi Obonyo is not needed any more: place filled"),
        ({"state": "enroute"}, "Akinyi Obonyo is on the way"),
        ({"state": "arrived"}, "Akinyi Obonyo is there"),
        ({"state": "done"}, "Akinyi Obonyo is done"),
    ],
)
def test_an_assignment_says_who_and_what_now(news: dict[str, Any], words: str) -> None:
    assert told("assignment", ASSIGNMENT, ASSIGNMENT | news) == (
        f"19:02:11  ASSIGNMENT  4F       Severe flood in Nyalenda B: {words}"
    )


@pytest.mark.parametrize(
    ("before", "news", "words"),
    [
        (None, {"state": "draft", "needs_approval": True}, "draft, waits for approval, for 2 wards"),
        (
            None,
            {"approved_by": "kisumu"},
            "issued, approved by kisumu, 0 of 2 wards confirmed, in force until 27 Apr 01:",
        ),
        (
            ALERT,
            {"confirmed": {"KE.042.242.1208": {"by": "r001", "how": "baraza"}}},
            "passed on in KE.042.242.1208 by r001, 1 of 2 wards confirmed",
        ),
        (ALERT, {"state": "rejected", "by": "kisumu", "reason": "sensor broken"}, "rejected by kisumu: sensor broken"),
        (ALERT, {"state": "expired"}, "expired"),
    ],
)
def test_an_alert_says_how_far_it_got(before: dict[str, Any] | None, news: dict[str, Any], words: str) -> None:
    assert f"Extreme “Flood on the Nyando”: {words}" in told("alert", before, ALERT | news)


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("report", {"state": "received", "channel": "sms", "text": "moto!"}, "came in by sms “moto!”"),
        (
            "report",
            {
                "state": "located",
                "how": "words",
                "confidence": 0.8,
                "hazard": "fire",
                "severity": "Severe",
                "ward": "KE",
            },
            "Severe fire in KE: placed by words, confidence 0.80",
        ),
        ("report", {"state": "waiting", "detail": "no place in it"}, "waits for an operator: no place in it"),
        ("responder", {"name": "Akinyi", "title": "Chief", "on_shift": True}, "Akinyi (Chief): on shift"),
        (
            "gauge",
            {"name": "Nyando at Ogilo", "level": 3.41, "unit": "m", "rate_per_hour": 0.4, "mark": "alarm"},
            "Nyando at Ogilo: 3.41 m (+0.40 an hour), above its alarm mark",
        ),
        (
            "message",
            {"kind": "ask", "channel": "sms", "recipient": "r005", "state": "sent", "text": "Nenda"},
            "ask by sms to r005: sent “Nenda”",
        ),
        (
            "deadletter",
            {"step": "gauges", "code": "reading-unit", "detail": "ft"},
            "gauges could not take it: reading-unit: ft",
        ),
        (
            "deadletter",
            {"step": "gauges", "state": "replayed", "replayed_by": OTHER},
            "gauges has it again, from an operator",
        ),
        (
            "presence",
            {"name": "Akinyi", "incident": "i1", "state": "inside", "since": "2026-04-26T16:01:00Z"},
            "Akinyi is at the scene of i1, since 19:01:00",
        ),
        (
            "presence",
            {"name": "Akinyi", "incident": "i1", "state": "left", "reason": "ended"},
            "Akinyi is not at the scene of i1 any more, which is over",
        ),
        ("something-newer", {"state": "odd"}, "odd"),
    ],
)
def test_every_kind_has_its_words(kind: str, value: dict[str, Any], words: str) -> None:
    assert told(kind, None, value).endswith(words)


@pytest.mark.parametrize(
    "kind", ["incident", "assignment", "alert", "report", "responder", "presence", "gauge", "message", "deadletter"]
)
def test_a_document_with_nothing_in_it_still_makes_a_line(kind: str) -> None:
    assert kind.upper() in told(kind, None, {"id": "x"})
    assert "not yours to see any more" in told(kind, {"id": "x"}, None)


def test_what_is_wanting_is_told_aloud_once() -> None:
    wanting = INCIDENT | {"exhausted": ["boat"]}
    assert told("incident", wanting, wanting | {"reports": 5}).endswith("2 going, still nobody for boat")


def test_a_no_without_a_reason_does_not_give_the_reason_of_the_ask() -> None:
    ask = ASSIGNMENT | {"reason": "boat; 1.2 km; free"}
    assert told("assignment", ask, ask | {"state": "declined"}).endswith("Akinyi Obonyo cannot go")
    assert told("assignment", ask, ask | {"state": "declined", "answer_reason": "ill"}).endswith("cannot go: ill")


def test_in_a_picture_each_line_has_the_time_of_its_newest_news() -> None:
    asked = ASSIGNMENT | {"seen_at": "2026-04-26T16:03:59Z"}
    shown = line(Change(kind="assignment", id="a1", before=None, after=asked), VIEW)
    assert shown.startswith("19:03:59  ASSIGNMENT")
    assert line(Change(kind="gauge", id="g", before=None, after={"id": "g"}), VIEW).startswith("19:02:11  GAUGE")


def test_columns_stand_under_each_other() -> None:
    lines = [told("incident", None, INCIDENT), told("assignment", None, ASSIGNMENT), told("alert", None, ALERT)]
    assert {text.index("Severe" if "Severe" in text else "Extreme") for text in lines} == {31}


def test_a_text_cannot_move_the_cursor_or_turn_the_line() -> None:
    evil = "\x1b[2J\x1b]0;owned\x07 \u202egnola \x9b31m\r\nroot# "
    for kind in ("incident", "report", "assignment", "message", "deadletter", "responder"):
        value = dict.fromkeys(
            ("text", "ward_name", "responder_name", "name", "detail", "reason", "state", "code"), evil
        )
        shown = told(kind, {"id": evil}, {"id": evil, **value}, id_=evil)
        assert shown.isprintable(), shown
    assert clean({"a": [evil, 1, None]})["a"][0].isprintable()


def test_texts_of_many_alphabets_stay() -> None:
    assert clean("Mafuriko — ōdhi ጎርፍ فيضان 🌊") == "Mafuriko — ōdhi ጎርፍ فيضان 🌊"


def test_what_goes_on_is_told_from_what_is_over() -> None:
    assert is_open("incident", {"state": "open"})
    assert not is_open("incident", {"state": "closed"})
    assert is_open("assignment", {"state": "offered"})
    assert not is_open("assignment", {"state": "expired"})
    assert is_open("gauge", {"mark": "alarm"})
    assert not is_open("gauge", {"mark": ""})
    assert is_open("deadletter", {"state": "open"})
    assert not is_open("deadletter", {"state": "replayed"})
    assert is_open("responder", {"on_shift": True})
    assert is_open("presence", {"state": "inside"})
    assert not is_open("presence", {"state": "left"})


def test_lengths_of_time() -> None:
    assert [span(timedelta(seconds=s)) for s in (0, 59.6, 187, 3725, -5)] == ["0:00", "1:00", "3:07", "1:02:05", "0:00"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_whose_owner_wants_them() -> None:
    term = {"TERM": "xterm"}
    assert painter(Terminal(), term) is colour
    assert painter(Terminal(), term | {"NO_COLOR": "1"}) is plain
    assert painter(Terminal(), term | {"NO_COLOR": ""}) is colour
    assert painter(Terminal(), {"TERM": "dumb"}) is plain
    assert painter(io.StringIO(), term) is plain
    coloured = sentence("incident", None, INCIDENT, View(now=NOW, paint=colour))
    assert "\x1b[1;31mSevere\x1b[0m" in coloured


def test_the_bottom_line_is_gone_before_the_next_line() -> None:
    out, notes = Terminal(), Terminal()
    screen = Screen(out, notes, {"TERM": "xterm", "NO_COLOR": "1"})
    screen.status("2 incidents open", 80)
    screen.status("2 incidents open", 80)
    screen.line("a line")
    screen.status("x" * 100, 20)
    screen.end()
    assert out.getvalue() == f"\r\x1b[K2 incidents open\r\x1b[Ka line\n\r\x1b[K{'x' * 19}\r\x1b[K"


def test_there_is_no_bottom_line_where_output_is_kept() -> None:
    out = io.StringIO()
    screen = Screen(out, io.StringIO(), {"TERM": "xterm"})
    screen.status("2 incidents open", 80)
    screen.line("a line")
    assert out.getvalue() == "a line\n"
