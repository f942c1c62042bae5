"""The ladder, and the order in which people are asked."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.escalation import (
    FIX_S,
    Candidate,
    ladder,
    level,
    offer_deadline,
    rank,
)
from alerts.plans import default

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)
WARD = "KE.042.242.1208"
AHERO = (34.92, -0.17)
NEAR = Candidate(
    id="r1", home=WARD, skills=("rescue", "boat"), lon=34.925, lat=-0.17, fix_at=NOW, home_lon=34.92, home_lat=-0.2
)


def ids(candidates: list[Candidate], skills: tuple[str, ...] = ("rescue",), rung: str | None = None) -> list[str]:
    rows = rank(candidates, lon=AHERO[0], lat=AHERO[1], area=WARD, skills=skills, now=NOW, rung=rung)
    return [row.id for row in rows]


def change(candidate: Candidate, **fields: object) -> Candidate:
    return msgspec.structs.replace(candidate, **fields)


def test_the_ladder_goes_from_the_ward_to_the_nation() -> None:
    assert ladder(WARD) == (WARD, "KE.042.242", "KE.042", "KE")
    assert [level(rung) for rung in ladder(WARD)] == ["ward", "sub-county", "county", "national"]


def test_waits_come_from_the_plan() -> None:
    plan = default()
    assert offer_deadline(plan, "Extreme", NOW) == NOW + timedelta(seconds=plan.offer_s["Extreme"])


def test_nearer_freer_better_skilled_and_more_local_people_come_first() -> None:
    far = change(NEAR, id="far", lon=35.2)
    busy = change(NEAR, id="busy", load=2)
    stranger = change(NEAR, id="stranger", home="KE.044.258.1284")
    welcome = change(NEAR, id="welcome", skills=("boat", "medical"))
    for other in (far, busy, stranger, welcome):
        assert ids([other, NEAR], ("rescue", "boat")) == ["r1", other.id]


def test_whoever_has_none_of_the_skills_or_is_not_at_home_on_the_rung_is_left_out() -> None:
    clerk = change(NEAR, id="clerk", skills=("ward-admin",))
    neighbour = change(NEAR, id="neighbour", home="KE.042.242.1209")
    assert ids([clerk, NEAR]) == ["r1"]
    assert ids([neighbour, NEAR], rung=WARD) == ["r1"]
    assert set(ids([neighbour, NEAR], rung="KE.042.242")) == {"r1", "neighbour"}
    assert set(ids([clerk, NEAR], ())) == {"clerk", "r1"}


@pytest.mark.parametrize("age", [timedelta(seconds=FIX_S + 1), timedelta(days=9), timedelta(minutes=-6)])
def test_a_position_too_old_or_from_the_future_gives_way_to_the_home_ward(age: timedelta) -> None:
    stale = change(NEAR, fix_at=NOW - age)
    (row,) = rank([stale], lon=AHERO[0], lat=AHERO[1], area=WARD, skills=(), now=NOW)
    assert row.by == "home"
    assert row.distance_m == pytest.approx(3335.9, abs=5)
    assert "too old" in row.reason
    (fresh,) = rank([NEAR], lon=AHERO[0], lat=AHERO[1], area=WARD, skills=(), now=NOW)
    assert fresh.by == "fix"
    assert fresh.distance_m == pytest.approx(556, abs=1)


def test_without_any_position_somebody_can_still_be_asked() -> None:
    nowhere = Candidate(id="x", home=WARD, skills=("rescue",))
    (row,) = rank([nowhere], lon=AHERO[0], lat=AHERO[1], area=WARD, skills=("rescue",), now=NOW)
    assert (row.by, row.distance_m) == ("nothing", None)
    assert "unknown" in row.reason


CANDIDATES = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        home=st.sampled_from([WARD, "KE.042.242.1209", "KE.042", "KE.044.258.1284", "KE"]),
        skills=st.sampled_from([("rescue",), ("boat",), ("rescue", "boat"), ()]),
        load=st.integers(0, 4),
        lon=st.none() | st.floats(34, 36),
        lat=st.none() | st.floats(-1, 1),
        fix_at=st.none() | st.just(NOW),
        home_lon=st.none() | st.just(34.9),
        home_lat=st.just(-0.2),
    ),
    max_size=12,
    unique_by=lambda candidate: candidate.id,
)


@given(CANDIDATES, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_and_each_score_is_the_sum_of_its_parts(
    candidates: list[Candidate], random: object
) -> None:
    def ranked(rows: list[Candidate]) -> list[object]:
        return list(rank(rows, lon=AHERO[0], lat=AHERO[1], area=WARD, skills=("rescue", "boat"), now=NOW))

    first = rank(candidates, lon=AHERO[0], lat=AHERO[1], area=WARD, skills=("rescue", "boat"), now=NOW)
    assert ranked(candidates[::-1]) == first
    assert [row.score for row in first] == sorted((row.score for row in first), reverse=True)
    for row in first:
        assert 0 <= row.score <= 1
        assert row.score == pytest.approx(sum(part.value for part in row.parts), abs=1e-9)
        assert {part.name for part in row.parts} == {"skill", "distance", "load", "level"}
        assert row.reason
