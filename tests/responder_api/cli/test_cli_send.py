"""`dharura send` as a command: each thing that can be said gets where it counts, or is refused in words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

Run = Callable[..., int]
Captured = pytest.CaptureFixture[str]

WARD = "KE.042.238.1189"
BARAKA = {
    "id": "baraka",
    "name": "Baraka Otieno",
    "phone": "+254700000777",
    "skills": ["rescue", "boat", "ward-admin"],
    "home": WARD,
    "has_app": True,
    "lon": 34.7617,
    "lat": -0.0917,
}


@pytest.fixture
def asked(house: Any) -> Any:
    """A house where one responder is on shift, and a flood beside them."""
    house.account("baraka", ("responder", WARD), person="baraka")
    house.ask("POST", "/responders", body=BARAKA)
    house.ask("POST", "/responders/baraka/shift", body={"on": True})
    for number in range(3):
        house.report(number)
    house.settle()
    return house


@pytest.fixture
def say(house: Any, dharura: Run, password_file: Path) -> Run:
    def run(what: str, *words: str, by: str | None = "baraka") -> int:
        who = () if by is None else ("--as", by, "--password-file", str(password_file))
        return dharura("send", what, "--server", house.url, *who, *words)

    return run


def the_ask(house: Any) -> dict[str, Any]:
    house.settle()
    asks: list[dict[str, Any]] = house.ask("GET", "/assignments")["items"]
    return asks[-1]


def test_a_report_is_taken_once_per_key(house: Any, say: Run, capsys: Captured) -> None:
    words = ("Maji mengi Ahero", "--lon", "34.9168", "--lat", "-0.1722", "--hazard", "flood", "--key", "k1")
    assert say("report", *words, by=None) == 0
    assert capsys.readouterr().out.startswith("Report: taken, it is on disk (number ")
    assert say("report", *words, by=None) == 0
    assert capsys.readouterr().out.startswith("Report: known already, nothing new was written (number ")
    house.settle()
    (report,) = house.ask("GET", "/reports")["items"]
    assert (report["text"], report["hazard"], report["lon"]) == ("Maji mengi Ahero", "flood", 34.9168)


def test_a_report_of_somebody_signed_in_counts_as_theirs(house: Any, say: Run) -> None:
    assert say("report", "Moto sokoni", "--channel", "officer", by="amina") == 0
    house.settle()
    (report,) = house.ask("GET", "/reports")["items"]
    assert (report["source_kind"], report["channel"]) == ("operator", "officer")


def test_a_text_goes_the_gateways_way(house: Any, say: Run, capsys: Captured) -> None:
    assert say("sms", "Maji yamejaa nyumbani Ahero", "--from", "+254700000123", "--key", "gw-1", by=None) == 0
    assert capsys.readouterr().out.startswith("Text: taken, it is on disk (")
    house.settle()
    (report,) = house.ask("GET", "/reports")["items"]
    assert (report["channel"], report["reporter"]) == ("sms", "+254700000123")


def test_a_reading_reaches_its_station(house: Any, say: Run, capsys: Captured) -> None:
    station = next(iter(house.world.stations.values())).station
    words = (station.id, "1.0", "--unit", station.unit, "--datum", station.datum)
    assert say("reading", *words, by=None) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"Reading 1 {station.unit} at {station.id}: taken, it is on disk (")
    assert err == ""
    house.settle()
    gauge = house.ask("GET", f"/gauges/{station.id}")
    assert (gauge["level"], gauge["unit"], gauge["accepted"]) == (1.0, station.unit, 1)


def test_a_reading_without_a_datum_warns(house: Any, say: Run, capsys: Captured) -> None:
    station = next(iter(house.world.stations))
    assert say("reading", station, "1.0", by=None) == 0
    assert "no datum was said" in capsys.readouterr().err


def test_a_refusal_is_told_with_what_to_do(house: Any, say: Run, capsys: Captured) -> None:
    assert say("report", "x", "--lon", "-0.0917", "--lat", "34.7617", by=None) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Longitude and latitude seem to be swapped (position-swapped). ")
    assert err.endswith("Kenya is at lon 33.9 to 41.9, lat -4.8 to 5.5.\n")


def test_a_wrong_time_is_told_by_the_server(house: Any, say: Run, capsys: Captured) -> None:
    assert say("report", "x", "--happened-at", "yesterday", by=None) == 1
    assert "happened_at" in capsys.readouterr().err


def test_the_newest_open_ask_is_answered_and_each_stage_follows(asked: Any, say: Run, capsys: Captured) -> None:
    ask = the_ask(asked)
    assert ask["state"] == "offered"
    for word, state, told in (
        ("accept", "accepted", "Baraka Otieno goes: said yes by app"),
        ("enroute", "enroute", "Baraka Otieno is on the way"),
        ("arrived", "arrived", "Baraka Otieno is there"),
        ("done", "done", "Baraka Otieno is done"),
    ):
        assert say("answer", word) == 0
        out = capsys.readouterr().out
        assert out.startswith(f"{ask['code']}  ")
        assert told in out
        assert asked.ask("GET", f"/assignments/{ask['id']}")["state"] == state
    assert say("answer", "done") == 1
    assert capsys.readouterr().err.startswith("You have no ask that could be answered with done")


def test_an_ask_is_found_by_its_code_or_its_id(asked: Any, say: Run, capsys: Captured) -> None:
    ask = the_ask(asked)
    assert say("answer", "accept", "--code", ask["code"].lower(), by="amina") == 0
    assert "said yes by operator" in capsys.readouterr().out
    assert say("answer", "decline", "--assignment", ask["id"], "--reason", "no boat", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["assignment"]["state"] == "declined"
    assert say("answer", "accept", "--code", "ZZ", by="amina") == 1
    assert "No ask with the code ZZ is open" in capsys.readouterr().err
    assert say("answer", "accept", "--assignment", "nothing", by="amina") == 1
    assert "not-found" in capsys.readouterr().err


def test_an_answer_that_came_too_late_is_no_success(asked: Any, say: Run, capsys: Captured) -> None:
    ask = the_ask(asked)
    asked.ask("POST", f"/incidents/{ask['incident']}/close", body={"reason": "false alarm"})
    asked.settle()
    assert say("answer", "accept", "--assignment", ask["id"]) == 1
    out, err = capsys.readouterr()
    assert (out, "(incident-closed)" in err) == ("", True)
    assert say("answer", "decline", "--assignment", ask["id"]) == 1, "it cannot become declined any more"
    assert "came too late or does not fit: the ask is withdrawn" in capsys.readouterr().out


def test_what_another_operator_works_on_is_theirs_until_it_is_taken_over(
    house: Any, say: Run, capsys: Captured
) -> None:
    house.account("otieno", ("operator", "KE.042"))
    house.report(1)
    assert say("sms", "tusaidieni tafadhali", "--from", "+254711000123", "--key", "gw-9", by=None) == 0
    house.settle()
    (incident,) = house.ask("GET", "/incidents")["items"]
    waiting = next(each for each in house.ask("GET", "/reports")["items"] if each["state"] == "waiting")
    capsys.readouterr()
    for item, doing in ((incident, ("close", "over")), (waiting, ("dismiss", "hoax"))):
        number = item["reference"]
        assert say("claim", number, by="amina") == 0
        assert capsys.readouterr().out.startswith(f"{number}  Amina works on it until ")
        assert say(doing[0], number, doing[1], by="otieno") == 1
        assert say("release", number, by="otieno") == 1
        assert say("claim", number, by="otieno") == 1
        refused = capsys.readouterr().err.splitlines()
        assert len(refused) == 3
        for line in refused:
            assert line.startswith("Another operator works on this (claimed). Amina works on this until ")
            assert "dharura send claim ID --take-over" in line
        assert say("claim", number, "--take-over", by="otieno") == 0
        assert capsys.readouterr().out.startswith(f"{number}  Otieno works on it until ")
        assert say("release", number, by="otieno") == 0
        assert capsys.readouterr().out == f"{number}  nobody works on it now\n"
        assert say(doing[0], number, doing[1], by="otieno") == 0
        capsys.readouterr()
    assert say("claim", "ZZZ-999", by="amina") == 1
    assert "no report, incident or alert called ZZZ-999" in capsys.readouterr().err


def test_whoever_sent_a_report_is_asked_once_per_key(house: Any, say: Run, capsys: Captured) -> None:
    assert say("sms", "tusaidieni tafadhali", "--from", "+254711000123", "--key", "gw-8", by=None) == 0
    assert say("report", "mafuriko", by=None) == 0
    house.settle()
    waiting = {each["channel"]: each for each in house.ask("GET", "/reports")["items"]}
    capsys.readouterr()
    number = waiting["sms"]["reference"]
    for _ in range(2):
        assert say("ask", number, "Uko wapi hasa?", "--key", "once", by="amina") == 0
        assert capsys.readouterr().out == f"{number}  its sender was asked “Uko wapi hasa?”\n"
    house.settle()
    asked = [each for each in house.ask("GET", "/messages")["items"] if "Uko wapi hasa?" in each["text"]]
    assert [(each["to"], each["kind"]) for each in asked] == [("+254711000123", "question")]
    assert number in asked[0]["text"]
    assert say("ask", waiting["web"]["id"], "Uko wapi hasa?", by="amina") == 1
    assert "(reporter-unreachable)" in capsys.readouterr().err


def test_who_is_no_responder_is_told(house: Any, say: Run, capsys: Captured) -> None:
    assert say("answer", "accept", by="amina") == 1
    assert "Amina is no responder" in capsys.readouterr().err


def test_shift_and_position_of_oneself_and_of_another(asked: Any, say: Run, capsys: Captured) -> None:
    assert say("position", "34.70", "-0.10") == 0
    assert capsys.readouterr().out == "baraka  Baraka Otieno: on shift, at 34.7000, -0.1000\n"
    assert say("shift", "off", "--responder", "baraka", by="amina") == 0
    assert capsys.readouterr().out.startswith("baraka  Baraka Otieno: off shift")
    assert say("position", "34.70", "-0.10") == 1
    assert "Positions are taken only on shift" in capsys.readouterr().err
    assert say("shift", "on") == 0
    assert asked.ask("GET", "/responders/baraka")["on_shift"] is True


def test_a_waiting_report_is_placed_and_somebody_is_sent(asked: Any, say: Run, capsys: Captured) -> None:
    assert say("report", "Maji yamejaa Nyalenda", "--key", "k", "--hazard", "flood", by=None) == 0
    asked.settle()
    (waiting,) = asked.ask("GET", "/reports", query={"state": "waiting"})["items"]
    number, second = waiting["reference"], waiting["candidates"][1]
    capsys.readouterr()
    assert say("place", number, "--candidate", "9", by="amina") == 1
    assert f"2 {second['name']}" in capsys.readouterr().err
    assert say("place", number, by="amina") == 1
    assert "--candidate" in capsys.readouterr().err
    assert say("place", number.lower(), "--candidate", "2", by="amina") == 0
    assert f"in {second['name']}: placed by operator" in capsys.readouterr().out
    asked.settle()
    placed = asked.ask("GET", f"/reports/{waiting['id']}")
    assert (placed["state"], placed["ward"]) == ("located", second["ward"])

    asked.ask("POST", "/responders", body=BARAKA | {"id": "zuri", "name": "Zuri Achieng", "skills": ["security"]})
    asked.ask("POST", "/responders/zuri/shift", body={"on": True})
    assert say("dispatch", placed["incident"], "zuri", by="amina") == 0
    asked.settle()
    asks = asked.ask("GET", "/assignments")["items"]
    assert [ask["incident"] for ask in asks if ask["responder"] == "zuri"] == [placed["incident"]]


def test_a_report_is_dismissed(house: Any, say: Run, capsys: Captured) -> None:
    assert say("report", "Pata loan ya haraka", by=None) == 0
    house.settle()
    (waiting,) = house.ask("GET", "/reports", query={"state": "waiting"})["items"]
    assert say("dismiss", waiting["reference"], "not-an-emergency", by="amina") == 0
    assert house.ask("GET", f"/reports/{waiting['id']}")["state"] == "dismissed"


def test_an_incident_is_closed_by_its_short_number(asked: Any, say: Run, capsys: Captured) -> None:
    incident = asked.ask("GET", "/incidents")["items"][0]
    assert say("close", incident["reference"].lower(), "water fell", by="amina") == 0
    assert "closed by an operator: water fell" in capsys.readouterr().out.replace("id-amina", "an operator")
    assert asked.ask("GET", f"/incidents/{incident['id']}")["state"] == "closed"
    assert say("close", incident["id"], "again", by="amina") == 1
    assert "incident-closed" in capsys.readouterr().err
    assert say("close", "QQQ-QQQ", "x", by="amina") == 1
    assert "There is no incident called QQQ-QQQ" in capsys.readouterr().err


def test_a_draft_is_approved_and_the_warning_passed_on(house: Any, say: Run, capsys: Captured) -> None:
    gauge = next(g for g in house.world.stations.values() if g.station.parameter == "level" and g.county == "KE.042")
    top = max(mark.raise_at for mark in gauge.station.marks if mark.measure != "rise")
    for value in (top - 0.05, top + 0.05, top + 0.1, top + 0.15):
        words = (gauge.station.id, f"{value:.2f}", "--unit", gauge.station.unit, "--datum", gauge.station.datum)
        assert say("reading", *words, by=None) == 0
    house.settle()
    drafts = house.ask("GET", "/alerts", query={"state": "draft"})["items"]
    issued = house.ask("GET", "/alerts", query={"state": "issued"})["items"]
    capsys.readouterr()
    for draft in drafts:
        assert say("approve", draft["id"][:8], by="amina") == 0
        assert "issued, approved by id-amina" in capsys.readouterr().out
    alert = (drafts + issued)[0]
    ward = alert["wards"][0]["ward"]
    assert say("passed-on", alert["id"], ward, "--how", "baraza", by="amina") == 0
    confirmed = house.ask("GET", f"/alerts/{alert['id']}")["confirmed"]
    assert confirmed[ward]["how"] == "baraza"
    assert say("passed-on", alert["id"], "KE.011", by="amina") == 1
    assert "area-unknown" in capsys.readouterr().err


def test_a_saved_session_speaks_without_a_password(
    asked: Any, dharura: Run, password_file: Path, capsys: Captured
) -> None:
    assert dharura("login", "baraka", "--server", asked.url, "--password-file", str(password_file)) == 0
    assert dharura("send", "answer", "accept", "--server", asked.url) == 0
    assert the_ask(asked)["state"] == "accepted"


def test_an_intake_that_wants_a_key_is_shown_one(
    house: Any, dharura: Run, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.stop()
    house.settings = msgspec.structs.replace(house.settings, intake_key="sixteen letters!")
    house.start()
    words = ("send", "sms", "--server", house.url, "moto", "--from", "+254700000123")
    assert dharura(*words) == 1
    assert "intake-key-wrong" in capsys.readouterr().err
    key = tmp_path / "key"
    key.write_text("sixteen letters!\n")
    assert dharura(*words, "--intake-key-file", str(key)) == 0
    assert httpx.get(f"{house.url}/healthz", trust_env=False).status_code == 200
