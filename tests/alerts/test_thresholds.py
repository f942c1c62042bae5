"""Sensor judgement: hysteresis, dwell, rise, quality, and readings that come late, twice or out of order."""

import math
from datetime import datetime

import msgspec
import pytest

from alerts.stations import Dwell, Mark, Station, check_station
from alerts.thresholds import Judgement, Readings, SeriesState, judge
from geo.places import Rejected
from tests.alerts.series import NYANDO, Told, at, batch, flags_of, told_of


def test_a_rise_raises_each_mark_once_and_a_fall_below_the_deadband_clears_it() -> None:
    told = Told(NYANDO)
    levels = [2.5, 3.0, 3.5, 4.1, 3.7, 3.61, 3.6, 2.8, 2.71, 2.7, 2.0]
    for i, level in enumerate(levels):
        told.hear([(10.0 * i, level)])
    assert told.crossings() == {
        "alert": [("up", at(10)), ("down", at(90))],
        "flood": [("up", at(30)), ("down", at(60))],
    }


def test_a_crossing_says_what_was_measured() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0)])
    (crossing,) = told.hear([(30, 3.25)]).crossings
    assert (crossing.mark, crossing.severity, crossing.value, crossing.measured) == ("alert", "Moderate", 3.25, 3.25)
    assert crossing.rate_per_hour == pytest.approx(2.5)
    assert told.judgements[-1].raised == ("alert",)
    assert (told.judgements[-1].level, told.judgements[-1].level_at) == (3.25, at(30))


def test_a_dwell_of_readings_and_minutes_must_both_be_full() -> None:
    slow = Mark(
        name="alert",
        raise_at=3.0,
        clear_at=2.7,
        severity="Moderate",
        on_delay=Dwell(readings=3, seconds=1200),
        off_delay=Dwell(readings=2),
    )
    told = Told(msgspec.structs.replace(NYANDO, marks=(slow,)))
    for minute, level in [(0, 3.1), (5, 3.1), (10, 3.1), (15, 2.9), (20, 3.1), (25, 3.1), (30, 3.1), (35, 3.1)]:
        assert told_of(told.hear([(minute, level)])) == []
    (crossing,) = told.hear([(40, 3.2)]).crossings
    assert (crossing.at, crossing.since) == (at(40), at(20))
    assert told_of(told.hear([(50, 2.6)])) == []
    assert told_of(told.hear([(60, 2.6)])) == [("alert", "down", at(60))]


def test_a_low_mark_is_raised_by_falling() -> None:
    dry = Station(
        id="b", name="Borehole", lon=37.6, lat=0.35, datum="z", marks=(
            Mark(name="low", raise_at=1.0, clear_at=1.5, severity="Moderate"),
        ),
    )  # fmt: skip
    told = Told(dry)
    state = SeriesState()
    found = []
    for i, level in enumerate([2.0, 1.2, 1.0, 1.4, 0.9, 1.5]):
        state, judgement = judge(dry, state, batch([(i, level)], datum="z"), at(i))
        found += told_of(judgement)
    assert found == [("low", "up", at(2)), ("low", "down", at(5))]
    assert told.state == SeriesState()


def test_rate_of_rise_alerts_before_the_level_does() -> None:
    rising = Mark(name="fast", raise_at=0.5, clear_at=0.2, severity="Severe", measure="rise", over_s=1800)
    told = Told(msgspec.structs.replace(NYANDO, marks=(rising,)))
    found = []
    for i, level in enumerate([1.0, 1.0, 1.02, 1.1, 1.25, 1.5, 1.5, 1.5, 1.5, 1.5]):
        found += [(c.direction, c.at, c.measured) for c in told.hear([(10.0 * i, level)]).crossings]
    assert [(d, t) for d, t, _ in found] == [("up", at(40)), ("down", at(80))]
    assert found[0][2] == pytest.approx((1.25 - 1.0) * 2)


def test_rain_is_judged_on_its_sum_and_a_dry_gauge_is_not_stuck() -> None:
    rain = Station(
        id="r",
        name="Kericho rain",
        lon=35.28,
        lat=-0.37,
        parameter="rain",
        unit="mm",
        sane_min=0,
        sane_max=120,
        stuck_after_s=3600,
        marks=(
            Mark(name="alert", raise_at=30, clear_at=10, severity="Moderate", measure="sum", over_s=86400),
            Mark(name="warning", raise_at=50, clear_at=30, severity="Severe", measure="sum", over_s=86400),
        ),
    )
    state = SeriesState()
    found = []
    hourly = [0.0] * 30 + [12.0, 11.0, 13.0, 20.0] + [0.0] * 26
    for i, depth in enumerate(hourly):
        state, judgement = judge(rain, state, batch([(60.0 * i, depth)], unit="mm", datum=""), at(60.0 * i))
        found += told_of(judgement)
        assert "stuck" not in flags_of(judgement)
    hour = 60
    assert found == [
        ("alert", "up", at(32 * hour)),
        ("warning", "up", at(33 * hour)),
        ("warning", "down", at(56 * hour)),
        ("alert", "down", at(57 * hour)),
    ]


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, -9999.0, -999.0, -32768.0, 99.0, -3.0])
def test_what_stands_for_no_reading_never_alerts_and_the_series_goes_on(value: float | None) -> None:
    low = Mark(name="low", raise_at=0.0, clear_at=0.5, severity="Minor")
    told = Told(msgspec.structs.replace(NYANDO, marks=(*NYANDO.marks, low)))
    told.hear([(0, 2.9)])
    judgement = told.hear([(10, value)])
    assert not judgement.crossings
    assert judgement.accepted == 0
    assert set(flags_of(judgement)) <= {"sentinel", "out-of-range", "unit"}
    assert judgement.flags
    assert told_of(told.hear([(20, 3.0)])) == [("alert", "up", at(20))]
    # The state goes to a database as JSON, which knows no NaN.
    assert msgspec.json.decode(msgspec.json.encode(told.state), type=SeriesState) == told.state


def test_doubtful_quality_never_alerts() -> None:
    readings = Readings(
        times=[at(0), at(10), at(20)],
        values=[5.0, 5.0, 5.0],
        unit="m",
        datum="gauge zero",
        quality=["suspect", "BAD", ""],
    )
    state, judgement = judge(NYANDO, SeriesState(), readings, at(20))
    assert [c.at for c in judgement.crossings] == [at(20), at(20)]
    assert judgement.counts == {"quality": 2}
    assert state.codes == "bbg"


def test_a_spike_is_held_back_until_the_next_reading_tells() -> None:
    gauge = msgspec.structs.replace(NYANDO, jump=0.5, jump_per_hour=1.0)
    told = Told(gauge)
    told.hear([(0, 2.0)])
    assert flags_of(told.hear([(10, 7.5)])) == ["spike"]
    assert told_of(told.hear([(20, 2.1)])) == []
    assert told.state.codes == "gsg"
    # A dam bursts: the first high reading waits, the second confirms both.
    assert told_of(told.hear([(30, 6.0)])) == []
    confirmed = told.hear([(40, 6.3)])
    assert flags_of(confirmed) == ["confirmed"]
    assert told_of(confirmed) == [("alert", "up", at(30)), ("flood", "up", at(30))]


def test_a_stuck_sensor_is_flagged_once_holds_its_marks_and_recovers() -> None:
    gauge = msgspec.structs.replace(NYANDO, stuck_after_s=3600.0)
    told = Told(gauge)
    for minute in range(0, 200, 10):
        told.hear([(minute, 3.2)])
    assert [f for j in told.judgements for f in flags_of(j)] == ["stuck"]
    assert told.judgements[-1].stuck
    recovered = told.hear([(200, 2.5)])
    assert flags_of(recovered) == ["recovered"]
    assert not recovered.stuck
    assert told.crossings() == {"alert": [("up", at(0)), ("down", at(200))]}


def test_a_unit_or_datum_that_is_not_declared_or_not_known_is_refused() -> None:
    for unit in ("", "furlong", "mm/h"):
        with pytest.raises(Rejected) as refused:
            judge(NYANDO, SeriesState(), batch([(0, 5.0)], unit=unit), at(0))
        assert refused.value.code == "reading-unit"
    for datum in ("", "Lake Victoria datum"):
        with pytest.raises(Rejected) as refused:
            judge(NYANDO, SeriesState(), batch([(0, 5.0)], datum=datum), at(0))
        assert refused.value.code == "reading-datum"


def test_declared_units_and_known_datums_are_converted() -> None:
    gauge = msgspec.structs.replace(NYANDO, datums={"sea level": -1130.0})
    for unit, datum, value in [("cm", "Gauge Zero", 325.0), ("mm", "gauge zero", 3250.0), ("m", "sea level", 1133.25)]:
        _, judgement = judge(gauge, SeriesState(), batch([(0, value)], unit=unit, datum=datum), at(0))
        assert [c.value for c in judgement.crossings] == [3.25]
    _, judgement = judge(gauge, SeriesState(), batch([(0, 10.7)], unit="ft"), at(0))
    assert judgement.crossings[0].value == pytest.approx(3.26136)


def test_a_value_that_fits_another_unit_or_datum_is_flagged_as_such_and_never_alerts() -> None:
    gauge = msgspec.structs.replace(NYANDO, datums={"sea level": -1130.0})
    _, judgement = judge(gauge, SeriesState(), batch([(0, 325.0), (1, 1133.2), (2, 4.2e6)]), at(2))
    assert flags_of(judgement) == ["unit", "unit", "out-of-range"]
    assert not judgement.crossings
    narrow = msgspec.structs.replace(gauge, parameter="rain")
    _, judgement = judge(narrow, SeriesState(), batch([(1, 1133.2)]), at(2))
    assert flags_of(judgement) == ["datum"]


def test_a_reading_sent_five_times_counts_once() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0), (10, 3.1)])
    before = told.state
    for _ in range(4):
        again = told.hear([(0, 2.0), (10, 3.1)])
        assert again.counts == {"repeated": 2}
        assert not again.crossings
    assert told.state == before


def test_too_late_is_recorded_and_marked_but_opens_and_closes_nothing() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0), (120, 2.1)])
    late = told.hear([(60, 8.0)], arrived=180)
    assert flags_of(late) == ["late"]
    assert not late.crossings
    assert told.state.values == (2.0, 8.0, 2.1)
    assert told_of(told.hear([(130, 2.2)])) == []
    raised = told.hear([(140, 3.3)])
    assert told_of(raised) == [("alert", "up", at(140))]
    low_but_late = told.hear([(125, 0.5)], arrived=141)
    assert (flags_of(low_but_late), low_but_late.raised) == (["late"], ("alert",))


def test_after_an_outage_the_backlog_is_history_and_the_newest_reading_is_judged() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0)])
    backlog = told.hear([(float(m), 5.0) for m in range(10, 190, 10)], arrived=181)
    assert backlog.counts == {"late": 15}
    assert told_of(backlog) == [("alert", "up", at(160)), ("flood", "up", at(160))]


def test_a_clock_in_the_future_or_in_1970_decides_nothing() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0)])
    future = told.hear([(3 * 1440, 8.0)], arrived=1)
    past = told.hear([(-29_000_000, 8.0)], arrived=2)
    assert (flags_of(future), flags_of(past)) == (["future"], ["late"])
    assert not told.crossings()
    assert told_of(told.hear([(10, 3.0)])) == [("alert", "up", at(10))]


def test_a_revised_value_corrects_history_and_withdraws_what_it_had_told() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0), (5, 3.5)])
    assert told.crossings() == {"alert": [("up", at(5))]}
    revised = told.hear([(5, 2.5)], arrived=6)
    assert flags_of(revised) == ["revised"]
    assert [(c.mark, c.at) for c in revised.withdrawn] == [("alert", at(5))]
    assert not told.crossings()
    told.hear([(120, 2.0)])
    old = told.hear([(5, 6.0)], arrived=121)
    assert (flags_of(old), told.state.values) == (["revised", "late"], (2.0, 6.0, 2.0))
    assert not told.crossings()


def test_a_straggler_that_moves_a_crossing_is_told_as_a_correction() -> None:
    told = Told(NYANDO)
    told.hear([(0, 2.0)])
    told.hear([(8, 3.5)])
    straggler = told.hear([(4, 3.4)], arrived=9)
    assert (straggler.crossings, straggler.withdrawn) == ((), ())
    assert [(c.at, c.was) for c in straggler.moved] == [(at(4), at(8))]


def test_a_time_without_offset_and_lists_of_unlike_length_are_refused() -> None:
    naive = Readings(times=[datetime(2026, 4, 26)], values=[1.0], unit="m", datum="gauge zero")  # noqa: DTZ001
    uneven = Readings(times=[at(0), at(1)], values=[1.0], unit="m", datum="gauge zero")
    for readings, code in [(naive, "time-not-readable"), (uneven, "readings-uneven")]:
        with pytest.raises(Rejected) as refused:
            judge(NYANDO, SeriesState(), readings, at(0))
        assert refused.value.code == code


def test_an_empty_batch_changes_nothing() -> None:
    state, judgement = judge(NYANDO, SeriesState(), batch([]), at(0))
    assert (state, judgement) == (SeriesState(), Judgement())


def test_a_station_with_settings_that_make_no_sense_is_refused() -> None:
    assert check_station(NYANDO) is NYANDO
    twice = msgspec.structs.replace(NYANDO, marks=(NYANDO.marks[0], NYANDO.marks[0]))
    for station in (twice, msgspec.structs.replace(NYANDO, sane_max=-1.0), msgspec.structs.replace(NYANDO, id="")):
        with pytest.raises(Rejected) as refused:
            check_station(station)
        assert refused.value.code == "station-invalid"


def test_the_state_stays_small_over_weeks() -> None:
    told = Told(NYANDO)
    for day in range(30):
        told.hear([(day * 1440.0 + 10 * i, 2 + 1.5 * math.sin(i / 9)) for i in range(144)], arrived=day * 1440 + 1440)
        assert len(msgspec.json.encode(told.state)) < 3000


def test_a_stuck_sensor_raises_nothing_either() -> None:
    patient = Mark(name="alert", raise_at=3.0, clear_at=2.7, severity="Moderate", on_delay=Dwell(seconds=7200))
    told = Told(msgspec.structs.replace(NYANDO, marks=(patient,), stuck_after_s=3600.0))
    for minute in range(0, 300, 10):
        told.hear([(minute, 3.2)])
    assert not told.crossings()
    for minute in range(300, 430, 10):
        told.hear([(minute, 3.2 + minute / 10_000)])
    assert told.crossings() == {"alert": [("up", at(300))]}


def test_a_rise_is_not_measured_across_a_gap() -> None:
    rising = Mark(name="fast", raise_at=0.1, clear_at=0.0, severity="Severe", measure="rise", over_s=1800)
    told = Told(msgspec.structs.replace(NYANDO, marks=(rising,)))
    after_a_gap = [told.hear([(minute, level)]) for minute, level in [(0, 1.0), (600, 4.0), (610, 4.0), (630, 4.2)]]
    assert [bool(judgement.crossings) for judgement in after_a_gap] == [False, False, False, True]
    assert [judgement.rate_per_hour for judgement in after_a_gap[:3]] == [None, None, None]


def test_what_is_settled_stays_so_when_a_station_is_given_a_wider_window() -> None:
    narrow = msgspec.structs.replace(NYANDO, reorder_s=60.0)
    told = Told(narrow)
    told.hear([(float(minute), 2.0) for minute in range(30)])
    told.station = msgspec.structs.replace(narrow, reorder_s=3600.0)
    late = told.hear([(10.5, 8.0)], arrived=29)
    assert (flags_of(late), late.crossings) == (["late"], ())


def test_a_sentinel_is_known_even_where_no_bounds_are() -> None:
    dry = Mark(name="dry", raise_at=0.2, clear_at=0.4, severity="Moderate")
    open_ended = Station(id="x", name="x", lon=34.0, lat=0.0, datum="gauge zero", marks=(dry,))
    for batch_ in ([(0, 1.0), (1, -9999.0)], [(0, -9999.0)]):
        told = Told(open_ended)
        judgement = told.hear(list(batch_))
        assert flags_of(judgement) == ["sentinel"]
        assert not judgement.crossings


def test_a_reading_put_before_a_suspect_changes_what_was_called_a_spike() -> None:
    told = Told(msgspec.structs.replace(NYANDO, jump=1.0))
    for minute, level in [(0, 2.6), (1, 3.9), (3, 1.0)]:
        told.hear([(minute, level)])
    assert told.state.codes == "gsg"
    told.hear([(2, 3.0)], arrived=3)
    # 3.9 and 3.0 confirm each other now; only the 1.0 is in doubt.
    assert told.state.codes == "gggg"
    assert told.crossings() == {"alert": [("up", at(1))]}


def test_readings_closer_than_the_window_settle_too() -> None:
    told = Told(NYANDO)
    for minute in range(600):
        told.hear([(float(minute), 2 + 1.5 * math.sin(minute / 50))])
    assert len(told.state.times) < 160
    assert told.state.settled > 90
