"""Judging sensor readings beside a plain pandas rolling threshold over the same rows, in batches and all at once."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import pandas as pd

from alerts.stations import Dwell, Mark, Station
from alerts.thresholds import Readings, SeriesState, judge
from bench.table import Row, best_of, print_table

REACH: Final = 100_000
STATIONS: Final = 40
READINGS: Final = 1_008
"""A week of one every ten minutes."""
START: Final = datetime(2026, 4, 20, tzinfo=UTC)
EVERY: Final = timedelta(minutes=10)
HIGH: Final = (
    Mark(name="alert", raise_at=3.0, clear_at=2.8, severity="Moderate"),
    Mark(name="alarm", raise_at=3.8, clear_at=3.6, severity="Severe", on_delay=Dwell(readings=1)),
    Mark(name="emergency", raise_at=4.6, clear_at=4.3, severity="Extreme"),
)
RISE: Final = Mark(name="rise", raise_at=0.5, clear_at=0.25, severity="Moderate", measure="rise", over_s=1800)

Series = list[tuple[datetime, float]]


def run(rounds: int = 3) -> list[Row]:
    """Measure readings a second on one core for batches of several sizes; check that both find the same crossings."""
    weeks = [_week(Random(n)) for n in range(STATIONS)]
    count = sum(map(len, weeks))
    rows = []
    for size in (1, 6, 36, 144):
        found: list[int] = [0, 0]

        def ours(size: int = size, found: list[int] = found) -> None:
            found[0] = sum(_judged(week, size) for week in weeks)

        def peer(size: int = size, found: list[int] = found) -> None:
            found[1] = sum(_rolled(week, size) for week in weeks[: 4 if size < 36 else 12])

        mine, theirs = best_of(rounds, ours, peer)
        part = sum(map(len, weeks[: 4 if size < 36 else 12]))
        assert sum(_judged(week, size) for week in weeks[: 4 if size < 36 else 12]) == found[1], "crossings differ"
        rows.append(_row(f"readings judged, batches of {size}", count / mine, part / theirs, size))
    whole = (lambda: [_judged(week, len(week)) for week in weeks], lambda: [_rolled(week, len(week)) for week in weeks])
    once, pandas = best_of(rounds, *whole)
    rows.append(_row("readings judged, a week at once", count / once, count / pandas, READINGS))
    return rows


def _row(what: str, ours: float, peer: float, size: int) -> Row:
    asked = size > 1
    return Row(
        what=what,
        ours=f"{ours:,.0f}/s",
        peer=f"{peer:,.0f}/s",
        ratio=ours / peer,
        reach=f">= {REACH:,}/s" if asked else "",
        met=ours >= REACH if asked else None,
        note="same crossings; peer: pandas, hysteresis of 3 marks and a rise, no spikes, no stuck sensors",
    )


def _week(random: Random) -> Series:
    """Make a river that rises and falls past its marks, with noise, repeats and a logger that sometimes has nothing."""
    out: Series = []
    phase = random.uniform(0, 6)
    for n in range(READINGS):
        level = 3.0 + 1.9 * math.sin(n / 90 + phase) + random.gauss(0, 0.03)
        out.append((START + n * EVERY, -9999.0 if random.random() < 0.005 else round(level, 2)))
        if random.random() < 0.01:
            out.append(out[-1])
    return out


def _batches(week: Series, size: int) -> Iterator[Series]:
    for start in range(0, len(week), size):
        yield week[start : start + size]


STATION: Final = Station(
    id="bench", name="Bench", lon=34.9, lat=-0.2, datum="gauge zero", marks=(*HIGH, RISE), sane_min=0, sane_max=9,
    jump=0.6, jump_per_hour=2.0, stuck_after_s=21_600, lateness_s=1e9,
)  # fmt: skip


def _judged(week: Series, size: int) -> int:
    state, found = SeriesState(), 0
    for batch in _batches(week, size):
        times, values = zip(*batch, strict=True)
        readings = Readings(times=times, values=values, unit="m", datum="gauge zero")
        state, judgement = judge(STATION, state, readings, times[-1])
        found += sum(crossing.measure == "value" for crossing in judgement.crossings)
    return found


def _rolled(week: Series, size: int) -> int:
    """Find crossings of the three marks by forward-filled hysteresis, carrying a short tail from batch to batch."""
    tail = pd.DataFrame({"time": pd.Series(dtype="datetime64[us, UTC]"), "value": pd.Series(dtype="float64")})
    raised = dict.fromkeys((mark.name for mark in HIGH), 0.0)
    found = 0
    for batch in _batches(week, size):
        new = pd.DataFrame(batch, columns=["time", "value"])
        new["time"] = new["time"].astype("datetime64[us, UTC]")
        new = new[new["value"].between(0, 9)]
        rows = pd.concat([tail, new]) if len(tail) else new
        rows = rows.drop_duplicates("time").sort_values("time")
        fresh = rows[rows["time"] > tail["time"].iloc[-1]] if len(tail) else rows
        for mark in HIGH:
            beyond = pd.Series(float("nan"), index=fresh.index)
            beyond[fresh["value"] >= mark.raise_at] = 1.0
            beyond[fresh["value"] <= mark.clear_at] = 0.0
            state = beyond.ffill().fillna(raised[mark.name])
            found += int((state != state.shift(fill_value=raised[mark.name])).sum())
            raised[mark.name] = float(state.iloc[-1]) if len(state) else raised[mark.name]
        rows["value"].diff(3).mul(2.0).ge(RISE.raise_at)
        tail = rows.tail(4)
    return found


if __name__ == "__main__":
    print_table(run())
