"""Policy: complete by default, read from JSON, refused with a reason when it cannot be worked with."""

import json
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from alerts.plans import HAZARDS, SEVERITIES, Approval, Plan, check, default, load, worse
from geo.places import Rejected


def written(tmp_path: Path, change: dict[str, object]) -> Path:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({**json.loads(msgspec.json.encode(default())), **change}))
    return path


def test_the_default_plan_answers_for_every_hazard_and_severity() -> None:
    plan = check(default())
    for hazard in HAZARDS:
        counts = [dict(plan.needs(hazard, severity)) for severity in ("Minor", "Moderate", "Severe", "Extreme")]
        assert counts[3], hazard
        for less, more in pairwise(counts):
            assert all(more.get(skill, 0) >= count for skill, count in less.items()), hazard
        assert plan.needs(hazard, "Unknown") == plan.needs(hazard, "Moderate")
    waits = [plan.offer_deadline_s(severity) for severity in SEVERITIES[1:]]
    assert waits == sorted(waits, reverse=True)
    assert all(plan.rung_wait_s(severity) > plan.offer_deadline_s(severity) for severity in SEVERITIES)


def test_a_plan_comes_back_from_json_as_it_was(tmp_path: Path) -> None:
    assert load(written(tmp_path, {})) == default()


def test_the_narrowest_area_decides_on_approval() -> None:
    free, strict = Approval(gauge=(), report=()), Approval(gauge=("Severe", "Extreme"))
    plan = msgspec.structs.replace(default(), approval={"KE": Approval(), "KE.042": strict, "KE.042.238": free})
    assert not plan.needs_approval("KE.042.238.1189", "Extreme", "gauge")
    assert plan.needs_approval("KE.042.242.1208", "Severe", "gauge")
    assert not plan.needs_approval("KE.044", "Severe", "gauge")
    assert plan.needs_approval("KE.044", "Extreme", "gauge")
    # 4 is no prefix of 42: whole segments only.
    narrow = msgspec.structs.replace(default(), approval={"KE.04": free})
    assert narrow.needs_approval("KE.042", "Extreme", "gauge")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": " "}, "a version"),
        ({"hazards": {}}, "other"),
        ({"offer_s": {"Severe": 60}}, "offer_s"),
        ({"rung_s": dict.fromkeys(SEVERITIES, 0)}, "waits longer"),
        ({"evidence": {"ask": 1.2}}, "evidence"),
        ({"offer_s": {"Terrible": 60}}, "Terrible"),
        ({"colour": "red"}, "colour"),
        ({"version": 7}, "version"),
    ],
)
def test_a_plan_that_cannot_be_worked_with_is_refused_with_the_reason(
    tmp_path: Path, change: dict[str, object], said: str
) -> None:
    with pytest.raises(Rejected) as refused:
        load(written(tmp_path, change))
    assert refused.value.code == "plan-invalid"
    assert said in refused.value.detail


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("offer_s: 90")
    with pytest.raises(Rejected) as refused:
        load(path)
    assert refused.value.code == "plan-invalid"


def test_a_hazard_the_plan_leaves_out_is_treated_as_other() -> None:
    plan: Plan = msgspec.structs.replace(default(), hazards={"other": default().hazard("other")})
    assert plan.needs("fire", "Severe") == default().needs("other", "Severe")


def test_worse_gives_the_graver_one_and_unknown_is_the_least() -> None:
    assert worse("Minor", "Severe") == worse("Severe", "Minor") == "Severe"
    assert worse("Unknown", "Minor") == "Minor"
