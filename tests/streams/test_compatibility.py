"""The promise holds today, and the checker that says so would notice if it did not."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from fixtures import path
from streams.compatibility import breaks, shape

AGREED: dict[str, Any] = json.loads(path("wire/contract.json").read_bytes())

Changed = Callable[[dict[str, Any]], object]


def fields_of(contract: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = contract["types"][name]["fields"]
    return found


def test_what_was_agreed_still_holds() -> None:
    assert breaks(AGREED, shape()) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda now: fields_of(now, "IncidentOpened").pop("ward"), "IncidentOpened.ward is gone"),
        (lambda now: fields_of(now, "Candidate").pop("why"), "Candidate.why is gone"),
        (lambda now: fields_of(now, "Event").pop("cause"), "Event.cause is gone"),
        (
            lambda now: fields_of(now, "MessageTaken").update(attempt={"type": "text", "required": True}),
            "MessageTaken.attempt was integer, is text",
        ),
        (
            lambda now: fields_of(now, "ReportReceived")["lon"].update(type="number"),
            "ReportReceived.lon was number or null, is number",
        ),
        (
            lambda now: fields_of(now, "LevelCrossed")["direction"].update(type="{up}"),
            "LevelCrossed.direction can no longer be down",
        ),
        (
            lambda now: fields_of(now, "LevelCrossed")["direction"].update(type="{down, sideways, up}"),
            "LevelCrossed.direction can now be sideways: raise the contract's version with it",
        ),
        (
            lambda now: fields_of(now, "Info")["categories"].update(type="{Met}"),
            f"Info.categories was {fields_of(AGREED, 'Info')['categories']['type']}, is {{Met}}",
        ),
        (
            lambda now: fields_of(now, "AlertDrafted")["reason"].update(required=True),
            "AlertDrafted.reason became required: old events may lack it",
        ),
        (
            lambda now: fields_of(now, "AlertExpired")["alert"].update(required=False, default=""),
            "AlertExpired.alert became optional: old readers rely on it",
        ),
        (
            lambda now: fields_of(now, "ReportReceived")["source_kind"].update(default="officer"),
            "ReportReceived.source_kind means something else when missing: 'officer', not 'citizen'",
        ),
        (
            lambda now: fields_of(now, "ShiftChanged").update(since={"type": "time", "required": True}),
            "ShiftChanged.since was added without a default: old events do not have it",
        ),
        (lambda now: now["types"].pop("WarningPassedOn"), "WarningPassedOn is gone"),
        (
            lambda now: now["types"]["LevelCrossed"].update(topic="dharura.readings"),
            "LevelCrossed moved from dharura.levels to dharura.readings",
        ),
        (lambda now: now.update(contract=0), "the contract's version went back"),
    ],
)
def test_a_broken_promise_is_named(change: Changed, said: str) -> None:
    now = copy.deepcopy(AGREED)
    change(now)
    assert breaks(AGREED, now) == [said]


def test_a_renamed_field_is_a_lost_one() -> None:
    now = copy.deepcopy(AGREED)
    fields = fields_of(now, "IncidentClosed")
    fields["closed_by"] = fields.pop("by")
    assert breaks(AGREED, now) == [
        "IncidentClosed.closed_by was added without a default: old events do not have it",
        "IncidentClosed.by is gone",
    ]


def add_defaulted_field(now: dict[str, Any]) -> None:
    fields_of(now, "ReportReceived")["floor"] = {"type": "integer or null", "required": False, "default": None}


def add_fact(now: dict[str, Any]) -> None:
    now["types"]["BridgeClosed"] = {
        "topic": "dharura.incidents",
        "fields": {"bridge": {"type": "text", "required": True}},
    }


def grow_list_with_version(now: dict[str, Any]) -> None:
    now["contract"] += 1
    fields_of(now, "LevelCrossed")["direction"]["type"] = "{down, sideways, up}"


@pytest.mark.parametrize("change", [add_defaulted_field, add_fact, grow_list_with_version, lambda now: None])
def test_what_every_reader_can_bear_is_let_through(change: Changed) -> None:
    now = copy.deepcopy(AGREED)
    change(now)
    assert breaks(AGREED, now) == []
