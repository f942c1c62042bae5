"""The gauge series that ship with the project tell the crossings and flags written beside them."""

import csv
import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from alerts.stations import Station, check_station
from alerts.thresholds import Readings, SeriesState, judge

GAUGES = Path(__file__).parents[2] / "fixtures" / "gauges"


@pytest.mark.parametrize("path", sorted(GAUGES.glob("*.json")), ids=lambda path: path.stem)
def test_a_series_tells_what_is_written_beside_it(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    station = check_station(msgspec.convert(case["station"], Station))
    state, flags = SeriesState(), Counter[str]()
    standing: list[tuple[str, str, datetime]] = []
    with path.with_suffix(".csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            time, arrived = datetime.fromisoformat(row["time"]), datetime.fromisoformat(row["arrived"])
            value = float(row["value"]) if row["value"] else None
            readings = Readings(times=[time], values=[value], unit=station.unit, datum=station.datum)
            state, judgement = judge(station, state, readings, arrived)
            for gone in judgement.withdrawn:
                standing.remove((gone.mark, gone.direction, gone.at))
            for moved in judgement.moved:
                standing.remove((moved.mark, moved.direction, moved.was or moved.at))
            standing += [(c.mark, c.direction, c.at) for c in (*judgement.crossings, *judgement.moved)]
            flags.update(judgement.counts)
    expected = [(c["mark"], c["direction"], datetime.fromisoformat(c["at"])) for c in case["crossings"]]
    assert sorted(standing, key=lambda row: row[2]) == expected
    assert {flag: flags[flag] for flag in case["flags"]} == case["flags"]
